package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
)

// templateOrLast is the template that the path names, as WeChat lists it now or,
// where it does not answer, listed it at last. account.ErrNoTemplate when the list does
// not hold it.
func templateOrLast(r *http.Request, v *visit) (wechat.Template, *ui.Stale, error) {
	list, stale, err := listOrLast(r.Context(), v.account)
	if err != nil {
		return wechat.Template{}, nil, err
	}
	t, err := list.Find(r.PathValue("id"))
	return t, stale, err
}

// goneTemplate is the page of a template that the account has no more.
func (s *Site) goneTemplate(w http.ResponseWriter, r *http.Request, v *visit, stale *ui.Stale) error {
	p, err := s.gonePage(r, v, stale)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.GoneTemplate(p))
}

// gonePage answers account.ErrNoTemplate for a template that nobody here remembers.
func (s *Site) gonePage(r *http.Request, v *visit, stale *ui.Stale) (views.GonePage, error) {
	known, err := s.Store.Template(r.Context(), v.account.App.ID, r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		return views.GonePage{}, account.ErrNoTemplate
	}
	if err != nil {
		return views.GonePage{}, err
	}
	p := views.GonePage{
		Page: s.page(r, v), Known: known, Noted: known.Deleted(), Used: -1, Stale: stale,
		MayAdd: v.may(auth.Add),
	}
	if stale == nil {
		p.Used = v.account.Listed()
	}
	if p.Story, err = s.story(r, v, known.TemplateID); err != nil {
		return p, err
	}
	if p.Restored, err = v.account.Restoration(r.Context(), known); err != nil {
		return p, err
	}
	p.Pending, err = v.account.Open(r.Context(), account.Pending{
		What: account.Addition, Template: store.Template{TitleID: p.Restored.TitleID, KeywordIDs: p.Restored.KeywordIDs},
	})
	return p, err
}

// restoreTemplate adds a template again from what is remembered of it. Its alias
// follows to the new template_id in the transaction that records it.
func (s *Site) restoreTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := context.WithoutCancel(r.Context())
	id := r.PathValue("id")
	if _, err := v.account.Find(ctx, id); err == nil {
		return v.seeOther(w, r, ui.TemplateURL(id), "") // it is there
	} else if !errors.Is(err, account.ErrNoTemplate) {
		return err
	}
	p, err := s.gonePage(r, v, nil)
	if err != nil {
		return err
	}
	if p.Known.ReplacedBy != "" { // the second of two clicks, or of two people
		return v.seeOther(w, r, ui.TemplateURL(p.Known.ReplacedBy), "")
	}
	if p.Restored.Doubt != "" {
		return s.render(w, r, http.StatusUnprocessableEntity, views.GoneTemplate(p))
	}
	title, err := v.account.Library.Get(ctx, p.Restored.TitleID)
	templateID := ""
	if err == nil {
		templateID, err = v.account.Add(ctx, v.pending(r, account.Pending{
			Key: "restore:" + id, Keywords: account.KeywordsIn(title, p.Restored.KeywordIDs),
			Template: store.Template{TitleID: title.ID, Title: title.Text, KeywordIDs: p.Restored.KeywordIDs, Replaces: id,
				Type: title.Type, Scene: p.Known.Scene},
		}))
	}
	if _, banned := errors.AsType[*account.BannedError](err); banned {
		return err
	}
	if err != nil {
		status := 0
		p.Outcome, status = s.changeOutcome(r, err)
		return s.render(w, r, status, views.GoneTemplate(p))
	}
	return v.seeOther(w, r, ui.TemplateURL(templateID), "template_restored")
}

func (s *Site) deletePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.deletion(r, v)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.DeleteTemplate(p))
}

// deletion gathers what depends on the template that the path names.
func (s *Site) deletion(r *http.Request, v *visit) (views.DeletePage, error) {
	t, err := v.account.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return views.DeletePage{}, err
	}
	p := views.DeletePage{Page: s.page(r, v), Template: t}
	if p.Pending, err = v.account.Open(r.Context(), account.Pending{
		What: account.Deletion, Template: store.Template{TemplateID: t.ID},
	}); err != nil {
		return p, err
	}
	if p.Story, err = s.story(r, v, t.ID); err != nil {
		return p, err
	}
	counts, err := s.Store.ConsentCounts(r.Context(), v.account.App.ID)
	if i := slices.IndexFunc(counts, func(c store.ConsentCount) bool { return c.TemplateID == t.ID }); i >= 0 {
		p.Reach = counts[i].Users
	}
	return p, err
}

func (s *Site) deleteTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.deletion(r, v)
	if err != nil {
		return err
	}
	if p.Problems, err = s.forms.read(r, p.Text, &p.Form); err != nil {
		return err
	}
	if len(p.Problems) == 0 && !text.Retyped(p.Form.Title, p.Template.Title) {
		p.Problems = ui.Problems{"title": p.T("delete.mismatch", "Title", p.Template.Title)}
	}
	if len(p.Problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.DeleteTemplate(p))
	}
	ctx := context.WithoutCancel(r.Context())
	gone := store.Template{TemplateID: p.Template.ID, Title: p.Template.Title}
	if p.Story.Known == nil { // so that its page stays, and it can be restored
		gone = v.account.Identified(ctx, []wechat.Template{p.Template})[0]
	}
	err = v.account.Delete(ctx, v.pending(r, account.Pending{Template: gone}))
	if err != nil {
		status := 0
		p.Outcome, status = s.changeOutcome(r, err)
		return s.render(w, r, status, views.DeleteTemplate(p))
	}
	list := ui.OfKind("/templates?deleted="+url.QueryEscape(p.Template.ID), v.account.Kind, v.account.App.DefaultKind())
	return v.seeOther(w, r, list, "template_deleted")
}
