package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"muban/store"
	"muban/web"
)

// A page about one title of a library that was never read as a whole asks for that title alone, whether
// it is shown, changed or saved.
func TestAnUnsyncedTitlePageDoesNotReadTheList(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	for _, id := range []string{"AT0002", "AT0016"} {
		if p := b.get("/library/"+id).expect(http.StatusOK, ""); !p.has("#unsynced a[href='/library/sync']") {
			t.Error("nothing leads to the sync")
		}
		keyword := b.get("/library/"+id).doc.Find("button[name=do][value^='add:']").First().AttrOr("value", "")
		if keyword == "" {
			t.Fatal("no keyword can be chosen")
		}
		b.post("/library/"+id, url.Values{"k": {keyword[len("add:"):]}, "do": {"save"}}).expect(http.StatusOK, "")
	}
	b.get("/drafts/1").expect(http.StatusOK, "")
	if n := c.calls("library/list"); n != 0 {
		t.Errorf("the list was asked for %d times", n)
	}
}

// A new title is compared with the whole list, which is read at the pace of a sync while the page is there
// already.
func TestAnUnsyncedProposalReadsTheListSlowly(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(o *web.Config) { o.LibraryPause = 100 * time.Millisecond })
	b := c.as(store.ProductManager)
	began := time.Now()
	for _, title := range []string{"渡河提醒", "渡口通知", "过河通知"} {
		p := b.post("/drafts/new", url.Values{"title": {title}, "do": {"check"}}).expect(http.StatusOK, "")
		if !p.has("#unsynced") {
			t.Error("the page does not say that the library is not synced")
		}
	}
	if n, most := c.calls("library/list"), 2+int(time.Since(began)/(100*time.Millisecond)); n == 0 || n > most {
		t.Errorf("the list was asked for %d times in %s", n, time.Since(began))
	}
}
