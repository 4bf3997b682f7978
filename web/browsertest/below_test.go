package browsertest_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

// What the script asks for and writes into the address bar lies below the base path
// and the mini program too: outside of them another server may answer.
func TestBrowserStaysBelowTheBasePathAndTheApp(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.PublicURL = "http://tools.example.com/muban" })
	other := c.AddApp("wx0123456789abcdef")
	b := openTab(c, t, store.Operator)
	inside := func(app string) string {
		return `location.pathname.startsWith("/muban/@` + app + `/") &&
			performance.getEntriesByType("resource").every(e => new URL(e.name).pathname.startsWith("/muban/"))`
	}
	b.open("/muban/@" + c.App().AppID + "/library")
	b.openPalette()
	b.keys("drafts")
	b.chosen("Drafts")
	b.until(`performance.getEntriesByType("resource").some(e => e.name.endsWith("q=drafts"))`)
	b.until(inside(c.App().AppID))
	b.keys(kb.Enter)
	b.until(`location.pathname.endsWith("/drafts") && ` + inside(c.App().AppID))

	b.click("#app-switch")
	b.keys(kb.ArrowDown + "\r")
	b.until(`location.pathname.endsWith("/drafts") && ` + inside(other.AppID))

	b.follow(`.side a[href$="/library"]`)
	b.follow(`a[href$="/library/AT0002"]`)
	b.click("#chips button")
	b.until(`location.search === "?k=3" && document.querySelectorAll("#order [data-id]").length === 1 && ` + inside(other.AppID))
}
