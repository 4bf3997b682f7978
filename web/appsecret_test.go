package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

func TestAnAppSecretIsRotatedOnceWeChatAcceptsIt(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	admin := c.as(store.Administrator)
	app := c.addAppAt(scriptedApp, s.URL, "the old one")
	path := pathWith("/settings/apps/", app.ID) + "/secret"
	rotate := func(secret string) *page {
		return admin.submit(admin.get(path), "#main button.primary", func(f url.Values) { f.Set("secret", secret) })
	}
	stored := func() string {
		a, err := c.store.App(t.Context(), app.ID)
		must(t, err)
		return a.Secret.Reveal()
	}
	if !admin.get(pathWith("/settings/apps/", app.ID)).has(`a[href$="` + path + `"]`) {
		t.Error("nothing leads there")
	}
	asked := s.calls(tokenPath)
	for _, bad := range []string{"", strings.Repeat("x", 129)} {
		if p := rotate(bad); p.status != http.StatusUnprocessableEntity || p.text("#secret-problem") == "" || s.calls(tokenPath) != asked {
			t.Errorf("%q: %d", bad, p.status)
		}
	}
	s.says(tokenPath, `{"errcode":40125,"errmsg":"invalid appsecret `+canarySecret+`"}`)
	p := rotate(canarySecret).expect(http.StatusUnprocessableEntity, "Nothing was saved")
	if !strings.Contains(p.text(".banner"), "errcode 40125") || leaked(p.body) != "" || stored() != "the old one" {
		t.Fatalf("%s, stored %q", p.text(".banner"), stored())
	}
	s.says(tokenPath, `{"access_token":"`+canaryToken+`","expires_in":7200}`)
	p = rotate(canarySecret).expect(http.StatusOK, "WeChat accepted the new AppSecret")
	if stored() != canarySecret || leaked(p.body) != "" || len(c.activities(store.ActAppSecret)) != 1 {
		t.Fatalf("stored %q, %v", stored(), c.activities(store.ActAppSecret))
	}
	// The token that the check fetched is the one that is served.
	asked = s.calls(tokenPath)
	var got lent
	c.serverOf(app.ID, "token").get("/api/v1/access_token").into(&got)
	if got.Token != canaryToken || s.calls(tokenPath) != asked {
		t.Errorf("%q after %d more fetches", got.Token, s.calls(tokenPath)-asked)
	}
	c.nothingLeaked()
	c.nothingStoredInTheClear()
	admin.get(pathWith("/settings/apps/", c.app().ID)+"/secret").expect(http.StatusNotFound, "") // the sandbox's own
}

func TestTheColorOfAnAppStandsBesideItsName(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	app := c.addApp("wx0000000000000002")
	path := pathWith("/settings/apps/", app.ID)
	pick := func(color string) *page {
		return admin.submit(admin.get(path), "button.primary", func(f url.Values) { f.Set("color", color) })
	}
	pick("red; background: url(x)").expect(http.StatusUnprocessableEntity, "cannot be")
	if p := pick("teal").expect(http.StatusOK, "The mini program is saved"); !p.has("table .dot.teal") {
		t.Error("no dot in the list")
	}
	if p := admin.in(app).get("/"); !p.has(".switcher .dot.teal") {
		t.Errorf("no dot in the top bar: %s", p.text(".switcher"))
	}
	if p := admin.get(path); p.doc.Find(`input[name="color"][checked]`).AttrOr("value", "") != "teal" {
		t.Error("the form forgot the colour")
	}
	if admin.in(store.App{AppID: sandbox.DefaultAppID}).get("/").has(".switcher .dot") {
		t.Error("an app without a colour has a dot")
	}
}
