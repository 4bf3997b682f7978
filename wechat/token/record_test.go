package token_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/token"
)

// As far as the store allows, a second process takes over what the first
// fetched, unless both ask at the same moment.
func TestFault09_ATokenThatAnotherProcessFetchedIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := newBench()
		two := one.restart(token.Options{})
		one.gives(t, "token-1")
		two.gives(t, "token-1")
		time.Sleep(life - 5*time.Minute)
		one.gives(t, "token-1") // and fetches
		synctest.Wait()
		one.gives(t, "token-2")
		two.gives(t, "token-1")
		synctest.Wait()
		two.gives(t, "token-2")
		one.refreshed(t, "token-2", "token-3")
		two.refreshed(t, "token-2", "token-3")
		one.wasAsked(t, 3)
	})
}

func TestFault09_AStoredTokenAboutToExpireIsNotTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		time.Sleep(life)
		b.stored.SaveToken(t.Context(), "wx1", token.Record{
			Value: "dying", FetchedAt: time.Now().Add(time.Minute - life), ExpiresAt: time.Now().Add(time.Minute),
		})
		b.gives(t, "token-2")
	})
}

func TestFault13_TwentyRestartsRefreshNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		for range 20 {
			time.Sleep(5 * time.Minute)
			b = b.restart(token.Options{})
			b.run(t)
			b.gives(t, "token-1")
		}
		b.wasAsked(t, 1)
		if s := b.State(); !s.Healthy || !s.ExpiresAt.Equal(b.stored.holds().ExpiresAt) {
			t.Errorf("%+v", s)
		}
	})
}

func TestFault13_AfterARestartAnExpiredTokenIsNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		time.Sleep(life)
		b = b.restart(token.Options{})
		b.gives(t, "token-2")
	})
}

func TestFault14_ATokenThatCannotBeStoredIsServedAndStoredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.run(t)
		b.gives(t, "token-1")
		b.stored.fail(errors.New("disk full"))
		b.refreshed(t, "token-1", "token-2")
		b.gives(t, "token-2")
		if s := b.State(); !s.Unsaved || !s.Healthy || b.stored.holds().Value != "token-1" {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Hour)
		b.stored.fail(nil)
		time.Sleep(11 * time.Second)
		if s := b.State(); s.Unsaved || b.stored.holds().Value != "token-2" {
			t.Errorf("%+v", s)
		}
		b.wasAsked(t, 2)
	})
}

func TestFault14_AStoreThatCannotBeReadDoesNotStopTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.stored.fail(errors.New("disk gone"))
		b.gives(t, "token-1")
		time.Sleep(time.Hour)
		b.gives(t, "token-1")
		b.wasAsked(t, 1)
	})
}
