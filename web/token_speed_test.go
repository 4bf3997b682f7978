package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"muban/web"
	"muban/web/webtest"
)

// The goal: with the key checked on every call, counted and limited, at
// least half as fast as a handler that only writes such JSON.
func BenchmarkAccessTokenAgainstABareHandler(b *testing.B) {
	c := webtest.NewConsoleWith(b, manyCalls)
	s := c.Caller("token")
	header := bearer(s)
	var held webtest.Lent
	s.Get(webtest.SharedPath).Into(&held)
	base := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := json.Marshal(held)
		if err != nil {
			b.Error(err)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(append(body, '\n'))
	}))
	b.Cleanup(base.Close)
	bare, ours := dial(b, base.URL, webtest.SharedPath, header), dial(b, c.URL, webtest.SharedPath, header)
	report(b, func() { bare.ask(b) }, func() {
		if status, _ := ours.ask(b); status != http.StatusOK {
			b.Fatal(status)
		}
	})
}

// The same without the network between, where all that the two have in common is
// left out.
func BenchmarkAccessTokenHandler(b *testing.B) {
	c := webtest.NewConsoleWith(b, manyCalls)
	key, handler := c.Caller("token").Key, c.Muban.Handler()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := httptest.NewRequest(http.MethodGet, webtest.SharedPath, nil)
		r.Header.Set("Authorization", "Bearer "+key)
		for pb.Next() {
			w := &sink{header: http.Header{}}
			handler.ServeHTTP(w, r)
			if w.status != http.StatusOK {
				b.Fatal(w.status)
			}
		}
	})
}

// sink is a ResponseWriter that keeps the status alone.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(b []byte) (int, error) { return io.Discard.Write(b) }

// manyCalls lets a benchmark call as often as it can.
func manyCalls(w *web.Config) { w.KeyRate = 10_000_000 }
