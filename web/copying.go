package web

import (
	"context"
	"net/http"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/wechat/account"
)

// copyTemplate makes a draft of the combination in the other app, or adds it to
// that account.
func (s *Site) copyTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.CopyForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 || form.Do == "" {
		return errBadRequest
	}
	p, to, err := s.copying(r, v, form)
	if err != nil {
		return err
	}
	if form.Do == "add" && !p.MayAdd {
		return errForbidden
	}
	if p.Identity.Doubt != "" {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Copy(p))
	}
	if form.Do == "add" {
		return s.addCopy(w, r, v, p, to)
	}
	id, err := s.draftCopy(r, v, p, to)
	if err != nil {
		return err
	}
	return v.seeOther(w, r, views.CompareURL(form.With)+"&draft="+id, "")
}

// draftCopy saves the draft, once for a form.
func (s *Site) draftCopy(r *http.Request, v *visit, p views.CopyPage, to *account.Account) (id string, err error) {
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	made := s.imports.of(importKey{person: v.person.ID, app: to.App.ID, key: p.Form.Key})
	if len(made.ids) > 0 {
		return made.ids[0], nil
	}
	d, err := s.Store.AddDraft(r.Context(), v.actor(r), store.Draft{
		App: to.App.ID, TitleID: p.Identity.TitleID, Title: p.Template.Title, Keywords: p.Keywords,
		Author: v.person.ID, AuthorName: v.person.Name,
	})
	if err != nil {
		return "", err
	}
	made.ids = append(made.ids, strconv.FormatInt(d.ID, 10))
	return made.ids[0], nil
}

// addCopy is template/add by the client of the other app.
func (s *Site) addCopy(w http.ResponseWriter, r *http.Request, v *visit, p views.CopyPage, to *account.Account) error {
	// Leaving the page must not leave a template behind that nobody recorded.
	ctx := context.WithoutCancel(r.Context())
	title, err := to.Library.Get(ctx, p.Identity.TitleID)
	if err == nil {
		_, err = to.Add(ctx, v.pending(r, account.Pending{
			Key: p.Form.Key, Keywords: p.Keywords,
			Template: store.Template{TitleID: title.ID, Title: title.Text, KeywordIDs: p.Identity.KeywordIDs},
		}))
	}
	if err != nil {
		status := 0
		p.Outcome, status = s.changeOutcome(r, err)
		return s.render(w, r, status, views.Copy(p))
	}
	return v.seeOther(w, r, views.CompareURL(p.Form.With), "template_copied")
}
