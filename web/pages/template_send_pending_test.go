package pages_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// Where a payment has yet to settle, the button leads to the page of the send, which
// looks again by itself until there is an outcome.
func TestASendWithoutAnOutcomeLeadsToItsPageWhichLooksAgainUntilThereIsOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.SendWait = 2 * time.Second }) // enough to be recorded, on a slow machine too
	settle := c.Unsettled()
	b := c.As(store.Operator)
	form := openTemplate(c, b)
	pay := func(form url.Values) { form.Set("right", ledger.Payment) }
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41028), Times: 1}))

	posted := b.Stopping().Submit(form, webtest.SendButton, pay)
	if at := posted.Header.Get("Location"); posted.Status != http.StatusSeeOther || webtest.Within(at) != "/sends/1" {
		t.Fatalf("%d to %q", posted.Status, at)
	}
	p := b.Get("/sends/1").Expect(http.StatusOK, "outcome.pending_why")
	if p.Header.Get("Refresh") == "" || !p.Has("progress") || p.Has(`form[action$="/decide"]`) {
		t.Errorf("Refresh %q: %s", p.Header.Get("Refresh"), p.Text("main"))
	}
	// A second click while it is under way is the same send, and leads to the same page.
	if again := b.Submit(form, webtest.SendButton, pay); again.Path != "/sends/1" || again.Status != http.StatusOK {
		t.Errorf("a second click is at %s: %d", again.Path, again.Status)
	}

	settle()
	again, late := time.NewTicker(20*time.Millisecond), time.After(webtest.Patience)
	defer again.Stop()
	for p.Header.Get("Refresh") != "" || c.Sends()[0].Outcome == dispatch.Pending { // the page may know it before the store
		select {
		case <-again.C:
			p = b.Get("/sends/1")
		case <-late:
			t.Fatalf("it never ends: %s", p.Text("main"))
		}
	}
	p.Expect(http.StatusOK, "sends.attempts", "Count", 2)
	if sends := c.Sends(); len(sends) != 1 || sends[0].Outcome != dispatch.Sent || c.Calls("/send") != 2 {
		t.Errorf("%+v after %d calls", sends, c.Calls("/send"))
	}
}
