package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/ledger"
)

// fill puts n rights in the ledger, five for every openid, made evenly over the last 36 days: those of the
// last seven are usable, the others are over.
func (f *fixture) fill(t testing.TB, n int) {
	t.Helper()
	now := millis(f.clock.now())
	week := wechat.RightLifetime.Milliseconds()
	noError(t, f.write(t.Context(), func(t *tx) error {
		return t.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1),
				made (i, at) AS (SELECT i, ? - (? - i) * 36 * 24 * 3600 * 1000 / ? FROM n)
			INSERT INTO rights (app, right_id, kind, openid, total, used, closed, made_at, reported_at, expires_at)
			SELECT ?, printf('fill-%027d', i), 'form', printf('oABC-openid-%016d', i % (? / 5)), 1,
				at + ? <= ? AND i % 3 = 0, iif(at + ? <= ?, iif(i % 3 = 0, 'spent', 'expired'), ''), at, at, at + ?
			FROM made`, n, now, n, n, f.app.ID, n, week, now, week, now, week)
	}))
}

// A ledger of a million against one of a thousand, in the same run: it stays quick when a page, a pick or a
// round of pruning takes about as long (issue 5). It takes a minute to fill.
func BenchmarkLedgerOfAMillion(b *testing.B) {
	small, large := newFixture(b), newFixture(b)
	small.fill(b, 1000)
	large.fill(b, 1_000_000)
	for _, c := range []struct {
		name string
		do   func(b *testing.B, f *fixture)
	}{
		{"rights", func(b *testing.B, f *fixture) {
			_, _, err := f.Rights(b.Context(), RightFilter{App: f.app.ID})
			noError(b, err)
		}},
		{"usable", func(b *testing.B, f *fixture) {
			_, _, err := f.Rights(b.Context(), RightFilter{App: f.app.ID, State: ledger.Usable})
			noError(b, err)
		}},
		{"expired", func(b *testing.B, f *fixture) {
			_, _, err := f.Rights(b.Context(), RightFilter{App: f.app.ID, State: ledger.EndExpired})
			noError(b, err)
		}},
		{"openid", func(b *testing.B, f *fixture) {
			_, _, err := f.Rights(b.Context(), RightFilter{App: f.app.ID, OpenID: openIDOf(7)})
			noError(b, err)
		}},
		{"standings", func(b *testing.B, f *fixture) {
			_, _, err := f.Balances(b.Context(), f.app.ID, 0, 20)
			noError(b, err)
		}},
		{"unreachable", func(b *testing.B, f *fixture) {
			_, _, err := f.Unreachable(b.Context(), f.app.ID, 0, 20)
			noError(b, err)
		}},
		{"keep, nothing to do", func(b *testing.B, f *fixture) {
			_, _, err := f.KeepRights(b.Context())
			noError(b, err)
		}},
		{"reserve by 64", func(b *testing.B, f *fixture) {
			size := 1000
			if f == large {
				size = 1_000_000
			}
			reserveBy64(b, f, size)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ratios []float64
			var ours time.Duration
			for b.Loop() {
				base, us := timed(func() { c.do(b, small) }), timed(func() { c.do(b, large) })
				ratios, ours = append(ratios, float64(us)/float64(base)), ours+us
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/op")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("prune", func(b *testing.B) { prune(b, large) })
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

// reserveBy64 picks and releases the rights of sixteen openids, so that the writers contend for them.
func reserveBy64(b *testing.B, f *fixture, size int) {
	key := time.Now().UnixNano()
	took(b, 64, 0, 256, func(n int) error {
		newest := openIDOf(size/5 - 1 - n%16)
		x, _, err := f.BeginSend(b.Context(), f.by, Send{App: f.app.ID, Key: fmt.Sprint(key, n), OpenID: newest, Request: []byte(request)})
		if _, held := errors.AsType[*ledger.Refusal](err); held {
			return nil
		}
		if err != nil {
			return err
		}
		x.Outcome = "refused"
		return f.FinishSend(b.Context(), f.by, x)
	})
}

// prune removes a day's rights, in batches so short that a send waits for none of them for long.
func prune(b *testing.B, f *fixture) {
	for b.Loop() {
		f.clock.advance(24 * time.Hour)
		var longest, whole time.Duration
		pruned := 0
		for n := keepingBatch; n == keepingBatch; {
			took := timed(func() {
				noError(b, f.write(b.Context(), func(t *tx) (err error) {
					n, err = t.pruneRights(f.app.ID, DefaultRightsKept)
					return err
				}))
			})
			longest, whole, pruned = max(longest, took), whole+took, pruned+n
		}
		b.ReportMetric(float64(pruned)/whole.Seconds(), "rights/s")
		b.ReportMetric(float64(longest.Microseconds())/1000, "ms/longest-batch")
		b.ReportMetric(0, "ns/op")
	}
}
