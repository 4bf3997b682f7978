package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// TokenSource hands out access tokens; token.Keeper is one.
type TokenSource interface {
	Token(ctx context.Context) (Secret, error)
	// Refresh returns the token that replaces rejected, fetching it when nobody has.
	Refresh(ctx context.Context, rejected Secret) (Secret, error)
}

// Config says whose API is called and how.
type Config struct {
	Base      string            // DefaultBase when empty
	Tokens    TokenSource       // required
	Transport http.RoundTripper // DefaultTransport() when nil
	Timeout   time.Duration     // of one HTTP request with its answer; 10 s when zero
}

// Client calls the API for one app. It is safe for concurrent use.
//
// Its errors are *Error for an answer of WeChat's, *CallError where there was none, and
// whatever the token source answered. None of them holds a secret.
type Client struct {
	tokens TokenSource
	wire   wire
}

// NewClient returns a client, or an error when the base is no base (CheckBase also says
// whether it is a safe one) or the source of tokens is missing.
func NewClient(c Config) (*Client, error) {
	if c.Tokens == nil {
		return nil, errors.New("wechat: a client needs a source of tokens")
	}
	w, err := newWire(c.Base, c.Transport, c.Timeout)
	if err != nil {
		return nil, err
	}
	return &Client{tokens: c.Tokens, wire: w}, nil
}

// Format prints the base only: fmt would follow pointers into the token source.
func (c *Client) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "wechat.Client(%s)", c.wire.base.Host) }

// endpoint is one call of the API: its name in our errors and its path.
type endpoint struct{ op, path string }

// post sends question as JSON and reads answer. A rejected token is replaced once and
// the call repeated once: a rejected call has not taken effect (获取 access_token 3).
func (c *Client) post(ctx context.Context, e endpoint, question any, answer target) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	return c.postBody(ctx, e, body, answer)
}

func (c *Client) postBody(ctx context.Context, e endpoint, body []byte, answer target) error {
	return c.ask(ctx, request{endpoint: e, method: http.MethodPost, body: body}, answer)
}

// get asks with query, which is in the form of a URL's; otherwise it is as post.
func (c *Client) get(ctx context.Context, e endpoint, query string, answer target) error {
	return c.ask(ctx, request{endpoint: e, method: http.MethodGet, query: query}, answer)
}

func (c *Client) ask(ctx context.Context, r request, answer target) error {
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return &noToken{op: r.op, err: err}
	}
	err = c.askWith(ctx, []Secret{token}, r, answer)
	if !errors.Is(err, ErrToken) {
		return err
	}
	fresh, refreshErr := c.tokens.Refresh(ctx, token)
	if refreshErr != nil {
		return &noToken{op: r.op, rejected: err, err: refreshErr}
	}
	return c.askWith(ctx, []Secret{fresh, token}, r, answer)
}

// askWith uses the first token. An older one may still show up in the answer.
func (c *Client) askWith(ctx context.Context, tokens []Secret, r request, answer target) error {
	withToken := "access_token=" + url.QueryEscape(tokens[0].Reveal())
	if r.query != "" {
		withToken += "&" + r.query
	}
	r.query, r.secrets = withToken, tokens
	raw, err := c.wire.do(ctx, r)
	if err != nil {
		return err
	}
	return read(r.op, raw, tokens, answer)
}
