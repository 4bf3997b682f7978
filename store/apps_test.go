package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muban/wechat/account"
	"muban/wechat/alert"
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

func TestAnAppComesBackWithItsSecretWhichTheDiskDoesNotShow(t *testing.T) {
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

func TestNewCredentialsForgetTheToken(t *testing.T) {
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

func TestATokenComesBackAfterARestart(t *testing.T) {
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

// second is an app beside the fixture's own.
func (f *fixture) second(t testing.TB) App {
	t.Helper()
	a, err := f.AddApp(t.Context(), f.by, App{AppID: "wx0000000000000002", Name: "Second", Base: "https://api.example", Secret: canary, Color: "teal"})
	noError(t, err)
	return a
}

func TestAnArchivedAppKeepsEverythingButItsToken(t *testing.T) {
	f := newFixture(t)
	f.second(t)
	f.token(t)
	draft := f.draft(t, "kept")
	f.clock.advance(time.Minute)
	noError(t, f.ArchiveApp(t.Context(), f.by, f.app.ID))
	a, err := f.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "archived", a.ArchivedAt, stored(f.clock.now()))
	equal(t, "noticed by other processes", a.UpdatedAt, stored(f.clock.now()))
	equal(t, "secret", a.Secret.Reveal(), canary)
	_, err = f.LoadToken(t.Context(), f.app.AppID)
	wantError(t, err, token.ErrNone)
	_, err = f.Draft(t.Context(), f.app.ID, draft.ID)
	noError(t, err)

	wantError(t, f.ArchiveApp(t.Context(), f.by, f.app.ID), ErrNotFound)
	wantError(t, f.RotateSecret(t.Context(), f.by, f.app.ID, "another"), ErrNotFound)
	f.clock.advance(time.Minute)
	noError(t, f.RestoreApp(t.Context(), f.by, f.app.ID))
	back, err := f.App(t.Context(), f.app.ID)
	noError(t, err)
	a.ArchivedAt, a.UpdatedAt = time.Time{}, stored(f.clock.now())
	equal(t, "restored", back, a)
	wantError(t, f.RestoreApp(t.Context(), f.by, f.app.ID), ErrNotFound)
}

func TestTheLastAppAtWorkIsNotArchived(t *testing.T) {
	f := newFixture(t)
	wantError(t, f.ArchiveApp(t.Context(), f.by, f.app.ID), ErrLastApp)
	other := f.second(t)
	noError(t, f.ArchiveApp(t.Context(), f.by, other.ID))
	wantError(t, f.ArchiveApp(t.Context(), f.by, f.app.ID), ErrLastApp) // an archived one does not count
}

func TestAnArchivedAppAlarmsNobody(t *testing.T) {
	f := newFixture(t)
	f.second(t)
	_, err := f.RaiseAlert(t.Context(), Alert{Cause: alert.TokenEnding, App: alert.App{ID: f.app.ID}}, nil)
	noError(t, err)
	noError(t, f.ArchiveApp(t.Context(), f.by, f.app.ID))
	raised, err := f.RaisedAlerts(t.Context())
	noError(t, err)
	equal(t, "raised", len(raised), 0)
}

func TestWhatDependsOnAnApp(t *testing.T) {
	f := newFixture(t)
	d, err := f.Dependants(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "nothing", d.None(), true)

	f.template(t, "tpl", "order-paid")
	f.draft(t, "open")
	gone := f.draft(t, "deleted")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, gone.ID))
	add := func(prefix string, expires time.Time) APIKey {
		k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: prefix, Prefix: prefix, ExpiresAt: expires})
		noError(t, err)
		return k
	}
	add("idle", time.Time{})
	used := add("used", f.clock.now().Add(time.Hour))
	add("expired", f.clock.now())
	noError(t, f.RevokeAPIKey(t.Context(), f.by, f.app.ID, add("revoked", time.Time{}).ID))
	noError(t, f.APIKeysUsed(t.Context(), map[int64]time.Time{used.ID: f.clock.now()}))

	d, err = f.Dependants(t.Context(), f.app.ID)
	noError(t, err)
	var names []string
	for _, k := range d.Keys {
		names = append(names, k.Name)
	}
	equal(t, "keys", strings.Join(names, " "), "used idle")
	equal(t, "used", d.KeysUsed(f.clock.now().Add(-time.Hour)), 1)
	equal(t, "aliases", strings.Join(d.Aliases, " "), "order-paid")
	equal(t, "drafts", d.Drafts, 1)
	equal(t, "nothing", d.None(), false)
}

func TestARotatedSecretForgetsTheTokenOfTheOldOne(t *testing.T) {
	f := newFixture(t)
	f.token(t)
	noError(t, f.RotateSecret(t.Context(), f.by, f.app.ID, "another"))
	a, err := f.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "secret", a.Secret.Reveal(), "another")
	_, err = f.LoadToken(t.Context(), f.app.AppID)
	wantError(t, err, token.ErrNone)
}

func TestDraftsAmongSomeApps(t *testing.T) {
	f := newFixture(t)
	other := f.second(t)
	f.draft(t, "here")
	_, err := f.AddDraft(t.Context(), f.by, Draft{App: other.ID, Proposed: true, Title: "there"})
	noError(t, err)
	for want, among := range map[int][]int64{0: {}, 1: {other.ID}, 2: nil} {
		_, total, err := f.Drafts(t.Context(), DraftFilter{AllApps: true, Among: among})
		noError(t, err)
		equal(t, "drafts", total, want)
	}
}

func TestEveryColorIsTaken(t *testing.T) {
	f := newFixture(t)
	for _, color := range append(account.Colors(), "") {
		f.app.Color = color
		noError(t, f.UpdateApp(t.Context(), f.by, "", f.app))
	}
	f.app.Color = "#ff0000"
	if f.UpdateApp(t.Context(), f.by, "", f.app) == nil {
		t.Error("a colour without a class was taken")
	}
}

func TestAnAppIsNotChangedOverAnotherChange(t *testing.T) {
	for name, change := range map[string]func(*App){
		"name":  func(a *App) { a.Name = "another" },
		"base":  func(a *App) { a.Base = "https://other.example" },
		"mode":  func(a *App) { a.TokenMode = account.StableToken },
		"color": func(a *App) { a.Color = "teal" },
	} {
		f := newFixture(t)
		mine, theirs, drawn := f.app, f.app, AppVersion(f.app)
		mine.Name = "mine"
		change(&theirs)
		noError(t, f.UpdateApp(t.Context(), f.by, drawn, theirs))
		wantError(t, f.UpdateApp(t.Context(), f.by, drawn, mine), ErrConflict)
		read, err := f.App(t.Context(), f.app.ID)
		noError(t, err)
		equal(t, name, AppVersion(read), AppVersion(theirs))
		noError(t, f.UpdateApp(t.Context(), f.by, AppVersion(theirs), mine))
	}
}
