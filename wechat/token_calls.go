package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"time"
)

var (
	tokenGet   = endpoint{"token", "/cgi-bin/token"}
	stablePost = endpoint{"stable_token", "/cgi-bin/stable_token"}
)

// Token is a fetched access token. ExpiresIn is as WeChat answered it, odd values
// included; it counts from the start of the request.
type Token struct {
	Value     Secret
	ExpiresIn time.Duration
}

// Credentials are what an access token is fetched with.
type Credentials struct {
	Base      string // DefaultBase when empty
	AppID     string
	Secret    Secret            // the AppSecret
	Transport http.RoundTripper // DefaultTransport() when nil; keep-alives are off in any case
	Timeout   time.Duration     // 10 s when zero
}

// FetchToken gets a new access token, and thereby puts an end to the last one
// (获取 access_token). Call it through token.Keeper: everyone who fetches for himself
// takes the token from everyone else.
func FetchToken(ctx context.Context, c Credentials) (Token, error) {
	w, err := newWire(c.Base, c.Transport, c.Timeout)
	if err != nil {
		return Token{}, err
	}
	w.transport = withoutKeepAlive(w.transport)
	query := url.Values{"grant_type": {"client_credential"}, "appid": {c.AppID}, "secret": {c.Secret.Reveal()}}
	r := request{endpoint: tokenGet, method: http.MethodGet, query: query.Encode(), secrets: []Secret{c.Secret}}
	return w.token(ctx, r)
}

// FetchStableToken gets the app's stable token, which is another than cgi-bin/token's and
// leaves that one alone. Until five minutes before its end WeChat gives the same one to
// everybody who asks; force makes it give another, 20 times a day and 30 s apart.
func FetchStableToken(ctx context.Context, c Credentials, force bool) (Token, error) {
	w, err := newWire(c.Base, c.Transport, c.Timeout)
	if err != nil {
		return Token{}, err
	}
	w.transport = withoutKeepAlive(w.transport)
	body, err := json.Marshal(stableQuestion{"client_credential", c.AppID, c.Secret.Reveal(), force})
	if err != nil {
		return Token{}, err
	}
	return w.token(ctx, request{endpoint: stablePost, method: http.MethodPost, body: body, secrets: []Secret{c.Secret}})
}

type stableQuestion struct {
	GrantType string `json:"grant_type"`
	AppID     string `json:"appid"`
	Secret    string `json:"secret"`
	Force     bool   `json:"force_refresh"`
}

func (w wire) token(ctx context.Context, r request) (Token, error) {
	raw, err := w.do(ctx, r)
	if err != nil {
		return Token{}, err
	}
	var a tokenAnswer
	if err := read(r.op, raw, r.secrets, &a); err != nil {
		return Token{}, asWrongSecret(err)
	}
	return Token{Value: Secret(a.Token), ExpiresIn: seconds(a.ExpiresIn)}, nil
}

// asWrongSecret tells a wrong AppSecret by one code, 40125, whose words say what to do, where WeChat
// used 40001 for it. Msg keeps what WeChat said.
func asWrongSecret(err error) error {
	if answer, ok := errors.AsType[*Error](err); ok && answer.wrongSecret() {
		return &Error{Op: answer.Op, Code: 40125, Msg: "errcode 40001: " + answer.Msg}
	}
	return err
}

type tokenAnswer struct {
	answer
	Token     string `json:"access_token"`
	ExpiresIn number `json:"expires_in"`
}

func (a *tokenAnswer) missing() string {
	if a.Token == "" {
		return "access_token"
	}
	return ""
}

// withoutKeepAlive gives the request a connection of its own: on a kept one that the
// server has closed, Go's transport would repeat a GET, and a second token kills the
// first. Of a transport that is not Go's, wire.httpRequest takes care.
func withoutKeepAlive(t http.RoundTripper) http.RoundTripper {
	known, ok := t.(*http.Transport)
	if !ok || known.DisableKeepAlives {
		return t
	}
	single := known.Clone()
	single.DisableKeepAlives = true
	return single
}

func seconds(n number) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(int64(n), -most), most)) * time.Second
}
