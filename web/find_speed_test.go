package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

// A keystroke in the palette, among as much as it looks through, against the first page of the library
// drawn anew: at most half as long again is the goal, a ratio of .67.
func BenchmarkFindAgainstTheLibraryPage(b *testing.B) {
	c, _ := webtest.Synced(b)
	admin := c.As(store.Administrator)
	template := c.AddTemplate(admin, "AT0002")
	for i := range 200 {
		admin.SendTest(template).Expect(http.StatusOK, "outcome.sent")
		_, err := c.Store.AddDraft(b.Context(), store.Actor{Name: "a"}, store.Draft{App: c.App().ID, Proposed: true,
			Title: fmt.Sprintf("第%d号取件提醒", i+1)})
		webtest.Must(b, err)
	}
	header := signedInHeader(c)
	library := dial(b, c.URL, "/library?offset=0&count=20&n=00000000", header)
	at, n := bytes.Index(library.request, []byte("00000000")), 0
	fragment := header.Clone()
	fragment.Set("X-Fragment", "1")
	for _, text := range []string{"通知", "gmcg", "取件", "购买成功通知", "tx"} {
		find := dial(b, c.URL, "/find?q="+url.QueryEscape(text), fragment)
		b.Run(text, func(b *testing.B) {
			report(b, func() {
				n++
				copy(library.request[at:], fmt.Sprintf("%08d", n))
				library.ask(b)
			}, func() {
				if status, _ := find.ask(b); status != http.StatusOK {
					b.Fatal(status)
				}
			})
		})
	}
}
