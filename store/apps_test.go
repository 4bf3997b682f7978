package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"muban/wechat/token"
)

var _ token.Store = (*Store)(nil)

// wantNoCanary looks through every file of the database, as somebody does who has stolen the disk.
func (f *fixture) wantNoCanary(t testing.TB) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(f.dir, "*"))
	noError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		noError(t, err)
		if bytes.Contains(content, []byte(canary)) {
			t.Fatalf("%s holds the secret in the clear", file)
		}
	}
}

func TestAnAppComesBackWithItsSecretWhichTheDiskDoesNotShow(t *testing.T) { // faults.md 35
	f := newFixture(t)
	read, err := f.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "app", read, f.app)
	equal(t, "secret", read.Secret.Reveal(), canary)
	all, err := f.Apps(t.Context())
	noError(t, err)
	equal(t, "apps", len(all), 1)
	_, err = f.App(t.Context(), 99)
	wantError(t, err, ErrNotFound)
	f.wantNoCanary(t)
}

func TestAnAppIDIsTakenOnce(t *testing.T) {
	f := newFixture(t)
	_, err := f.AddApp(t.Context(), f.by, App{AppID: f.app.AppID})
	wantError(t, err, ErrTaken)
	wantError(t, f.UpdateApp(t.Context(), f.by, "", App{ID: 99, AppID: "x"}), ErrNotFound)
}

func TestAnEmptySecretKeepsTheStoredOneAndTheToken(t *testing.T) {
	f := newFixture(t)
	f.token(t)
	a := f.app
	a.Name, a.Secret = "Renamed", ""
	f.clock.advance(time.Minute)
	noError(t, f.UpdateApp(t.Context(), f.by, "", a))
	read, err := f.App(t.Context(), a.ID)
	noError(t, err)
	equal(t, "name", read.Name, "Renamed")
	equal(t, "secret", read.Secret.Reveal(), canary)
	equal(t, "updated", read.UpdatedAt, f.app.UpdatedAt.Add(time.Minute))
	_, err = f.LoadToken(t.Context(), a.AppID)
	noError(t, err)
}

func TestNewCredentialsForgetTheToken(t *testing.T) { // faults.md 15
	for name, change := range map[string]func(*App){
		"secret": func(a *App) { a.Secret = "another" },
		"base":   func(a *App) { a.Base = "https://other.example" },
		"appid":  func(a *App) { a.AppID = "wx0000000000000002" },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.token(t)
			a := f.app
			change(&a)
			noError(t, f.UpdateApp(t.Context(), f.by, "", a))
			_, err := f.LoadToken(t.Context(), f.app.AppID)
			wantError(t, err, token.ErrNone)
			read, err := f.App(t.Context(), a.ID)
			noError(t, err)
			equal(t, "secret", read.Secret.Reveal(), a.Secret.Reveal())
		})
	}
}

func (f *fixture) token(t testing.TB) token.Record {
	t.Helper()
	now := stored(f.clock.now())
	r := token.Record{Value: canary, FetchedAt: now, ExpiresAt: now.Add(2 * time.Hour)}
	noError(t, f.SaveToken(t.Context(), f.app.AppID, r))
	return r
}

func TestATokenComesBackAfterARestart(t *testing.T) { // faults.md 13
	f := newFixture(t)
	_, err := f.LoadToken(t.Context(), f.app.AppID)
	wantError(t, err, token.ErrNone)
	saved := f.token(t)
	noError(t, f.Close())
	f.Store = open(t, f.dir, f.clock)
	read, err := f.LoadToken(t.Context(), f.app.AppID)
	noError(t, err)
	equal(t, "token", read, saved)
	f.wantNoCanary(t)
}

func TestASealedValueOpensOnlyInItsPlace(t *testing.T) {
	ring := keyring{newMasterKey(), newMasterKey()}
	sealed := ring.seal("apps/1/secret", canary)
	_, err := ring.open("apps/2/secret", sealed)
	wantError(t, err, ErrDamaged)
	_, err = ring[1:].open("apps/1/secret", sealed)
	wantError(t, err, ErrKey)
	_, err = ring.open("apps/1/secret", sealed[:5])
	wantError(t, err, ErrDamaged)
	for i := range sealed {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 1
		if text, err := ring.open("apps/1/secret", flipped); err == nil {
			t.Fatalf("byte %d flipped, and yet it opened as %q", i, text)
		}
	}
	text, err := keyring{ring[1], ring[0]}.open("apps/1/secret", sealed)
	noError(t, err)
	equal(t, "text", text, canary)
}
