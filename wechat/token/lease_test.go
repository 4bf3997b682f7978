package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

// broken is what processes share on a disk that is full. How several processes get along
// on a real store is tested in store/keepers_test.go.
type broken struct{}

var errFull = errors.New("disk full")

func (broken) TakeLease(context.Context, string, string, time.Duration) (bool, error) {
	return false, errFull
}
func (broken) ReleaseLease(context.Context, string, string) error     { return errFull }
func (broken) BeginFetch(context.Context, token.Event) (int64, error) { return 0, errFull }
func (broken) EndFetch(context.Context, token.Event) error            { return errFull }
func (broken) Fetches(context.Context, string, time.Time) ([]token.Event, error) {
	return nil, errFull
}

func TestFault14_WithoutAStoreToTakeTurnsByTheTokenIsFetchedAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(func(o *token.Options) { o.Shared = broken{} })
		b.stored.fail(errFull)
		b.run(t)
		b.gives(t, "token-1")
		time.Sleep(life)
		b.gives(t, "token-2")
		if _, err := b.Force(t.Context()); err != nil {
			t.Error(err)
		}
		b.gives(t, "token-3")
		if _, err := b.Force(t.Context()); !errors.Is(err, token.ErrTooSoon) {
			t.Errorf("the floor is gone: %v", err)
		}
		b.wasAsked(t, 3)
	})
}

// A refresh by hand whose answer got lost may have ended the token: that is our own
// doing, and no stranger's.
func TestATokenThatDiesAfterALostAnswerIsNotBlamedOnOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan token.Event, 3)
		b := newBench(func(o *token.Options) { o.OnRefresh = func(e token.Event) { events <- e } })
		b.gives(t, "token-1")
		time.Sleep(time.Minute)
		b.now(func(u *upstream) { u.err = &wechat.CallError{Op: "token", Err: wechat.ErrNoAnswer} })
		b.Force(t.Context())
		b.now(func(u *upstream) { u.err = nil })
		time.Sleep(2 * time.Second)
		b.refreshed(t, "token-1", "token-3")
		for _, want := range []token.Reason{token.Due, token.Forced, token.Rejected} {
			if e := <-events; e.Reason != want {
				t.Errorf("%+v, want %s", e, want)
			}
		}
	})
}

func TestAFetchIsToldOfWithWhoAskedForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan token.Event, 10)
		b := newBench(func(o *token.Options) { o.OnRefresh = func(e token.Event) { events <- e } })
		b.gives(t, "token-1")
		if _, err := b.Force(token.AskedBy(t.Context(), "person:Wang")); err != nil {
			t.Fatal(err)
		}
		b.now(func(u *upstream) { u.err = &wechat.Error{Code: 40164} })
		if _, err := b.Refresh(token.AskedBy(t.Context(), "key:k3v9"), "token-2"); err == nil {
			t.Error("no error")
		}
		synctest.Wait()
		for _, want := range []string{"", "person:Wang", "key:k3v9"} {
			if e := <-events; e.By != want {
				t.Errorf("asked by %q, want %q", e.By, want)
			} else if want == "key:k3v9" && (e.Fails != 1 || !e.NextAttempt.After(time.Now()) ||
				!e.FailingSince.Equal(e.Start)) {
				t.Errorf("%+v", e)
			}
		}
	})
}
