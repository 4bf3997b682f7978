package browsertest_test

import (
	"context"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"

	"muban/store"
	"muban/web/webtest"
)

func TestBrowserArchivesAnAppAndRestoresIt(t *testing.T) {
	source := axeSource(t)
	c := webtest.NewConsole(t)
	app := c.AddApp("wx0123456789abcdef")
	app.Color = "teal"
	webtest.Must(t, c.Store.UpdateApp(context.Background(), store.Actor{}, "", app))
	c.Muban.KeepHouse(context.Background())
	b := openTab(c, t, store.Administrator)
	call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	b.expect("status of 422")
	b.inspect(scene{"an app with a colour", "/settings/apps/2", nil})
	b.inspect(scene{"rotate, refused", "/settings/apps/2/secret", func(b *tab) { b.fill("#secret", "wrong"); b.follow("#main .primary") }})
	b.inspect(scene{"archive", "/settings/apps/2/archive", nil})
	b.follow("#main button.danger")
	b.inspect(scene{"apps with an archived one", "/settings/apps", nil})
	b.follow(`form[action$="/restore"] button`)
	b.until(`document.querySelectorAll(".switcher option").length == 2`)
}
