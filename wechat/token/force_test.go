package token_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/token"
)

func TestFault04_RefreshesByHandHaveAFloorAndADailyBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		force := func(want error) {
			t.Helper()
			if _, err := b.Force(t.Context()); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		for i := range 20 {
			if left := b.State().ForcedLeft; left != 20-i {
				t.Errorf("%d left after %d", left, i)
			}
			force(nil)
			force(token.ErrTooSoon)
			time.Sleep(30*time.Second - time.Nanosecond)
			force(token.ErrTooSoon)
			time.Sleep(time.Nanosecond)
		}
		b.wasAsked(t, 21)
		force(token.ErrBudget)
		time.Sleep(24*time.Hour - 10*time.Minute) // to when the first is forgotten
		force(nil)
		force(token.ErrTooSoon)
	})
}

func TestFault04_AClockThatWasAheadDoesNotTieTheHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		ahead.Store(int64(time.Hour))
		b := newBench(func(o *token.Options) {
			o.Now = func() time.Time { return time.Now().Round(0).Add(time.Duration(ahead.Load())) }
		})
		if _, err := b.Force(t.Context()); err != nil {
			t.Fatal(err)
		}
		ahead.Store(0)
		if _, err := b.Force(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestFault04_ManyHandsAtOnceMakeOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		b.now(func(u *upstream) { u.takes = time.Second })
		together(100, func(int) {
			if got, err := b.Force(t.Context()); err != nil || got.Reveal() != "token-2" {
				t.Errorf("got %q, %v", got.Reveal(), err)
			}
		})
		b.wasAsked(t, 2)
	})
}
