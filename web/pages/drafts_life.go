package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/audit"
)

// ofLife fills in what a draft needs to go on from its review: to WeChat, or to the account.
func (s *Site) ofLife(r *http.Request, v *visit, p *views.DraftPage) (err error) {
	d := p.Draft
	if d.Proposed {
		if p.Left, err = s.leftThisMonth(r.Context(), d); err != nil {
			return err
		}
	}
	switch {
	case !d.Proposed && d.State == "approved":
		p.Adding = views.Adding{TitleID: d.TitleID, Title: d.Title, Key: newKey()}
		for _, k := range d.Keywords {
			p.Adding.Keywords = append(p.Adding.Keywords, k.ID)
		}
	case d.Proposed && (d.State == "submitted" || d.State == "accepted"):
		p.Adding = adding(d, v.account.Mirror.Titles())
		p.Adding.Key, p.Adding.Read = newKey(), v.account.Mirror.State().Good
	}
	if d.Typed() {
		p.Adding.Scene = d.Scenario
	}
	return nil
}

// adding is the title that a proposal has become in the library, with those of its keywords that stand there. A
// proposal without an answer has become none: then it is a title of the same text.
func adding(d store.Draft, titles []wechat.Title) (a views.Adding) {
	spaceless := func(text string) string { return strings.Join(strings.Fields(text), "") }
	at := slices.IndexFunc(titles, func(t wechat.Title) bool {
		return t.ID == d.TitleID || d.State == "submitted" && d.Becomes(t)
	})
	if at < 0 {
		return views.Adding{}
	}
	a.TitleID, a.Title = titles[at].ID, titles[at].Text
	for _, k := range d.Keywords {
		n := slices.IndexFunc(titles[at].Keywords, func(in wechat.Keyword) bool { return spaceless(in.Name) == spaceless(k.Name) })
		if n < 0 {
			a.Missing = append(a.Missing, k.Name)
			continue
		}
		a.Keywords = append(a.Keywords, titles[at].Keywords[n].ID)
	}
	return a
}

// leftThisMonth is how many titles of the draft's kind may be submitted to WeChat still, in the month of Beijing's
// calendar.
func (s *Site) leftThisMonth(ctx context.Context, d store.Draft) (int, error) {
	y, m, _ := s.Now().In(ui.Beijing).Date()
	from := time.Date(y, m, 1, 0, 0, 0, 0, ui.Beijing)
	n, err := s.Store.SubmittedBetween(ctx, d.App, d.Kind, from, from.AddDate(0, 1, 0))
	return max(0, views.MonthlyTitles-n), err
}

// stepDraft is every button of the page that needs no more than a click.
func (s *Site) stepDraft(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	version, err := strconv.Atoi(r.PostForm.Get("version"))
	if err != nil {
		return errBadRequest
	}
	ctx, by, done := r.Context(), v.actor(r), ""
	switch r.PostForm.Get("do") {
	case "review":
		err, done = s.Store.SendToReview(ctx, by, d.App, d.ID, version), "sent_to_review"
	case "unanswer":
		if !v.may(auth.Approve) {
			return errForbidden
		}
		err, done = s.Store.DraftUnanswered(ctx, by, d.App, d.ID, version), "unanswered"
	case "withdraw":
		err, done = s.Store.WithdrawDraft(ctx, by, d.App, d.ID, version), "withdrawn"
	case "submitted":
		at, ok := s.submissionDay(d, r.PostForm.Get("on"))
		if !ok {
			problems := ui.Problems{"on": s.Texts.In(v.lang).T("life.on_wrong")}
			return s.drawDraft(w, r, v, http.StatusUnprocessableEntity, problems, views.Typed{})
		}
		err, done = s.Store.DraftSubmitted(ctx, by, d.App, d.ID, at), "submitted"
	case "clone":
		d, err = s.Store.CloneDraft(ctx, by, d.App, d.ID)
		done = "cloned"
	case "delete":
		err, done = already(s.Store.DeleteDraft(ctx, by, d.App, d.ID)), "draft_deleted"
	case "restore":
		err, done = already(s.Store.RestoreDraft(ctx, by, d.App, d.ID)), "draft_restored"
	default:
		return errBadRequest
	}
	if problems := tooLate(s.Texts.In(v.lang), err); problems != nil {
		return s.drawDraft(w, r, v, http.StatusConflict, problems, views.Typed{})
	}
	if err != nil {
		return err
	}
	v.account.TitlesChanged()
	return v.seeOther(w, r, ui.DraftURL(d.ID), done)
}

// submissionDay is when a proposal was submitted: now, or on an earlier day since it was written.
func (s *Site) submissionDay(d store.Draft, on string) (time.Time, bool) {
	now := s.Now()
	if on == "" || on == now.In(ui.Beijing).Format(time.DateOnly) {
		return now, true
	}
	day, err := time.ParseInLocation(time.DateOnly, on, ui.Beijing)
	return day, err == nil && day.Before(now) && day.AddDate(0, 0, 1).After(d.CreatedAt)
}

// already takes a second click for the first: the draft is there, so "not found"
// says that it is as it should be.
func already(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// sendToReview hands a draft that was just saved to the reviewers.
func (s *Site) sendToReview(w http.ResponseWriter, r *http.Request, v *visit, d store.Draft) error {
	err := s.Store.SendToReview(r.Context(), v.actor(r), d.App, d.ID, d.Version)
	if tooLate(s.Texts.In(v.lang), err) != nil { // somebody was quicker; what was typed is saved
		return v.seeOther(w, r, ui.DraftURL(d.ID), "draft_saved")
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.DraftURL(d.ID), "sent_to_review")
}

// recordAnswer notes what WeChat said of a proposal: that it is accepted, or the letter that refuses it.
func (s *Site) recordAnswer(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	t := s.Texts.In(v.lang)
	var form views.AnswerForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	letter := strings.TrimSpace(form.Letter)
	if form.Kind == "letter" && letter == "" {
		problems["letter"] = t.T("life.need_letter")
	}
	if len(problems) > 0 {
		return s.drawDraft(w, r, v, http.StatusUnprocessableEntity, problems, views.Typed{Letter: form.Letter})
	}
	if form.Kind == "accepted" {
		err = s.Store.DraftAccepted(r.Context(), v.actor(r), d.App, d.ID, form.Version)
	} else {
		err = s.Store.ReviewDraft(r.Context(), v.actor(r), d.App, store.Review{
			Draft: d.ID, Verdict: "letter", Version: form.Version, Letter: letter, Reasons: saidIn(letter, d),
		})
	}
	if problems := tooLate(t, err); problems != nil {
		return s.drawDraft(w, r, v, http.StatusConflict, problems, views.Typed{Letter: form.Letter})
	}
	if err != nil {
		return err
	}
	v.account.TitlesChanged()
	return v.seeOther(w, r, ui.DraftURL(d.ID), form.Kind)
}

// saidIn are the reasons of a letter, each at the place that it names.
func saidIn(letter string, d store.Draft) (reasons []store.Reason) {
	p := audit.Proposal{Title: d.Title}
	for _, k := range d.Keywords {
		p.Keywords = append(p.Keywords, audit.Keyword{Name: k.Name, Example: k.Example})
	}
	for _, said := range audit.ReadLetter(letter, p) {
		reasons = append(reasons, store.Reason{Where: said.Where, Text: said.Text})
	}
	return reasons
}

func (s *Site) draftSheet(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Sheet(views.SheetPage{
		Page: s.page(r, v), Draft: d, Category: v.categoryName(d.Category), Card: s.draftCard(v, d.Title, d.Keywords),
	}))
}
