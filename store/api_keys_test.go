package store

import (
	"testing"
	"time"
)

func TestAKeyIsFoundByItsPrefixUntilItIsRevokedAndAfter(t *testing.T) {
	f := newFixture(t)
	added, err := f.AddAPIKey(t.Context(), f.by, APIKey{
		App: f.app.ID, Name: "orders", Prefix: "k1", Hash: [32]byte{1, 2}, Scopes: []string{"token", "send"}, ExpiresAt: f.clock.now().Add(time.Hour),
	})
	noError(t, err)
	got, err := f.APIKeyByPrefix(t.Context(), "k1")
	noError(t, err)
	equal(t, "id", got.ID, added.ID)
	equal(t, "hash", got.Hash, added.Hash)
	equal(t, "scopes", len(got.Scopes), 2)
	equal(t, "made by", got.CreatedByName, "admin")
	equal(t, "live", got.Live(f.clock.now()), true)
	equal(t, "live at its end", got.Live(got.ExpiresAt), false)

	noError(t, f.RevokeAPIKey(t.Context(), f.by, f.app.ID, added.ID))
	first, err := f.APIKeyByPrefix(t.Context(), "k1")
	noError(t, err)
	equal(t, "live", first.Live(f.clock.now()), false)
	f.clock.advance(time.Minute)
	noError(t, f.RevokeAPIKey(t.Context(), f.by, f.app.ID, added.ID))
	again, err := f.APIKeyByPrefix(t.Context(), "k1")
	noError(t, err)
	equal(t, "revoked", again.RevokedAt, first.RevokedAt)

	wantError(t, f.RevokeAPIKey(t.Context(), f.by, f.app.ID+1, added.ID), ErrNotFound)
	_, err = f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "k1"})
	wantError(t, err, ErrTaken)
}

func TestTheLastUseOfAKeyOnlyMovesForward(t *testing.T) {
	f := newFixture(t)
	k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "k1"})
	noError(t, err)
	now := stored(f.clock.now())
	noError(t, f.APIKeysUsed(t.Context(), map[int64]time.Time{k.ID: now}))
	noError(t, f.APIKeysUsed(t.Context(), map[int64]time.Time{k.ID: now.Add(-time.Minute)}))
	all, err := f.APIKeys(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "last used", all[0].LastUsedAt, now)
}

func TestOneHolderHasALeaseUntilItEnds(t *testing.T) {
	f := newFixture(t)
	take := func(holder string) bool {
		t.Helper()
		held, err := f.TakeLease(t.Context(), "token:wx1", holder, 10*time.Second)
		noError(t, err)
		return held
	}
	equal(t, "a", take("a"), true)
	equal(t, "b", take("b"), false)
	f.clock.advance(9 * time.Second)
	equal(t, "a renews", take("a"), true)
	f.clock.advance(9 * time.Second)
	equal(t, "b", take("b"), false)
	f.clock.advance(time.Second)
	equal(t, "b after a's end", take("b"), true)
	equal(t, "a", take("a"), false)
	noError(t, f.ReleaseLease(t.Context(), "token:wx1", "a")) // not a's any more
	equal(t, "a", take("a"), false)
	noError(t, f.ReleaseLease(t.Context(), "token:wx1", "b"))
	equal(t, "a", take("a"), true)
}

func TestARotatedKeyOpensUntilItsOverlapEnds(t *testing.T) {
	for name, c := range map[string]struct {
		expires, until time.Duration // from now; no expiry at 0
		live           time.Duration // for so long the old key opens
	}{
		"with an overlap":                 {0, 24 * time.Hour, 24 * time.Hour},
		"that would have ended before it": {time.Hour, 24 * time.Hour, time.Hour},
		"at once":                         {0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			now := stored(f.clock.now())
			old := APIKey{App: f.app.ID, Name: "orders", Prefix: "old", Scopes: []string{"token"}}
			if c.expires > 0 {
				old.ExpiresAt = now.Add(c.expires)
			}
			old, err := f.AddAPIKey(t.Context(), f.by, old)
			noError(t, err)
			next, err := f.RotateAPIKey(t.Context(), f.by, f.app.ID, old.ID, APIKey{Prefix: "next", Hash: [32]byte{7}}, now.Add(c.until))
			noError(t, err)
			equal(t, "name", next.Name, "orders")
			equal(t, "scopes", len(next.Scopes), 1)
			equal(t, "next is live", next.Live(now), true)

			old, err = f.APIKey(t.Context(), f.app.ID, old.ID)
			noError(t, err)
			equal(t, "live before", old.Live(now.Add(c.live-time.Second)), c.live > 0)
			equal(t, "live at the end", old.Live(now.Add(c.live)), false)
		})
	}
}

func TestOnlyALiveKeyOfTheAppIsRotated(t *testing.T) {
	f := newFixture(t)
	k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "k1"})
	noError(t, err)
	rotate := func(app int64, prefix string) error {
		_, err := f.RotateAPIKey(t.Context(), f.by, app, k.ID, APIKey{Prefix: prefix}, f.clock.now())
		return err
	}
	wantError(t, rotate(f.app.ID+1, "k2"), ErrNotFound)
	wantError(t, rotate(f.app.ID, "k1"), ErrTaken)
	noError(t, rotate(f.app.ID, "k2"))
	wantError(t, rotate(f.app.ID, "k3"), ErrConflict)
	all, err := f.APIKeys(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "keys", len(all), 2)
}

func (f *fixture) apiKey(t testing.TB, prefix string) APIKey {
	t.Helper()
	k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: prefix, Prefix: prefix, Scopes: []string{"token"}})
	noError(t, err)
	return k
}

func TestHandoutsAddUpByKeyAndHour(t *testing.T) {
	f := newFixture(t)
	one, two := f.apiKey(t, "one"), f.apiKey(t, "two")
	at := time.Date(2018, 5, 4, 8, 10, 0, 0, time.UTC)
	noError(t, f.AddHandouts(t.Context(), nil))
	noError(t, f.AddHandouts(t.Context(), []Handout{{one.ID, f.app.ID, at, 2}, {two.ID, f.app.ID, at, 5}}))
	noError(t, f.AddHandouts(t.Context(), []Handout{{one.ID, f.app.ID, at.Add(40 * time.Minute), 3}, {one.ID, f.app.ID, at.Add(time.Hour), 7}}))

	all, err := f.Handouts(t.Context(), f.app.ID, at)
	noError(t, err)
	hour := at.Truncate(time.Hour)
	want := []Handout{{one.ID, f.app.ID, hour, 5}, {two.ID, f.app.ID, hour, 5}, {one.ID, f.app.ID, hour.Add(time.Hour), 7}}
	equal(t, "rows", len(all), len(want))
	for i := range want {
		equal(t, "row", all[i], want[i])
	}
	none, err := f.Handouts(t.Context(), 99, at)
	noError(t, err)
	equal(t, "of another app", len(none), 0)
	noError(t, f.PruneHandouts(t.Context(), hour.Add(time.Hour)))
	all, err = f.Handouts(t.Context(), f.app.ID, time.Time{})
	noError(t, err)
	equal(t, "left", len(all), 1)
}
