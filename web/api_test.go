package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web"
)

// server is a business server with an API key.
type server struct {
	t         testing.TB
	base, key string
	id        int64 // of the key
}

// caller is let in with a new key of the first app.
func (c *console) caller(scopes ...string) *server { return c.serverOf(c.app().ID, scopes...) }

func (c *console) serverOf(app int64, scopes ...string) *server {
	c.t.Helper()
	key, k := web.NewAPIKey()
	k.App, k.Name, k.Scopes = app, "orders", scopes
	added, err := c.store.AddAPIKey(context.Background(), store.Actor{}, k)
	must(c.t, err)
	return &server{c.t, c.URL, key, added.ID}
}

// apiAnswer is what the API gave.
type apiAnswer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (s *server) get(path string) *apiAnswer        { return s.ask(http.MethodGet, path, "") }
func (s *server) post(path, body string) *apiAnswer { return s.ask(http.MethodPost, path, body) }

func (s *server) ask(method, path, body string) *apiAnswer {
	s.t.Helper()
	r, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	must(s.t, err)
	r.Header.Set("Accept-Language", "en")
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	res, err := http.DefaultClient.Do(r)
	must(s.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(s.t, err)
	return &apiAnswer{s.t, res.StatusCode, res.Header, string(text)}
}

// refused fails the test unless the answer is an error of this code with a
// message in words.
func (a *apiAnswer) refused(status int, code string) *apiAnswer {
	a.t.Helper()
	var got struct {
		Error struct{ Code, Message string }
	}
	must(a.t, json.Unmarshal([]byte(a.body), &got))
	if a.status != status || got.Error.Code != code || strings.HasPrefix(got.Error.Message, "[") || len(got.Error.Message) < 10 {
		a.t.Fatalf("%d %s, want %d %s", a.status, a.body, status, code)
	}
	return a
}

// into reads a good answer.
func (a *apiAnswer) into(v any) *apiAnswer {
	a.t.Helper()
	if a.status != http.StatusOK {
		a.t.Fatalf("%d %s", a.status, a.body)
	}
	must(a.t, json.Unmarshal([]byte(a.body), v))
	return a
}

// faults.md 32
func TestFault32_AKeyOpensItsScopeUntilItEnds(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("rights", "token")
	a := s.get("/api/v1/access_token").into(&struct{}{})
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	c.caller("send", "rights").get("/api/v1/access_token").refused(http.StatusForbidden, "scope_missing")

	must(t, c.store.RevokeAPIKey(t.Context(), store.Actor{}, c.app().ID, s.id))
	c.clock.Advance(time.Second) // as another process would see it
	s.get("/api/v1/access_token").refused(http.StatusUnauthorized, "key_wrong")
}

// faults.md 32
func TestFault32_WhatIsNoLiveKeyOpensNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	good := c.caller("token").key
	prefix := strings.Split(good, "_")[1]
	for name, key := range map[string]string{
		"another secret": "muban_" + prefix + "_" + strings.Repeat("a", 26), "no secret": "muban_" + prefix + "_", "the prefix": prefix,
		"without its mark": strings.TrimPrefix(good, "muban_"), "in capitals": strings.ToUpper(good), "one letter more": good + "a", "an unknown prefix": "muban_aaaaaaaa_" + good[15:],
	} {
		a := (&server{t, c.URL, key, 0}).get("/api/v1/access_token").refused(http.StatusUnauthorized, "key_wrong")
		if a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	(&server{t, c.URL, "", 0}).get("/api/v1/access_token").refused(http.StatusUnauthorized, "key_missing")

	key, k := web.NewAPIKey()
	k.App, k.Scopes, k.ExpiresAt = c.app().ID, []string{"token"}, c.clock.Now().Add(time.Minute)
	_, err := c.store.AddAPIKey(t.Context(), store.Actor{}, k)
	must(t, err)
	expiring := &server{t, c.URL, key, 0}
	expiring.get("/api/v1/access_token").into(&struct{}{})
	c.clock.Advance(time.Minute)
	expiring.get("/api/v1/access_token").refused(http.StatusUnauthorized, "key_wrong")
}

// faults.md 35
func TestFault35_AKeyIsKeptAsItsHashAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	s.get("/api/v1/access_token")
	s.get("/api/v1/none").refused(http.StatusNotFound, "not_found")
	secret := s.key[15:]
	if strings.Contains(string(c.backup()), secret) || strings.Contains(c.log.String(), secret) {
		t.Error("the key is in the database or the log")
	}
}
