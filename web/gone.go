package web

import (
	"context"
	"errors"
	"net/http"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
)

// templateOrLast is the template that the path names, as WeChat lists it now or,
// where it does not answer, listed it at last. account.ErrNoTemplate when the list does
// not hold it.
func (s *Site) templateOrLast(r *http.Request, v *visit) (wechat.Template, *ui.Stale, error) {
	list, stale, err := s.listOrLast(r.Context(), v.account)
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
		MayAdd: v.may(Add),
	}
	if stale == nil {
		p.Used = v.account.Listed()
	}
	if p.Story, err = s.story(r, v, known.TemplateID); err != nil {
		return p, err
	}
	p.Restored, err = v.account.Restoration(r.Context(), known)
	return p, err
}

// restoreTemplate adds a template again from what is remembered of it. Its alias
// follows to the new template_id in the transaction that records it.
func (s *Site) restoreTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := context.WithoutCancel(r.Context())
	v.account.Adding.Lock()
	defer v.account.Adding.Unlock()
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
	templateID, err := s.addAgain(ctx, r, v, p)
	if wechat.IsFailure(err) {
		p.Outcome = outcomeOf(err, "failed")
		return s.render(w, r, http.StatusBadGateway, views.GoneTemplate(p))
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.TemplateURL(templateID), "template_restored")
}

// addAgain is template/add for what a page remembers, and the record of it.
func (s *Site) addAgain(ctx context.Context, r *http.Request, v *visit, p views.GonePage) (string, error) {
	title, err := v.account.Library.Get(ctx, p.Restored.TitleID)
	if err != nil {
		return "", err
	}
	added, err := v.account.Add(ctx, title, p.Restored.KeywordIDs)
	if err != nil {
		return "", err
	}
	v.account.TitlesChanged()
	if !p.Noted { // it was deleted elsewhere, which is now known too
		if err := s.Store.AdoptTemplates(ctx, v.actor(r), v.account.App.ID, nil, []string{p.Known.TemplateID}); err != nil {
			return "", err
		}
	}
	content, example := kind.Template.Compose(account.KeywordsIn(title, p.Restored.KeywordIDs))
	return added.TemplateID, s.Store.AddTemplate(ctx, v.actor(r), store.Template{
		App: v.account.App.ID, TemplateID: added.TemplateID, TitleID: title.ID, Title: title.Text, KeywordIDs: p.Restored.KeywordIDs,
		Content: content, Example: example, Replaces: p.Known.TemplateID,
	})
}
