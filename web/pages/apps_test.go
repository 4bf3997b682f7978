package pages_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/views/ui"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func countApps(c *webtest.Console) int {
	c.T.Helper()
	apps, err := c.Store.Apps(context.Background())
	webtest.Must(c.T, err)
	return len(apps)
}

func TestAnAppThatWeChatRefusesIsExplainedAndNotSaved(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]webtest.Wording{
		`{"errcode":40125,"errmsg":"invalid appsecret, view more at http://t.cn/LOEdzVq, hints: [ req_id: ` + webtest.CanarySecret + ` ]"}`: webtest.Word("errcode.40125.next"),
		`{"errcode":40013,"errmsg":"invalid appid"}`:                                                              webtest.Word("errcode.40013.cause"),
		`{"errcode":40164,"errmsg":"invalid ip 192.0.2.7 ipv6 ::ffff:192.0.2.7, not in whitelist rid: 5f86bdd6"}`: webtest.Word("errcode.40164.cause"),
		`<html>` + webtest.CanarySecret + `</html>`:                                                               webtest.Word("reason.not_json.cause"),
		`{}`:                                     webtest.Word("reason.not_json.cause"),
		`{"access_token":"","expires_in":7200}`:  webtest.Word("reason.not_json.cause"),
		`{"errcode":-1,"errmsg":"system error"}`: webtest.Word("errcode.-1.cause"),
		`{"errcode":"40243","errmsg":"appsecret frozen"}`:  webtest.Word("errcode.40243.cause"),
		`{"errcode":87009,"errmsg":"a code of next year"}`: webtest.Word("outcome.unlisted"),
	} {
		c, s := webtest.NewConsole(t), webtest.NewScript(t)
		s.Says(webtest.TokenPath, answer)
		b := c.As(store.Administrator)
		p := b.Submit(b.Get("/settings/apps"), "button.primary", webtest.FillApp(s.URL, webtest.CanarySecret)).Tells(http.StatusUnprocessableEntity, want)
		if strings.Contains(answer, "40164") {
			p.Shows(http.StatusUnprocessableEntity, "invalid ip 192.0.2.7 ipv6 ::ffff:192.0.2.7, not in whitelist rid: 5f86bdd6")
		}
		form := webtest.Controls(p.Doc.Find(`form[action$="/settings/apps"]`))
		if form.Get("name") != "照本宣科" || form.Get("appid") != webtest.ScriptedApp || form.Get("base") != s.URL || form.Get("secret") != "" {
			t.Errorf("%s: the form holds %v", answer, form)
		}
		if countApps(c) != 1 || webtest.Leaked(p.Body+c.Log.String()) != "" {
			t.Errorf("%s: saved, or leaked: %q", answer, webtest.Leaked(p.Body+c.Log.String()))
		}
	}
}

func TestAnAppIsAddedUsedAndRenamed(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	b := c.As(store.Administrator)
	empty := b.Get("/settings/apps")
	list := b.Submit(empty, "button.primary", webtest.FillApp(s.URL, webtest.CanarySecret)).Expect(http.StatusOK, "done.app_saved")
	if s.Calls(webtest.TokenPath) != 1 || !strings.Contains(list.Text("tbody"), "照本宣科") {
		t.Fatalf("%d tokens, %s", s.Calls(webtest.TokenPath), list.Text("tbody"))
	}
	b.Submit(empty, "button.primary", webtest.FillApp(s.URL, webtest.CanarySecret)).Expect(http.StatusUnprocessableEntity, "apps.taken")

	// In the switcher at once, for everybody; it stays chosen for the session.
	operator := c.As(store.Operator)
	home := operator.Submit(operator.Get("/templates"), ".switcher button", func(form url.Values) { form.Set("app", webtest.ScriptedApp) })
	if home.Path != ui.In(webtest.ScriptedApp, "/templates") || home.Text(".switcher option[selected]") != "照本宣科" || !strings.Contains(home.Text("tbody"), webtest.ScriptedID) {
		t.Fatalf("%s: %s", home.Path, home.Text("main"))
	}
	if operator.Get("/").Text(".switcher option[selected]") != "照本宣科" || home.Has(`.side a[href$="/sandbox"]`) {
		t.Error("the choice is forgotten, or the sandbox is offered outside of it")
	}

	edit := b.Get(list.Doc.Find(`tbody a[href*="/settings/apps/"]:not([href$="/archive"]):not([href$="#push"])`).AttrOr("href", ""))
	if edit.Doc.Find("#secret").AttrOr("value", "") != "" || !edit.Has("#appid[readonly]") {
		t.Error("the secret comes back, or the AppID can be changed")
	}
	tokens := s.Calls(webtest.TokenPath)
	b.Submit(edit, "button.primary", func(form url.Values) { form.Set("name", "改了名"); form.Set("appid", "wx9999999999999999") }).Expect(http.StatusOK, "done.app_renamed")
	apps, err := c.Store.Apps(context.Background())
	webtest.Must(t, err)
	if a := apps[1]; a.Name != "改了名" || a.AppID != webtest.ScriptedApp || a.Secret.Reveal() != webtest.CanarySecret || s.Calls(webtest.TokenPath) != tokens {
		t.Fatalf("%+v, %d tokens", a, s.Calls(webtest.TokenPath)-tokens)
	}
	if got := operator.Get("/").Text(".switcher option[selected]"); got != "改了名" {
		t.Errorf("the switcher shows %q", got)
	}
	s.Says(webtest.TokenPath, `{"errcode":40125,"errmsg":"invalid appsecret"}`)
	b.Submit(b.Get(edit.Path), "button.primary", func(form url.Values) { form.Set("secret", "a wrong one") }).Shows(http.StatusUnprocessableEntity, "errcode 40125")
	if a, err := c.Store.App(context.Background(), apps[1].ID); err != nil || a.Secret.Reveal() != webtest.CanarySecret {
		t.Fatalf("%v, %v", a, err)
	}
	b.In(apps[1]).Crawl(func(p *webtest.Page) {
		if webtest.Leaked(p.Body) != "" {
			t.Errorf("%s holds %s", p.Path, webtest.Leaked(p.Body))
		}
	}, "/", "/settings/apps")
	c.NothingLeaked()
	c.NothingStoredInTheClear()
}

func TestAnAppsFormNamesItsMistakes(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	b := c.As(store.Administrator)
	page := b.Get("/settings/apps")
	for field, values := range map[string][]string{
		"appid":  {"", "wx123", "gh0000000000000000", "wx00000SCRIPTED001", webtest.ScriptedApp + " ", "wx00000scripted0011", "<script>"},
		"name":   {"", strings.Repeat("长", 65)},
		"secret": {"", strings.Repeat("x", 129)},
		"base":   {"", "api.weixin.qq.com", "ftp://api.weixin.qq.com", "https://user:pw@api.weixin.qq.com", "https://api.weixin.qq.com?x=1", "https://api.weixin.qq.com#x", "javascript:alert(1)", "https://", strings.Repeat("x", 201)},
	} {
		for _, value := range values {
			p := b.Submit(page, "button.primary", func(form url.Values) { webtest.FillApp(s.URL, webtest.CanarySecret)(form); form.Set(field, value) })
			if p.Status != http.StatusUnprocessableEntity || p.Text("#"+field+"-problem") == "" || webtest.Leaked(p.Body) != "" {
				t.Errorf("%s %q: %d, %s", field, value, p.Status, p.Text(".banner"))
			}
		}
	}
	b.Submit(page, "button.primary", func(form url.Values) { webtest.FillApp(s.URL, "x")(form); form.Set("appid", sandbox.DefaultAppID) }).
		Expect(http.StatusUnprocessableEntity, "apps.taken")
	for _, path := range []string{"/settings/apps/99", "/settings/apps/0", "/settings/apps/-1"} {
		b.Get(path).Expect(http.StatusNotFound, "failure.not_found.title")
		b.Post(path, url.Values{"name": {"x"}, "base": {s.URL}, "appid": {webtest.ScriptedApp}}).Expect(http.StatusNotFound, "failure.not_found.title")
	}
	if s.Calls(webtest.TokenPath) != 0 || countApps(c) != 1 {
		t.Fatalf("WeChat was asked %d times", s.Calls(webtest.TokenPath))
	}
}

func TestAnAPIBaseOnAPrivateNetworkIsRefused(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.AllowPrivateAPI = false })
	s := webtest.NewScript(t)
	b := c.As(store.Administrator)
	page := b.Get("/settings/apps")
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, base := range []string{
		s.URL, "https://127.0.0.1" + port, "https://localhost" + port, "https://LOCALHOST." + port, "https://127.1" + port, "https://2130706433" + port, "https://0x7f000001" + port,
		"https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port, "https://0.0.0.0" + port, "https://10.1.2.3", "https://172.16.0.1", "https://192.168.1.1", "https://169.254.169.254",
		"https://100.100.100.200", "https://[fe80::1%25eth0]", "https://[fd00::1]", "https://muban", "https://db.internal", "http://api.weixin.qq.com",
	} {
		p := b.Submit(page, "button.primary", webtest.FillApp(base, webtest.CanarySecret))
		p.Expect(http.StatusUnprocessableEntity, "apps.base_refused")
		if got := p.Doc.Find("#base").AttrOr("value", ""); got != base {
			t.Errorf("%s became %q", base, got)
		}
	}
	if len(s.Asked) != 0 || countApps(c) != 1 {
		t.Fatalf("%d calls, %d apps", len(s.Asked), countApps(c))
	}
	c.NothingLeaked()
}

// A base that got into the database in another way is not connected to either.
func TestAPrivateAPIBaseIsNotCalledEvenWhenItIsStored(t *testing.T) {
	t.Parallel()
	s := webtest.NewScript(t)
	c := webtest.OpenStore(t, nil)
	_, err := c.Store.AddApp(context.Background(), store.Actor{}, store.App{AppID: webtest.ScriptedApp, Name: "照本宣科", Base: s.URL, Secret: webtest.CanarySecret})
	webtest.Must(t, err)
	_, err = c.Store.AddPerson(context.Background(), store.Actor{}, store.Person{Name: "operator", Role: store.Operator, PasswordHash: webtest.PasswordHash})
	webtest.Must(t, err)
	c.Start(func(config *web.Config) { config.AllowPrivateAPI = false })
	c.As(store.Operator).Get("/templates").Expect(http.StatusBadGateway, "reason.unreachable.cause")
	if len(s.Asked) != 0 {
		t.Fatalf("%d calls", len(s.Asked))
	}
	c.NothingLeaked()
}

func TestTheCommandToCopyCallsTheAppsOwnBase(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	s.Under("/it's; $(x)")
	b := c.As(store.Administrator)
	b.In(c.AddAppAt(webtest.ScriptedApp, s.URL+"/it's; $(x)", webtest.CanarySecret))
	p := b.Get("/templates/" + webtest.ScriptedID)
	want := `curl -X POST '` + s.URL + `/it'\''s; $(x)/cgi-bin/message/wxopen/template/send?access_token=ACCESS_TOKEN' \`
	if line, _, _ := strings.Cut(b.Get(codeTab(p, "curl")).Doc.Find("#snippet").Text(), "\n"); line != want {
		t.Fatalf("%s\nwant\n%s", line, want)
	}
}

// A stored secret is not shown to a host that somebody only typed in.
func TestANewAPIBaseAsksForTheSecretAgain(t *testing.T) {
	t.Parallel()
	c, elsewhere := webtest.NewConsole(t), webtest.NewScript(t)
	app := c.AddApp("wx0123456789abcdef")
	b := c.As(store.Administrator)
	path := "/settings/apps/" + strconv.FormatInt(app.ID, 10)
	move := func(secret string) *webtest.Page {
		return b.Submit(b.Get(path), "button.primary", func(f url.Values) { f.Set("base", elsewhere.URL); f.Set("secret", secret) })
	}
	move("").Expect(http.StatusUnprocessableEntity, "apps.secret_again")
	if len(elsewhere.Asked) != 0 {
		t.Fatalf("the new host was asked %d times", len(elsewhere.Asked))
	}
	move(webtest.CanarySecret).Expect(http.StatusOK, "done.app_renamed")
}

func TestTheMessagePushIsSetUpInTheSettingsOfAMiniProgram(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	other := c.AddApp("wx0123456789abcdef")
	key := webtest.CanarySecret + strings.Repeat("A", 43)
	key = base64.StdEncoding.EncodeToString([]byte(key))[:43]
	for _, app := range []store.App{c.App(), other} {
		path := "/settings/apps/" + strconv.FormatInt(app.ID, 10)
		page := b.Get(path)
		if !strings.Contains(page.Text("#push"), "/push/"+app.AppID) {
			t.Errorf("%s does not tell the address: %s", path, page.Text("#push"))
		}
		save := func(token, aesKey, mode string) *webtest.Page {
			return b.Post(path, url.Values{"push_token": {token}, "push_aes_key": {aesKey}, "push_mode": {mode}})
		}
		for _, p := range []*webtest.Page{save("", key, "safe"), save("tokenA", "", "safe"), save("tokenA", key[:42], "safe"), save("tokenA", strings.Repeat("?", 43), "safe"), save("tokenA", key, "secret"), save(strings.Repeat("t", 33), key, "safe")} {
			if p.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", path, p.Status, p.Text(".problem"))
			}
		}
		save("tokenA", key, "safe").Expect(http.StatusOK, "done.push_saved")
		kept := save("", "", "compat").Expect(http.StatusOK, "done.push_saved")
		state := "push.not_verified"
		if app.Sandbox { // which pushes to this console by itself
			state = "push.by_itself"
		}
		if strings.Contains(kept.Body, key) || strings.Contains(kept.Body, "tokenA") || !kept.Says("#push", state) {
			t.Errorf("%s shows a secret, or does not say who pushes", path)
		}
		set, err := c.Store.Push(t.Context(), app.ID)
		if err != nil || set.Token != "tokenA" || set.AESKey.Reveal() != key || set.Mode != store.PushCompat {
			t.Errorf("%+v, %v", set, err)
		}
	}
	if n := len(c.Activities(store.ActAppPush)); n != 4 {
		t.Errorf("%d acts", n)
	}
	if c.App().Name == "" {
		t.Error("the sandbox's app lost its name")
	}
	c.NothingLeaked()
	c.NothingStoredInTheClear()
}
