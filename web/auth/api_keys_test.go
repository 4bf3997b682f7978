package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

func TestFault32_AKeyOpensItsScopeUntilItEnds(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("rights", "token")
	a := s.Get("/api/v1/access_token").Into(&struct{}{})
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	c.Caller("send", "rights").Get("/api/v1/access_token").Refused(http.StatusForbidden, "scope_missing")

	webtest.Must(t, c.Store.RevokeAPIKey(t.Context(), store.Actor{}, c.App().ID, s.ID))
	c.Clock.Advance(time.Second) // as another process would see it
	s.Get("/api/v1/access_token").Refused(http.StatusUnauthorized, "key_wrong")
}

func TestFault32_WhatIsNoLiveKeyOpensNothing(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	good := c.Caller("token").Key
	prefix := strings.Split(good, "_")[1]
	for name, key := range map[string]string{
		"another secret": "muban_" + prefix + "_" + strings.Repeat("a", 26), "no secret": "muban_" + prefix + "_", "the prefix": prefix,
		"without its mark": strings.TrimPrefix(good, "muban_"), "in capitals": strings.ToUpper(good), "one letter more": good + "a", "an unknown prefix": "muban_aaaaaaaa_" + good[15:],
	} {
		a := c.WithKey(key).Get("/api/v1/access_token").Refused(http.StatusUnauthorized, "key_wrong")
		if a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	c.WithKey("").Get("/api/v1/access_token").Refused(http.StatusUnauthorized, "key_missing")

	key, k := auth.NewAPIKey()
	k.App, k.Scopes, k.ExpiresAt = c.App().ID, []string{"token"}, c.Clock.Now().Add(time.Minute)
	_, err := c.Store.AddAPIKey(t.Context(), store.Actor{}, k)
	webtest.Must(t, err)
	expiring := c.WithKey(key)
	expiring.Get("/api/v1/access_token").Into(&struct{}{})
	c.Clock.Advance(time.Minute)
	expiring.Get("/api/v1/access_token").Refused(http.StatusUnauthorized, "key_wrong")
}

func TestFault35_AKeyIsKeptAsItsHashAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	s.Get("/api/v1/access_token")
	s.Get("/api/v1/none").Refused(http.StatusNotFound, "not_found")
	secret := s.Key[15:]
	if strings.Contains(string(c.Backup()), secret) || strings.Contains(c.Log.String(), secret) {
		t.Error("the key is in the database or the log")
	}
}
