package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/sandbox"
)

// An SDK has Muban's key as its AppSecret, and another program takes the token at WeChat. When it has died
// the SDK asks again, by either call, and then again.
func TestFault62_AnSDKWhoseTokenWasTakenElsewhereIsHealed(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*server) sdkAnswer{
		"token": func(s *server) sdkAnswer { return s.sdk(http.MethodGet, s.sdkQuery(), "") },
		"stable_token": func(s *server) sdkAnswer {
			return s.stable("false")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			s := c.caller("token")
			ask(s)
			c.clock.Advance(20 * time.Minute)
			_, err := wechat.FetchToken(t.Context(), wechat.Credentials{
				AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret, Transport: c.sandbox.Transport(),
			})
			must(t, err)
			c.clock.Advance(6 * time.Minute)
			dead := ask(s).Token
			if c.good(dead) {
				t.Fatal("the token was not taken")
			}
			c.clock.Advance(3 * time.Second)
			if again := ask(s).Token; again == dead || !c.good(again) {
				t.Error("asked again a moment later, the dead token is given")
			}
		})
	}
}

// good tells whether WeChat takes a token.
func (c *console) good(value string) bool {
	client, err := wechat.NewClient(wechat.Config{Tokens: oneToken(value), Transport: c.sandbox.Transport()})
	must(c.t, err)
	_, err = client.ListTemplates(c.t.Context(), 0, 1)
	return err == nil
}

// oneToken is a source that has no other.
type oneToken string

func (o oneToken) Token(context.Context) (wechat.Secret, error) { return wechat.Secret(o), nil }
func (o oneToken) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return wechat.Secret(o), nil
}
