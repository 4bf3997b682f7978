package web_test

import (
	"testing"
	"time"

	"muban/store"
	"muban/wechat/library"

	cdppage "github.com/chromedp/cdproto/page"
)

// Pages that need somebody else to come between, or a WeChat that is slow or away.
func TestBrowserFindsNothingToMendWhereThingsWentOtherwise(t *testing.T) {
	source := axeSource(t)
	c := newConsole(t)
	app := c.addApp("wx0123456789abcdef")
	qa := c.person(store.QA)
	b := openTab(c, t, store.Administrator)
	call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	b.expect("status of 409")
	roles := []store.Role{store.Operator, store.ProductManager}
	b.inspect(scene{"roles changed meanwhile", pathWith("/settings/people/", qa.ID), func(b *tab) {
		roles[0], roles[1] = roles[1], roles[0] // a scene is played more than once
		must(t, c.store.SetRoles(t.Context(), store.Actor{}, qa.ID, "", roles[0], store.AppRoles{app.ID: roles[1]}))
		b.follow("#main .primary")
	}})
	b.inspect(scene{"an app changed meanwhile", pathWith("/settings/apps/", app.ID), func(b *tab) {
		app.Name += "x"
		must(t, c.store.UpdateApp(t.Context(), store.Actor{}, "", app))
		b.follow("#main .panel .primary")
	}})
	must(t, c.store.StartSync(t.Context(), store.Actor{}, c.app().ID))
	orders, err := c.store.LibraryOrders(t.Context(), c.app().ID)
	must(t, err)
	must(t, c.store.EndSync(t.Context(), orders.Last.ID, library.Failed, library.Report{Reason: "internal", Err: "the disk is full"}, nil))
	b.inspect(scene{"a failed sync", "/library/sync", nil})
	c.slow(time.Second)
	b.inspect(scene{"an import under way", "/templates/import", func(b *tab) {
		b.fill("#text", importFile(100, false))
		b.follow(`button[value="check"]`)
	}})
}
