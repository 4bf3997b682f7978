package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// stable is a keeper of a stable token, on the simulated WeChat.
type stable struct {
	*token.Keeper
	wechat *sandbox.Server
}

func newStable() stable {
	s := stable{wechat: sandbox.New(sandbox.Options{})}
	s.Keeper = token.New(sandbox.DefaultAppID, s.fetch, &memory{}, token.Options{})
	return s
}

func (s stable) fetch(ctx context.Context, force bool) (wechat.Token, error) {
	return wechat.FetchStableToken(ctx, wechat.Credentials{
		AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret, Transport: s.wechat.Transport(),
	}, force)
}

func (s stable) token(t *testing.T) wechat.Secret {
	t.Helper()
	value, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func (s stable) asked() int { return s.wechat.Stats()["/cgi-bin/stable_token"] }

// WeChat gives the same token until five minutes before its end: the keeper asks in time,
// is not misled by the same one, and does not ask all the time.
func TestAStableTokenIsReplacedWhenWeChatGivesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStable()
		bench{Keeper: s.Keeper}.run(t)
		time.Sleep(time.Second)
		first := s.token(t)
		time.Sleep(life - 4*time.Minute)
		second := s.token(t)
		if second == first || time.Until(s.State().ExpiresAt) < time.Hour {
			t.Error("four minutes before its end the old one is held")
		}
		time.Sleep(10 * life)
		if n := s.asked(); n > 2*11+1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// Another program has asked first, so that the token is not new when it comes.
func TestAStableTokenThatOthersHoldTooIsTakenForWhatIsLeftOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStable()
		theirs, err := s.fetch(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if s.token(t) != theirs.Value {
			t.Error("not the same token")
		}
		if left := time.Until(s.State().ExpiresAt); left != time.Hour {
			t.Errorf("%v left", left)
		}
	})
}

func TestByHandAStableTokenIsForced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStable()
		old := s.token(t)
		fresh, err := s.Force(t.Context())
		if err != nil || fresh == old {
			t.Errorf("the same one: %v, %v", fresh == old, err)
		}
	})
}

// Somebody outside has forced another: the ordinary call brings it.
func TestARejectedStableTokenIsReplacedWithoutForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStable()
		old := s.token(t)
		theirs, err := s.fetch(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		if fresh, err := s.Refresh(t.Context(), old); err != nil || fresh != theirs.Value {
			t.Errorf("theirs: %v, %v", fresh == theirs.Value, err)
		}
		if left := s.State().ForcedLeft; left != 20 {
			t.Errorf("%d refreshes by hand left", left)
		}
	})
}

// A caller is wrong about a token that WeChat takes: it is told so, WeChat is not asked
// again and again, and the others are served.
func TestAStableTokenThatWeChatStandsByIsNotFetchedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStable()
		bench{Keeper: s.Keeper}.run(t)
		current := s.token(t)
		for range 1000 {
			if _, err := s.Refresh(t.Context(), current); !errors.Is(err, token.ErrStands) {
				var pause *token.Pause
				if !errors.As(err, &pause) {
					t.Fatalf("got %v", err)
				}
			}
			if s.token(t) != current {
				t.Fatal("another token")
			}
			time.Sleep(time.Second)
		}
		if n := s.asked(); n > 100 {
			t.Errorf("asked %d times in a thousand seconds", n)
		}
		time.Sleep(time.Minute)
		if st := s.State(); !st.Healthy {
			t.Errorf("%+v", st)
		}
	})
}

func TestAFailureComesBackFromItsWords(t *testing.T) {
	for _, err := range []error{
		&wechat.Error{Op: "token", Code: 40164, Msg: "invalid ip"},
		&wechat.CallError{Op: "token", Err: wechat.ErrTimeout, Detail: "15s"},
		&wechat.CallError{Op: "token", Err: wechat.ErrStatus, Detail: "HTTP 502 Bad Gateway", Status: 502},
		token.ErrOdd, token.ErrStands, errors.New("something else"),
	} {
		f := token.FailureOf(err)
		again := f.Err()
		if token.FailureOf(again) != f || again.Error() != err.Error() {
			t.Errorf("%v came back as %v", err, again)
		}
		for _, kind := range []error{wechat.ErrIP, wechat.ErrTimeout, wechat.ErrStatus, token.ErrOdd,
			token.ErrStands} {
			if errors.Is(again, kind) != errors.Is(err, kind) {
				t.Errorf("%v came back as another kind: %v", err, again)
			}
		}
	}
	if token.FailureOf(nil).Err() != nil {
		t.Error("nothing came back as something")
	}
}
