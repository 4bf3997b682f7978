package token_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/token"
)

func TestFault12_ExpiryCountsFromTheStartOfTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes = 10 * time.Second
		start := time.Now()
		b.gives(t, "token-1")
		if s := b.State(); !s.FetchedAt.Equal(start) || !s.ExpiresAt.Equal(start.Add(life)) {
			t.Errorf("%+v", s)
		}
	})
}

// The clock is set while the keeper runs. Wherever it goes, a caller gets a token that
// WeChat takes, and no loop begins.
func TestFault12_TheClockMayBeSetByAnHourEitherWay(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 3 * time.Hour, -3 * time.Hour, 24 * 365 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var off atomic.Int64
				b := newBench(func(o *token.Options) {
					// no monotonic part
					o.Now = func() time.Time { return time.Now().Add(time.Duration(off.Load())).Round(0) }
				})
				b.gives(t, "token-1")
				time.Sleep(30 * time.Minute)
				off.Store(int64(by))
				for range 8 * 60 { // 8 hours
					if _, err := b.Token(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Minute)
					minted := b.State().FetchedAt.Add(-time.Duration(off.Load()))
					if age := time.Since(minted); b.asked() > 1 && age > life {
						t.Fatalf("serves a token of %v ago", age)
					}
				}
				if n := b.asked(); n > 6 {
					t.Errorf("asked %d times in 8 hours", n)
				}
			})
		})
	}
}

// Both hold a token of the future when the clock is set right; one of them replaces it.
func TestFault12_AfterTheClockWasSetBackTwoProcessesMakeOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		ahead.Store(int64(time.Hour))
		clock := func(o *token.Options) {
			o.Now = func() time.Time { return time.Now().Round(0).Add(time.Duration(ahead.Load())) }
		}
		one := newBench(clock)
		o := token.Options{}
		clock(&o)
		two := one.restart(o)
		one.gives(t, "token-1")
		two.gives(t, "token-1")
		ahead.Store(0)
		time.Sleep(time.Second)
		for _, b := range []bench{one, two} {
			b.gives(t, "token-1") // and looks for another
			synctest.Wait()
			b.gives(t, "token-2")
		}
		one.wasAsked(t, 2)
	})
}

// A token stored under a clock that was ahead has an expiry that cannot be believed.
func TestFault12_ATokenOfTheFutureIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		ahead := time.Now().Add(time.Hour)
		b.stored.record = token.Record{Value: "future", FetchedAt: ahead, ExpiresAt: ahead.Add(life)}
		b.gives(t, "future")
		synctest.Wait()
		b.gives(t, "token-1")
		b.wasAsked(t, 1)
	})
}
