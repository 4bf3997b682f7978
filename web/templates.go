package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"muban/store"
	"muban/views"
	"muban/wechat"
)

func (s *Server) templates(w http.ResponseWriter, r *http.Request, v *visit) error {
	offset, count, problems := paging(r, s.texts.In(v.lang), wechat.MaxCount)
	list, err := v.account.client.ListTemplates(r.Context(), offset, count)
	if err != nil {
		return err
	}
	used, err := v.account.used(r.Context(), offset, count, len(list))
	if err != nil {
		return err
	}
	ids := make([]string, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	last, err := s.Store.LastSends(r.Context(), v.account.app.ID, ids)
	if err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Templates(views.TemplatesPage{
		Page: s.page(r, v), Templates: list, Last: last, Used: used, MayDelete: v.may(Delete), Problems: problems,
		Range: views.Range{Path: "/templates", Offset: offset, Count: count, Shown: len(list), Total: used},
	}))
}

// used is how many templates the account holds. template/list has no total, so
// a page that is not the last one means reading them all: two calls at 25.
func (a *account) used(ctx context.Context, offset, count, shown int) (int, error) {
	if shown < count && (shown > 0 || offset == 0) {
		return offset + shown, nil
	}
	all, err := a.client.AllTemplates(ctx)
	return len(all), err
}

// find is one template of the account, as WeChat lists it now: it has no call for
// a single one.
func (a *account) find(ctx context.Context, id string) (wechat.Template, error) {
	all, err := a.client.AllTemplates(ctx)
	if err != nil {
		return wechat.Template{}, err
	}
	a.listed.Store(&listed{all, a.now()})
	return among(all, id)
}

// recall is one template as WeChat listed it within the last minute, for what is
// asked on every keystroke; an older list serves where WeChat gives none, so that
// what was typed on the template's page is not lost.
func (a *account) recall(ctx context.Context, id string) (wechat.Template, error) {
	l := a.listed.Load()
	if l == nil {
		return a.find(ctx, id)
	}
	known, unknown := among(l.all, id)
	if unknown == nil && a.now().Sub(l.at) < time.Minute {
		return known, nil
	}
	t, err := a.find(ctx, id)
	if unknown == nil && isWeChat(err) {
		return known, nil
	}
	return t, err
}

// listed is what template/list answered, and when.
type listed struct {
	all []wechat.Template
	at  time.Time
}

func among(all []wechat.Template, id string) (wechat.Template, error) {
	at := slices.IndexFunc(all, func(t wechat.Template) bool { return t.ID == id })
	if at < 0 {
		return wechat.Template{}, errTemplateGone
	}
	return all[at], nil
}

// knownTemplate is what we remember of a template, nil where it came from
// elsewhere.
func (s *Server) knownTemplate(ctx context.Context, v *visit, id string) (*store.Template, error) {
	t, err := s.Store.Template(ctx, v.account.app.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &t, err
}

func (s *Server) deletePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.deletion(r, v)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.DeleteTemplate(p))
}

// deletion gathers what depends on the template that the path names.
func (s *Server) deletion(r *http.Request, v *visit) (views.DeletePage, error) {
	t, err := v.account.find(r.Context(), r.PathValue("id"))
	if err != nil {
		return views.DeletePage{}, err
	}
	p := views.DeletePage{Page: s.page(r, v), Template: t}
	if p.Known, err = s.knownTemplate(r.Context(), v, t.ID); err != nil {
		return p, err
	}
	last, err := s.Store.LastSends(r.Context(), v.account.app.ID, []string{t.ID})
	if send, ok := last[t.ID]; ok {
		p.Last = &send
	}
	return p, err
}

func (s *Server) deleteTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.deletion(r, v)
	if err != nil {
		return err
	}
	if p.Problems, err = s.forms.read(r, p.Text, &p.Form); err != nil {
		return err
	}
	if len(p.Problems) == 0 && p.Form.Title != p.Template.Title {
		p.Problems = views.Problems{"title": p.T("delete.mismatch", "Title", p.Template.Title)}
	}
	if len(p.Problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.DeleteTemplate(p))
	}
	ctx := context.WithoutCancel(r.Context())
	// 40037 says that it is gone already, which is what was asked for.
	err = v.account.client.DeleteTemplate(ctx, p.Template.ID)
	if err != nil && !errors.Is(err, wechat.ErrTemplateID) {
		p.Outcome = outcomeOf(err, "failed")
		return s.render(w, r, http.StatusBadGateway, views.DeleteTemplate(p))
	}
	v.account.listed.Store(nil)
	v.account.checks.outdated()
	if err := s.Store.TemplateDeleted(ctx, v.actor(r), v.account.app.ID, p.Template.ID); err != nil {
		return err
	}
	return seeOther(w, r, "/templates", "template_deleted")
}
