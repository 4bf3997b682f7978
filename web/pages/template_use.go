package pages

import (
	"net/http"
	"strings"

	"muban/views"
	"muban/wechat/kind"
)

// useTemplate shows how a program sends the template's messages.
func (s *Site) useTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, stale, err := templateOrLast(r, v)
	if err != nil {
		return err
	}
	known, err := s.knownTemplate(r.Context(), v, t.ID)
	if err != nil {
		return err
	}
	u := views.Usage{
		Muban: s.publicBase(r), WeChat: strings.TrimRight(apiBase(v.account.App), "/"), AppID: v.account.App.AppID,
		Title: t.Title, TemplateID: t.ID, Fields: kind.Template.Fields(t),
	}
	if known != nil {
		u.Alias = known.Alias
	}
	return s.render(w, r, http.StatusOK, views.Use(views.UsePage{
		Page: s.page(r, v), Template: t, Usage: u, Snippet: u.SnippetIn(r.URL.Query().Get("lang")), Stale: stale,
	}))
}
