package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

// canaries are secrets by the field that they were put into or came out of.
type canaries map[string]string

// in names the fields whose secrets the text holds, as they are, without their
// separators, or escaped for an address.
func (s canaries) in(text string) (fields []string) {
	for field, secret := range s {
		if len(secret) < 8 {
			panic(field + " is no secret to look for")
		}
		plain := strings.NewReplacer("-", "", " ", "").Replace(secret)
		if strings.Contains(text, secret) || strings.Contains(text, plain) || strings.Contains(text, url.QueryEscape(secret)) {
			fields = append(fields, field)
		}
	}
	return fields
}

// One secret in every field that takes or shows one, then a look everywhere: at the
// pages as each role, files, metrics, answers to programs, the log, and the disk.
func TestFault35_CanariesInEverySecretFieldAppearNowhere(t *testing.T) {
	t.Parallel()
	c, s, hook := webtest.NewConsoleWith(t, func(w *web.Config) { w.AllowPrivateAPI = true }), webtest.NewScript(t), webtest.NewReceiver(t)
	admin := c.Connect(s)
	secrets := canaries{"AppSecret": webtest.CanarySecret, "access token": webtest.CanaryToken}
	orders := c.ServerOf(appOf(c, webtest.ScriptedApp).ID, "token", "rights", "metrics")
	secrets["API key"] = orders.Key[15:]
	hookWithCanaries(c, admin, hook, secrets)
	people := peopleWithCanaries(c, admin, secrets)
	refuseWithCanaries(c, orders, secrets)
	var held webtest.Lent
	orders.Get(strings.Replace(webtest.SharedPath, c.App().AppID, webtest.ScriptedApp, 1)).Into(&held)
	if held.Token != webtest.CanaryToken {
		t.Fatal("the access token is another: the test looks for nothing")
	}

	look := func(where, text string) {
		for _, field := range secrets.in(text) {
			t.Errorf("%s holds the %s", where, field)
		}
	}
	c.Muban.KeepHouse(t.Context())
	var starts []string
	for _, r := range c.Routes() {
		if r.Method == http.MethodGet {
			starts = append(starts, webtest.Firsts(webtest.ScriptedID).Path(r))
		}
	}
	for name, b := range people {
		n := b.Crawl(func(p *webtest.Page) {
			p.Header.Del("Set-Cookie") // where a session id belongs
			look(name+" at "+p.Path, p.Body+fmt.Sprint(p.Header))
		}, append(starts, "/activity?all=true", "/activity/export?all=true")...)
		if n < 20 {
			t.Errorf("%s saw %d pages", name, n)
		}
	}
	look("a program's answer", orders.Get("/metrics").Body)
	look("the log", c.Log.String())
	look("the database", string(c.Backup()))
	for _, body := range hook.Got() {
		look("a delivery", body)
	}
}

// appOf is the mini program with the AppID.
func appOf(c *webtest.Console, appID string) store.App {
	c.T.Helper()
	apps, err := c.Store.Apps(c.T.Context())
	webtest.Must(c.T, err)
	for _, a := range apps {
		if a.AppID == appID {
			return a
		}
	}
	c.T.Fatalf("there is no %s", appID)
	return store.App{}
}

func hookWithCanaries(c *webtest.Console, admin *webtest.Browser, hook *webtest.Receiver, secrets canaries) {
	c.T.Helper()
	secrets["webhook's address"], secrets["webhook's secret"] = "CANARY-address-of-the-hook", webtest.HookSecret
	admin.SetHook(hook.URL+"/in?key="+secrets["webhook's address"], webtest.HookSecret).Expect(http.StatusOK, "done.channel_saved")
	admin.Submit(admin.Get("/settings/alerts"), `form[action$="/test"] button`, nil)
	hook.Status = http.StatusTeapot
	admin.Submit(admin.Get("/settings/alerts"), `form[action$="/test"] button`, nil)
	secrets["key that a page shows once"] = admin.NewKey(nil).Text(".new-key code")[15:]
}

// peopleWithCanaries gives people whatever is theirs alone, and answers their browsers.
func peopleWithCanaries(c *webtest.Console, admin *webtest.Browser, secrets canaries) map[string]*webtest.Browser {
	c.T.Helper()
	qa, operator := c.As(store.QA), c.As(store.Operator)
	phone := c.SetUp(qa)
	secrets["TOTP secret"] = phone.Secret
	for i, code := range phone.Recovery {
		secrets[fmt.Sprintf("recovery code %d", i)] = code
	}
	again := c.Visitor()
	again.Prove(again.SignInAs("qa", webtest.Password), phone.Recovery[0])
	secrets["password"], secrets["new password"], secrets["guess"] = webtest.Password, "CANARY-new-password-1", "CANARY-guess-password"
	c.Visitor().SignInAs("operator", secrets["guess"])
	operator.Submit(operator.Get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) {
		form.Set("current", webtest.Password)
		form.Set("password", secrets["new password"])
	}).Expect(http.StatusOK, "done.password_changed")
	secrets["binding code"] = operator.Submit(operator.Get("/settings/me"), `form[action$="/code"] button`, nil).Text(".big-code code")
	secrets["invitation"] = webtest.TextAfter(c.Invite(admin, "小周", nil), "token=")
	reset := admin.Submit(admin.Get(c.At(store.ProductManager)), `form[action$="/password"] button`, nil).Once()
	secrets["link for a new password"] = webtest.TextAfter(reset, "token=")
	for _, b := range []*webtest.Browser{c.Visitor(), c.Visitor()} {
		b.Get(reset)
		b.Post("/reset", url.Values{"token": {secrets["link for a new password"] + "x"}, "password": {secrets["new password"]}})
	}
	people := map[string]*webtest.Browser{"administrator": admin, "operator": operator, "qa": qa}
	for name, b := range people {
		secrets[name+"'s session"] = b.Session()
	}
	return people
}

// refuseWithCanaries puts each where a secret belongs and is wrong: errors quote what
// they do not like.
func refuseWithCanaries(c *webtest.Console, orders *webtest.Server, secrets canaries) {
	c.T.Helper()
	for _, secret := range secrets {
		for _, a := range []*webtest.APIAnswer{
			orders.Get("/api/v1/access_token?appid=" + webtest.ScriptedApp + "&access_token=" + url.QueryEscape(secret)),
			orders.Post("/api/v1/access_token/refresh", `{"appid":"`+webtest.ScriptedApp+`","access_token":"`+secret+`","x":1}`),
			orders.Get("/cgi-bin/token?grant_type=client_credential&appid=" + webtest.ScriptedApp + "&secret=" + url.QueryEscape(secret)),
			orders.With(secret).Get("/api/v1/access_token"),
		} {
			if fields := secrets.in(a.Body + fmt.Sprint(a.Header)); len(fields) > 0 && a.Status != http.StatusOK {
				c.T.Errorf("an error of %d holds the %v: %.200s", a.Status, fields, a.Body)
			}
		}
	}
}
