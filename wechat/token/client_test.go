package token_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"muban/wechat"
	"muban/wechat/token"
)

// account is a WeChat over HTTP whose last token only is good.
type account struct {
	mu     sync.Mutex
	tokens int
	sent   int
	closed bool // no token is good
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case r.URL.Path == "/cgi-bin/token":
		a.tokens++
		fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":7200}`, a.tokens)
	case a.closed || r.URL.Query().Get("access_token") != fmt.Sprint("token-", a.tokens):
		io.WriteString(w, `{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest"}`)
	default:
		a.sent++
		io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}
}

func (a *account) client(t *testing.T) (*wechat.Client, *token.Keeper) {
	server := httptest.NewServer(a)
	transport := wechat.PrivateTransport().(*http.Transport).Clone()
	t.Cleanup(server.Close)
	t.Cleanup(transport.CloseIdleConnections)
	keeper := token.New("wx1", func(ctx context.Context, _ bool) (wechat.Token, error) {
		return wechat.FetchToken(ctx, wechat.Credentials{Base: server.URL, AppID: "wx1", Secret: "s",
			Transport: transport})
	}, &memory{}, token.Options{})
	client, err := wechat.NewClient(wechat.Config{Base: server.URL, Tokens: keeper, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return client, keeper
}

// With the real client: a token that dies under a thousand sends.
func TestFault03_ATokenKilledFromOutsideIsReplacedOnce(t *testing.T) {
	a := &account{}
	client, _ := a.client(t)
	if err := client.Send(t.Context(), wechat.Message{}); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	a.tokens++ // somebody else fetched
	a.mu.Unlock()
	together(1000, func(int) {
		if err := client.Send(t.Context(), wechat.Message{}); err != nil {
			t.Error(err)
		}
	})
	if a.tokens != 3 || a.sent != 1001 {
		t.Errorf("%d tokens, %d sent", a.tokens, a.sent)
	}
}

// With the real client.
func TestFault05_AWeChatThatRejectsEveryTokenIsAskedForFew(t *testing.T) {
	a := &account{closed: true}
	client, keeper := a.client(t)
	for range 100 {
		if err := client.Send(t.Context(), wechat.Message{}); err == nil || wechat.Uncertain(err) {
			t.Errorf("got %v", err)
		}
	}
	if a.tokens > 7 {
		t.Errorf("%d tokens", a.tokens)
	}
	if _, err := keeper.Token(t.Context()); err != nil {
		t.Errorf("the last token is not served: %v", err)
	}
}
