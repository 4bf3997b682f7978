package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"

	"muban/store"
	"muban/web/push"
	"muban/wechat"
	"muban/wechat/sandbox"
)

// pushHome has the simulation in this process push its events to this console, with a token and a key that nobody else
// knows, and answers how each app's events are pushed here. What somebody set up for the sandbox goes before.
func (s *Server) pushHome() func(context.Context, store.App) (store.Push, error) {
	home := store.Push{Mode: store.PushSafe, Token: wechat.Secret(rand.Text()), AESKey: wechat.Secret(newAESKey())}
	settings := func(ctx context.Context, app store.App) (store.Push, error) {
		set, err := s.Store.Push(ctx, app.ID)
		if app.Sandbox && errors.Is(err, store.ErrNotFound) {
			return home, nil
		}
		return set, err
	}
	s.Sandbox.PushHome(func(appID string) (sandbox.Push, error) {
		a, ok := s.accounts.ByAppID(appID)
		if !ok {
			return sandbox.Push{}, store.ErrNotFound
		}
		set, err := settings(context.Background(), a.App)
		return sandbox.Push{
			URL: sandboxBase + push.Prefix + appID, Token: set.Token.Reveal(), AESKey: set.AESKey.Reveal(), Mode: set.Mode,
			Format: sandbox.JSON,
		}, err
	}, inProcess{s})
	return settings
}

// newAESKey is an EncodingAESKey: 43 letters and digits for 32 bytes. Its last character stands for 4 bits alone.
func newAESKey() string { return rand.Text()[:21] + rand.Text()[:21] + "A" }

// inProcess asks this console without a network.
type inProcess struct{ *Server }

func (s inProcess) RoundTrip(r *http.Request) (res *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("web: panic in a push: %v", p)
		}
	}()
	a := answer{status: http.StatusOK, header: http.Header{}}
	s.push.ServeHTTP(&a, r)
	return &http.Response{
		StatusCode: a.status, Header: a.header, Body: io.NopCloser(&a.body), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// answer is what a handler answered.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
