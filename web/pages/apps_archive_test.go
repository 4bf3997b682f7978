package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

// archiveApp archives the app through its page.
func archiveApp(b *webtest.Browser, app store.App) *webtest.Page {
	b.T.Helper()
	return b.Submit(b.Get(webtest.PathWith("/settings/apps/", app.ID)+"/archive"), "#main button.danger", nil).
		Expect(http.StatusOK, "done.app_archived")
}

func TestFault27_AnArchivedAppIsNotThereForPagesAndKeys(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, operator := c.As(store.Administrator), c.As(store.Operator)
	ids := c.Fill(admin)
	sandbox := c.App()
	admin.Get("/drafts?apps=all").Shows(http.StatusOK, "购买成功通知")
	s, tokens := c.ServerOf(sandbox.ID, "token", "rights", "send"), c.ServerOf(sandbox.ID, "token")
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
	operator.In(sandbox)

	archiveApp(admin, sandbox)
	for _, b := range []*webtest.Browser{admin, operator} {
		home := b.Get("/")
		if strings.Contains(home.Body, sandbox.Name) || home.Text(".app") != "另一个 wx0000000000000002" {
			t.Errorf("the top bar holds %q", home.Text(".top"))
		}
		b.Post("/app", url.Values{"app": {sandbox.AppID}, "next": {"/"}}).Answers(http.StatusNotFound)
	}
	for _, route := range c.Routes() {
		ofApp := strings.Contains(route.Path, "{id}") && (!strings.HasPrefix(route.Path, "/settings/") || strings.HasPrefix(route.Path, "/settings/keys"))
		if ofApp && !strings.HasPrefix(route.Path, "/compliance") {
			if p := c.Ask(admin, route.Method, ids.Path(route)); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", route.Pattern, p.Status)
			}
		}
	}
	at := webtest.PathWith("/settings/apps/", sandbox.ID)
	for _, p := range []*webtest.Page{admin.Get(at + "/archive"), admin.Post(at+"/archive", nil), admin.Get(at + "/secret"), admin.Get("/templates/compare?with=1")} {
		if p.Status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", p.Path, p.Status)
		}
	}
	if p := admin.Get("/drafts?apps=all"); strings.Contains(p.Body, "购买成功通知") {
		t.Error("its drafts are listed among all")
	}
	s.Get("/api/v1/access_token").Refused(http.StatusNotFound, "app_archived")
	s.Post("/api/v1/access_token/refresh", `{"access_token":"x"}`).Refused(http.StatusNotFound, "app_archived")
	s.Post("/api/v1/rights", `{"openid":"`+webtest.StrangerID+`","id":"f1"}`).Refused(http.StatusNotFound, "app_archived")
	s.Get("/api/v1/templates/"+ids.Template).Refused(http.StatusNotFound, "app_archived")
	if got := tokens.SDK("GET", tokens.SDKQuery(), ""); got.Code != 40013 || !strings.Contains(got.Msg, "archived in Muban") {
		t.Errorf("an SDK is told %+v", got)
	}
	if strings.Contains(c.ServerOf(2, "metrics").Get("/metrics").Body, `muban_token_seconds_left{appid="`+sandbox.AppID) {
		t.Error("its token is still measured")
	}
}

func TestAnArchivedAppIsRestoredAsItWas(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	ids := c.Fill(admin)
	first := c.App()
	s := c.ServerOf(first.ID, "token")
	list := archiveApp(admin, first)
	if got := list.Text(`section[aria-labelledby="archived-title"] tbody`); !strings.Contains(got, first.AppID) {
		t.Fatalf("among the archived: %q", got)
	}
	admin.Submit(list, `form[action$="/restore"] button`, nil).Expect(http.StatusOK, "done.app_restored")
	admin.In(first).Get("/drafts/"+ids.Draft).Shows(http.StatusOK, "购买成功通知")
	admin.Get("/sends/" + ids.Send).Answers(http.StatusOK)
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
	if got := admin.Get("/").Doc.Find(".switcher option").First().Text(); got != first.Name {
		t.Errorf("the switcher begins with %q", got)
	}
	admin.Post(webtest.PathWith("/settings/apps/", first.ID)+"/restore", nil).Answers(http.StatusNotFound)
	for act, want := range map[string]int{store.ActAppArchive: 1, store.ActAppRestore: 1} {
		if n := len(c.Activities(act)); n != want {
			t.Errorf("%s: %d", act, n)
		}
	}
}

func TestArchivingSaysWhatDependsOnTheApp(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	path := webtest.PathWith("/settings/apps/", c.App().ID) + "/archive"
	alone := admin.Get(path).Expect(http.StatusOK, "archive.last")
	if alone.Has("button.danger") || admin.Get("/settings/apps").Has(`#main a[href$="/archive"]`) {
		t.Error("the last one can be archived")
	}
	admin.Post(path, nil).Expect(http.StatusConflict, "archive.last")

	c.Fill(admin)
	s := c.ServerOf(c.App().ID, "token")
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
	c.Muban.KeepHouse(t.Context())
	p := admin.Get(path).Expect(http.StatusOK, "archive.used", "Days", 30, "Count", 1)
	if got := p.Text(".facts"); !strings.Contains(got, "orders") || !p.Says(".facts", "archive.drafts") {
		t.Errorf("it names %q", got)
	}
}

// The AppID of an archived one is not added a second time: its history is there.
func TestTheAppIDOfAnArchivedAppIsTaken(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	admin := c.As(store.Administrator)
	app := c.AddAppAt(webtest.ScriptedApp, s.URL, webtest.CanarySecret)
	asked := len(s.Asked)
	archiveApp(admin, app)
	admin.Submit(admin.Get("/settings/apps"), ".panel button.primary", webtest.FillApp(s.URL, webtest.CanarySecret)).
		Expect(http.StatusUnprocessableEntity, "apps.taken_archived")
	if len(s.Asked) != asked {
		t.Error("WeChat was asked for it")
	}
}

// A role that is taken away stays away while the app is archived.
func TestRolesInAnArchivedAppSurviveASaveOfThePerson(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	app := c.AddApp("wx0000000000000002")
	who := c.Person(store.QA)
	webtest.Must(t, c.Store.SetRoles(context.Background(), store.Actor{}, who.ID, "", store.QA, store.AppRoles{app.ID: store.None}))
	archiveApp(admin, app)
	p := admin.Get(webtest.PathWith("/settings/people/", who.ID)).Expect(http.StatusOK, "archive.label", "Name", app.Name)
	admin.Submit(p, `#main form.stack .primary`, nil).Answers(http.StatusOK)
	admin.Post(webtest.PathWith("/settings/apps/", app.ID)+"/restore", nil).Expect(http.StatusOK, "done.app_restored")
	if got := c.As(store.QA).Get("/"); strings.Contains(got.Body, app.Name) {
		t.Error("the app is there again for somebody who has no role in it")
	}
}

func TestFault25_ACopyNeedsTheRoleInTheAppThatItGoesTo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	ids := c.Fill(c.As(store.Administrator))
	first, other := c.App(), int64(2)
	operator := c.As(store.Operator).In(first)
	copyTo := func(do string) *webtest.Page {
		return operator.Stopping().Post("/templates/copy", url.Values{"with": {"2"}, "to": {"there"}, "template": {ids.Template}, "key": {"k"}, "do": {do}})
	}
	for role, want := range map[store.Role]map[string]int{
		store.QA:             {"draft": http.StatusForbidden, "add": http.StatusForbidden},
		store.ProductManager: {"draft": http.StatusSeeOther, "add": http.StatusForbidden},
		store.Operator:       {"draft": http.StatusSeeOther, "add": http.StatusSeeOther},
	} {
		webtest.Must(t, c.Store.SetRoles(context.Background(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, store.AppRoles{other: role}))
		for do, status := range want {
			if p := copyTo(do); p.Status != status {
				t.Errorf("%s there does %s: %d, want %d\n%s", role, do, p.Status, status, p.Text("main"))
			}
		}
	}
}

// What another process on the database archives is gone here within moments.
func TestAnAppThatAnotherProcessArchivedIsGone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	app := c.AddApp("wx0000000000000002")
	s := c.ServerOf(app.ID, "token")
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
	c.Running()
	lends := func() bool { return s.Get("/api/v1/access_token").Status == http.StatusOK }
	webtest.Must(t, c.Store.ArchiveApp(t.Context(), store.Actor{}, app.ID))
	webtest.Await(t, "gone", func() bool { return !lends() })
	s.Get("/api/v1/access_token").Refused(http.StatusNotFound, "app_archived")
	webtest.Must(t, c.Store.RestoreApp(t.Context(), store.Actor{}, app.ID))
	webtest.Await(t, "back", lends)
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
}

func TestFault27_ListsOverAllAppsLeaveOutThoseWithoutARole(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator := c.As(store.Operator)
	c.Fill(c.As(store.Administrator))
	first := c.App()
	operator.Get("/drafts?apps=all").Shows(http.StatusOK, "购买成功通知")
	webtest.Must(t, c.Store.SetRoles(context.Background(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, store.AppRoles{first.ID: store.None}))
	for path, secret := range map[string]string{"/drafts?apps=all": "购买成功通知", "/token": first.AppID} {
		if p := operator.Get(path).Answers(http.StatusOK); strings.Contains(p.Text("main"), secret) {
			t.Errorf("%s shows %s", path, secret)
		}
	}
	operator.Get("/templates/compare?with=1").Answers(http.StatusNotFound)
	operator.Get("/templates/copy?with=1&to=there&template=x").Answers(http.StatusNotFound)
}
