package pages

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
)

// templateCode shows how a program sends the template's messages.
func (s *Site) templateCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.programPage(r, v)
	if err != nil {
		return err
	}
	ctx, app := r.Context(), v.account.App.ID
	keys, err := s.Store.APIKeys(ctx, app)
	if err != nil {
		return err
	}
	p.Keys = slices.DeleteFunc(keys, func(k store.APIKey) bool { return !k.Live(s.Now()) || !slices.Contains(k.Scopes, "token") })
	days, err := s.Store.RightDays(ctx, app, s.Now().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	for _, day := range days {
		p.Reported += day.Reported
	}
	p.SeeKeys, p.SeeRights = v.may(auth.ManageKeys), v.may(auth.SeeRights)
	return s.render(w, r, http.StatusOK, views.TemplateCode(p))
}

// templateCodeFile is what the tab shows, as a file.
func (s *Site) templateCodeFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.programPage(r, v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Snippet.File}))
	_, err = w.Write([]byte(p.Snippet.Code))
	return err
}

// programPage is the code in the language that the address asks for, with the message that it holds.
func (s *Site) programPage(r *http.Request, v *visit) (p views.CodePage, err error) {
	t, stale, err := templateOrLast(r, v)
	if err != nil {
		return p, err
	}
	if p.TemplateHead, err = s.head(r, v, t, "code"); err != nil {
		return p, err
	}
	p.Stale = stale
	form, problems, err := s.askedMessage(r, v, t)
	if err != nil {
		return p, err
	}
	if len(problems) > 0 {
		form = examples(t)
	}
	form.OpenID, form.FormID = "OPENID", "FORM_ID"
	if r.URL.Query().Has("v") {
		p.Written = writtenQuery(form)
	}
	p.Usage = views.Usage{
		Muban: s.publicBase(r), WeChat: strings.TrimRight(apiBase(v.account.App), "/"), AppID: v.account.App.AppID,
		Title: t.Title, TemplateID: t.ID, Alias: p.Alias, Fields: kind.Of(t).Fields(t), Written: messageOf(t, form),
	}
	for i, d := range p.Usage.Written.Data {
		p.Usage.Fields[i].Example = d.Value
	}
	p.Snippet = p.Usage.SnippetIn(r.URL.Query().Get("lang"))
	return p, nil
}

// apiBase is the address that a command copied from here should call: the
// simulation of this process cannot be called from outside, so for it WeChat's own.
func apiBase(app store.App) string {
	if app.Sandbox {
		return wechat.DefaultBase
	}
	return app.Base
}
