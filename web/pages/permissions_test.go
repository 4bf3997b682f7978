package pages_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

// What the page says is what the routes do, each by this package's own table.
func TestFault25_ThePageOfPermissionsIsTheTableOfRoutes(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.As(store.Administrator).Get("/settings/permissions")
	for _, route := range c.Routes() {
		_, key := route.Needs.Scope()
		if key || slices.Contains([]auth.Permission{auth.Anyone, auth.SignedIn, auth.Entering, auth.ReadMetrics}, route.Needs) {
			continue
		}
		cells := p.Doc.Find(`tr[data-permission="` + string(route.Needs) + `"] td`)
		for i, role := range store.Roles() {
			shown := strings.TrimSpace(cells.Eq(i).Find(".away").Text()) == "yes"
			if want := strings.Contains(webtest.Access[route.Pattern], webtest.Letters[role]); shown != want || cells.Length() != len(store.Roles()) {
				t.Errorf("%s: the page says that %s may: %t", route.Pattern, role, shown)
			}
		}
	}
}

// Default deny: no role has what the administrator's line, the page's order, lacks.
func TestEveryPermissionIsAnAdministrators(t *testing.T) {
	t.Parallel()
	for _, role := range store.Roles() {
		for _, p := range auth.Granted(role) {
			if !slices.Contains(auth.Granted(store.Administrator), p) {
				t.Errorf("%s has %s, which the page does not show", role, p)
			}
		}
	}
	if len(auth.Granted("")) != 0 || len(auth.Granted(store.None)) != 0 {
		t.Error("no role has a permission")
	}
}

func TestThePermissionsAreSaidInWords(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, lang := range []string{"zh", "en"} {
		b := c.As(store.Administrator).Speaking(lang)
		b.Post("/preferences", map[string][]string{"lang": {lang}})
		for _, path := range []string{"/settings/permissions", "/settings/me"} {
			p := b.Get(path)
			if strings.Contains(p.Text("main"), "[permission") {
				t.Errorf("%s, %s: a permission has no words", path, lang)
			}
		}
	}
}

// Everybody sees their own column.
func TestOnesOwnPageShowsWhatOneMayDo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, role := range store.Roles() {
		p := c.As(role).Get("/settings/me").Expect(http.StatusOK, "me.may", "App", "沙箱小程序")
		may := 0
		p.Doc.Find("tr[data-permission] .yes").Each(func(_ int, el *goquery.Selection) { may++ })
		if may != len(auth.Granted(role)) {
			t.Errorf("%s: %d, want %d", role, may, len(auth.Granted(role)))
		}
	}
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.QA).ID, "", store.QA, store.AppRoles{c.App().ID: store.Operator}))
	c.As(store.QA).Get("/settings/me").Shows(http.StatusOK, "qa · QA · 沙箱小程序: Operator")
}
