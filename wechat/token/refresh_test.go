package token_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

func logged(w io.Writer) func(*token.Options) {
	return func(o *token.Options) { o.Log = slog.New(slog.NewTextHandler(w, nil)) }
}

func (b bench) refreshedWithError(t *testing.T) {
	t.Helper()
	if _, err := b.Refresh(t.Context(), "token-1"); err == nil {
		t.Error("Refresh succeeds")
	}
}

func TestRunRefreshesAheadOfExpiryWithoutBeingAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.run(t)
		time.Sleep(24 * time.Hour)
		// Every 1 h 55 min, beginning at once.
		b.wasAsked(t, 13)
		if s := b.State(); !s.Healthy || time.Until(s.ExpiresAt) < 5*time.Minute {
			t.Errorf("%+v", s)
		}
	})
}

func TestRunEndsWithItsContextAndLetsTheLastFetchLand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes = 2 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if b.stored.holds().Value != "token-1" {
			t.Error("the token under way was lost")
		}
	})
}

func TestEveryFetchIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var events []token.Event
		b := newBench(func(o *token.Options) {
			o.OnRefresh = func(e token.Event) {
				mu.Lock()
				defer mu.Unlock()
				events = append(events, e)
			}
		})
		b.takes = time.Second
		b.gives(t, "token-1")
		b.refreshed(t, "token-1", "token-2")
		b.Force(t.Context())
		synctest.Wait() // a caller may get the token before the fetch is reported
		failure := errors.New("no")
		b.Replace(func(context.Context, bool) (wechat.Token, error) { return wechat.Token{}, failure })
		b.gives(t, "token-3")
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(events) != 4 {
			t.Fatalf("%d events", len(events))
		}
		for i, want := range []token.Reason{token.Due, token.Outside, token.Forced, token.Replaced} {
			e := events[i]
			if e.Reason != want || e.AppID != "wx1" || (e.Err != nil) != (i == 3) ||
				!e.ExpiresAt.After(time.Now()) || (i < 3 && e.Took != time.Second) {
				t.Errorf("event %d is %+v", i, e)
			}
		}
	})
}

func TestRunWaitsQuietlyForAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int32
		b := newBench(func(o *token.Options) {
			o.Now = func() time.Time { looks.Add(1); return time.Now() }
		})
		b.takes = 14 * time.Second
		b.run(t)
		time.Sleep(20 * time.Second)
		if n := looks.Load(); n > 50 {
			t.Errorf("looked at the clock %d times", n)
		}
	})
}

func TestALiveTokenCostsNoAllocation(t *testing.T) {
	k := token.New("wx1", new(upstream).fetch, &memory{}, token.Options{})
	ctx := t.Context()
	if _, err := k.Token(ctx); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { k.Token(ctx) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkTokenParallel compares a live token with one atomic load. Most of the
// difference is the look at the clock.
func BenchmarkTokenParallel(b *testing.B) {
	k := token.New("wx1", new(upstream).fetch, &memory{}, token.Options{})
	ctx := b.Context()
	if _, err := k.Token(ctx); err != nil {
		b.Fatal(err)
	}
	var pointer atomic.Pointer[token.Record]
	pointer.Store(&token.Record{})
	const round = 200_000
	var ours, theirs time.Duration
	for b.Loop() {
		ours += parallel(round, func() { k.Token(ctx) })
		theirs += parallel(round, func() { pointer.Load() })
	}
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N)/round, "ns/token")
	b.ReportMetric(float64(theirs)/float64(ours), "ratio")
}

func parallel(n int, f func()) time.Duration {
	start := time.Now()
	together(2, func(int) {
		for range n {
			f()
		}
	})
	return time.Since(start)
}
