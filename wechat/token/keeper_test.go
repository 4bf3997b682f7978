package token_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

func TestFault01_AThousandCallersAtExpiryMakeOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes = time.Second
		b.gives(t, "token-1")
		time.Sleep(life)
		together(1000, func(int) { b.gives(t, "token-2") })
		b.wasAsked(t, 2)
	})
}

// "also when paused between looking and asking": callers take their look at the clock,
// then stand still while another fetches.
func TestFault01_CallersPausedBetweenLookingAndAskingMakeNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var paused atomic.Bool
		gate := make(chan struct{})
		b := newBench(func(o *token.Options) {
			o.Now = func() time.Time {
				now := time.Now()
				if paused.Load() {
					<-gate
				}
				return now
			}
		})
		b.takes = time.Second
		b.gives(t, "token-1")
		time.Sleep(life)
		paused.Store(true)
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { b.gives(t, "token-2") })
		}
		synctest.Wait() // all of them have looked
		paused.Store(false)
		b.gives(t, "token-2")
		close(gate)
		wg.Wait()
		b.wasAsked(t, 2)
	})
}

func TestFault02_TheFirstCallerGivesUpAndTheOthersGetTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := b.Token(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the first caller got %v", err)
			}
		}()
		synctest.Wait()
		time.AfterFunc(time.Second/2, cancel)
		together(100, func(int) { b.gives(t, "token-1") })
		b.wasAsked(t, 1)
	})
}

func TestFault03_ALateReportOfAnOlderTokenRefreshesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		b.refreshed(t, "token-1", "token-2")
		for _, old := range []wechat.Secret{"token-1", "token-0", ""} {
			b.refreshed(t, old, "token-2")
		}
		b.wasAsked(t, 2)
	})
}

func (b bench) refreshed(t *testing.T, rejected wechat.Secret, want string) {
	t.Helper()
	if got, err := b.Refresh(t.Context(), rejected); err != nil || got.Reveal() != want {
		t.Errorf("Refresh gives %q, %v, want %q", got.Reveal(), err, want)
	}
}

func TestFault03_AThousandReportsOfOneTokenMakeOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		b.now(func(u *upstream) { u.takes = time.Second })
		together(1000, func(int) { b.refreshed(t, "token-1", "token-2") })
		together(1000, func(int) { b.refreshed(t, "token-1", "token-2") })
		b.wasAsked(t, 2)
	})
}

func TestTheOldTokenIsServedWhileTheNewOneIsFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		b.now(func(u *upstream) { u.takes = 3 * time.Second })
		time.Sleep(life - 5*time.Minute)
		start := time.Now()
		together(1000, func(int) { b.gives(t, "token-1") })
		if time.Since(start) != 0 {
			t.Error("somebody waited")
		}
		if s := b.State(); !s.Refreshing || !s.Healthy {
			t.Errorf("%+v", s)
		}
		time.Sleep(4 * time.Second)
		b.gives(t, "token-2")
		b.wasAsked(t, 2)
	})
}

// Tokens that are rejected without end do not cause fetches without end.
func TestFault05_TokensRejectedOneAfterTheOtherAreNotFetchedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.run(t)
		current, _ := b.Token(t.Context())
		refused := 0
		for range 24 * 60 * 60 {
			if next, err := b.Refresh(t.Context(), current); err == nil {
				current = next
			} else if errors.Is(err, token.ErrTooSoon) {
				refused++
			} else {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if n := b.asked(); n > 400 || n < 100 || refused == 0 {
			t.Errorf("%d fetches in a day", n)
		}
		b.gives(t, current.Reveal())
	})
}

func TestATokenRejectedLongAfterItsFetchIsReplacedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		for i := range 40 {
			time.Sleep(10 * time.Minute)
			b.refreshed(t, wechat.Secret(fmt.Sprint("token-", i+1)), fmt.Sprint("token-", i+2))
		}
	})
}
