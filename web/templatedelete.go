package web

import (
	"context"
	"net/http"
	"net/url"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/account"
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
	if p.Pending, err = v.account.Open(r.Context(), account.Pending{
		What: account.Deletion, Template: store.Template{TemplateID: t.ID},
	}); err != nil {
		return p, err
	}
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
	return v.seeOther(w, r, "/templates?deleted="+url.QueryEscape(p.Template.ID), "template_deleted")
}
