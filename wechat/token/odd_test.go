package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
)

func TestFault10_OddAnswersKeepTheOldTokenAndMakeNoLoop(t *testing.T) {
	for name, change := range map[string]func(*upstream){
		"{}":    func(u *upstream) { u.odd = &wechat.Token{} },
		"HTML":  func(u *upstream) { u.err = &wechat.CallError{Op: "token", Err: wechat.ErrNotJSON} },
		"huge":  func(u *upstream) { u.err = &wechat.CallError{Op: "token", Err: wechat.ErrTooLarge} },
		"empty": func(u *upstream) { u.odd = &wechat.Token{ExpiresIn: life} },
		"0":     func(u *upstream) { u.odd = &wechat.Token{Value: "odd"} },
		"-1":    func(u *upstream) { u.odd = &wechat.Token{Value: "odd", ExpiresIn: -time.Second} },
		"1":     func(u *upstream) { u.odd = &wechat.Token{Value: "odd", ExpiresIn: time.Second} },
		"100":   func(u *upstream) { u.odd = &wechat.Token{Value: "odd", ExpiresIn: 100 * time.Second} },
		"1e18":  func(u *upstream) { u.odd = &wechat.Token{Value: "odd", ExpiresIn: 1<<63 - 1} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.run(t)
				b.gives(t, "token-1")
				b.now(change)
				time.Sleep(life - time.Second)
				b.gives(t, "token-1")
				if s := b.State(); s.Healthy || s.LastErr == nil || b.asked() < 2 || b.asked() > 12 {
					t.Errorf("asked %d times, %+v", b.asked(), s)
				}
				before := b.asked()
				for range 3600 { // the hour after the old token's end
					time.Sleep(time.Second)
					if got, err := b.Token(t.Context()); (err == nil) != (got == "odd") {
						t.Fatalf("got %q, %v", got.Reveal(), err)
					}
				}
				if n := b.asked() - before; n > 61 {
					t.Errorf("asked %d times in an hour", n)
				}
				b.now(func(u *upstream) { u.odd, u.err = nil, nil })
				time.Sleep(3 * time.Hour)
				if s := b.State(); !s.Healthy {
					t.Errorf("not recovered: %+v", s)
				}
			})
		})
	}
}

func TestFault10_AShortLivedTokenIsBetterThanNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.life = 100 * time.Second
		b.run(t)
		for range 3600 {
			if _, err := b.Token(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if n := b.asked(); n > 50 {
			t.Errorf("asked %d times in an hour", n)
		}
	})
}

// An odd token replaces one that WeChat rejects.
func TestFault10_ARejectedTokenIsReplacedByAnOddOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gives(t, "token-1")
		b.now(func(u *upstream) { u.life = 100 * time.Second })
		b.refreshed(t, "token-1", "token-2")
		b.gives(t, "token-2")
	})
}
