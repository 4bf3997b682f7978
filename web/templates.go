package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/account"
)

func (s *Site) templates(w http.ResponseWriter, r *http.Request, v *visit) error {
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), wechat.MaxCount)
	list, stale, err := s.listOrLast(r.Context(), v.account)
	if err != nil {
		return err
	}
	known, err := s.Store.Templates(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	shown, used := pageOf(list.Templates, offset, count), len(list.Templates)
	p := views.TemplatesPage{
		Page: s.page(r, v), Templates: shown, Known: byID(known), Used: used, Stale: stale, Drift: account.DriftOf(list, known),
		MayAdd: v.may(Add), MayDraft: v.may(WriteDraft), MayDelete: v.may(Delete), Problems: problems,
		Range: ui.Range{Path: "/templates", Offset: offset, Count: count, Shown: len(shown), Total: used},
	}
	if deleted, ok := p.Known[r.URL.Query().Get("deleted")]; ok && deleted.Deleted() && deleted.ReplacedBy == "" {
		p.Deleted = &deleted
	}
	if p.Last, err = s.Store.LastSends(r.Context(), v.account.App.ID, idsOf(shown)); err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Templates(p))
}

// listOrLast is what WeChat lists now or, where it does not answer, what it listed
// at last, with the reason.
func (s *Site) listOrLast(ctx context.Context, a *account.Account) (account.List, *ui.Stale, error) {
	list, err := a.List(ctx)
	if err == nil || !wechat.IsFailure(err) {
		return list, nil, err
	}
	last, lost := a.LastList(ctx)
	if errors.Is(lost, store.ErrNotFound) {
		return list, nil, err
	}
	return last, &ui.Stale{Outcome: failedRead(err), ReadAt: last.ReadAt}, lost
}

// pageOf is one page of a list; past its end there is nothing.
func pageOf(list []wechat.Template, offset, count int) []wechat.Template {
	from := min(offset, len(list))
	return list[from:min(from+count, len(list))]
}

func byID(known []store.Template) map[string]store.Template {
	all := make(map[string]store.Template, len(known))
	for _, t := range known {
		all[t.TemplateID] = t
	}
	return all
}

func idsOf(list []wechat.Template) []string {
	ids := make([]string, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	return ids
}

// driftCount is how much was done elsewhere.
func (s *Site) driftCount(ctx context.Context, app int64, list account.List) (int, error) {
	known, err := s.Store.Templates(ctx, app)
	d := account.DriftOf(list, known)
	return len(d.Elsewhere) + len(d.Gone) + len(d.Changed), err
}

// adopt takes over what was done elsewhere: one template, or all there is.
func (s *Site) adopt(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.AdoptForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 || form.ID == "" && !form.All {
		return errBadRequest
	}
	ctx := context.WithoutCancel(r.Context())
	list, err := v.account.List(ctx)
	if err != nil {
		return err
	}
	known, err := s.Store.Templates(ctx, v.account.App.ID)
	if err != nil {
		return err
	}
	found, gone := chosen(account.DriftOf(list, known), form)
	if err := s.Store.AdoptTemplates(ctx, v.actor(r), v.account.App.ID, v.account.Identified(ctx, found), gone); err != nil {
		return err
	}
	v.account.TitlesChanged()
	if form.Next != "" {
		return v.seeOther(w, r, local(form.Next), "adopted")
	}
	return v.seeOther(w, r, "/templates", "adopted")
}

// chosen is what of the drift the form asks for. A template that is no drift any
// more was adopted meanwhile, which is what was asked for.
func chosen(d account.Drift, form views.AdoptForm) (found []wechat.Template, gone []string) {
	found = d.Elsewhere
	for _, c := range d.Changed {
		found = append(found, c.Live)
	}
	for _, t := range d.Gone {
		gone = append(gone, t.TemplateID)
	}
	if form.All {
		return found, gone
	}
	found = slices.DeleteFunc(slices.Clone(found), func(t wechat.Template) bool { return t.ID != form.ID })
	return found, slices.DeleteFunc(gone, func(id string) bool { return id != form.ID })
}
