package browsertest_test

import (
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/library"
)

// Pages that need somebody else to come between, or a WeChat that is slow or away.
func TestBrowserFindsNothingToMendWhereThingsWentOtherwise(t *testing.T) {
	source := axeSource(t)
	c := webtest.NewConsole(t)
	app := c.AddApp("wx0123456789abcdef")
	qa := c.Person(store.QA)
	b := openTab(c, t, store.Administrator)
	call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	b.expect("status of 409")
	roles := []store.Role{store.Operator, store.ProductManager}
	b.inspect(scene{"roles changed meanwhile", webtest.PathWith("/settings/people/", qa.ID), func(b *tab) {
		roles[0], roles[1] = roles[1], roles[0] // a scene is played more than once
		webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, qa.ID, "", roles[0], store.AppRoles{app.ID: roles[1]}))
		b.follow("#main .primary")
	}})
	b.inspect(scene{"an app changed meanwhile", webtest.PathWith("/settings/apps/", app.ID), func(b *tab) {
		app.Name += "x"
		webtest.Must(t, c.Store.UpdateApp(t.Context(), store.Actor{}, "", app))
		b.follow("#main .panel .primary")
	}})
	webtest.Must(t, c.Store.StartSync(t.Context(), store.Actor{}, c.App().ID, "template"))
	orders, err := c.Store.LibraryOrders(t.Context(), c.App().ID, "template")
	webtest.Must(t, err)
	webtest.Must(t, c.Store.EndSync(t.Context(), orders.Last.ID, library.Failed, library.Report{Reason: "internal", Err: "the disk is full"}, nil))
	b.inspect(scene{"a failed sync", "/library/sync", nil})
	c.Slow(time.Second)
	b.inspect(scene{"an import under way", "/templates/import", func(b *tab) {
		b.fill("#text", webtest.ImportFile(100, false))
		b.follow(`button[value="check"]`)
	}})
}
