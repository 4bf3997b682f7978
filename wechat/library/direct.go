// Package library is an app's title library. WeChat gives 20 titles at a time
// and has no search: a Direct asks it for a page or a title and keeps the answer
// for a while, and a Mirror reads the whole of it in the background and survives
// restarts.
package library

import (
	"context"
	"sync"
	"time"

	"muban/wechat"
)

// Source is where titles come from: a *wechat.Client.
type Source interface {
	LibraryList(ctx context.Context, offset, count int) (wechat.TitlePage, error)
	LibraryGet(ctx context.Context, id string) (wechat.Title, error)
}

// Fresh is how long a page or a title is served without asking again.
const Fresh = 10 * time.Minute

// kept bounds the pages and the titles kept at a time.
const kept = 1024

// Direct reads titles and keeps them for a while. It is safe for concurrent use.
type Direct struct {
	source Source
	now    func() time.Time
	pace   *Pace
	walk   chan struct{} // has room for the one All at a time

	mu     sync.RWMutex
	pages  map[span]entry[wechat.TitlePage]
	titles map[string]entry[wechat.Title]
}

type span struct{ offset, count int }

type entry[T any] struct {
	value T
	read  time.Time
}

// NewDirect reads from source, the whole list at the pace.
func NewDirect(source Source, now func() time.Time, pace *Pace) *Direct {
	return &Direct{
		source: source, now: now, pace: pace, walk: make(chan struct{}, 1),
		pages: map[span]entry[wechat.TitlePage]{}, titles: map[string]entry[wechat.Title]{},
	}
}

// Takes is how long it takes to read a library of so many titles whole: each of them, and the list.
func (r *Direct) Takes(titles int) time.Duration {
	return time.Duration(titles+(titles+wechat.MaxCount-1)/wechat.MaxCount) * r.pace.pause
}

// List is one page of titles.
func (r *Direct) List(ctx context.Context, offset, count int) (wechat.TitlePage, error) {
	if page, known := r.known(offset, count); known {
		return page, nil
	}
	page, err := r.source.LibraryList(ctx, offset, count)
	if err == nil && len(page.Titles) > 0 { // none is not kept: WeChat answers so for a moment where there are some
		keep(r, r.pages, span{offset, count}, page)
	}
	return page, err
}

// known is a page that was read a while ago.
func (r *Direct) known(offset, count int) (wechat.TitlePage, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, ok := r.pages[span{offset, count}]
	return e.value, ok && r.now().Sub(e.read) < Fresh
}

// Get is one title with its keywords.
func (r *Direct) Get(ctx context.Context, id string) (wechat.Title, error) {
	r.mu.RLock()
	e, ok := r.titles[id]
	r.mu.RUnlock()
	if ok && r.now().Sub(e.read) < Fresh {
		return e.value, nil
	}
	title, err := r.source.LibraryGet(ctx, id)
	if err != nil {
		return wechat.Title{}, err
	}
	keep(r, r.titles, id, title)
	return title, nil
}

// All is every title, read page by page at the pace: a library of 1,000 takes ten
// seconds. Pages that are fresh are not read again, so a second call is quick, and one
// that comes after an error or the end of ctx goes on from there.
func (r *Direct) All(ctx context.Context) ([]wechat.Title, error) {
	select {
	case r.walk <- struct{}{}:
		defer func() { <-r.walk }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var all []wechat.Title
	most := 0 // titles that WeChat has counted
	for {
		page, err := r.next(ctx, len(all), most)
		if err != nil {
			return nil, err
		}
		all, most = append(all, page.Titles...), max(most, page.Total)
		if len(all) >= page.Total {
			return all, nil
		}
	}
}

// next is the next page of All. One without titles, or that counts far fewer than before, is
// doubted and asked for again. Where it repeats there is no list to go on with: the pages
// before it are forgotten, so that the next All believes what it finds.
func (r *Direct) next(ctx context.Context, offset, most int) (wechat.TitlePage, error) {
	for range emptyTries {
		if _, known := r.known(offset, wechat.MaxCount); !known {
			if err := r.pace.wait(ctx, 0); err != nil {
				return wechat.TitlePage{}, err
			}
		}
		page, err := r.List(ctx, offset, wechat.MaxCount)
		if err != nil || len(page.Titles) > 0 && page.Total >= most-most/10 {
			return page, err
		}
		r.mu.Lock()
		delete(r.pages, span{offset, wechat.MaxCount})
		r.mu.Unlock()
	}
	r.Forget()
	return wechat.TitlePage{}, &wechat.CallError{Op: "library/list", Err: ErrEmpty,
		Detail: "it has far fewer titles than a moment ago"}
}

// Forget drops everything: the app's library is another one now.
func (r *Direct) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.pages)
	clear(r.titles)
}

// keep holds what was read. When there is too much of it, all of the kind goes:
// it costs one more question each, and nobody reads a thousand pages by hand.
func keep[K comparable, V any](r *Direct, m map[K]entry[V], key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(m) >= kept {
		clear(m)
	}
	m[key] = entry[V]{value: value, read: r.now()}
}
