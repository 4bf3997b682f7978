package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
)

// Who may use each route: a(dministrator), o(perator), p(roduct manager), q(a),
// k for a business server with a key, m for whoever may read the metrics (metrics_test.go), or * for everybody without signing in. Written out, so that a change of the
// routes or of the permissions does not pass unnoticed.
var access = map[string]string{
	"GET /sign-in": "*", "POST /sign-in": "*", "GET /set-up": "*", "POST /set-up": "*", "POST /preferences": "*",
	"GET /healthz": "*", "GET /readyz": "*",

	"POST /sign-out": "aopq", "POST /app": "aopq", "GET /{$}": "aopq",

	"GET /find": "aopq", "GET /library/export": "aopq", "GET /library/sync": "aopq", "POST /library/sync": "ao",

	"GET /library": "aopq", "GET /library/{title}": "aopq", "POST /library/{title}": "aopq",

	"GET /drafts": "aopq", "GET /drafts/{id}": "aopq",
	"GET /drafts/new": "aop", "POST /drafts/new": "aop", "POST /drafts/{id}": "aop",
	"POST /drafts/{id}/step": "aop", "POST /drafts/{id}/verdict": "ao", "POST /drafts/{id}/comments": "aopq", "GET /drafts/{id}/sheet": "aopq",

	"GET /templates": "aopq", "GET /templates/{id}": "aopq", "POST /templates/{id}/preview": "aopq",
	"POST /templates/{id}/right": "aopq", "POST /templates/{id}/send": "aoq",
	"GET /templates/{id}/delete": "ao", "POST /templates/{id}/delete": "ao",

	"POST /templates/{id}/examples": "aopq", "POST /templates/{id}/examples/{example}/send": "aoq", "POST /templates/{id}/examples/{example}/delete": "aopq",

	"GET /api/v1/templates/{alias}": "k",

	"POST /templates/adopt": "ao", "POST /templates/{id}/alias": "ao", "POST /templates/{id}/restore": "ao", "GET /templates/{id}/use": "aopq",
	"GET /templates/export": "aopq", "GET /templates/compare": "aopq", "GET /templates/copy": "aop", "POST /templates/copy": "aop",
	"GET /templates/import": "aop", "POST /templates/import": "aop", "GET /templates/import/sample": "aop",

	"GET /sends": "aoq", "GET /sends/{id}": "aoq",
	"GET /sends.csv": "aoq", "POST /sends/{id}/decide": "aoq",
	"GET /rights": "ao", "GET /rights.csv": "ao", "GET /rights/leaving.csv": "ao", "GET /rights/reporting": "ao", "POST /rights/kept": "a",

	"GET /sandbox": "aopq", "POST /sandbox/right": "aopq", "POST /sandbox/clock": "aopq",
	"POST /sandbox/fault": "aopq", "POST /sandbox/faults/clear": "aopq", "POST /sandbox/reset": "aopq",

	"GET /activity": "a", "GET /activity/export": "a",
	"GET /compliance": "ao", "POST /compliance": "ao", "POST /compliance/{id}": "ao",
	"GET /settings/testers": "ao", "POST /settings/testers": "ao", "POST /settings/testers/{id}/remove": "ao", "POST /settings/openids/{id}": "ao",
	"GET /settings/me": "aopq", "POST /settings/me/code": "aopq", "POST /api/v1/testers/bind": "k",
	"POST /api/v1/rights": "k", "POST /api/v1/sends": "k",
	"GET /token": "ao", "POST /token/refresh": "ao",
	"GET /settings/keys": "a", "POST /settings/keys": "a", "GET /settings/keys/{id}": "a",
	"POST /settings/keys/{id}/rotate": "a", "POST /settings/keys/{id}/revoke": "a",
	"GET /settings/alerts": "a", "POST /settings/alerts": "a", "POST /settings/alerts/test": "a",
	"GET /api/v1/access_token": "k", "POST /api/v1/access_token/refresh": "k",
	"GET /cgi-bin/token": "k", "POST /cgi-bin/token": "k", "POST /cgi-bin/stable_token": "k", "GET /metrics": "m",

	"GET /sign-in/code": "*", "POST /sign-in/code": "*", "GET /join": "*", "POST /join": "*", "GET /reset": "*", "POST /reset": "*",
	"GET /settings/people": "a", "POST /settings/people": "a", "POST /settings/people/factor": "a", "POST /settings/invitations/{id}/withdraw": "a",
	"GET /settings/people/{id}": "a", "POST /settings/people/{id}": "a", "POST /settings/people/{id}/state": "a", "POST /settings/people/{id}/password": "a",
	"POST /settings/people/{id}/factor": "a", "POST /settings/people/{id}/sessions": "a", "GET /settings/permissions": "a",
	"POST /settings/me/password": "aopq", "POST /settings/me/sessions": "aopq", "GET /settings/me/factor": "aopq", "POST /settings/me/factor": "aopq",
	"POST /settings/me/factor/confirm": "aopq", "POST /settings/me/factor/recovery": "aopq", "POST /settings/me/factor/off": "aopq",

	"GET /settings/apps": "a", "POST /settings/apps": "a", "GET /settings/apps/{id}": "a", "POST /settings/apps/{id}": "a", "POST /settings/desk": "a",
	"GET /settings/apps/{id}/secret": "a", "POST /settings/apps/{id}/secret": "a",
	"GET /settings/apps/{id}/archive": "a", "POST /settings/apps/{id}/archive": "a", "POST /settings/apps/{id}/restore": "a",
}

// once are routes that one of the roles cannot use in this test: an author does not
// judge their own draft (drafts_test.go), and what is removed cannot be removed again.
var once = map[string]store.Role{
	"POST /drafts/{id}/verdict":          store.Administrator,
	"POST /settings/testers/{id}/remove": store.Operator,
}

// letters are the roles in the table above.
var letters = map[store.Role]string{
	store.Administrator: "a", store.Operator: "o", store.ProductManager: "p", store.QA: "q",
}

func TestTheTableOfAccessIsTheTableOfRoutes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range newConsole(t).routes() {
		seen[r.Pattern] = true
		who, ok := access[r.Pattern]
		if !ok {
			t.Errorf("%s is not in this test's table", r.Pattern)
		}
		if _, key := r.Needs.Scope(); key != (who == "k") {
			t.Errorf("%s needs %q, the table says %q", r.Pattern, r.Needs, who)
		}
		if (who == "*") != (r.Needs == web.Anyone) || r.Needs == "" {
			t.Errorf("%s needs %q, the table says %q", r.Pattern, r.Needs, who)
		}
	}
	for pattern := range access {
		if !seen[pattern] {
			t.Errorf("there is no route %s", pattern)
		}
	}
}

// faults.md 25
func TestEveryRouteAdmitsItsRolesAndNobodyElse(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ids := c.fill(c.as(store.Administrator))
	for _, route := range c.routes() {
		who, path := access[route.Pattern], ids.path(route)
		if who == "*" || who == "m" {
			continue
		}
		if who == "k" {
			c.onlyWithAKey(route, path)
			continue
		}
		if got := c.ask(c.visitor(), route.Method, path); !sentToSignIn(got, route.Method, path) {
			t.Errorf("anonymous %s %s: %d to %q", route.Method, path, got.status, got.header.Get("Location"))
		}
		for _, role := range store.Roles() {
			got := c.ask(c.as(role), route.Method, path)
			if once[route.Pattern] == role {
				continue
			}
			switch allowed := strings.Contains(who, letters[role]); {
			case !allowed && (got.status != http.StatusForbidden || !strings.Contains(got.text("main"), "Your role may not do this")):
				t.Errorf("%s %s %s: %d, want 403", role, route.Method, path, got.status)
			case allowed && (got.status >= 400 && got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest && got.status != http.StatusConflict):
				t.Errorf("%s %s %s: %d, want to be let in\n%s", role, route.Method, path, got.status, got.text("main"))
			case allowed && sentToSignIn(got, route.Method, path) && path != "/sign-out":
				t.Errorf("%s %s %s: sent to the sign-in", role, route.Method, path)
			}
		}
	}
}

// onlyWithAKey proves that a session opens nothing that is for business servers.
func (c *console) onlyWithAKey(route routeInfo, path string) {
	c.t.Helper()
	for _, b := range []*browser{c.visitor(), c.as(store.Administrator)} {
		if got := c.ask(b, route.Method, path); got.status != http.StatusUnauthorized && !strings.HasPrefix(got.body, `{"errcode":4`) {
			c.t.Errorf("%s %s without a key: %d, want 401", route.Method, path, got.status)
		}
	}
}

func sentToSignIn(p *page, method, path string) bool {
	want := "/sign-in"
	if method == http.MethodGet && path != "/" {
		want += "?next=" + url.QueryEscape(path)
	}
	return p.status == http.StatusSeeOther && p.header.Get("Location") == want
}

func (c *console) ask(b *browser, method, path string) *page {
	c.t.Helper()
	if method == http.MethodPost {
		return b.stopping().post(path, url.Values{"do": {"check"}, "app": {c.app().AppID}})
	}
	return b.stopping().get(path)
}

// filled is one thing of every kind that a path can name.
type filled struct{ title, template, draft, send, app, violation, tester, person, spare, invitation string }

// firsts names the first of everything, there or not.
func firsts(template string) filled {
	return filled{"AT0002", template, "1", "1", "1", "1", "1", "1", "1", "1"}
}

// fill puts a template, a draft, a send and another app into the console.
func (c *console) fill(b *browser) filled {
	c.t.Helper()
	f := filled{title: "AT0002"}
	f.template = c.addTemplate(b, f.title)
	b.post("/drafts/new", url.Values{"title": {"购买成功通知"}, "do": {"save"}}).expect(http.StatusOK, "The draft is saved")
	drafts, _, err := c.store.Drafts(context.Background(), store.DraftFilter{App: c.app().ID})
	must(c.t, err)
	f.draft = strconv.FormatInt(drafts[0].ID, 10)
	b.sendTest(f.template).expect(http.StatusOK, "Sent")
	f.send = strconv.FormatInt(c.sends()[0].ID, 10)
	f.app = strconv.FormatInt(c.addApp("wx0000000000000002").ID, 10)
	b.post("/compliance", url.Values{"rule": {"market"}, "step": {"1"}, "from": {"2018-05-04T08:30"}}).expect(http.StatusOK, "The penalty is recorded")
	b.post("/settings/testers", url.Values{"name": {"小王"}, "touser": {strangerID}}).expect(http.StatusOK, "Added to the testers")
	b.post("/settings/people", url.Values{"invitee": {"小赵"}, "role": {"qa"}}).expect(http.StatusOK, "Invitation link for 小赵")
	spare, err := c.store.AddPerson(context.Background(), store.Actor{}, store.Person{Name: "spare", Role: store.QA, PasswordHash: passwordHash})
	must(c.t, err)
	f.spare, f.invitation = strconv.FormatInt(spare.ID, 10), "1"
	f.violation, f.tester, f.person = "1", "1", strconv.FormatInt(c.person(store.QA).ID, 10)
	c.caller("token")
	c.example(b, f.template, "示例")
	return f
}

// path is the route's address with the ids in it.
func (f filled) path(r routeInfo) string {
	ids := map[string]string{
		"/templates": f.template, "/drafts": f.draft, "/sends": f.send, "/settings/apps": f.app,
		"/compliance": f.violation, "/settings/testers": f.tester, "/settings/openids": f.person, "/settings/keys": "1",
		"/settings/people": f.spare, "/settings/invitations": f.invitation,
	}
	before, _, _ := strings.Cut(r.Path, "/{id}")
	return strings.NewReplacer("{$}", "", "{title}", f.title, "{id}", ids[before], "{example}", "1").Replace(r.Path)
}

// What a button of an admitted page does can need more than the page.
func TestTheBuildersButtonsNeedTheirOwnPermissions(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	k := c.as(store.Administrator).keywordsOf("AT0002")[:2]
	for role, who := range letters {
		b := c.as(role)
		shown := b.get("/library/AT0002?k=" + k[0])
		for do, may := range map[string]string{"save": "aop", "save_new": "aop", "account": "ao"} {
			got := b.stopping().post("/library/AT0002", url.Values{"k": k, "do": {do}})
			if allowed := strings.Contains(may, who); allowed != (got.status == http.StatusSeeOther) || !allowed && got.status != http.StatusForbidden {
				t.Errorf("%s does %s: %d", role, do, got.status)
			}
			if do != "save_new" && shown.has(`button[value="`+do+`"]`) != strings.Contains(may, who) {
				t.Errorf("%s sees the button %s: %t", role, do, !strings.Contains(may, who))
			}
		}
	}
}

// sidebar is where the sidebar leads.
func (b *browser) sidebar() (hrefs []string) {
	b.t.Helper()
	for _, a := range b.get("/").doc.Find(".frame > nav.side a").EachIter() {
		hrefs = append(hrefs, within(a.AttrOr("href", "")))
	}
	return hrefs
}

func TestTheSidebarOffersWhatTheRoleMayUse(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for role, want := range map[store.Role]string{
		store.Administrator:  "/ /library /drafts /templates /sends /rights /settings/testers /sandbox /token /compliance /settings/alerts /activity /settings/apps /settings/keys /settings/people /settings/me",
		store.Operator:       "/ /library /drafts /templates /sends /rights /settings/testers /sandbox /token /compliance /settings/me",
		store.ProductManager: "/ /library /drafts /templates /sandbox /settings/me",
		store.QA:             "/ /library /drafts /templates /sends /sandbox /settings/me",
	} {
		if got := strings.Join(c.as(role).sidebar(), " "); got != want {
			t.Errorf("%s: %v, want %s", role, got, want)
		}
	}
}

func TestAnAddressThatIsNoRouteIsNotFoundForEverybody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, b := range []*browser{c.visitor(), c.as(store.Administrator)} {
		for _, path := range []string{"/nowhere", "/drafts/", "/drafts/1/2/3", "/static/", "/static/muban.css", "/settings/people/x", "/settings/people/99", "/.git/config", "/drafts/x", "/sends/99", "/settings/apps/x"} {
			p := b.stopping().get(path)
			if p.status != http.StatusNotFound && !sentToSignIn(p, "GET", path) {
				t.Errorf("%s: %d", path, p.status)
			}
		}
		r, err := http.NewRequest("DELETE", c.URL+"/library", nil)
		must(t, err)
		r.Header.Set("Origin", c.URL)
		if p := b.do(r); p.status != http.StatusMethodNotAllowed {
			t.Errorf("DELETE: %d", p.status)
		}
	}
}
