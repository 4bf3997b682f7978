package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

func TestTheTableOfAccessIsTheTableOfRoutes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range webtest.NewConsole(t).Routes() {
		seen[r.Pattern] = true
		who, ok := webtest.Access[r.Pattern]
		if !ok {
			t.Errorf("%s is not in this test's table", r.Pattern)
		}
		if _, key := r.Needs.Scope(); key != (who == "k") {
			t.Errorf("%s needs %q, the table says %q", r.Pattern, r.Needs, who)
		}
		if (who == "*") != (r.Needs == auth.Anyone) || r.Needs == "" {
			t.Errorf("%s needs %q, the table says %q", r.Pattern, r.Needs, who)
		}
	}
	for pattern := range webtest.Access {
		if !seen[pattern] {
			t.Errorf("there is no route %s", pattern)
		}
	}
}

func TestEveryRouteAdmitsItsRolesAndNobodyElse(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	ids := c.Fill(c.As(store.Administrator))
	for _, route := range c.Routes() {
		who, path := webtest.Access[route.Pattern], ids.Path(route)
		if who == "*" || who == "m" {
			continue
		}
		if who == "k" {
			onlyWithAKey(c, route, path)
			continue
		}
		if got := c.Ask(c.Visitor(), route.Method, path); !sentToSignIn(got, route.Method, path) {
			t.Errorf("anonymous %s %s: %d to %q", route.Method, path, got.Status, got.Header.Get("Location"))
		}
		for _, role := range store.Roles() {
			got := c.Ask(c.As(role), route.Method, path)
			if webtest.Once[route.Pattern] == role {
				continue
			}
			switch allowed := strings.Contains(who, webtest.Letters[role]); {
			case !allowed && (got.Status != http.StatusForbidden || !got.Says("main", "failure.forbidden.title")):
				t.Errorf("%s %s %s: %d, want 403", role, route.Method, path, got.Status)
			case allowed && (got.Status >= 400 && got.Status != http.StatusUnprocessableEntity && got.Status != http.StatusBadRequest && got.Status != http.StatusConflict):
				t.Errorf("%s %s %s: %d, want to be let in\n%s", role, route.Method, path, got.Status, got.Text("main"))
			case allowed && sentToSignIn(got, route.Method, path) && path != "/sign-out":
				t.Errorf("%s %s %s: sent to the sign-in", role, route.Method, path)
			}
		}
	}
}

// onlyWithAKey proves that a session opens nothing that is for business servers.
func onlyWithAKey(c *webtest.Console, route webtest.RouteInfo, path string) {
	c.T.Helper()
	for _, b := range []*webtest.Browser{c.Visitor(), c.As(store.Administrator)} {
		if got := c.Ask(b, route.Method, path); got.Status != http.StatusUnauthorized && !strings.HasPrefix(got.Body, `{"errcode":4`) {
			c.T.Errorf("%s %s without a key: %d, want 401", route.Method, path, got.Status)
		}
	}
}

func sentToSignIn(p *webtest.Page, method, path string) bool {
	want := "/sign-in"
	if method == http.MethodGet && path != "/" {
		want += "?next=" + url.QueryEscape(path)
	}
	return p.Status == http.StatusSeeOther && p.Header.Get("Location") == want
}

// What a button of an admitted page does can need more than the page.
func TestTheBuildersButtonsNeedTheirOwnPermissions(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	k := c.As(store.Administrator).KeywordsOf("AT0002")[:2]
	for role, who := range webtest.Letters {
		b := c.As(role)
		shown := b.Get("/library/AT0002?k=" + k[0])
		for do, may := range map[string]string{"save": "aop", "save_new": "aop", "account": "ao"} {
			got := b.Stopping().Post("/library/AT0002", url.Values{"k": k, "do": {do}})
			if allowed := strings.Contains(may, who); allowed != (got.Status == http.StatusSeeOther) || !allowed && got.Status != http.StatusForbidden {
				t.Errorf("%s does %s: %d", role, do, got.Status)
			}
			if do != "save_new" && shown.Has(`button[value="`+do+`"]`) != strings.Contains(may, who) {
				t.Errorf("%s sees the button %s: %t", role, do, !strings.Contains(may, who))
			}
		}
	}
}

func TestTheSidebarOffersWhatTheRoleMayUse(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for role, want := range map[store.Role]string{
		store.Administrator:  "/ /library /drafts /templates /sends /rights /settings/testers /sandbox /token /compliance /settings/alerts /activity /settings/apps /settings/keys /settings/people /settings/me",
		store.Operator:       "/ /library /drafts /templates /sends /rights /settings/testers /sandbox /token /compliance /settings/me",
		store.ProductManager: "/ /library /drafts /templates /sandbox /settings/me",
		store.QA:             "/ /library /drafts /templates /sends /sandbox /settings/me",
	} {
		if got := strings.Join(c.As(role).Sidebar(), " "); got != want {
			t.Errorf("%s: %v, want %s", role, got, want)
		}
	}
}

func TestAnAddressThatIsNoRouteIsNotFoundForEverybody(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, b := range []*webtest.Browser{c.Visitor(), c.As(store.Administrator)} {
		for _, path := range []string{"/nowhere", "/drafts/", "/drafts/1/2/3", "/static/", "/static/muban.css", "/settings/people/x", "/settings/people/99", "/.git/config", "/drafts/x", "/sends/99", "/settings/apps/x"} {
			p := b.Stopping().Get(path)
			if p.Status != http.StatusNotFound && !sentToSignIn(p, "GET", path) {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
		r, err := http.NewRequest("DELETE", c.URL+"/library", nil)
		webtest.Must(t, err)
		r.Header.Set("Origin", c.URL)
		if p := b.Do(r); p.Status != http.StatusMethodNotAllowed {
			t.Errorf("DELETE: %d", p.Status)
		}
	}
}
