package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestAnAppSecretIsRotatedOnceWeChatAcceptsIt(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	admin := c.As(store.Administrator)
	app := c.AddAppAt(webtest.ScriptedApp, s.URL, "the old one")
	path := webtest.PathWith("/settings/apps/", app.ID) + "/secret"
	rotate := func(secret string) *webtest.Page {
		return admin.Submit(admin.Get(path), "#main button.primary", func(f url.Values) { f.Set("secret", secret) })
	}
	stored := func() string {
		a, err := c.Store.App(t.Context(), app.ID)
		webtest.Must(t, err)
		return a.Secret.Reveal()
	}
	if !admin.Get(webtest.PathWith("/settings/apps/", app.ID)).Has(`a[href$="` + path + `"]`) {
		t.Error("nothing leads there")
	}
	asked := s.Calls(webtest.TokenPath)
	for _, bad := range []string{"", strings.Repeat("x", 129)} {
		if p := rotate(bad); p.Status != http.StatusUnprocessableEntity || p.Text("#secret-problem") == "" || s.Calls(webtest.TokenPath) != asked {
			t.Errorf("%q: %d", bad, p.Status)
		}
	}
	s.Says(webtest.TokenPath, `{"errcode":40125,"errmsg":"invalid appsecret `+webtest.CanarySecret+`"}`)
	p := rotate(webtest.CanarySecret).Expect(http.StatusUnprocessableEntity, "rotate.kept")
	if !strings.Contains(p.Text(".banner"), "errcode 40125") || webtest.Leaked(p.Body) != "" || stored() != "the old one" {
		t.Fatalf("%s, stored %q", p.Text(".banner"), stored())
	}
	s.Says(webtest.TokenPath, `{"access_token":"`+webtest.CanaryToken+`","expires_in":7200}`)
	p = rotate(webtest.CanarySecret).Expect(http.StatusOK, "done.secret_rotated")
	if stored() != webtest.CanarySecret || webtest.Leaked(p.Body) != "" || len(c.Activities(store.ActAppSecret)) != 1 {
		t.Fatalf("stored %q, %v", stored(), c.Activities(store.ActAppSecret))
	}
	// The token that the check fetched is the one that is served.
	asked = s.Calls(webtest.TokenPath)
	var got webtest.Lent
	c.ServerOf(app.ID, "token").Get("/api/v1/access_token").Into(&got)
	if got.Token != webtest.CanaryToken || s.Calls(webtest.TokenPath) != asked {
		t.Errorf("%q after %d more fetches", got.Token, s.Calls(webtest.TokenPath)-asked)
	}
	c.NothingLeaked()
	c.NothingStoredInTheClear()
	admin.Get(webtest.PathWith("/settings/apps/", c.App().ID) + "/secret").Answers(http.StatusNotFound) // the sandbox's own
}

func TestTheColorOfAnAppStandsBesideItsName(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	app := c.AddApp("wx0000000000000002")
	path := webtest.PathWith("/settings/apps/", app.ID)
	pick := func(color string) *webtest.Page {
		return admin.Submit(admin.Get(path), "button.primary", func(f url.Values) { f.Set("color", color) })
	}
	pick("red; background: url(x)").Expect(http.StatusUnprocessableEntity, "problem.oneof", "Field", webtest.Word("fieldname.color"))
	if p := pick("teal").Expect(http.StatusOK, "done.app_renamed"); !p.Has("table .dot.teal") {
		t.Error("no dot in the list")
	}
	if p := admin.In(app).Get("/"); !p.Has(".switcher .dot.teal") {
		t.Errorf("no dot in the top bar: %s", p.Text(".switcher"))
	}
	if p := admin.Get(path); p.Doc.Find(`input[name="color"][checked]`).AttrOr("value", "") != "teal" {
		t.Error("the form forgot the colour")
	}
	if admin.In(store.App{AppID: sandbox.DefaultAppID}).Get("/").Has(".switcher .dot") {
		t.Error("an app without a colour has a dot")
	}
}
