package kind

import (
	"context"
	"sync"

	"muban/wechat"
)

// categories reads the titles of an account's categories. WeChat allows few questions for the categories a day: they
// are asked for once.
type categories struct {
	client *wechat.Client

	mu  sync.Mutex
	ids []string
}

func (l *categories) LibraryList(ctx context.Context, offset, count int) (wechat.TitlePage, error) {
	ids, err := l.categories(ctx)
	if err != nil || len(ids) == 0 {
		return wechat.TitlePage{}, err
	}
	return l.client.SubscribeTitles(ctx, ids, offset, min(count, wechat.MaxTitlesPage))
}

func (l *categories) categories(ctx context.Context) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids != nil {
		return l.ids, nil
	}
	all, err := l.client.Categories(ctx)
	if err != nil {
		return nil, err
	}
	l.ids = make([]string, len(all))
	for i, c := range all {
		l.ids[i] = c.ID
	}
	return l.ids, nil
}

// LibraryGet answers the keywords alone: WeChat has no question for a title.
func (l *categories) LibraryGet(ctx context.Context, id string) (wechat.Title, error) {
	keywords, err := l.client.SubscribeKeywords(ctx, id)
	return wechat.Title{ID: id, Keywords: keywords}, err
}
