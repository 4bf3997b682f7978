package pages

import (
	"net/http"

	"muban/views"
	"muban/wechat/audit"
)

// rules shows by which rules titles and keywords are judged, and how right they were.
func (s *Site) rules(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.render(w, r, http.StatusOK, views.Rules(views.RulesPage{Page: s.page(r, v), Rules: audit.Catalogue(v.lang)}))
}
