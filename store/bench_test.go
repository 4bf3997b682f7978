package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/wechat/ledger"
)

// alone answers a write that commits each change in a transaction of its own: what group commit is measured against.
func (s *Store) alone(ctx context.Context) func(change func(*tx) error) error {
	var turn sync.Mutex
	return func(change func(*tx) error) error {
		turn.Lock()
		defer turn.Unlock()
		return s.write(ctx, change)
	}
}

// deeds are what business servers do, as durable writes.
func (f *fixture) deeds() map[string]func(write func(func(*tx) error) error, n int) error {
	return map[string]func(func(func(*tx) error) error, int) error{
		"report": func(write func(func(*tx) error) error, n int) error {
			return write(func(t *tx) error {
				_, err := t.reportRights(f.by, f.app.ID, []ledger.Report{{OpenID: openIDOf(n), ID: fmt.Sprint("form-", n)}})
				return err
			})
		},
		"send": func(write func(func(*tx) error) error, n int) error { // of a right that is there: two writes
			x := Send{App: f.app.ID, Key: fmt.Sprint(n), OpenID: openIDOf(n), Request: []byte(request)}
			err := write(func(t *tx) (err error) {
				x, _, err = t.beginSend(f.by, ask(x), f.process.ID())
				return err
			})
			if err != nil {
				return err
			}
			x.Outcome = "sent"
			return write(func(t *tx) error { return t.finishSend(f.by, x, ActSendFinish) })
		},
	}
}

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

// Durable writes acknowledged after the commit, against one transaction a write (the goal: ≥ 15 at 64
// writers, no slower at one). What is gained is the disk's sync, so it depends on how long that takes.
func BenchmarkDurable(b *testing.B) {
	for _, what := range []string{"report", "send"} {
		for _, writers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/writers=%d", what, writers), func(b *testing.B) {
				f := newFixture(b)
				do := f.deeds()[what]
				together := func(n int) error { return do(func(c func(*tx) error) error { return f.write(b.Context(), c) }, n) }
				one := f.alone(b.Context())
				alone := func(n int) error { return do(one, n) }
				next, round := 0, 4*writers+36
				once := func(write func(int) error) time.Duration {
					next += round
					f.reported(b, next-round, next)
					return took(b, writers, next-round, next, write)
				}
				once(together)
				var ratios []float64
				var ours time.Duration
				for b.Loop() {
					base, us := once(alone), once(together)
					ratios, ours = append(ratios, float64(base)/float64(us)), ours+us
				}
				slices.Sort(ratios)
				b.ReportMetric(ratios[len(ratios)/2], "ratio")
				b.ReportMetric(float64(b.N*round)/ours.Seconds(), what+"s/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
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
