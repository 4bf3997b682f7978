package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/views/ui"
	"muban/web"
	"muban/wechat/sandbox"
)

// fillApp types an app's settings.
func fillApp(base, secret string) func(form url.Values) {
	return func(form url.Values) {
		form.Set("name", "照本宣科")
		form.Set("appid", scriptedApp)
		form.Set("secret", secret)
		form.Set("base", base)
	}
}

func (c *console) countApps() int {
	c.t.Helper()
	apps, err := c.store.Apps(context.Background())
	must(c.t, err)
	return len(apps)
}

func TestAnAppThatWeChatRefusesIsExplainedAndNotSaved(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"errcode":40125,"errmsg":"invalid appsecret, view more at http://t.cn/LOEdzVq, hints: [ req_id: ` + canarySecret + ` ]"}`: "Reset it in the development settings at mp.weixin.qq.com",
		`{"errcode":40013,"errmsg":"invalid appid"}`:                                                              "The AppID is wrong",
		`{"errcode":40164,"errmsg":"invalid ip 192.0.2.7 ipv6 ::ffff:192.0.2.7, not in whitelist rid: 5f86bdd6"}`: "invalid ip 192.0.2.7 ipv6 ::ffff:192.0.2.7, not in whitelist rid: 5f86bdd6",
		`<html>` + canarySecret + `</html>`:                                                                       "The answer was not JSON",
		`{}`:                                                                                                      "The answer was not JSON",
		`{"access_token":"","expires_in":7200}`:                                                                   "The answer was not JSON",
		`{"errcode":-1,"errmsg":"system error"}`:                                                                  "WeChat's system is busy",
		`{"errcode":"40243","errmsg":"appsecret frozen"}`:                                                         "The AppSecret is frozen",
		`{"errcode":87009,"errmsg":"a code of next year"}`:                                                        "This errcode is not in our table",
	} {
		c, s := newConsole(t), newScript(t)
		s.says(tokenPath, answer)
		b := c.as(store.Administrator)
		p := b.submit(b.get("/settings/apps"), "button.primary", fillApp(s.URL, canarySecret)).expect(http.StatusUnprocessableEntity, want)
		form := controls(p.doc.Find(`form[action$="/settings/apps"]`))
		if form.Get("name") != "照本宣科" || form.Get("appid") != scriptedApp || form.Get("base") != s.URL || form.Get("secret") != "" {
			t.Errorf("%s: the form holds %v", answer, form)
		}
		if c.countApps() != 1 || leaked(p.body+c.log.String()) != "" {
			t.Errorf("%s: saved, or leaked: %q", answer, leaked(p.body+c.log.String()))
		}
	}
}

func TestAnAppIsAddedUsedAndRenamed(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	b := c.as(store.Administrator)
	empty := b.get("/settings/apps")
	list := b.submit(empty, "button.primary", fillApp(s.URL, canarySecret)).expect(http.StatusOK, "WeChat accepted its AppID and AppSecret")
	if s.calls(tokenPath) != 1 || !strings.Contains(list.text("tbody"), "照本宣科") {
		t.Fatalf("%d tokens, %s", s.calls(tokenPath), list.text("tbody"))
	}
	b.submit(empty, "button.primary", fillApp(s.URL, canarySecret)).expect(http.StatusUnprocessableEntity, "This AppID is there already")

	// In the switcher at once, for everybody; it stays chosen for the session.
	operator := c.as(store.Operator)
	home := operator.submit(operator.get("/templates"), ".switcher button", func(form url.Values) { form.Set("app", scriptedApp) })
	if home.path != ui.In(scriptedApp, "/templates") || home.text(".switcher option[selected]") != "照本宣科" || !strings.Contains(home.text("tbody"), scriptedID) {
		t.Fatalf("%s: %s", home.path, home.text("main"))
	}
	if operator.get("/").text(".switcher option[selected]") != "照本宣科" || home.has(`.side a[href$="/sandbox"]`) {
		t.Error("the choice is forgotten, or the sandbox is offered outside of it")
	}

	edit := b.get(list.doc.Find(`tbody a[href*="/settings/apps/"]:not([href$="/archive"])`).AttrOr("href", ""))
	if edit.doc.Find("#secret").AttrOr("value", "") != "" || !edit.has("#appid[readonly]") {
		t.Error("the secret comes back, or the AppID can be changed")
	}
	tokens := s.calls(tokenPath)
	b.submit(edit, "button.primary", func(form url.Values) { form.Set("name", "改了名"); form.Set("appid", "wx9999999999999999") }).expect(http.StatusOK, "The mini program is saved")
	apps, err := c.store.Apps(context.Background())
	must(t, err)
	if a := apps[1]; a.Name != "改了名" || a.AppID != scriptedApp || a.Secret.Reveal() != canarySecret || s.calls(tokenPath) != tokens {
		t.Fatalf("%+v, %d tokens", a, s.calls(tokenPath)-tokens)
	}
	if got := operator.get("/").text(".switcher option[selected]"); got != "改了名" {
		t.Errorf("the switcher shows %q", got)
	}
	s.says(tokenPath, `{"errcode":40125,"errmsg":"invalid appsecret"}`)
	b.submit(b.get(edit.path), "button.primary", func(form url.Values) { form.Set("secret", "a wrong one") }).expect(http.StatusUnprocessableEntity, "errcode 40125")
	if a, err := c.store.App(context.Background(), apps[1].ID); err != nil || a.Secret.Reveal() != canarySecret {
		t.Fatalf("%v, %v", a, err)
	}
	b.in(apps[1]).crawl(func(p *page) {
		if leaked(p.body) != "" {
			t.Errorf("%s holds %s", p.path, leaked(p.body))
		}
	}, "/", "/settings/apps")
	c.nothingLeaked()
	c.nothingStoredInTheClear()
}

// nothingLeaked looks for the canaries in the logs.
func (c *console) nothingLeaked() {
	c.t.Helper()
	if canary := leaked(c.log.String()); canary != "" {
		c.t.Errorf("the log holds %s", canary)
	}
	for _, a := range c.activities("") {
		if leaked(a.Object+a.Detail+a.PersonName) != "" {
			c.t.Errorf("the activity log: %+v", a)
		}
	}
}

// nothingStoredInTheClear looks for them in the database as well.
func (c *console) nothingStoredInTheClear() {
	c.t.Helper()
	if canary := leaked(string(c.backup())); canary != "" {
		c.t.Errorf("the database holds %s in the clear", canary)
	}
}

func TestAnAppsFormNamesItsMistakes(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	b := c.as(store.Administrator)
	page := b.get("/settings/apps")
	for field, values := range map[string][]string{
		"appid":  {"", "wx123", "gh0000000000000000", "wx00000SCRIPTED001", scriptedApp + " ", "wx00000scripted0011", "<script>"},
		"name":   {"", strings.Repeat("长", 65)},
		"secret": {"", strings.Repeat("x", 129)},
		"base":   {"", "api.weixin.qq.com", "ftp://api.weixin.qq.com", "https://user:pw@api.weixin.qq.com", "https://api.weixin.qq.com?x=1", "https://api.weixin.qq.com#x", "javascript:alert(1)", "https://", strings.Repeat("x", 201)},
	} {
		for _, value := range values {
			p := b.submit(page, "button.primary", func(form url.Values) { fillApp(s.URL, canarySecret)(form); form.Set(field, value) })
			if p.status != http.StatusUnprocessableEntity || p.text("#"+field+"-problem") == "" || leaked(p.body) != "" {
				t.Errorf("%s %q: %d, %s", field, value, p.status, p.text(".banner"))
			}
		}
	}
	b.submit(page, "button.primary", func(form url.Values) { fillApp(s.URL, "x")(form); form.Set("appid", sandbox.DefaultAppID) }).
		expect(http.StatusUnprocessableEntity, "This AppID is there already")
	for _, path := range []string{"/settings/apps/1", "/settings/apps/99", "/settings/apps/0", "/settings/apps/-1"} {
		b.get(path).expect(http.StatusNotFound, "There is no such page")
		b.post(path, url.Values{"name": {"x"}, "base": {s.URL}, "appid": {scriptedApp}}).expect(http.StatusNotFound, "There is no such page")
	}
	if s.calls(tokenPath) != 0 || c.countApps() != 1 {
		t.Fatalf("WeChat was asked %d times", s.calls(tokenPath))
	}
}

// faults.md 36
func TestAnAPIBaseOnAPrivateNetworkIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(config *web.Config) { config.AllowPrivateAPI = false })
	s := newScript(t)
	b := c.as(store.Administrator)
	page := b.get("/settings/apps")
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, base := range []string{
		s.URL, "https://127.0.0.1" + port, "https://localhost" + port, "https://LOCALHOST." + port, "https://127.1" + port, "https://2130706433" + port, "https://0x7f000001" + port,
		"https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port, "https://0.0.0.0" + port, "https://10.1.2.3", "https://172.16.0.1", "https://192.168.1.1", "https://169.254.169.254",
		"https://100.100.100.200", "https://[fe80::1%25eth0]", "https://[fd00::1]", "https://muban", "https://db.internal", "http://api.weixin.qq.com",
	} {
		p := b.submit(page, "button.primary", fillApp(base, canarySecret))
		p.expect(http.StatusUnprocessableEntity, "it must be https and must not lead to this machine or a private network")
		if got := p.doc.Find("#base").AttrOr("value", ""); got != base {
			t.Errorf("%s became %q", base, got)
		}
	}
	if len(s.asked) != 0 || c.countApps() != 1 {
		t.Fatalf("%d calls, %d apps", len(s.asked), c.countApps())
	}
	c.nothingLeaked()
}

// A base that got into the database in another way is not connected to either.
func TestAPrivateAPIBaseIsNotCalledEvenWhenItIsStored(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	c := openStore(t, nil)
	_, err := c.store.AddApp(context.Background(), store.Actor{}, store.App{AppID: scriptedApp, Name: "照本宣科", Base: s.URL, Secret: canarySecret})
	must(t, err)
	_, err = c.store.AddPerson(context.Background(), store.Actor{}, store.Person{Name: "operator", Role: store.Operator, PasswordHash: passwordHash})
	must(t, err)
	c.start(func(config *web.Config) { config.AllowPrivateAPI = false })
	c.as(store.Operator).get("/templates").expect(http.StatusBadGateway, "could not be reached; nothing was sent")
	if len(s.asked) != 0 {
		t.Fatalf("%d calls", len(s.asked))
	}
	c.nothingLeaked()
}

func TestTheCommandToCopyCallsTheAppsOwnBase(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	s.under("/it's; $(x)")
	b := c.as(store.Administrator)
	b.in(c.addAppAt(scriptedApp, s.URL+"/it's; $(x)", canarySecret))
	p := b.get("/templates/" + scriptedID)
	want := `curl -X POST '` + s.URL + `/it'\''s; $(x)/cgi-bin/message/wxopen/template/send?access_token=ACCESS_TOKEN' \`
	if line, _, _ := strings.Cut(p.doc.Find("#curl").Text(), "\n"); line != want {
		t.Fatalf("%s\nwant\n%s", line, want)
	}
}

// A stored secret is not shown to a host that somebody only typed in.
func TestANewAPIBaseAsksForTheSecretAgain(t *testing.T) {
	t.Parallel()
	c, elsewhere := newConsole(t), newScript(t)
	app := c.addApp("wx0123456789abcdef")
	b := c.as(store.Administrator)
	path := "/settings/apps/" + strconv.FormatInt(app.ID, 10)
	move := func(secret string) *page {
		return b.submit(b.get(path), "button.primary", func(f url.Values) { f.Set("base", elsewhere.URL); f.Set("secret", secret) })
	}
	move("").expect(http.StatusUnprocessableEntity, "enter the AppSecret again")
	if len(elsewhere.asked) != 0 {
		t.Fatalf("the new host was asked %d times", len(elsewhere.asked))
	}
	move(canarySecret).expect(http.StatusOK, "The mini program is saved")
}
