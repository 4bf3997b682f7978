package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"muban/web/webtest"
)

// The same as without a mirror, from it: every request draws the page anew.
func BenchmarkMirroredLibraryPageAgainstABareHandler(b *testing.B) {
	c, _ := webtest.Synced(b)
	header := signedInHeader(c)
	ours := dial(b, c.URL, "/library?offset=0&count=20&n=00000000", header)
	at := bytes.Index(ours.request, []byte("00000000"))
	n := 0
	compare(b, c, header, func() {
		n++
		copy(ours.request[at:], fmt.Sprintf("%08d", n))
		if status, _ := ours.ask(b); status != http.StatusOK {
			b.Fatal(status)
		}
	})
}

// A search is never kept: each is found and drawn anew.
func BenchmarkSearchedLibraryPageAgainstABareHandler(b *testing.B) {
	c, _ := webtest.Synced(b)
	header := signedInHeader(c)
	ours := dial(b, c.URL, webtest.Search("q", "通知"), header)
	compare(b, c, header, func() { ours.ask(b) })
}
