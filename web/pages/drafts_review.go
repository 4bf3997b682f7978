package pages

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

func (s *Site) draft(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawDraft(w, r, v, http.StatusOK, nil, views.Typed{})
}

// drawDraft draws the page of the draft that the path names.
func (s *Site) drawDraft(w http.ResponseWriter, r *http.Request, v *visit, status int, problems ui.Problems,
	typed views.Typed) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	p, err := s.draftPage(r, v, d)
	if err != nil {
		return err
	}
	p.Problems, p.Typed = problems, typed
	return s.render(w, r, status, views.Draft(p))
}

// draftPage gathers what is known of a draft and what the visitor may do with it.
func (s *Site) draftPage(r *http.Request, v *visit, d store.Draft) (views.DraftPage, error) {
	ctx, open := r.Context(), d.DeletedAt.IsZero()
	p := views.DraftPage{
		Page: s.page(r, v), Draft: d, Category: v.categoryName(d.Category), Card: s.draftCard(v, d.Title, d.Keywords),
		MayWrite: open && v.may(auth.WriteDraft), MayApprove: open && v.may(auth.Approve), MayAdd: open && v.may(auth.Add),
		MayRestore: !open && v.may(auth.WriteDraft),
	}
	var err error
	if !d.AtWeChat() { // what has left the house is not judged by ours any more
		if p.Findings, err = v.account.Findings(ctx, ownIndex(d), proposalOf(v.account, d)); err != nil {
			return p, err
		}
	}
	if p.Reviews, err = s.Store.Reviews(ctx, d.App, d.ID); err != nil {
		return p, err
	}
	if len(p.Reviews) > 0 {
		p.WasCategory = v.categoryName(p.Reviews[0].Category)
		p.Changes = changes(v, p.Text, reviewed(p.Reviews[0]), d)
	}
	if p.Steps, err = s.Store.DraftSteps(ctx, d.App, d.ID); err != nil {
		return p, err
	}
	if p.Comments, err = s.Store.Comments(ctx, d.App, d.ID); err != nil {
		return p, err
	}
	if p.OwnDraft, err = s.ownDraft(r, v, d); err != nil {
		return p, err
	}
	if p.Queue, err = s.queue(r, v, d); err != nil {
		return p, err
	}
	return p, s.ofLife(r, v, &p)
}

// queue is where the draft stands among those of its kind that wait for the visitor's review. Those of the other kinds
// follow when these are done.
func (s *Site) queue(r *http.Request, v *visit, d store.Draft) (q views.Queue, err error) {
	if !v.may(auth.Approve) {
		return q, nil
	}
	except := v.person.ID
	if allowed, err := s.Store.Setting(r.Context(), store.SelfApproval); err != nil {
		return q, err
	} else if allowed == "on" {
		except = 0
	}
	waiting, err := s.Store.WaitingForReview(r.Context(), d.App, except)
	var alike, others []store.Draft
	for _, w := range waiting {
		if w.Kind == d.Kind {
			alike = append(alike, w)
		} else {
			others = append(others, w)
		}
	}
	q.Of = len(alike)
	q.At = 1 + slices.IndexFunc(alike, func(w store.Draft) bool { return w.ID == d.ID })
	switch {
	case q.Of > 1 || q.Of == 1 && q.At == 0:
		q.Next = &alike[q.At%q.Of]
	case len(others) > 0:
		q.Next = &others[0]
	}
	return q, err
}

// ownDraft tells whether the visitor drafted d and may not approve it therefore.
func (s *Site) ownDraft(r *http.Request, v *visit, d store.Draft) (bool, error) {
	if d.Author != v.person.ID {
		return false, nil
	}
	allowed, err := s.Store.Setting(r.Context(), store.SelfApproval)
	return allowed != "on", err
}

// ownIndex is what a draft is itself among the titles it is compared with.
func ownIndex(d store.Draft) audit.Options {
	if d.Proposed && d.TitleID == "" {
		return audit.Options{DraftID: store.DraftKey(d.ID)}
	}
	return audit.Options{SourceID: d.TitleID}
}

// proposalOf is what reviewers get to see of a draft. A combination has the category and the type of its title.
func proposalOf(a *account.Account, d store.Draft) audit.Proposal {
	p := account.Proposal(kind.Named(d.Kind), d.Title, d.Keywords)
	if d.Typed() {
		p.Subscription = audit.Subscription{Scene: d.Scenario, Category: categoryName(a, d.Category), Type: d.Type}
	}
	return p
}

// categoryName is the name of one of the account's categories, as the last sync found them, or the id that it has.
func categoryName(a *account.Account, id string) string {
	for _, c := range a.Mirror.State().Listed {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}

func (v *visit) categoryName(id string) string { return categoryName(v.account, id) }

// draftCard is the card that a draft's messages would be.
func (s *Site) draftCard(v *visit, title string, keywords []wechat.Keyword) ui.Card {
	card := ui.CardOf(v.account.App.Name, title, s.Now(), keywords, -1)
	card.Subscribe = v.account.Kind.Allowance() == kind.Consent
	return card
}

// reviewed is the draft as a review saw it.
func reviewed(r store.Review) store.Draft {
	return store.Draft{Title: r.Title, Keywords: r.Keywords, Scenario: r.Scenario, Type: r.Type, Category: r.Category}
}

// placesOf are the places of a draft that a reason can be about, as a finding names them.
func placesOf(d store.Draft) []string {
	list := []string{"title"}
	switch {
	case d.Typed() && d.Proposed:
		list = append(list, "category", "type", "scenario")
	case d.Typed(), d.Proposed:
		list = append(list, "scenario")
	}
	for i := range d.Keywords {
		list = append(list, "keywords["+strconv.Itoa(i)+"].name")
	}
	return append(list, "")
}

// changes are the fields in which two versions of a draft differ.
func changes(v *visit, t *text.Text, before, now store.Draft) []ui.Change {
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
		if old.Rule != current.Rule {
			add("valuetype", i+1, views.TypeName(t, old.Rule), views.TypeName(t, current.Rule))
		}
	}
	add("category", 0, v.categoryName(before.Category), v.categoryName(now.Category))
	if before.Type != now.Type {
		add("type", 0, views.TermName(t, before.Type), views.TermName(t, now.Type))
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

// judgeDraft approves or rejects a draft in review. Whether an approval with reasons is meant is asked once.
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
	typed := views.Typed{Verdict: form}
	if len(problems) == 0 && form.Version != d.Version { // first: a reason may be at a place that is gone
		return s.drawDraft(w, r, v, http.StatusConflict, tooLate(t, store.ErrConflict), typed)
	}
	review := store.Review{Draft: d.ID, Verdict: form.Kind, Version: form.Version, Reasons: reasonsOf(d, form)}
	switch {
	case form.Kind == "rejected" && len(review.Reasons) == 0:
		problems[""] = t.T("desk.need_reason")
	case form.Kind == "approved" && len(review.Reasons) > 0 && form.Asked == "" && len(problems) == 0 && d.State == "review":
		typed.Asked = true
		return s.drawDraft(w, r, v, http.StatusUnprocessableEntity, nil, typed)
	}
	if len(problems) > 0 {
		return s.drawDraft(w, r, v, http.StatusUnprocessableEntity, problems, typed)
	}
	err = s.Store.ReviewDraft(r.Context(), v.actor(r), d.App, review)
	if errors.Is(err, store.ErrOwnDraft) {
		return errForbidden
	}
	if problems := tooLate(t, err); problems != nil {
		return s.drawDraft(w, r, v, http.StatusConflict, problems, typed)
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
			if text := strings.TrimSpace(ui.Nth(form.Reasons, i)); where == place && text != "" {
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
