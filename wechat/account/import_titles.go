package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"muban/wechat"
)

// The titles that an import names come from the mirror, without a word to WeChat. Those that it lacks
// are asked for, a few at once and for a moment: no page takes a minute. What is not known then waits;
// the same form again goes on from there, because a title that was read is kept for library.Fresh.
const (
	importAsking = time.Second // for how long questions to WeChat begin
	importAtOnce = 8
)

// ImportTitles are the titles that the rows of an import name, as far as they are known.
type ImportTitles struct {
	Mirrored bool // some are the mirror's

	listed []wechat.Title // the whole library, for rows that name the text; nil while it is being read
	byID   map[string]foundTitle
}

// foundTitle is a title, or that WeChat has none with the id.
type foundTitle struct {
	wechat.Title
	none bool
}

// ImportTitles looks up what the rows name.
func (a *Account) ImportTitles(ctx context.Context, rows []ImportRow) (ImportTitles, error) {
	found := ImportTitles{byID: map[string]foundTitle{}}
	var err error
	if found.listed, err = a.listedFor(ctx, rows); err != nil {
		return found, err
	}
	var ids []string // to be asked for, each once
	asked := map[string]bool{}
	for _, row := range rows {
		id := found.idOf(row)
		if id == "" || asked[id] {
			continue
		}
		asked[id] = true
		if title, ok := a.Mirror.Title(id); ok && title.Keywords != nil {
			found.byID[id], found.Mirrored = foundTitle{Title: title}, true
		} else {
			ids = append(ids, id)
		}
	}
	return found, a.askFor(ctx, ids, found.byID)
}

// listedFor is every title of the library, where a row names one by its text alone.
func (a *Account) listedFor(ctx context.Context, rows []ImportRow) ([]wechat.Title, error) {
	for _, row := range rows {
		if row.Problem == nil && row.Combination.TitleID == "" {
			listed, _ := a.findings.library(ctx, a)
			if listed == nil {
				return nil, a.findings.trouble()
			}
			return listed, nil
		}
	}
	return nil, nil
}

// idOf is the title_id that a row names; "" where it names none, or none for sure.
func (f ImportTitles) idOf(row ImportRow) string {
	if row.Problem != nil || row.Combination.TitleID != "" {
		return row.Combination.TitleID
	}
	if titled := Titled(f.listed, row.Combination.Title); len(titled) == 1 {
		return titled[0].ID
	}
	return ""
}

// askFor asks WeChat for titles. Its error is WeChat's first that is about more than one title.
func (a *Account) askFor(ctx context.Context, ids []string, found map[string]foundTitle) error {
	until := time.Now().Add(importAsking) // real time: it is a person who waits
	var (
		mu     sync.Mutex
		failed error
		asking sync.WaitGroup
	)
	next := make(chan string, len(ids))
	for _, id := range ids {
		next <- id
	}
	close(next)
	for range min(importAtOnce, len(ids)) {
		asking.Go(func() {
			for id := range next {
				mu.Lock()
				enough := failed != nil || time.Now().After(until)
				mu.Unlock()
				if enough {
					return
				}
				title, unread, err := a.Title(ctx, id)
				if err == nil {
					err = unread
				}
				mu.Lock()
				if none := errors.Is(err, ErrNoTitle); none || err == nil {
					found[id] = foundTitle{title, none}
				} else if failed == nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	asking.Wait()
	return failed
}

// Of is the title that a row names, or the problem with it, or that it waits.
func (f ImportTitles) Of(c Combination) (title wechat.Title, p *Problem, waits bool) {
	id := c.TitleID
	if id == "" {
		if f.listed == nil {
			return title, nil, true
		}
		titled := Titled(f.listed, c.Title)
		switch len(titled) {
		case 0:
			return title, problem(UnknownTitle, "Title", c.Title), false
		case 1:
			id = titled[0].ID
		default:
			ids := idsOf(titled)
			if len(ids) > 4 {
				ids = append(ids[:4], "…")
			}
			return title, problem(AmbiguousTitle, "Title", c.Title, "IDs", strings.Join(ids, ", ")), false
		}
	}
	found, known := f.byID[id]
	if found.none {
		return title, problem(UnknownTitleID, "ID", id), false
	}
	return found.Title, nil, !known
}
