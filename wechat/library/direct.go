// Package library is an app's title library. WeChat gives 20 titles at a time
// and has no search: a Reader asks it for a page or a title and keeps the answer
// for a while, a Mirror reads the whole of it in the background and survives
// restarts, and an Index finds titles among those of the mirror.
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

// kept bounds the pages and the titles held at a time.
const kept = 1024

// Reader reads titles and keeps them for a while. It is safe for concurrent use.
type Reader struct {
	source Source
	now    func() time.Time

	mu         sync.RWMutex
	pages      map[span]entry[wechat.TitlePage]
	titles     map[string]entry[wechat.Title]
	generation uint64
}

type span struct{ offset, count int }

type entry[T any] struct {
	value      T
	read       time.Time
	generation uint64
}

// NewReader reads from source.
func NewReader(source Source, now func() time.Time) *Reader {
	return &Reader{source: source, now: now, pages: map[span]entry[wechat.TitlePage]{}, titles: map[string]entry[wechat.Title]{}}
}

// List is one page of titles, and the generation it was read in: the same
// generation is the same page, so that a caller can tell without comparing.
func (r *Reader) List(ctx context.Context, offset, count int) (wechat.TitlePage, uint64, error) {
	at := span{offset, count}
	r.mu.RLock()
	e, ok := r.pages[at]
	r.mu.RUnlock()
	if ok && r.now().Sub(e.read) < Fresh {
		return e.value, e.generation, nil
	}
	page, err := r.source.LibraryList(ctx, offset, count)
	if err != nil {
		return wechat.TitlePage{}, 0, err
	}
	return page, keep(r, r.pages, at, page), nil
}

// Get is one title with its keywords.
func (r *Reader) Get(ctx context.Context, id string) (wechat.Title, error) {
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

// All is every title, read page by page. Pages that are fresh are not read
// again, so a second call is quick.
func (r *Reader) All(ctx context.Context) ([]wechat.Title, error) {
	var all []wechat.Title
	for {
		page, _, err := r.List(ctx, len(all), wechat.MaxCount)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Titles...)
		if len(page.Titles) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

// Forget drops everything: the app's library is another one now.
func (r *Reader) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.pages)
	clear(r.titles)
}

// keep holds what was read. When there is too much of it, all of the kind goes:
// it costs one more question each, and nobody reads a thousand pages by hand.
func keep[K comparable, V any](r *Reader, m map[K]entry[V], key K, value V) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(m) >= kept {
		clear(m)
	}
	r.generation++
	m[key] = entry[V]{value: value, read: r.now(), generation: r.generation}
	return r.generation
}
