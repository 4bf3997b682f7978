package pages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
)

// desk gathers what surrounds a draft on its page.
func (s *Site) desk(r *http.Request, v *visit, d store.Draft) (views.Review, error) {
	ctx := r.Context()
	open := d.DeletedAt.IsZero()
	desk := views.Review{Draft: d, MayWrite: open && v.may(auth.WriteDraft), MayApprove: open && v.may(auth.Approve),
		MayRestore: !open && v.may(auth.WriteDraft), Places: placesOf(d)}
	if d.ID == 0 {
		return desk, nil
	}
	var err error
	if desk.Reviews, err = s.Store.Reviews(ctx, d.App, d.ID); err != nil {
		return desk, err
	}
	if desk.Comments, err = s.Store.Comments(ctx, d.App, d.ID); err != nil {
		return desk, err
	}
	if desk.OwnDraft, err = s.ownDraft(r, v, d); err != nil {
		return desk, err
	}
	if len(desk.Reviews) > 0 {
		desk.Changes = changes(reviewed(desk.Reviews[0]), d)
	}
	return desk, nil
}

// ownDraft tells whether the visitor drafted d and may not approve it therefore.
func (s *Site) ownDraft(r *http.Request, v *visit, d store.Draft) (bool, error) {
	if d.Author != v.person.ID {
		return false, nil
	}
	allowed, err := s.Store.Setting(r.Context(), store.SelfApproval)
	return allowed != "on", err
}

// reviewed is the draft as a review saw it.
func reviewed(r store.Review) store.Draft {
	return store.Draft{Title: r.Title, Keywords: r.Keywords, Scenario: r.Scenario}
}

// placesOf are the parts of a draft that a reason can be about.
func placesOf(d store.Draft) []views.Place {
	list := []views.Place{{ID: "whole"}, {Where: "title", ID: "title", Value: d.Title}}
	for i, k := range d.Keywords {
		at := "keywords[" + strconv.Itoa(i) + "]"
		list = append(list, views.Place{Where: at + ".name", ID: "keyword", N: i + 1, Value: k.Name})
		if d.Proposed {
			list = append(list, views.Place{Where: at + ".example", ID: "example", N: i + 1, Value: k.Example})
		}
	}
	if d.Proposed {
		list = append(list, views.Place{Where: "scenario", ID: "scenario", Value: d.Scenario})
	}
	return list
}

// changes are the fields in which two versions of a draft differ.
func changes(before, now store.Draft) []ui.Change {
	var list []ui.Change
	add := func(place string, n int, old, current string) {
		if old != current {
			list = append(list, ui.Change{Place: place, N: n, Old: old, New: current})
		}
	}
	add("title", 0, before.Title, now.Title)
	for i := range max(len(before.Keywords), len(now.Keywords)) {
		old, current := keywordAt(before.Keywords, i), keywordAt(now.Keywords, i)
		add("keyword", i+1, old.Name, current.Name)
		add("example", i+1, old.Example, current.Example)
	}
	add("scenario", 0, before.Scenario, now.Scenario)
	return list
}

func keywordAt(list []wechat.Keyword, i int) wechat.Keyword {
	if i < len(list) {
		return list[i]
	}
	return wechat.Keyword{}
}

// stepDraft is every button of the desk that needs no more than a click.
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
	case "withdraw":
		err, done = s.Store.WithdrawDraft(ctx, by, d.App, d.ID, version), "withdrawn"
	case "submitted":
		err, done = s.Store.DraftSubmitted(ctx, by, d.App, d.ID, s.Now()), "submitted"
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

// already takes a second click for the first: the draft is there, so "not found"
// says that it is as it should be.
func already(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// tooLate says why an act on a draft that was found is refused: somebody moved,
// changed or deleted it meanwhile. It is nil for any other error.
func tooLate(t *text.Text, err error) ui.Problems {
	switch {
	case errors.Is(err, store.ErrConflict):
		return ui.Problems{"": t.T("desk.changed")}
	case errors.Is(err, store.ErrState), errors.Is(err, store.ErrNotFound):
		return ui.Problems{"": t.T("desk.not_now")}
	}
	return nil
}

// judgeDraft approves or rejects a draft in review, or records WeChat's letter.
func (s *Site) judgeDraft(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	t := s.Texts.In(v.lang)
	var form views.VerdictForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	if len(problems) == 0 && form.Version != d.Version { // first: a reason may be at a place that is gone
		return s.drawDraft(w, r, v, http.StatusConflict, tooLate(t, store.ErrConflict), views.Typed{Verdict: form})
	}
	review := store.Review{Draft: d.ID, Verdict: form.Kind, Version: form.Version}
	if form.Kind != "approved" {
		if review.Reasons = reasonsOf(d, form); len(review.Reasons) == 0 {
			problems[""] = t.T("desk.need_reason")
		}
	}
	if len(problems) > 0 {
		return s.drawDraft(w, r, v, http.StatusUnprocessableEntity, problems, views.Typed{Verdict: form})
	}
	err = s.Store.ReviewDraft(r.Context(), v.actor(r), d.App, review)
	if errors.Is(err, store.ErrOwnDraft) {
		return errForbidden
	}
	if problems := tooLate(t, err); problems != nil {
		return s.drawDraft(w, r, v, http.StatusConflict, problems, views.Typed{Verdict: form})
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.DraftURL(d.ID), form.Kind)
}

// reasonsOf are the reasons that say something, each at a place that the draft
// has.
func reasonsOf(d store.Draft, form views.VerdictForm) []store.Reason {
	var list []store.Reason
	for _, place := range placesOf(d) {
		for i, where := range form.Wheres {
			if text := strings.TrimSpace(ui.Nth(form.Reasons, i)); where == place.Where && text != "" {
				list = append(list, store.Reason{Where: where, Text: text})
			}
		}
	}
	return list
}

func (s *Site) commentDraft(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	t := s.Texts.In(v.lang)
	var form views.CommentForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.drawDraft(w, r, v, http.StatusUnprocessableEntity, problems, views.Typed{Comment: form.Text})
	}
	_, err = s.Store.AddComment(r.Context(), v.actor(r), d.App, d.ID, form.Text)
	if problems := tooLate(t, err); problems != nil {
		return s.drawDraft(w, r, v, http.StatusConflict, problems, views.Typed{Comment: form.Text})
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.DraftURL(d.ID), "commented")
}

func (s *Site) draftSheet(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Sheet(views.SheetPage{
		Page: s.page(r, v), Draft: d, Card: ui.CardOf(v.account.App.Name, d.Title, s.Now(), d.Keywords, -1),
	}))
}

// setDesk switches whether authors may approve their own drafts.
func (s *Site) setDesk(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	value := r.PostForm.Get(store.SelfApproval)
	if value != "" && value != "on" {
		return errBadRequest
	}
	if err := s.Store.SetSetting(r.Context(), v.actor(r), store.SelfApproval, value); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/apps", "desk_set")
}
