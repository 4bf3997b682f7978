package store

import (
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/wechat/ledger"
)

// request is as long as usual.
const request = `{"touser":"oABC-openid-0123456789-abcde","template_id":"aH2Yh0m8vCj5LrL0mBxY3UtwPjRu9yGq4u3LzJcN7xk",
"page":"pages/order?id=1","form_id":"","data":{"keyword1":{"value":"TIT造舰厂"},"keyword2":{"value":"2016年6月6日"},
"keyword3":{"value":"咖啡"},"keyword4":{"value":"12.00元"}}}`

func openIDOf(n int) string { return fmt.Sprintf("oABC-openid-%016d", n) }

// took is how long the writes first to last take when so many callers share them.
func took(b *testing.B, writers, first, last int, write func(n int) error) time.Duration {
	b.Helper()
	var n atomic.Int64
	n.Store(int64(first))
	var wg sync.WaitGroup
	start := time.Now()
	for range writers {
		wg.Go(func() {
			for i := n.Add(1) - 1; i < int64(last); i = n.Add(1) - 1 {
				if err := write(int(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// reported puts a right of their own in the ledger for the openids first to last.
func (f *fixture) reported(t testing.TB, first, last int) {
	t.Helper()
	var reports []ledger.Report
	for n := first; n < last; n++ {
		reports = append(reports, ledger.Report{OpenID: openIDOf(n), ID: fmt.Sprint("right-", n)})
	}
	_, err := f.ReportRights(t.Context(), f.by, f.app.ID, reports)
	noError(t, err)
}

// A warm Open against opening the same file with the driver and nothing else.
func BenchmarkOpen(b *testing.B) {
	f := newFixture(b)
	noError(b, f.Close())
	var base, ours time.Duration
	for b.Loop() {
		start := time.Now()
		db, err := sql.Open("sqlite", "file:"+f.file())
		noError(b, err)
		noError(b, db.Ping())
		base += time.Since(start)
		noError(b, db.Close())

		start = time.Now()
		s, err := tryOpen(b, f.dir, Options{Now: f.clock.now})
		noError(b, err)
		ours += time.Since(start)
		noError(b, s.Close())
	}
	b.ReportMetric(float64(ours)/float64(base), "ratio")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/open")
	b.ReportMetric(0, "ns/op")
	info, err := os.Stat(f.file())
	noError(b, err)
	b.ReportMetric(float64(info.Size()), "bytes")
}

// One page of a list among 10,000, against the count(*) that goes with it.
func BenchmarkSends(b *testing.B) {
	f := newFixture(b)
	noError(b, f.write(b.Context(), func(t *tx) error {
		for i := range 10_000 {
			asked := attempt(f.app.ID, fmt.Sprint(i))
			asked.Request = make([]byte, 500)
			if _, _, err := t.beginSend(f.by, ask(asked), f.process.ID()); err != nil {
				return err
			}
		}
		return nil
	}))
	var base, ours time.Duration
	for b.Loop() {
		start := time.Now()
		_, err := one(b.Context(), f.readers, scan[int], "SELECT count(*) FROM sends WHERE app = ?", f.app.ID)
		noError(b, err)
		base += time.Since(start)
		start = time.Now()
		_, _, err = f.Sends(b.Context(), SendFilter{App: f.app.ID})
		noError(b, err)
		ours += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(base), "ratio")
}
