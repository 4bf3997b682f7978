package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"muban/views/text"
	"muban/wechat"
	"muban/wechat/templates"
)

// The titles that an import names come from the mirror, without a word to WeChat.
// Those that it lacks are asked for, a few at once and for a moment: no page takes
// a minute. What is not known then waits; the same form again goes on from there,
// because a title that was read is kept for library.Fresh.
const (
	importAsking = time.Second // for how long questions to WeChat begin
	importAtOnce = 8
)

// importTitles are the titles that the lines of an import name, as far as they are known.
type importTitles struct {
	listed   []wechat.Title // the whole library, for lines that name the text; nil while it is being read
	byID     map[string]foundTitle
	mirrored bool // some are the mirror's
}

// foundTitle is a title, or that WeChat has none with the id.
type foundTitle struct {
	wechat.Title
	none bool
}

// titlesOf looks up what the lines name.
func (a *account) titlesOf(ctx context.Context, lines []templates.Line) (importTitles, error) {
	found := importTitles{byID: map[string]foundTitle{}}
	var err error
	if found.listed, err = a.listedFor(ctx, lines); err != nil {
		return found, err
	}
	var ids []string // to be asked for, each once
	asked := map[string]bool{}
	for _, line := range lines {
		id := found.idOf(line)
		if id == "" || asked[id] {
			continue
		}
		asked[id] = true
		if title, ok := a.mirror.Title(id); ok && title.Keywords != nil {
			found.byID[id], found.mirrored = foundTitle{Title: title}, true
		} else {
			ids = append(ids, id)
		}
	}
	return found, a.askFor(ctx, ids, found.byID)
}

// listedFor is every title of the library, where a line names one by its text alone.
func (a *account) listedFor(ctx context.Context, lines []templates.Line) ([]wechat.Title, error) {
	for _, line := range lines {
		if line.Problem == nil && line.Combination.TitleID == "" {
			listed, _ := a.checks.library(ctx, a)
			if listed == nil {
				return nil, a.checks.trouble()
			}
			return listed, nil
		}
	}
	return nil, nil
}

// idOf is the title_id that a line names; "" where it names none, or none for sure.
func (f importTitles) idOf(line templates.Line) string {
	if line.Problem != nil || line.Combination.TitleID != "" {
		return line.Combination.TitleID
	}
	if titled := templates.Titled(f.listed, line.Combination.Title); len(titled) == 1 {
		return titled[0].ID
	}
	return ""
}

// askFor asks WeChat for titles. Its error is WeChat's first that is about more than one title.
func (a *account) askFor(ctx context.Context, ids []string, found map[string]foundTitle) error {
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
				title, err := a.library.Get(ctx, id)
				mu.Lock()
				if none := errors.Is(err, wechat.ErrArgs); none || err == nil {
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

// of is the title that a line names, or the problem with it, or that it waits.
func (f importTitles) of(t *text.Text, c templates.Combination) (title wechat.Title, problem string, waits bool) {
	id := c.TitleID
	if id == "" {
		if f.listed == nil {
			return title, "", true
		}
		titled := templates.Titled(f.listed, c.Title)
		switch len(titled) {
		case 0:
			return title, t.T("import.no_title", "Title", excerpt(c.Title)), false
		case 1:
			id = titled[0].ID
		default:
			return title, t.T("import.several_titles", "Title", excerpt(c.Title), "IDs", namesOf(titled)), false
		}
	}
	found, known := f.byID[id]
	if found.none {
		return title, t.T("import.no_title_id", "ID", excerpt(id)), false
	}
	return found.Title, "", !known
}
