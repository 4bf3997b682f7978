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
