package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
)

// archive archives the app through its page.
func (b *browser) archive(app store.App) *page {
	b.t.Helper()
	return b.submit(b.get(pathOf("/settings/apps/", app.ID)+"/archive"), "#main button.danger", nil).
		expect(http.StatusOK, "The mini program is archived")
}

// faults.md 27
func TestFault27_AnArchivedAppIsNotThereForPagesAndKeys(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, operator := c.as(store.Administrator), c.as(store.Operator)
	ids := c.fill(admin)
	sandbox := c.app()
	admin.get("/drafts?apps=all").expect(http.StatusOK, "购买成功通知")
	s, tokens := c.serverOf(sandbox.ID, "token", "rights", "send"), c.serverOf(sandbox.ID, "token")
	s.get("/api/v1/access_token").into(&lent{})
	operator.in(sandbox)

	admin.archive(sandbox)
	for _, b := range []*browser{admin, operator} {
		home := b.get("/")
		if strings.Contains(home.body, sandbox.Name) || home.text(".app") != "另一个 wx0000000000000002" {
			t.Errorf("the top bar holds %q", home.text(".top"))
		}
		b.post("/app", url.Values{"app": {sandbox.AppID}, "next": {"/"}}).expect(http.StatusNotFound, "")
	}
	for _, route := range c.routes() {
		ofApp := strings.Contains(route.Path, "{id}") && (!strings.HasPrefix(route.Path, "/settings/") || strings.HasPrefix(route.Path, "/settings/keys"))
		if ofApp && !strings.HasPrefix(route.Path, "/compliance") {
			if p := c.ask(admin, route.Method, ids.path(route)); p.status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", route.Pattern, p.status)
			}
		}
	}
	at := pathOf("/settings/apps/", sandbox.ID)
	for _, p := range []*page{admin.get(at + "/archive"), admin.post(at+"/archive", nil), admin.get(at + "/secret"), admin.get("/templates/compare?with=1")} {
		if p.status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", p.path, p.status)
		}
	}
	if p := admin.get("/drafts?apps=all"); strings.Contains(p.body, "购买成功通知") {
		t.Error("its drafts are listed among all")
	}
	s.get("/api/v1/access_token").refused(http.StatusNotFound, "app_archived")
	s.post("/api/v1/access_token/refresh", `{"access_token":"x"}`).refused(http.StatusNotFound, "app_archived")
	s.post("/api/v1/rights", `{"openid":"`+strangerID+`","id":"f1"}`).refused(http.StatusNotFound, "app_archived")
	s.get("/api/v1/templates/"+ids.template).refused(http.StatusNotFound, "app_archived")
	if got := tokens.sdk("GET", tokens.sdkQuery(), ""); got.Code != 40013 || !strings.Contains(got.Msg, "archived in Muban") {
		t.Errorf("an SDK is told %+v", got)
	}
	if strings.Contains(c.serverOf(2, "metrics").get("/metrics").body, `muban_token_seconds_left{appid="`+sandbox.AppID) {
		t.Error("its token is still measured")
	}
}

func TestAnArchivedAppIsRestoredAsItWas(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	ids := c.fill(admin)
	first := c.app()
	s := c.serverOf(first.ID, "token")
	list := admin.archive(first)
	if got := list.text(`section[aria-labelledby="archived-title"] tbody`); !strings.Contains(got, first.AppID) {
		t.Fatalf("among the archived: %q", got)
	}
	admin.submit(list, `form[action$="/restore"] button`, nil).expect(http.StatusOK, "The mini program is back")
	admin.in(first).get("/drafts/"+ids.draft).expect(http.StatusOK, "购买成功通知")
	admin.get("/sends/"+ids.send).expect(http.StatusOK, "")
	s.get("/api/v1/access_token").into(&lent{})
	if got := admin.get("/").doc.Find(".switcher option").First().Text(); got != first.Name {
		t.Errorf("the switcher begins with %q", got)
	}
	admin.post(pathOf("/settings/apps/", first.ID)+"/restore", nil).expect(http.StatusNotFound, "")
	for act, want := range map[string]int{store.ActAppArchive: 1, store.ActAppRestore: 1} {
		if n := len(c.activities(act)); n != want {
			t.Errorf("%s: %d", act, n)
		}
	}
}

func TestArchivingSaysWhatDependsOnTheApp(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	path := pathOf("/settings/apps/", c.app().ID) + "/archive"
	alone := admin.get(path).expect(http.StatusOK, "This is the only mini program at work")
	if alone.has("button.danger") || admin.get("/settings/apps").has(`#main a[href$="/archive"]`) {
		t.Error("the last one can be archived")
	}
	admin.post(path, nil).expect(http.StatusConflict, "This is the only mini program at work")

	c.fill(admin)
	s := c.serverOf(c.app().ID, "token")
	s.get("/api/v1/access_token").into(&lent{})
	c.server.KeepHouse(t.Context())
	p := admin.get(path).expect(http.StatusOK, "API keys used in the last 30 days: 1")
	if got := p.text(".facts"); !strings.Contains(got, "orders") || !strings.Contains(got, "Open drafts") {
		t.Errorf("it names %q", got)
	}
}

// The AppID of an archived one is not added a second time: its history is there.
func TestTheAppIDOfAnArchivedAppIsTaken(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	admin := c.as(store.Administrator)
	app := c.addAppAt(scriptedApp, s.URL, canarySecret)
	asked := len(s.asked)
	admin.archive(app)
	admin.submit(admin.get("/settings/apps"), ".panel button.primary", fillApp(s.URL, canarySecret)).
		expect(http.StatusUnprocessableEntity, "This AppID is of an archived mini program")
	if len(s.asked) != asked {
		t.Error("WeChat was asked for it")
	}
}

// faults.md 25: a role that is taken away stays away while the app is archived.
func TestRolesInAnArchivedAppSurviveASaveOfThePerson(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	app := c.addApp("wx0000000000000002")
	who := c.person(store.QA)
	must(t, c.store.SetRoles(context.Background(), store.Actor{}, who.ID, "", store.QA, store.AppRoles{app.ID: store.None}))
	admin.archive(app)
	p := admin.get(pathOf("/settings/people/", who.ID)).expect(http.StatusOK, app.Name+" (archived)")
	admin.submit(p, `#main form.stack .primary`, nil).expect(http.StatusOK, "")
	admin.post(pathOf("/settings/apps/", app.ID)+"/restore", nil).expect(http.StatusOK, "The mini program is back")
	if got := c.as(store.QA).get("/"); strings.Contains(got.body, app.Name) {
		t.Error("the app is there again for somebody who has no role in it")
	}
}

// faults.md 25
func TestFault25_ACopyNeedsTheRoleInTheAppThatItGoesTo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ids := c.fill(c.as(store.Administrator))
	first, other := c.app(), int64(2)
	operator := c.as(store.Operator).in(first)
	copyTo := func(do string) *page {
		return operator.stopping().post("/templates/copy", url.Values{"with": {"2"}, "to": {"there"}, "template": {ids.template}, "key": {"k"}, "do": {do}})
	}
	for role, want := range map[store.Role]map[string]int{
		store.QA:             {"draft": http.StatusForbidden, "add": http.StatusForbidden},
		store.ProductManager: {"draft": http.StatusSeeOther, "add": http.StatusForbidden},
		store.Operator:       {"draft": http.StatusSeeOther, "add": http.StatusSeeOther},
	} {
		must(t, c.store.SetRoles(context.Background(), store.Actor{}, c.person(store.Operator).ID, "", store.Operator, store.AppRoles{other: role}))
		for do, status := range want {
			if p := copyTo(do); p.status != status {
				t.Errorf("%s there does %s: %d, want %d\n%s", role, do, p.status, status, p.text("main"))
			}
		}
	}
}

// What another process on the database archives is gone here within moments.
func TestAnAppThatAnotherProcessArchivedIsGone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	app := c.addApp("wx0000000000000002")
	s := c.serverOf(app.ID, "token")
	s.get("/api/v1/access_token").into(&lent{})
	must(t, c.store.ArchiveApp(t.Context(), store.Actor{}, app.ID))
	c.server.KeepHouse(t.Context())
	s.get("/api/v1/access_token").refused(http.StatusNotFound, "app_archived")
	must(t, c.store.RestoreApp(t.Context(), store.Actor{}, app.ID))
	c.server.KeepHouse(t.Context())
	s.get("/api/v1/access_token").into(&lent{})
}

// faults.md 27
func TestFault27_ListsOverAllAppsLeaveOutThoseWithoutARole(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator := c.as(store.Operator)
	c.fill(c.as(store.Administrator))
	first := c.app()
	operator.get("/drafts?apps=all").expect(http.StatusOK, "购买成功通知")
	must(t, c.store.SetRoles(context.Background(), store.Actor{}, c.person(store.Operator).ID, "", store.Operator, store.AppRoles{first.ID: store.None}))
	for path, secret := range map[string]string{"/drafts?apps=all": "购买成功通知", "/token": first.AppID} {
		if p := operator.get(path).expect(http.StatusOK, ""); strings.Contains(p.text("main"), secret) {
			t.Errorf("%s shows %s", path, secret)
		}
	}
	operator.get("/templates/compare?with=1").expect(http.StatusNotFound, "")
	operator.get("/templates/copy?with=1&to=there&template=x").expect(http.StatusNotFound, "")
}
