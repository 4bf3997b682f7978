package store

import (
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// alone commits the change in a transaction of its own: what group commit is measured against.
func (s *Store) alone(change func(*tx) error, b testing.TB) error {
	j := &job{ctx: b.Context(), change: change, done: make(chan struct{})}
	s.writer.turn <- struct{}{}
	defer func() { <-s.writer.turn }()
	s.writer.run([]*job{j})
	return j.result()
}

// sendOnce begins and finishes one send: two durable writes, each with its activity row.
func (f *fixture) sendOnce(write func(func(*tx) error) error, key string) error {
	var x Send
	err := write(func(t *tx) (err error) {
		x, err = t.beginSend(f.by, Send{App: f.app.ID, Key: key, Request: make([]byte, 500)}, f.run.id)
		return err
	})
	if err != nil {
		return err
	}
	x.Outcome = "sent"
	return write(func(t *tx) error { return t.finishSend(f.by, x, ActSendFinish) })
}

func (f *fixture) sendsPerSecond(b *testing.B, writers, sends int, write func(func(*tx) error) error) float64 {
	b.Helper()
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	prefix := fmt.Sprint(start.UnixNano())
	for range writers {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(sends); i = n.Add(1) {
				if err := f.sendOnce(write, fmt.Sprint(prefix, i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(sends) / time.Since(start).Seconds()
}

// Durable writes acknowledged after the commit, against one transaction a write (speed.md: ≥ 15 at 64
// writers, no slower at one). How much it gains depends on how long the disk takes to sync.
func BenchmarkSend(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			f := newFixture(b)
			together := func(change func(*tx) error) error { return f.write(b.Context(), change) }
			alone := func(change func(*tx) error) error { return f.alone(change, b) }
			f.sendsPerSecond(b, writers, 200, together)
			var base, ours float64
			for b.Loop() {
				base += f.sendsPerSecond(b, writers, 20*writers+200, alone)
				ours += f.sendsPerSecond(b, writers, 20*writers+200, together)
			}
			b.ReportMetric(ours/base, "ratio")
			b.ReportMetric(ours/float64(b.N), "sends/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// A warm Open against opening the same file with the driver and nothing else.
func BenchmarkOpen(b *testing.B) {
	f := newFixture(b)
	noError(b, f.Close())
	var base, ours time.Duration
	for b.Loop() {
		start := time.Now()
		db, err := sql.Open("sqlite", dsn(f.file(), ""))
		noError(b, err)
		noError(b, db.Ping())
		base += time.Since(start)
		noError(b, db.Close())

		start = time.Now()
		s, err := Open(b.Context(), f.dir, Options{Now: f.clock.now})
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
			if _, err := t.beginSend(f.by, Send{App: f.app.ID, Key: fmt.Sprint(i), Request: make([]byte, 500)}, f.run.id); err != nil {
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
