package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/wechat"
)

// copyTemplate makes a draft of the combination in the other app, or adds it to
// that account.
func (s *Server) copyTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.CopyForm
	problems, err := s.forms.read(r, s.texts.In(v.lang), &form)
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
	return seeOther(w, r, views.CompareURL(form.With)+"&draft="+id, "")
}

// draftCopy saves the draft, once for a form.
func (s *Server) draftCopy(r *http.Request, v *visit, p views.CopyPage, to *account) (id string, err error) {
	d, err := s.Store.AddDraftOnce(r.Context(), v.actor(r), clickOn(p.Form.Key), store.Draft{
		App: to.app.ID, TitleID: p.Identity.TitleID, Title: p.Template.Title, Keywords: p.Keywords,
	})
	return strconv.FormatInt(d.ID, 10), err
}

// addCopy is template/add by the client of the other app.
func (s *Server) addCopy(w http.ResponseWriter, r *http.Request, v *visit, p views.CopyPage, to *account) error {
	// Leaving the page must not leave a template behind that nobody recorded.
	ctx := context.WithoutCancel(r.Context())
	to.adding.Lock()
	defer to.adding.Unlock()
	done, err := s.Store.BeginForm(ctx, v.actor(r), to.app.ID, clickOn(p.Form.Key))
	if err != nil {
		return err
	}
	if done == "" {
		err := s.addTo(ctx, r, v, to, p)
		if err != nil {
			err = errors.Join(err, s.Store.GiveUpForm(ctx, v.actor(r), to.app.ID, clickOn(p.Form.Key)))
		}
		if isWeChat(err) {
			p.Outcome = outcomeOf(err, "failed")
			return s.render(w, r, http.StatusBadGateway, views.Copy(p))
		}
		if err != nil {
			return err
		}
	}
	return seeOther(w, r, views.CompareURL(p.Form.With), "template_copied")
}

// addTo adds a combination to an account and remembers it. The account's adding
// has to be held.
func (s *Server) addTo(ctx context.Context, r *http.Request, v *visit, to *account, p views.CopyPage) error {
	id, keywords := p.Identity, p.Keywords
	title, err := to.library.Get(ctx, id.TitleID)
	if err != nil {
		return err
	}
	added, err := s.addConfirmed(ctx, to, title, id.KeywordIDs)
	if err != nil {
		return err
	}
	to.checks.outdated()
	content, example := wechat.Compose(keywords)
	return s.Store.AddTemplateOfForm(ctx, v.actor(r), clickOn(p.Form.Key), store.Template{
		App: to.app.ID, TemplateID: added.TemplateID, TitleID: title.ID, Title: title.Text, KeywordIDs: id.KeywordIDs,
		Content: content, Example: example,
	})
}
