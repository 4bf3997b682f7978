package pages_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat/alert"
	"muban/wechat/sandbox"
)

func TestAWebhookIsSetTestedAndRemoved(t *testing.T) {
	t.Parallel()
	c, hook := webtest.NewConsole(t), webtest.NewReceiver(t)
	b := c.As(store.Administrator)
	address := hook.URL + "/in?key=the-receivers-own"
	p := b.SetHook(address, webtest.HookSecret).Expect(http.StatusOK, "alerts.to", "Host", strings.TrimPrefix(hook.URL, "http://"))
	b.Submit(p, `form[action$="/test"] button`, nil).Expect(http.StatusOK, "alerts.tested").Expect(http.StatusOK, "delivery.delivered")
	if got := hook.Got(); len(got) != 1 || hook.Forged != 0 || !strings.Contains(got[0], string(store.Administrator)) {
		t.Fatalf("%d forged, %q", hook.Forged, got)
	}
	hook.Status = http.StatusTeapot
	p = b.Submit(b.Get("/settings/alerts"), `form[action$="/test"] button`, nil).Expect(http.StatusOK, "undelivered.status")
	for _, secret := range []string{"the-receivers-own", webtest.HookSecret} {
		if strings.Contains(p.Body+c.Log.String()+string(c.Backup()), secret) {
			t.Errorf("%s is shown, logged, or in the database in the clear", secret)
		}
	}
	b.SetHook("", "").Expect(http.StatusOK, "done.hook_saved") // what is empty stays
	b.Submit(b.Get("/settings/alerts"), `form[action$="/test"] button`, nil)
	if n := len(hook.Got()); n != 3 {
		t.Errorf("%d deliveries", n)
	}
	b.Submit(b.Get("/settings/alerts"), `button[value="remove"]`, nil).Expect(http.StatusOK, "alerts.no_hook")
	if p := b.Post("/settings/alerts/test", nil); p.Status != http.StatusBadRequest {
		t.Errorf("a test without a webhook: %d", p.Status)
	}
}

func TestFault36_AWebhookLeadsToNoPrivateAddress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.AllowPrivateAPI = false })
	b := c.As(store.Administrator)
	for _, address := range []string{"http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/x", "https://localhost/", "x", "ftp://example.com"} {
		b.SetHook(address, webtest.HookSecret).Expect(http.StatusUnprocessableEntity, "alerts.address_refused")
	}
	b.SetHook("", "").Expect(http.StatusUnprocessableEntity, "fieldname.url")
	b.SetHook("https://hooks.example.com/x", "").Expect(http.StatusUnprocessableEntity, "fieldname.hook_secret")
	b.SetHook("https://hooks.example.com/x", "short").Expect(http.StatusUnprocessableEntity, "fieldname.hook_secret")
	b.SetHook("https://hooks.example.com/x", webtest.HookSecret).Expect(http.StatusOK, "alerts.to", "Host", "hooks.example.com")
}

// An AppSecret that WeChat refuses: a banner for those who can do something about
// it, one notice when it begins and one when it is over.
func TestAnAlertIsShownAndSentOnceWhenItBeginsAndOnceWhenItIsOver(t *testing.T) {
	t.Parallel()
	c, hook := webtest.NewConsole(t), webtest.NewReceiver(t)
	b := c.As(store.Administrator)
	b.SetHook(hook.URL, webtest.HookSecret)
	look := func() {
		for range 8 {
			c.Muban.KeepHouse(t.Context())
			c.Clock.Advance(5 * time.Second)
		}
		c.Deliver(t.Context())
	}
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40125), Times: 999}))
	b.Post("/token/refresh", webtest.Sure)
	look()
	look()
	for _, path := range []string{"/", "/library", "/token", "/settings/alerts"} {
		b.Get(path).Expect(http.StatusOK, "alert.secret_refused")
	}
	if p := c.As(store.QA).Get("/library"); strings.Contains(p.Text("main"), "WeChat refuses") {
		t.Error("it is shown to somebody who can do nothing about it")
	}
	if got := hook.Got(); len(got) != 1 || !strings.Contains(got[0], `"change":"raised"`) || !strings.Contains(got[0], "40125") {
		t.Fatalf("%q", got)
	}
	c.Sandbox.ClearFaults()
	c.Clock.Advance(time.Hour)
	b.Post("/token/refresh", webtest.Sure).Expect(http.StatusOK, "done.token_refreshed")
	look()
	if p := b.Get("/library"); strings.Contains(p.Text("main"), "WeChat refuses") {
		t.Error("it is shown still")
	}
	if got := hook.Got(); len(got) != 2 || !strings.Contains(got[1], `"change":"cleared"`) || hook.Forged != 0 {
		t.Fatalf("%q", got)
	}
	b.Get("/token").Expect(http.StatusOK, "alert.past")
}

// WeChat's other word for a wrong AppSecret is 40001.
func TestFault63_AWrongAppSecretIsAlertedByEitherCodeAndNotTriedAgainSoon(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40125, 40001} {
		c := webtest.NewConsole(t)
		b := c.As(store.Administrator)
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: &code, Times: 999}))
		b.Post("/token/refresh", webtest.Sure)
		for range 15 {
			c.KeepHouse()
			c.Clock.Advance(5 * time.Second)
			c.Caller("token").SDK(http.MethodGet, c.Caller("token").SDKQuery(), "")
		}
		if n := c.Calls("cgi-bin/token"); n > 3 {
			t.Errorf("%d: asked %d times in 75 seconds", code, n)
		}
		raised, err := c.Store.RaisedAlerts(t.Context())
		webtest.Must(t, err)
		if len(raised) == 0 || !slices.ContainsFunc(raised, func(a alert.Alert) bool { return a.Cause == alert.SecretRefused }) {
			t.Errorf("%d: %v", code, raised)
		}
		p := b.Get("/token")
		if said := p.Text(".banner"); !strings.Contains(said, "errcode 40125") || !strings.Contains(said, strconv.Itoa(code)) {
			t.Errorf("%d: %s", code, said)
		}
	}
}
