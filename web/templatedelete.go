package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/kind"
)

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
	p.Story, err = s.story(r, v, t.ID)
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
	if len(p.Problems) == 0 && p.Form.Title != p.Template.Title {
		p.Problems = ui.Problems{"title": p.T("delete.mismatch", "Title", p.Template.Title)}
	}
	if len(p.Problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.DeleteTemplate(p))
	}
	ctx := context.WithoutCancel(r.Context())
	// 40037 says that it is gone already, which is what was asked for.
	err = kind.Template.Delete(ctx, v.account.Client, p.Template.ID)
	if err != nil && !errors.Is(err, wechat.ErrTemplateID) {
		p.Outcome = outcomeOf(err, "failed")
		return s.render(w, r, http.StatusBadGateway, views.DeleteTemplate(p))
	}
	if p.Story.Known == nil { // so that its page stays, and it can be restored
		found := v.account.Identified(ctx, []wechat.Template{p.Template})
		if err := s.Store.AdoptTemplates(ctx, v.actor(r), v.account.App.ID, found, nil); err != nil {
			return err
		}
	}
	v.account.Unlist(p.Template.ID)
	v.account.TitlesChanged()
	if err := s.Store.TemplateDeleted(ctx, v.actor(r), v.account.App.ID, p.Template.ID); err != nil {
		return err
	}
	return v.seeOther(w, r, "/templates?deleted="+url.QueryEscape(p.Template.ID), "template_deleted")
}
