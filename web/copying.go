package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
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
	d, err := s.Store.AddDraftOnce(r.Context(), v.actor(r), clickOn(p.Form.Key), store.Draft{
		App: to.App.ID, TitleID: p.Identity.TitleID, Title: p.Template.Title, Keywords: p.Keywords,
	})
	return strconv.FormatInt(d.ID, 10), err
}

// addCopy is template/add by the client of the other app.
func (s *Site) addCopy(w http.ResponseWriter, r *http.Request, v *visit, p views.CopyPage, to *account.Account) error {
	// Leaving the page must not leave a template behind that nobody recorded.
	ctx := context.WithoutCancel(r.Context())
	to.Adding.Lock()
	defer to.Adding.Unlock()
	done, err := s.Store.BeginForm(ctx, v.actor(r), to.App.ID, clickOn(p.Form.Key))
	if err != nil {
		return err
	}
	if done == "" {
		err := s.addTo(ctx, r, v, to, p)
		if err != nil {
			err = errors.Join(err, s.Store.GiveUpForm(ctx, v.actor(r), to.App.ID, clickOn(p.Form.Key)))
		}
		if wechat.IsFailure(err) {
			p.Outcome = outcomeOf(err, "failed")
			return s.render(w, r, http.StatusBadGateway, views.Copy(p))
		}
		if err != nil {
			return err
		}
	}
	return v.seeOther(w, r, views.CompareURL(p.Form.With), "template_copied")
}

// addTo adds a combination to an account and remembers it. The account's adding
// has to be held.
func (s *Site) addTo(ctx context.Context, r *http.Request, v *visit, to *account.Account, p views.CopyPage) error {
	id, keywords := p.Identity, p.Keywords
	title, err := to.Library.Get(ctx, id.TitleID)
	if err != nil {
		return err
	}
	added, err := to.Add(ctx, title, id.KeywordIDs)
	if err != nil {
		return err
	}
	to.TitlesChanged()
	content, example := kind.Template.Compose(keywords)
	return s.Store.AddTemplateOfForm(ctx, v.actor(r), clickOn(p.Form.Key), store.Template{
		App: to.App.ID, TemplateID: added.TemplateID, TitleID: title.ID, Title: title.Text, KeywordIDs: id.KeywordIDs,
		Content: content, Example: example,
	})
}
