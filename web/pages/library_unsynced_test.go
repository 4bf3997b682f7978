package pages_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

// A page about one title of a library that was never read as a whole asks for that title alone, whether
// it is shown, changed or saved.
func TestAnUnsyncedTitlePageDoesNotReadTheList(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	for _, id := range []string{"AT0002", "AT0016"} {
		if p := b.Get("/library/" + id).Answers(http.StatusOK); !p.Has("#unsynced a[href='/library/sync']") {
			t.Error("nothing leads to the sync")
		}
		keyword := b.Get("/library/"+id).Doc.Find("button[name=do][value^='add:']").First().AttrOr("value", "")
		if keyword == "" {
			t.Fatal("no keyword can be chosen")
		}
		b.Post("/library/"+id, url.Values{"k": {keyword[len("add:"):]}, "do": {"save"}}).Answers(http.StatusOK)
	}
	b.Get("/drafts/1").Answers(http.StatusOK)
	if n := c.Calls("library/list"); n != 0 {
		t.Errorf("the list was asked for %d times", n)
	}
}

// A new title is compared with the whole list, which is read at the pace of a sync while the page is there
// already.
func TestAnUnsyncedProposalReadsTheListSlowly(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(o *web.Config) { o.LibraryPause = 100 * time.Millisecond })
	b := c.As(store.ProductManager)
	began := time.Now()
	for _, title := range []string{"渡河提醒", "渡口通知", "过河通知"} {
		p := b.Post("/drafts/new", url.Values{"title": {title}, "do": {"check"}}).Answers(http.StatusOK)
		if !p.Has("#unsynced") {
			t.Error("the page does not say that the library is not synced")
		}
	}
	if n, most := c.Calls("library/list"), 2+int(time.Since(began)/(100*time.Millisecond)); n == 0 || n > most {
		t.Errorf("the list was asked for %d times in %s", n, time.Since(began))
	}
}

// The sandbox disturbs nobody, so its library is read without being asked, once; a real app's is offered with how long
// it takes.
func TestTheSandboxSyncsItsLibraryByItselfAtTheFirstStart(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	other := c.AddApp("wx0000000000000002")
	stop := c.Running()
	b := c.As(store.Operator)
	done := func(p *webtest.Page) bool { return p.Says("main", "sync.outcome_complete") }
	if p := b.AwaitSync("complete", done); p.Has(`#sync-history tbody tr:nth-child(2)`) || !p.Says("#sync-history", "sync.by_itself") {
		t.Errorf("%s", p.Text("#sync-history"))
	}
	stop()
	c.Server.Close()
	c.Start(webtest.Hasty) // a later start reads nothing by itself
	c.Running()
	c.As(store.Operator).Sync()
	if syncs, err := c.Store.Syncs(t.Context(), c.App().ID, "template"); err != nil || len(syncs) != 2 || syncs[0].By != "operator" || syncs[1].By != "" {
		t.Errorf("%+v, %v", syncs, err)
	}
	real, err := c.Store.LibraryOrders(t.Context(), other.ID, "template")
	if webtest.Must(t, err); real.Last.ID != 0 {
		t.Error("a library of WeChat's was read without being asked")
	}
}
