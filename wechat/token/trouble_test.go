package token_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

func TestFault06_WhereOnlyAPersonCanHelpTheKeeperBacksOffAndTellsWhy(t *testing.T) {
	for code, kind := range map[int]error{
		40013: wechat.ErrAppID, 40125: wechat.ErrAppSecret, 40164: wechat.ErrIP, 40243: wechat.ErrFrozen,
		45009: wechat.ErrQuota,
		40001: wechat.ErrAppSecret, // fault 63: in a request for a token there is no other credential
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.run(t)
			b.gives(t, "token-1")
			refusal := &wechat.Error{Op: "token", Code: code, Msg: "why rid: 1"}
			b.now(func(u *upstream) { u.err = refusal })
			time.Sleep(life - time.Second)
			b.gives(t, "token-1")
			if s := b.State(); s.Healthy || !errors.Is(s.LastErr, kind) ||
				time.Since(s.FailingSince) != 5*time.Minute-time.Second || !s.NextAttempt.After(time.Now()) {
				t.Errorf("%d: %+v", code, s)
			}
			time.Sleep(2 * time.Second)
			before := b.asked()
			together(1000, func(int) {
				if _, err := b.Token(t.Context()); !errors.Is(err, kind) {
					t.Errorf("%d: after the expiry %v", code, err)
				}
			})
			b.wasAsked(t, before)
			time.Sleep(24 * time.Hour)
			if n := b.asked(); n < 90 || n > 110 { // every 15 minutes
				t.Errorf("%d: asked %d times in a day", code, n)
			}
			b.now(func(u *upstream) { u.err = nil })
			time.Sleep(16 * time.Minute)
			if s := b.State(); !s.Healthy || s.LastErr != nil || !s.FailingSince.IsZero() {
				t.Errorf("%d: after the repair %+v", code, s)
			}
		})
	}
}

// Whatever the back-off, one attempt is made when nothing is left to serve.
func TestFault06_AtItsExpiryTheTokenIsAskedForOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.run(t)
		b.gives(t, "token-1")
		b.now(func(u *upstream) { u.err = &wechat.Error{Op: "token", Code: 40164} })
		time.Sleep(life - time.Minute) // failed 5, 4 and 2 minutes before; next in 3
		b.wasAsked(t, 4)
		b.now(func(u *upstream) { u.err = nil })
		time.Sleep(time.Minute)
		b.gives(t, "token-5")
	})
}

func TestFault06_ARepairIsTriedAtOnceByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.upstream.err = &wechat.Error{Code: 40164}
		b.Token(t.Context())
		b.now(func(u *upstream) { u.err = nil })
		if _, err := b.Force(t.Context()); err != nil {
			t.Error(err)
		}
		b.gives(t, "token-2")
	})
}

func TestFault07_WhileARefreshFailsTheOldTokenIsServedUntilItExpires(t *testing.T) {
	for name, change := range map[string]func(*upstream){
		"5xx": func(u *upstream) {
			u.err = &wechat.CallError{Op: "token",
				Err: wechat.ErrStatus, Status: 502}
		},
		"resets": func(u *upstream) {
			u.err = &wechat.CallError{Op: "token",
				Err: wechat.ErrNoAnswer}
		},
		"hangs":                     func(u *upstream) { u.takes = 24 * time.Hour },
		"hangs and does not let go": func(u *upstream) { u.takes, u.deaf = 12*time.Hour, true },
		"busy":                      func(u *upstream) { u.err = &wechat.Error{Op: "token", Code: -1} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.run(t)
				b.gives(t, "token-1")
				b.now(change)
				for time.Sleep(life - 6*time.Minute); b.State().ExpiresAt.After(time.Now()); time.Sleep(time.Second) {
					start := time.Now()
					b.gives(t, "token-1")
					if time.Since(start) != 0 {
						t.Fatal("a caller waited")
					}
				}
				if _, err := b.Token(t.Context()); err == nil {
					t.Error("an expired token is served")
				}
				if n := b.asked(); n < 5 || n > 20 {
					t.Errorf("asked %d times", n)
				}
				b.now(func(u *upstream) { u.takes = 0 })
				time.Sleep(24 * time.Hour) // for those that do not let go
			})
		})
	}
}

func TestFault07_WithoutATokenAHangingWeChatIsToldInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes, b.deaf = time.Hour, true
		start := time.Now()
		_, err := b.Token(t.Context())
		if took := time.Since(start); !errors.Is(err, wechat.ErrTimeout) || took != 15*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		time.Sleep(time.Hour) // for the deaf one
	})
}

func TestFault11_AnOlderAnswerThatLandsLastIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes, b.deaf = 40*time.Second, true
		b.Token(t.Context()) // gives up on it after 15 s
		b.now(func(u *upstream) { u.takes = 0 })
		time.Sleep(10 * time.Second)
		b.gives(t, "token-2")
		time.Sleep(time.Minute) // token-1 comes
		b.gives(t, "token-2")
		if b.stored.holds().Value != "token-2" {
			t.Error("the older token was stored")
		}
	})
}

func TestAnAnswerAfterTheDeadlineIsBetterThanNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes, b.deaf = 16*time.Second, true
		b.Token(t.Context())
		b.now(func(u *upstream) { u.err = io.EOF })
		time.Sleep(time.Second + 1)
		b.gives(t, "token-1")
		if want := time.Now().Add(life - 16*time.Second - 1); !b.State().ExpiresAt.Equal(want) {
			t.Errorf("expires at %v, want %v", b.State().ExpiresAt, want)
		}
	})
}

func TestAnAnswerThatIsBeingStoredAtTheDeadlineIsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes, b.stored.takes = 14*time.Second, 2*time.Second
		b.gives(t, "token-1")
		if s := b.State(); !s.Healthy {
			t.Errorf("%+v", s)
		}
	})
}

func TestFault15_AnAnswerOfTheOldCredentialsIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.takes, b.deaf = 5*time.Second, true
		edited := &upstream{takes: 7 * time.Second} // comes after the old answer
		time.AfterFunc(time.Second, func() {
			b.Replace(func(ctx context.Context, _ bool) (wechat.Token, error) {
				got, err := edited.fetch(ctx, false)
				got.Value = "new " + got.Value
				return got, err
			})
		})
		together(100, func(int) { b.gives(t, "new token-1") }) // waiting since before the edit
		time.Sleep(time.Minute)
		b.gives(t, "new token-1")
		if b.asked() != 1 || edited.asked() != 1 || b.stored.holds().Value != "new token-1" || b.stored.saves != 1 {
			t.Errorf("old asked %d times, new %d, stored %q after %d saves", b.asked(), edited.asked(),
				b.stored.holds().Value.Reveal(), b.stored.saves)
		}
	})
}

func TestFault15_TheOldTokenIsServedUntilTheNewCredentialsBringOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		edited := &upstream{err: &wechat.Error{Op: "token", Code: 40125, Msg: "invalid appsecret"}}
		b.Replace(edited.fetch)
		for range 100 {
			b.gives(t, "token-1")
			time.Sleep(time.Second)
		}
		if s := b.State(); s.Healthy || !errors.Is(s.LastErr, wechat.ErrAppSecret) {
			t.Errorf("%+v", s)
		}
		again := &upstream{}
		b.Replace(again.fetch) // at once, in spite of the back-off
		b.gives(t, "token-1")
		synctest.Wait()
		if s := b.State(); !s.Healthy || again.asked() != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestFault35_NothingOfAKeeperShowsItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		b := newBench(logged(&log))
		b.gives(t, "token-1")
		b.upstream.err = errors.New("some failure")
		b.refreshedWithError(t)
		synctest.Wait() // for the log
		state := b.State()
		for _, v := range []any{b.Keeper, state, b.stored.holds(), &b.stored.record, b.Keeper} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
				fmt.Fprintf(&log, verb+"\n", v)
			}
		}
		if strings.Contains(log.String(), "token-1") || strings.Contains(log.String(), fmt.Sprintf("%x", "token-1")) {
			t.Errorf("shown:\n%s", log.String())
		}
		if !strings.Contains(log.String(), "some failure") {
			t.Error("the failure was not logged")
		}
	})
}

func TestAPanicInAFetchIsAFailureThatShowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := token.New("wx1", func(context.Context, bool) (wechat.Token, error) { panic("secret") }, &memory{},
			token.Options{})
		if _, err := k.Token(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
}
