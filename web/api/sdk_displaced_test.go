package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/sandbox"
)

// An SDK has Muban's key as its AppSecret, and another program takes the token at WeChat. When it has died
// the SDK asks again, by either call, and then again.
func TestFault62_AnSDKWhoseTokenWasTakenElsewhereIsHealed(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*webtest.Server) webtest.SDKAnswer{
		"token": func(s *webtest.Server) webtest.SDKAnswer { return s.SDK(http.MethodGet, s.SDKQuery(), "") },
		"stable_token": func(s *webtest.Server) webtest.SDKAnswer {
			return stableToken(s, "false")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := webtest.NewConsole(t)
			s := c.Caller("token")
			ask(s)
			c.Clock.Advance(20 * time.Minute)
			_, err := wechat.FetchToken(t.Context(), wechat.Credentials{
				AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret, Transport: c.Sandbox.Transport(),
			})
			webtest.Must(t, err)
			c.Clock.Advance(6 * time.Minute)
			dead := ask(s).Token
			if good(t, c, dead) {
				t.Fatal("the token was not taken")
			}
			c.Clock.Advance(3 * time.Second)
			if again := ask(s).Token; again == dead || !good(t, c, again) {
				t.Error("asked again a moment later, the dead token is given")
			}
		})
	}
}

// good tells whether WeChat takes a token.
func good(t *testing.T, c *webtest.Console, value string) bool {
	t.Helper()
	client, err := wechat.NewClient(wechat.Config{Tokens: oneToken(value), Transport: c.Sandbox.Transport()})
	webtest.Must(t, err)
	_, err = client.ListTemplates(t.Context(), 0, 1)
	return err == nil
}

// oneToken is a source that has no other.
type oneToken string

func (o oneToken) Token(context.Context) (wechat.Secret, error) { return wechat.Secret(o), nil }
func (o oneToken) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return wechat.Secret(o), nil
}
