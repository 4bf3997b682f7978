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

	wantError(t, f.RevokeAPIKey(t.Context(), f.by, f.app.ID+1, added.ID), ErrNotFound) // faults.md 27
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
