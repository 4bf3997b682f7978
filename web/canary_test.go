package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
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
	c, s, hook := newConsoleWith(t, func(w *web.Config) { w.AllowPrivateAPI = true }), newScript(t), newReceiver(t)
	admin := c.connect(s)
	secrets := canaries{"AppSecret": canarySecret, "access token": canaryToken}
	orders := c.serverOf(c.appOf(scriptedApp).ID, "token", "rights", "metrics")
	secrets["API key"] = orders.key[15:]
	c.hookedWithCanaries(admin, hook, secrets)
	people := c.peopleWithCanaries(admin, secrets)
	c.refusedWithCanaries(orders, secrets)
	var held lent
	orders.get(strings.Replace(sharedPath, c.app().AppID, scriptedApp, 1)).into(&held)
	if held.Token != canaryToken {
		t.Fatal("the access token is another: the test looks for nothing")
	}

	look := func(where, text string) {
		for _, field := range secrets.in(text) {
			t.Errorf("%s holds the %s", where, field)
		}
	}
	c.server.KeepHouse(t.Context())
	var starts []string
	for _, r := range c.routes() {
		if r.Method == http.MethodGet {
			starts = append(starts, firsts(scriptedID).path(r))
		}
	}
	for name, b := range people {
		n := b.crawl(func(p *page) {
			p.header.Del("Set-Cookie") // where a session id belongs
			look(name+" at "+p.path, p.body+fmt.Sprint(p.header))
		}, append(starts, "/activity?all=true", "/activity/export?all=true")...)
		if n < 20 {
			t.Errorf("%s saw %d pages", name, n)
		}
	}
	look("a program's answer", orders.get("/metrics").body)
	look("the log", c.log.String())
	look("the database", string(c.backup()))
	for _, body := range hook.got() {
		look("a delivery", body)
	}
}

// appOf is the mini program with the AppID.
func (c *console) appOf(appID string) store.App {
	c.t.Helper()
	apps, err := c.store.Apps(c.t.Context())
	must(c.t, err)
	for _, a := range apps {
		if a.AppID == appID {
			return a
		}
	}
	c.t.Fatalf("there is no %s", appID)
	return store.App{}
}

func (c *console) hookedWithCanaries(admin *browser, hook *receiver, secrets canaries) {
	c.t.Helper()
	secrets["webhook's address"], secrets["webhook's secret"] = "CANARY-address-of-the-hook", hookSecret
	admin.setHook(hook.URL+"/in?key="+secrets["webhook's address"], hookSecret).expect(http.StatusOK, "The webhook is saved")
	admin.submit(admin.get("/settings/alerts"), `form[action$="/test"] button`, nil)
	hook.status = http.StatusTeapot
	admin.submit(admin.get("/settings/alerts"), `form[action$="/test"] button`, nil)
	secrets["key that a page shows once"] = admin.newKey(nil).text(".new-key code")[15:]
}

// peopleWithCanaries gives people whatever is theirs alone, and answers their browsers.
func (c *console) peopleWithCanaries(admin *browser, secrets canaries) map[string]*browser {
	c.t.Helper()
	qa, operator := c.as(store.QA), c.as(store.Operator)
	phone := c.setUp(qa)
	secrets["TOTP secret"] = phone.secret
	for i, code := range phone.recovery {
		secrets[fmt.Sprintf("recovery code %d", i)] = code
	}
	again := c.visitor()
	again.prove(again.signInAs("qa", password), phone.recovery[0])
	secrets["password"], secrets["new password"], secrets["guess"] = password, "CANARY-new-password-1", "CANARY-guess-password"
	c.visitor().signInAs("operator", secrets["guess"])
	operator.submit(operator.get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) {
		form.Set("current", password)
		form.Set("password", secrets["new password"])
	}).expect(http.StatusOK, "The password is changed")
	secrets["binding code"] = operator.submit(operator.get("/settings/me"), `form[action$="/code"] button`, nil).text(".big-code code")
	secrets["invitation"] = after(c.invite(admin, "小周", nil), "token=")
	reset := admin.submit(admin.get(c.at(store.ProductManager)), `form[action$="/password"] button`, nil).once()
	secrets["link for a new password"] = after(reset, "token=")
	for _, b := range []*browser{c.visitor(), c.visitor()} {
		b.get(reset)
		b.post("/reset", url.Values{"token": {secrets["link for a new password"] + "x"}, "password": {secrets["new password"]}})
	}
	people := map[string]*browser{"administrator": admin, "operator": operator, "qa": qa}
	for name, b := range people {
		secrets[name+"'s session"] = b.session()
	}
	return people
}

// refusedWithCanaries puts each where a secret belongs and is wrong: errors quote what
// they do not like.
func (c *console) refusedWithCanaries(orders *server, secrets canaries) {
	c.t.Helper()
	for _, secret := range secrets {
		for _, a := range []*apiAnswer{
			orders.get("/api/v1/access_token?appid=" + scriptedApp + "&access_token=" + url.QueryEscape(secret)),
			orders.post("/api/v1/access_token/refresh", `{"appid":"`+scriptedApp+`","access_token":"`+secret+`","x":1}`),
			orders.get("/cgi-bin/token?grant_type=client_credential&appid=" + scriptedApp + "&secret=" + url.QueryEscape(secret)),
			(&server{orders.t, orders.base, secret, 0}).get("/api/v1/access_token"),
		} {
			if fields := secrets.in(a.body + fmt.Sprint(a.header)); len(fields) > 0 && a.status != http.StatusOK {
				c.t.Errorf("an error of %d holds the %v: %.200s", a.status, fields, a.body)
			}
		}
	}
}
