package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web"
)

// faults.md 25: what the page says is what the routes do, each by this package's own table.
func TestFault25_ThePageOfPermissionsIsTheTableOfRoutes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.as(store.Administrator).get("/settings/permissions")
	for _, route := range c.routes() {
		_, key := route.Needs.Scope()
		if key || slices.Contains([]web.Permission{web.Anyone, web.SignedIn, web.Entering, web.ReadMetrics}, route.Needs) {
			continue
		}
		cells := p.doc.Find(`tr[data-permission="` + string(route.Needs) + `"] td`)
		for i, role := range store.Roles() {
			shown := strings.TrimSpace(cells.Eq(i).Find(".away").Text()) == "yes"
			if want := strings.Contains(access[route.Pattern], letters[role]); shown != want || cells.Length() != len(store.Roles()) {
				t.Errorf("%s: the page says that %s may: %t", route.Pattern, role, shown)
			}
		}
	}
}

// Default deny: no role has what the administrator's line, the page's order, lacks.
func TestEveryPermissionIsAnAdministrators(t *testing.T) {
	t.Parallel()
	for _, role := range store.Roles() {
		for _, p := range web.Granted(role) {
			if !slices.Contains(web.Granted(store.Administrator), p) {
				t.Errorf("%s has %s, which the page does not show", role, p)
			}
		}
	}
	if len(web.Granted("")) != 0 || len(web.Granted(store.None)) != 0 {
		t.Error("no role has a permission")
	}
}

func TestThePermissionsAreSaidInWords(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, lang := range []string{"zh", "en"} {
		b := c.as(store.Administrator).speaking(lang)
		b.post("/preferences", map[string][]string{"lang": {lang}})
		for _, path := range []string{"/settings/permissions", "/settings/me"} {
			p := b.get(path)
			if strings.Contains(p.text("main"), "[permission") {
				t.Errorf("%s, %s: a permission has no words", path, lang)
			}
		}
	}
}

// Everybody sees their own column.
func TestOnesOwnPageShowsWhatOneMayDo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, role := range store.Roles() {
		p := c.as(role).get("/settings/me").expect(http.StatusOK, "What I may do in 沙箱小程序")
		may := 0
		p.doc.Find("tr[data-permission] .yes").Each(func(_ int, el *goquery.Selection) { may++ })
		if may != len(web.Granted(role)) {
			t.Errorf("%s: %d, want %d", role, may, len(web.Granted(role)))
		}
	}
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, c.person(store.QA).ID, "", store.QA, store.AppRoles{c.app().ID: store.Operator}))
	c.as(store.QA).get("/settings/me").expect(http.StatusOK, "qa · QA · 沙箱小程序: Operator")
}
