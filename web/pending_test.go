package web_test

import (
	"net/http"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
)

// Where a payment has yet to settle, the button leads to the page of the send, which
// looks again by itself until there is an outcome.
func TestASendWithoutAnOutcomeLeadsToItsPageWhichLooksAgainUntilThereIsOne(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(config *web.Config) { config.SendWait = 2 * time.Second }) // enough to be recorded, on a slow machine too
	settle := c.unsettled()
	b := c.as(store.Operator)
	form := b.submit(c.template(b), "button[value=payment]", nil)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: code(41028), Times: 1}))

	posted := b.stopping().submit(form, "#test-send button.primary", nil)
	if at := posted.header.Get("Location"); posted.status != http.StatusSeeOther || within(at) != "/sends/1" {
		t.Fatalf("%d to %q", posted.status, at)
	}
	p := b.get("/sends/1").expect(http.StatusOK, "WeChat has not answered yet")
	if p.header.Get("Refresh") == "" || !p.has("progress") || p.has(`form[action$="/decide"]`) {
		t.Errorf("Refresh %q: %s", p.header.Get("Refresh"), p.text("main"))
	}
	// A second click while it is under way is the same send, and leads to the same page.
	if again := b.submit(form, "#test-send button.primary", nil); again.path != "/sends/1" || again.status != http.StatusOK {
		t.Errorf("a second click is at %s: %d", again.path, again.status)
	}

	settle()
	again, late := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer again.Stop()
	for p.header.Get("Refresh") != "" {
		select {
		case <-again.C:
			p = b.get("/sends/1")
		case <-late:
			t.Fatalf("it never ends: %s", p.text("main"))
		}
	}
	p.expect(http.StatusOK, "2 calls, until the payment worked")
	if sends := c.sends(); len(sends) != 1 || sends[0].Outcome != dispatch.Sent || c.calls("/send") != 2 {
		t.Errorf("%+v after %d calls", sends, c.calls("/send"))
	}
}
