package wechat

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"time"
)

var tokenGet = endpoint{"token", "/cgi-bin/token"}

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
	line, err := newLine(c.Base, c.Transport, c.Timeout)
	if err != nil {
		return Token{}, err
	}
	line.transport = withoutKeepAlive(line.transport)
	query := url.Values{"grant_type": {"client_credential"}, "appid": {c.AppID}, "secret": {c.Secret.Reveal()}}
	r := request{endpoint: tokenGet, method: http.MethodGet, query: query.Encode(), secrets: []Secret{c.Secret}}
	raw, err := line.do(ctx, r)
	if err != nil {
		return Token{}, err
	}
	var a tokenAnswer
	if err := read(r.op, raw, r.secrets, &a); err != nil {
		return Token{}, err
	}
	return Token{Value: Secret(a.Token), ExpiresIn: seconds(a.ExpiresIn)}, nil
}

type tokenAnswer struct {
	outcome
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
// first (faults.md 8). Of a transport that is not Go's, line.httpRequest takes care.
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
