package kind

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"muban/wechat"
)

// categories reads the titles of an account's categories, one category after the other: WeChat tells but one category
// of a title that it lists for several. Its offsets count through them all; a title of several is listed in each.
type categories struct {
	client *wechat.Client

	mu     sync.Mutex
	own    []wechat.Category // nil before they were read
	read   time.Time         // when
	counts map[string]int    // of titles, by category
	all    int               // titles at least, each counted once
	titles map[string]wechat.Title
}

// categoriesFresh is how long the categories are taken not to change when a list begins. WeChat allows few questions
// for them a day.
const categoriesFresh = time.Minute

// OwnCategories are the account's.
func (l *categories) OwnCategories(ctx context.Context) ([]wechat.Category, error) {
	l.mu.Lock()
	own := l.own
	l.mu.Unlock()
	if own != nil {
		return own, nil
	}
	return l.reread(ctx)
}

// reread asks for the categories. Where WeChat answers no more today, those that are known serve.
func (l *categories) reread(ctx context.Context) ([]wechat.Category, error) {
	l.mu.Lock()
	known, age := l.own, time.Since(l.read)
	l.mu.Unlock()
	if known != nil && age < categoriesFresh {
		return known, nil
	}
	own, err := l.client.Categories(ctx)
	if err != nil && known != nil {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	all := 0
	if len(own) > 1 {
		ids := make([]string, len(own))
		for i, c := range own {
			ids[i] = c.ID
		}
		page, err := l.client.SubscribeTitles(ctx, ids, 0, 1)
		if err != nil {
			return nil, err
		}
		all = page.Total
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own, l.read, l.counts, l.all = own, time.Now(), map[string]int{}, all
	return own, nil
}

// LibraryList is one page of the titles of one category; where it ends the next begins. The total is exact once all
// categories were reached. A list that begins with categories that are not the account's any more reads them again.
func (l *categories) LibraryList(ctx context.Context, offset, count int) (wechat.TitlePage, error) {
	began := time.Now()
	page, err := l.list(ctx, offset, count)
	if offset > 0 || !errors.Is(err, wechat.ErrArgs) {
		return page, err
	}
	l.mu.Lock()
	old := l.read.Before(began)
	if old {
		l.own = nil
	}
	l.mu.Unlock()
	if !old {
		return page, err
	}
	return l.list(ctx, offset, count)
}

func (l *categories) list(ctx context.Context, offset, count int) (wechat.TitlePage, error) {
	begin := l.OwnCategories
	if offset == 0 {
		begin = l.reread
	}
	own, err := begin(ctx)
	if err != nil {
		return wechat.TitlePage{}, err
	}
	l.mu.Lock()
	counts := maps.Clone(l.counts)
	l.mu.Unlock()
	before := 0
	for _, c := range own {
		if n, known := counts[c.ID]; known && offset >= before+n {
			before += n
			continue
		}
		titles, n, err := l.page(ctx, c.ID, max(0, offset-before), count)
		if err != nil || len(titles) > 0 {
			return wechat.TitlePage{Titles: titles, Total: l.total()}, err
		}
		before += n
	}
	return wechat.TitlePage{Total: l.total()}, nil
}

// page is of the titles of one category, n of them in all.
func (l *categories) page(ctx context.Context, category string, start, count int) (_ []wechat.Title, n int, err error) {
	page, err := l.client.SubscribeTitles(ctx, []string{category}, start, min(count, wechat.MaxTitlesPage))
	if err != nil {
		return nil, 0, err
	}
	if n = page.Total; len(page.Titles) == 0 {
		n = min(n, start) // it ends earlier than WeChat counts
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[category] = n
	for i := range page.Titles {
		t := &page.Titles[i]
		t.Categories = []string{category}
		l.remember(*t)
	}
	return page.Titles, n, nil
}

// remember keeps a title that was listed, with all of its categories that were met: WeChat has no question for one.
func (l *categories) remember(t wechat.Title) {
	if l.titles == nil {
		l.titles = map[string]wechat.Title{}
	}
	for _, c := range l.titles[t.ID].Categories {
		if !slices.Contains(t.Categories, c) {
			t.Categories = append(t.Categories, c)
		}
	}
	l.titles[t.ID] = t
}

// total counts a category that was not reached yet as one title at least, so that nobody stops before it.
func (l *categories) total() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, unreached := 0, 0
	for _, c := range l.own {
		count, known := l.counts[c.ID]
		if n += count; !known {
			unreached++
		}
	}
	if unreached > 0 {
		return max(n+unreached, l.all)
	}
	return n
}

// LibraryGet adds what a list has told of the title, if it was read: WeChat answers the keywords alone.
func (l *categories) LibraryGet(ctx context.Context, tid string) (wechat.Title, error) {
	keywords, err := l.client.SubscribeKeywords(ctx, tid)
	if err != nil {
		return wechat.Title{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	title := l.titles[tid]
	title.ID, title.Keywords = tid, keywords
	return title, nil
}
