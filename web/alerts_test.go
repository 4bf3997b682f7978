package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/wechat"
	"muban/wechat/alert"
	"muban/wechat/sandbox"
)

// keepConfig is the harness's own.
func keepConfig(*web.Config) {}

// receiver is where a webhook leads.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	forged int
	status int
}

const hookSecret = "a-secret-of-the-receiver"

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get(alert.HeaderSignature) != alert.Sign(wechat.Secret(hookSecret), req.Header.Get(alert.HeaderTimestamp), body) {
		r.forged++
	}
	r.bodies = append(r.bodies, string(body))
	w.WriteHeader(r.status)
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

// setHook sets the webhook through the form.
func (b *browser) setHook(address, secret string) *page {
	b.t.Helper()
	return b.submit(b.get("/settings/alerts"), `button[value="save"]`, func(f url.Values) {
		f.Set("url", address)
		f.Set("hook_secret", secret)
	})
}

func TestAWebhookIsSetTestedAndRemoved(t *testing.T) {
	t.Parallel()
	c, hook := newConsole(t), newReceiver(t)
	b := c.as(store.Administrator)
	address := hook.URL + "/in?key=the-receivers-own"
	p := b.setHook(address, hookSecret).expect(http.StatusOK, "Sent to "+strings.TrimPrefix(hook.URL, "http://"))
	b.submit(p, `form[action$="/test"] button`, nil).expect(http.StatusOK, "Test: Delivered")
	if got := hook.got(); len(got) != 1 || hook.forged != 0 || !strings.Contains(got[0], string(store.Administrator)) {
		t.Fatalf("%d forged, %q", hook.forged, got)
	}
	hook.status = http.StatusTeapot
	p = b.submit(b.get("/settings/alerts"), `form[action$="/test"] button`, nil).expect(http.StatusOK, "The answer was not a 2xx")
	for _, secret := range []string{"the-receivers-own", hookSecret} { // faults.md 35
		if strings.Contains(p.body+c.log.String()+string(c.backup()), secret) {
			t.Errorf("%s is shown, logged, or in the database in the clear", secret)
		}
	}
	b.setHook("", "").expect(http.StatusOK, "The webhook is saved") // what is empty stays
	b.submit(b.get("/settings/alerts"), `form[action$="/test"] button`, nil)
	if n := len(hook.got()); n != 3 {
		t.Errorf("%d deliveries", n)
	}
	b.submit(b.get("/settings/alerts"), `button[value="remove"]`, nil).expect(http.StatusOK, "None is set")
	if p := b.post("/settings/alerts/test", nil); p.status != http.StatusBadRequest {
		t.Errorf("a test without a webhook: %d", p.status)
	}
}

// faults.md 36
func TestFault36_AWebhookLeadsToNoPrivateAddress(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(w *web.Config) { w.AllowPrivateAPI = false })
	b := c.as(store.Administrator)
	for _, address := range []string{"http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/x", "https://localhost/", "x", "ftp://example.com"} {
		b.setHook(address, hookSecret).expect(http.StatusUnprocessableEntity, "This address cannot be used")
	}
	b.setHook("", "").expect(http.StatusUnprocessableEntity, "Webhook address")
	b.setHook("https://hooks.example.com/x", "").expect(http.StatusUnprocessableEntity, "Webhook secret")
	b.setHook("https://hooks.example.com/x", "short").expect(http.StatusUnprocessableEntity, "Webhook secret")
	b.setHook("https://hooks.example.com/x", hookSecret).expect(http.StatusOK, "Sent to hooks.example.com")
}

// An AppSecret that WeChat refuses: a banner for those who can do something about
// it, one notice when it begins and one when it is over.
func TestAnAlertIsShownAndSentOnceWhenItBeginsAndOnceWhenItIsOver(t *testing.T) {
	t.Parallel()
	c, hook := newConsole(t), newReceiver(t)
	b := c.as(store.Administrator)
	b.setHook(hook.URL, hookSecret)
	look := func() {
		for range 8 {
			c.server.KeepHouse(t.Context())
			c.clock.Advance(5 * time.Second)
		}
		c.deliver(t.Context())
	}
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40125), Times: 999}))
	b.post("/token/refresh", sure)
	look()
	look()
	for _, path := range []string{"/", "/library", "/token", "/settings/alerts"} {
		b.get(path).expect(http.StatusOK, "WeChat refuses the AppID or AppSecret")
	}
	if p := c.as(store.QA).get("/library"); strings.Contains(p.text("main"), "WeChat refuses") {
		t.Error("it is shown to somebody who can do nothing about it")
	}
	if got := hook.got(); len(got) != 1 || !strings.Contains(got[0], `"change":"raised"`) || !strings.Contains(got[0], "40125") {
		t.Fatalf("%q", got)
	}
	c.sandbox.ClearFaults()
	c.clock.Advance(time.Hour)
	b.post("/token/refresh", sure).expect(http.StatusOK, "new one")
	look()
	if p := b.get("/library"); strings.Contains(p.text("main"), "WeChat refuses") {
		t.Error("it is shown still")
	}
	if got := hook.got(); len(got) != 2 || !strings.Contains(got[1], `"change":"cleared"`) || hook.forged != 0 {
		t.Fatalf("%q", got)
	}
	b.get("/token").expect(http.StatusOK, "Last alerts")
}
