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
	js[bool](b, `(e => { e.value = ""; e.dispatchEvent(new Event("input", { bubbles: true })); return true })(document.querySelector("#touser"))`)
	b.fill("#other", webtest.StrangerID)
	b.until(`document.querySelector("#right-state").textContent.includes("3") && document.querySelector("#right-state").title !== ""`)
	b.until(`document.querySelectorAll("#preflight .check-ok").length === 10`)
	b.fill("#page", "/pages/x")
	b.until(`document.querySelector("#preflight .check-failed a")?.getAttribute("href") === "#page" && document.querySelector("#send-button").ariaDisabled === "true"`)
	b.until(`document.querySelector("#announce").textContent === document.querySelector("#preflight .overall").textContent.trim()`)
	if got := js[string](b, `document.activeElement.id`); got != "page" {
		t.Errorf("the focus is on %q", got)
	}
	b.click(".which summary")
	b.fill("#form_id", "the formId is a mock one")
	b.until(`document.querySelectorAll("#preflight .check-failed").length === 2 && document.querySelector("[name=right][value=id]").checked`)
	b.fill("#page", "")
	b.click(`[name="right"][value="auto"]`)
	b.until(`document.querySelectorAll("#preflight .check-ok").length === 10 && document.querySelector("#form_id").value === ""`)
	b.click("#send-button")
	b.until(`document.querySelector("#went .ok") && document.querySelector("#right-state").textContent.includes("2")`)
	if !js[bool](b, "window.same") {
		t.Error("the page was loaded anew")
	}
}
