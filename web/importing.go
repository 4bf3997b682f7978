package web

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"

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

// makeDrafts makes a draft of every good line that none was made of yet by this form: a second click makes nothing
// twice, and lines that had to wait for their titles are made by a later one.
func (s *Site) makeDrafts(w http.ResponseWriter, r *http.Request, v *visit, p views.ImportPage) error {
	var good []store.DraftOfForm
	for _, l := range p.Lines {
		if !l.Good() {
			continue
		}
		form := store.Form{Hash: sha256.Sum256([]byte(p.Form.Text))}
		if p.Form.Key != "" {
			form.Key = p.Form.Key + "/" + strconv.Itoa(l.Number)
		}
		good = append(good, store.DraftOfForm{Form: form, Draft: store.Draft{
			App: v.account.App.ID, TitleID: l.Title.ID, Title: l.Title.Text, Keywords: l.Keywords, Scenario: l.Combination.Scenario,
		}})
	}
	if len(good) == 0 {
		p.Problems = ui.Problems{"text": p.T("import.nothing_good")}
		return s.render(w, r, http.StatusUnprocessableEntity, views.Import(p))
	}
	drafts, err := s.Store.AddDraftsOnce(context.WithoutCancel(r.Context()), v.actor(r), good)
	if err != nil {
		return err
	}
	ids := make([]string, len(drafts))
	for i, d := range drafts {
		ids[i] = strconv.FormatInt(d.ID, 10)
	}
	return v.seeOther(w, r, "/templates/import?made="+strings.Join(ids, "."), "imported")
}
