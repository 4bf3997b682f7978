package browsertest_test

import (
	"testing"

	"muban/store"
	"muban/web/webtest"
)

func TestBrowserChecksAMessageWhileItIsWritten(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "5")
	prepay, err := c.Sandbox.Pay(c.App().AppID, webtest.StrangerID)
	webtest.Must(t, err)
	c.Report(c.PaymentOf(webtest.StrangerID, prepay, 0))
	b := openTab(c, t, store.Operator)
	b.open("/templates/" + id)
	js[bool](b, "window.same = true")
	b.fill("#touser", webtest.StrangerID)
	b.until(`document.querySelector("#right-state .tag.ok")?.textContent.includes("3") && document.querySelector("#right-state code").textContent === "` + prepay + `"`)
	b.until(`document.querySelectorAll("#preflight .check-ok").length === 10`)
	b.fill("#page", "/pages/x")
	b.until(`document.querySelector("#preflight .check-failed a")?.getAttribute("href") === "#page"`)
	b.until(`document.querySelector("#announce").textContent === document.querySelector("#preflight .overall").textContent.trim()`)
	if got := js[string](b, `document.activeElement.id`); got != "page" {
		t.Errorf("the focus is on %q", got)
	}
	b.fill("#form_id", "the formId is a mock one")
	b.until(`document.querySelectorAll("#preflight .check-failed").length === 2`)
	b.fill("#page", "")
	b.fill("#form_id", "")
	b.until(`document.querySelectorAll("#preflight .check-ok").length === 10`)
	if !js[bool](b, "window.same") {
		t.Error("the page was loaded anew")
	}
	b.follow("#test-send .primary")
	b.until(`document.querySelector(".banner.ok") && document.querySelector("#right-state .tag.ok").textContent.includes("2")`)
}
