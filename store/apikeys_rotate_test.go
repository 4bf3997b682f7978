package store

import (
	"testing"
	"time"
)

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
	wantError(t, rotate(f.app.ID+1, "k2"), ErrNotFound) // faults.md 27
	wantError(t, rotate(f.app.ID, "k1"), ErrTaken)
	noError(t, rotate(f.app.ID, "k2"))
	wantError(t, rotate(f.app.ID, "k3"), ErrConflict)
	all, err := f.APIKeys(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "keys", len(all), 2)
}
