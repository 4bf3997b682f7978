package browsertest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// inView fails the test unless the whole element can be seen and clicked without scrolling.
func (b *tab) inView(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q)?.checkVisibility()`, selector))
	if where := js[string](b, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), r = e.getBoundingClientRect();
		const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		const seen = r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight && (e === top || e.contains(top));
		return seen && scrollY === 0 ? "" : JSON.stringify(r) + " under " + top?.outerHTML.slice(0, 80) + ", scrolled " + scrollY;
	})()`, selector)); where != "" {
		b.t.Errorf("%s at %s is at %s", selector, b.where(), where)
	}
}

// A new operator's first message, from the sign-in to its arrival: at most six clicks, and no scrolling.
func TestBrowserSendsTheFirstMessageInSixClicks(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, "")
	clicks := 0
	press := func(selector, then string) {
		t.Helper()
		b.inView(selector)
		clicks++
		b.click(selector)
		b.until(then)
	}
	b.open("/sign-in")
	b.fill("#name", "operator")
	b.fill("#password", webtest.Password)
	press("main .primary", `location.pathname === "/" && document.querySelector("nav.side")`)
	press(`nav.side a[href="/library"]`, `location.pathname === "/library"`)
	press(`.titles .go`, `document.querySelector("#builder")`)
	press(`#chips button:enabled`, `document.querySelector("#order li") && !document.querySelector("[value=account]").disabled`)
	press(`[value="account"]`, `location.pathname.startsWith("/templates/")`)
	press("#send-button", `document.querySelector("#went .ok") && document.querySelector(".landed")`)
	if clicks > 6 {
		t.Errorf("%d clicks", clicks)
	}
	if got := c.Sandbox.Messages("", ""); len(got) != 1 || len(c.Sends()) != 1 {
		t.Errorf("%d messages arrived", len(got))
	}
}

// Also the first subscribe message: at most eight clicks from a fresh start, whose library comes by itself.
func TestBrowserSendsTheFirstSubscribeMessageInEightClicks(t *testing.T) {
	t.Parallel()
	const token = "set-up-token"
	c := webtest.NewEmptyConsole(t, token)
	b := openTab(c, t, "")
	clicks := 0
	press := func(selector, then string) {
		t.Helper()
		b.inView(selector)
		clicks++
		b.click(selector)
		b.until(then)
	}
	b.open("/set-up?token=" + token)
	b.fill("#name", "王敏")
	b.fill("#password", webtest.Password)
	press("main .primary", `location.pathname === "/" && document.querySelector("nav.side")`)
	press(`nav.side a[href="/library"]`, `location.pathname === "/library"`)
	press(`main nav a[href*="kind=subscribe"]`, `document.querySelector(".titles .button")`)
	press(`.titles .go`, `document.querySelector("#builder")`)
	press(`#chips [aria-pressed="false"]`, `document.querySelectorAll("#order li").length === 1`)
	press(`#chips [aria-pressed="false"]`, `document.querySelectorAll("#order li").length === 2 && !document.querySelector("[value=account]").disabled`)
	press(`[value="account"]`, `location.pathname.startsWith("/templates/")`)
	press("#send-button", `document.querySelector("#went .ok") && document.querySelector(".landed")`)
	if clicks > 8 {
		t.Errorf("%d clicks", clicks)
	}
	if got := c.Sandbox.Messages("", ""); len(got) != 1 || len(c.Sends()) != 1 || c.Sends()[0].Kind != "subscribe" {
		t.Errorf("%d messages arrived", len(got))
	}
}

// With ten keywords, an example and everything that unfolds unfolded, the button is where it was.
func TestBrowserKeepsTheSendInSightHoweverMuchStandsThere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	op := c.As(store.Operator)
	id := c.AddTemplate(op, "AT0009", "1", "2", "3", "5", "10", "33", "18", "19", "20", "21")
	c.Example(op, id, strings.Repeat("到店取货，", 8))
	op.SendTest(id)
	b := openTab(c, t, store.Operator)
	b.cookie("lang", "zh")
	long := "&v=" + strings.Repeat("%E9%95%BF", 400)
	for _, path := range []string{"", "?done=template_added", "?send=1", "?page=/x&v=" + strings.Repeat(long, 9)} {
		b.open("/templates/" + id + path)
		js[bool](b, `document.querySelectorAll("main details").forEach(d => d.open = true), true`)
		b.inView("#send-button")
		b.inView("#touser")
	}
}

// So it is with five typed values, all refused, and more testers than there is room for.
func TestBrowserKeepsASubscribeSendInSight(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	op := c.As(store.Operator)
	id := c.AddTemplate(op, "250", "23", "52", "14", "20", "17")
	for i := range 12 {
		op.Post("/settings/testers", url.Values{"name": {strings.Repeat("测试人员", 5)}, "touser": {fmt.Sprintf("oTester%021d", i)}}).Expect(200, "done.tester_added")
	}
	op.SendTest(id)
	b := openTab(c, t, store.Operator)
	b.cookie("lang", "zh")
	for _, path := range []string{"", "?done=template_added", "?send=1", "?page=/x" + strings.Repeat("&v="+strings.Repeat("%E9%95%BF", 400), 5)} {
		b.open("/templates/" + id + path)
		js[bool](b, `document.querySelectorAll("main details").forEach(d => d.open = true), true`)
		b.inView("#send-button")
		b.inView("#people label")
	}
}

// A payment of a moment ago has to settle first: the page stays, and shows the outcome once there is one.
func TestBrowserWaitsForAnOutcomeWithoutLeavingThePage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.SendWait = time.Second })
	settle := c.Unsettled()
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "5")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41028), Times: 1}))
	b := openTab(c, t, store.Operator)
	b.open("/templates/" + id)
	js[bool](b, "window.same = true")
	b.click(".which summary")
	b.click(`[name="right"][value="payment"]`)
	b.click("#send-button")
	b.until(`document.querySelector("#went .warn") && document.querySelector("#send-button").disabled`)
	settle()
	b.until(`document.querySelector("#went .ok") && document.querySelector("#right-state").textContent.includes("2") && window.same`)
}

// With the keyboard alone, and where the page is narrow: the same bar, the same outcome.
func TestBrowserSendsByTheKeyboardAndFromTheBarOfANarrowPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "5")
	b := openTab(c, t, store.Operator)
	b.open("/templates/" + id)
	js[bool](b, `document.querySelector("#touser").focus(), true`)
	for range 9 {
		if js[string](b, `document.activeElement.id`) == "send-button" {
			break
		}
		b.keys("\t")
	}
	b.keys("\r")
	b.until(`document.querySelector("#went .ok") && document.activeElement.id === "send-button"`)
	b.size(360)
	b.open("/templates/" + id)
	b.inView("#send-button-narrow")
	b.click(`label[for="see-card"]`)
	b.until(`document.querySelector(".card").checkVisibility() && !document.querySelector("#v-0").checkVisibility()`)
	b.click("#send-button-narrow")
	b.until(`document.querySelector("#at-stake strong") && document.querySelector("#recent tr:nth-child(2)")`)
	if n := len(c.Sends()); n != 2 {
		t.Errorf("%d sends", n)
	}
}
