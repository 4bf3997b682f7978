package store

import (
	"strings"
	"testing"
	"time"

	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/token"
)

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
	_, err := f.RaiseAlert(t.Context(), Alert{Kind: alert.TokenEnding, App: alert.App{ID: f.app.ID}}, nil)
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

func TestARotatedSecretForgetsTheTokenOfTheOldOne(t *testing.T) { // faults.md 15
	f := newFixture(t)
	f.token(t)
	noError(t, f.RotateSecret(t.Context(), f.by, f.app.ID, "another"))
	a, err := f.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "secret", a.Secret.Reveal(), "another")
	_, err = f.LoadToken(t.Context(), f.app.AppID)
	wantError(t, err, token.ErrNone)
}

func TestDraftsAmongSomeApps(t *testing.T) { // faults.md 27
	f := newFixture(t)
	other := f.second(t)
	f.draft(t, "here")
	_, err := f.AddDraft(t.Context(), f.by, Draft{App: other.ID, Kind: "proposal", Title: "there"})
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
