package web

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat/account"
	"muban/wechat/audit"
)

// importLines looks the titles and keywords of lines up in the library, and checks
// the combinations by the review rules.
func (s *Site) importLines(ctx context.Context, v *visit, p *views.ImportPage, lines []account.ImportRow) error {
	titles, err := v.account.ImportTitles(ctx, lines)
	if err != nil {
		return err
	}
	var known []audit.Existing
	for _, line := range lines {
		l := importLine(p.Text, titles, line)
		p.Lines = append(p.Lines, l)
		if l.Good() {
			known = append(known, audit.Existing{ID: l.Title.ID, Title: l.Title.Text, Source: audit.SourceLibrary})
		}
	}
	if titles.Mirrored {
		p.Mirrored = v.account.Mirror.State().Good
	}
	index, err := v.account.Index(ctx, known...) // once: two hundred lines are one look at the library
	if err != nil {
		return err
	}
	for i, l := range p.Lines {
		if l.Good() {
			p.Lines[i].Counted = count(account.Findings(index, audit.Options{SourceID: l.Title.ID}, l.Title.Text, l.Keywords))
		}
	}
	return nil
}

func importLine(t *text.Text, titles account.ImportTitles, line account.ImportRow) views.ImportLine {
	l := views.ImportLine{ImportRow: line}
	if line.Problem != nil {
		l.Problem = importProblem(t, line.Problem)
		return l
	}
	var problem *account.Problem
	if l.Title, problem, l.Waits = titles.Of(line.Combination); problem != nil {
		l.Problem = importProblem(t, problem)
		return l
	}
	if l.Waits {
		return l
	}
	if l.Keywords, problem = line.Combination.Resolve(l.Title); problem != nil {
		l.Problem, l.Keywords = importProblem(t, problem), nil
	}
	return l
}

func count(found []audit.Finding) (c ui.Counted) {
	for _, f := range found {
		switch f.Level {
		case audit.Error:
			c.Errors++
		case audit.Warning:
			c.Warnings++
		}
	}
	return c
}

// makeDrafts makes a draft of every good line, one after the other. Where it ends
// half way, the same form goes on from there.
func (s *Site) makeDrafts(w http.ResponseWriter, r *http.Request, v *visit, p views.ImportPage) error {
	ctx := context.WithoutCancel(r.Context())
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	made := s.imports.of(importKey{v.person.ID, v.account.App.ID, p.Form.Key, sha256.Sum256([]byte(p.Form.Text))})
	n := 0
	for _, l := range p.Lines {
		if !l.Good() {
			continue
		}
		if n++; n <= len(made.ids) {
			continue // by the first of two clicks
		}
		d, err := s.Store.AddDraft(ctx, v.actor(r), store.Draft{
			App: v.account.App.ID, TitleID: l.Title.ID, Title: l.Title.Text, Keywords: l.Keywords,
			Scenario: l.Combination.Scenario, Author: v.person.ID, AuthorName: v.person.Name,
		})
		if err != nil {
			return err
		}
		made.ids = append(made.ids, strconv.FormatInt(d.ID, 10))
	}
	if n == 0 {
		p.Problems = ui.Problems{"text": p.T("import.nothing_good")}
		return s.render(w, r, http.StatusUnprocessableEntity, views.Import(p))
	}
	return v.seeOther(w, r, "/templates/import?made="+strings.Join(made.ids, "."), "imported")
}

// imports remembers which drafts each form has made, for a second click on it. The zero
// value is ready.
type imports struct {
	mu   sync.Mutex
	made map[importKey]*made
}

type importKey struct {
	person, app int64
	key         string
	text        [sha256.Size]byte
}

type made struct{ ids []string }

// importsAtMost bounds the forms remembered. When there are more, all go.
const importsAtMost = 256

// of needs the lock. A form without a key, which none of ours is, is another one
// each time.
func (i *imports) of(key importKey) *made {
	if key.key == "" {
		return &made{}
	}
	if i.made == nil || len(i.made) >= importsAtMost {
		i.made = map[importKey]*made{}
	}
	if i.made[key] == nil {
		i.made[key] = &made{}
	}
	return i.made[key]
}
