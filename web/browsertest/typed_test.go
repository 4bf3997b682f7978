package browsertest_test

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
)

// In a tab with a session that somebody ends, what was typed waits behind the sign-in.
func TestBrowserKeepsWhatIsTypedThroughReloadsAndAnotherSignIn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.ProductManager)
	title := `document.querySelector("#title")?.value`
	restored := `document.querySelector("main .banner.warn .link")`
	b.open("/drafts/new")
	b.click("#title")
	b.keys("取货提醒")
	b.click("#scenario")
	b.keys("一行\r两行")
	b.open("/templates") // away without saving
	b.open("/drafts/new")
	b.until(title + ` === "取货提醒" && document.querySelector("#scenario").value === "一行\n两行" && ` + restored)
	b.until(`document.querySelector(".card .title").textContent === "取货提醒"`) // the live check has it too
	b.open("/drafts/new?other")                                              // the same page
	b.until(title + ` === "取货提醒"`)

	webtest.Must(t, c.Store.EndSessions(t.Context(), store.Actor{}, c.Person(store.ProductManager).ID, [32]byte{}))
	b.expect("401")
	b.click("#title")
	b.keys(kb.End + "一")
	b.open("/templates")
	b.until(`location.pathname === "/sign-in"`)
	b.click("#name")
	b.keys("product_manager\t" + webtest.Password + "\r")
	b.until(`location.pathname === "/templates"`)
	b.open("/drafts/new")
	b.until(title + ` === "取货提醒一"`)
	b.follow(`button[value="save"]`)
	b.until(`document.querySelector(".banner.ok")`)
	b.open("/drafts/new")
	b.until(title + ` === "" && !` + restored)

	b.click("#title")
	b.keys("到店提醒")
	b.open("/drafts/new")
	b.until(restored)
	b.follow("main .banner.warn .link")
	b.until(title + ` === "" && !` + restored)

	b.click("#title")
	b.keys("发货提醒")
	b.open("/templates")
	b.follow(".who button") // whose tab it is next sees nothing of it
	b.until(`location.pathname === "/sign-in" && sessionStorage.length === 0`)
}

// A form that the server refuses shows what was typed, and keeps it.
func TestBrowserKeepsWhatARefusedFormHolds(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.Administrator)
	c.As(store.Administrator).Post("/settings/testers", url.Values{"name": {"小王"}, "touser": {webtest.StrangerID}})
	b.expect("422")
	b.open("/settings/testers")
	b.click("#name")
	b.keys("小李")
	b.click("#touser")
	b.keys("not an openid\r")
	b.until(`document.querySelector("#touser-problem") && document.querySelector("#name").value === "小李"`)
	b.open("/templates")
	b.open("/settings/testers")
	b.until(`document.querySelector("#name").value === "小李" && document.querySelector("#touser").value === "not an openid"`)
}
