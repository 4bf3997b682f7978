package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"muban/wechat/ledger"
)

// handedIn is a console whose backup knows people, keys and rights, and what happened after it.
type handedIn struct {
	*fixture
	file         string // the backup
	live, revoke APIKey
	out          Person // shut out since
}

func newHandedIn(t *testing.T) *handedIn {
	onSQLite(t)
	t.Helper()
	h := &handedIn{fixture: newFixture(t)}
	key := func(prefix string, n byte) APIKey {
		k, err := h.AddAPIKey(t.Context(), h.by, APIKey{App: h.app.ID, Prefix: prefix, Hash: [32]byte{n}})
		noError(t, err)
		return k
	}
	h.live, h.revoke = key("live", 1), key("revoke", 2)
	h.out = h.person(t, "shut out", QA)
	h.session(t, 1, h.admin.ID)
	h.invite(t, 1)
	h.token(t)
	h.factor(t, h.person(t, "with a code", QA), "9")
	reset := h.person(t, "reset", QA)
	noError(t, h.ResetPassword(t.Context(), h.by, reset.ID, [32]byte{3}, h.clock.now().Add(time.Hour)))
	noError(t, h.SetBindingCode(t.Context(), h.by, h.app.ID, [32]byte{4}, h.clock.now().Add(time.Hour)))
	for _, id := range []string{"form-before", "form-used-since"} {
		_, err := h.ReportRights(t.Context(), h.by, h.app.ID, []ledger.Report{{OpenID: openID, ID: id}})
		noError(t, err)
	}
	h.file = filepath.Join(t.TempDir(), "backup.db")
	noError(t, h.Backup(t.Context(), h.by, h.file))

	noError(t, h.RevokeAPIKey(t.Context(), h.by, h.app.ID, h.revoke.ID))
	noError(t, h.SetDisabled(t.Context(), h.by, h.out.ID, true))
	x := attempt(h.app.ID, "sent since")
	x.FormID = "form-used-since"
	x, _, err := h.BeginSend(t.Context(), h.by, x)
	noError(t, err)
	x.Outcome = "sent"
	noError(t, h.FinishSend(t.Context(), h.by, x))
	h.send(t, "under way", "tpl")
	return h
}

func (h *handedIn) restored(t *testing.T, dir string) Restored {
	t.Helper()
	noError(t, h.Close())
	r, err := Restore(t.Context(), dir, h.file, Options{Now: h.clock.now, Log: h.log, KeyFile: h.keyFile()})
	noError(t, err)
	h.Store, err = tryOpen(t, dir, Options{Now: h.clock.now, Log: h.log, KeyFile: h.keyFile()})
	noError(t, err)
	t.Cleanup(func() { h.Close() })
	return r
}

func (h *handedIn) wantNoAccess(t *testing.T) {
	t.Helper()
	_, err := h.Session(t.Context(), [32]byte{1})
	wantError(t, err, ErrNotFound)
	_, err = h.InvitationOf(t.Context(), [32]byte{1})
	wantError(t, err, ErrNotFound)
	_, err = h.PasswordLinkOf(t.Context(), [32]byte{3})
	wantError(t, err, ErrNotFound)
	_, err = h.BindByCode(t.Context(), h.by, h.app.ID, [32]byte{4}, "o1")
	wantError(t, err, ErrNotFound)
	for table, want := range map[string]int{"recovery_codes": 0, "tokens": 0, "sessions": 0, "second_factors": 1} {
		n, err := one(t.Context(), h.readers, scan[int], "SELECT count(*) FROM "+table)
		noError(t, err)
		equal(t, table, n, want)
	}
	chain, err := h.VerifyActivities(t.Context())
	noError(t, err)
	equal(t, "broken", chain.Broken, 0)
	lines, _, err := h.Activities(t.Context(), ActivityFilter{Act: ActRestore})
	noError(t, err)
	equal(t, "lines of the restore", len(lines), 1)
}

// wantHeld proves that nothing goes out, by a right of the backup, by a new one, or without a name.
func (h *handedIn) wantHeld(t *testing.T) {
	t.Helper()
	for _, form := range []string{"form-before", "form-nobody-knows", ""} {
		x := attempt(h.app.ID, "held "+form)
		x.FormID = form
		_, _, err := h.BeginSend(t.Context(), h.by, x)
		wantReason(t, err, ledger.Restored)
		_, _, err = h.PeekAllowance(t.Context(), Send{App: h.app.ID, OpenID: openID, FormID: form})
		wantReason(t, err, ledger.Restored)
	}
	r, err := h.Right(t.Context(), h.app.ID, "form-before")
	noError(t, err)
	equal(t, "the right", r.State(h.clock.now()), ledger.Held)
}

func TestFault50_ARestoreInPlaceBringsNothingBack(t *testing.T) {
	h := newHandedIn(t)
	r := h.restored(t, h.dir)
	equal(t, "revoked again", slices.Equal(r.Revoked, []string{"revoke"}), true)
	equal(t, "held", len(r.Held), 0)
	h.wantNoAccess(t)
	for prefix, live := range map[string]bool{"live": true, "revoke": false} {
		k, err := h.APIKeyByPrefix(t.Context(), prefix)
		noError(t, err)
		equal(t, prefix, k.Live(h.clock.now()), live)
	}
	p, err := h.Person(t.Context(), h.out.ID)
	noError(t, err)
	equal(t, "shut out", p.Disabled, true)
	h.wantHeld(t)
	noError(t, h.ConfirmRestore(t.Context(), h.by))
	wantError(t, h.ConfirmRestore(t.Context(), h.by), ErrState)
	lines, _, err := h.Activities(t.Context(), ActivityFilter{Act: ActRestoreConfirm})
	noError(t, err)
	equal(t, "lines of the confirmation", len(lines), 1)

	for key, outcome := range map[string]string{"sent since": "sent", "under way": "unknown"} { // what went out is known
		x, err := h.SendByKey(t.Context(), h.app.ID, key)
		noError(t, err)
		equal(t, key, x.Outcome, outcome)
		again := attempt(h.app.ID, key)
		again.BodyHash = x.BodyHash
		_, _, err = h.BeginSend(t.Context(), h.by, again)
		wantError(t, err, ErrReplayed)
	}
	used := attempt(h.app.ID, "again under a used right")
	used.FormID = "form-used-since"
	_, _, err = h.BeginSend(t.Context(), h.by, used)
	wantReason(t, err, ledger.Ended)
	before := attempt(h.app.ID, "confirmed")
	before.FormID = "form-before"
	_, _, err = h.BeginSend(t.Context(), h.by, before)
	noError(t, err)
}

func TestFault50_ARestoreElsewhereHoldsWhatItCannotKnow(t *testing.T) {
	for name, dir := range map[string]func(t *testing.T, key string) string{
		"with the key alone": func(t *testing.T, _ string) string { return t.TempDir() },
		"missing":            func(t *testing.T, _ string) string { return filepath.Join(t.TempDir(), "a", "new one") },
		"beside another console": func(t *testing.T, key string) string {
			dir := t.TempDir()
			other, err := tryOpen(t, dir, Options{KeyFile: key})
			noError(t, err)
			noError(t, other.Record(t.Context(), Actor{}, 0, "test", "", ""))
			noError(t, other.Close())
			return dir
		},
		"beside a damaged one": func(t *testing.T, _ string) string {
			dir := t.TempDir()
			noError(t, os.WriteFile(filepath.Join(dir, databaseName), make([]byte, 5000), 0o600))
			return dir
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandedIn(t)
			r := h.restored(t, dir(t, h.keyFile()))
			equal(t, "held", slices.Equal(r.Held, []string{"live", "revoke"}), true)
			h.wantNoAccess(t)
			for _, k := range []APIKey{h.live, h.revoke} {
				now, err := h.APIKey(t.Context(), h.app.ID, k.ID)
				noError(t, err)
				equal(t, k.Prefix, now.Live(h.clock.now()), false)
			}
			noError(t, h.ConfirmAPIKey(t.Context(), h.by, h.app.ID, h.live.ID))
			wantError(t, h.ConfirmAPIKey(t.Context(), h.by, h.app.ID, h.live.ID), ErrNotFound)
			wantError(t, h.ConfirmAPIKey(t.Context(), h.by, h.app.ID+1, h.revoke.ID), ErrNotFound)
			now, err := h.APIKey(t.Context(), h.app.ID, h.live.ID)
			noError(t, err)
			equal(t, "live again", now.Live(h.clock.now()), true)
			h.wantHeld(t)
			noError(t, h.Close()) // a restart confirms nothing
			h.Store, err = tryOpen(t, h.Store.dir, Options{Now: h.clock.now, Log: h.log, KeyFile: h.keyFile()})
			noError(t, err)
			h.wantHeld(t)
			noError(t, h.ConfirmRestore(t.Context(), h.by))
			h.send(t, "after it was confirmed", "tpl")
		})
	}
}

// A password that was changed since may have been given away, and so may the one after it.
func TestFault50_APasswordThatChangedSinceOpensNothing(t *testing.T) {
	h := newHandedIn(t)
	noError(t, h.SetPassword(t.Context(), h.by, h.out.ID, "another"))
	r := h.restored(t, h.dir)
	equal(t, "locked", slices.Equal(r.Locked, []string{"shut out"}), true)
	a, err := h.PersonAccess(t.Context(), h.out.ID)
	noError(t, err)
	equal(t, "locked", a.Locked(), true)
	a, err = h.PersonAccess(t.Context(), h.admin.ID)
	noError(t, err)
	equal(t, "the others", a.Locked(), false)
}

func TestFault51_ABackupThatIsNotExactlyOursIsNotRestored(t *testing.T) {
	onSQLite(t)
	for name, statement := range map[string]string{
		"a trigger on sessions": "CREATE TRIGGER up AFTER INSERT ON sessions BEGIN UPDATE people SET role = 'administrator'; END",
		"a view over people":    "CREATE VIEW everybody AS SELECT * FROM people",
		"a column of an app":    "ALTER TABLE apps ADD COLUMN extra TEXT",
		"a log that may shrink": "DROP TRIGGER activities_are_not_deleted",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandedIn(t)
			copied := &fixture{Store: &Store{dir: t.TempDir()}}
			noError(t, os.Rename(h.file, copied.file()))
			copied.behind(t, statement)
			noError(t, os.Rename(copied.file(), h.file))
			noError(t, h.Close())
			_, err := h.restore(t, h.file)
			wantError(t, err, ErrForeign)
		})
	}
}

func TestFault51_VerifyLooksAndMendsNothing(t *testing.T) {
	onSQLite(t)
	f := newFixture(t)
	f.draft(t, "订单提醒")
	look := func() error {
		t.Helper()
		before := readFile(t, f.file())
		files := names(t, f.dir)
		err := Data{Dir: f.dir}.Verify(t.Context(), "", discard{})
		equal(t, "the file", readFile(t, f.file()) == before, true)
		equal(t, "the files beside it", slices.Equal(names(t, f.dir), files), true)
		return err
	}
	noError(t, look()) // while a process works
	noError(t, f.Close())
	noError(t, look())
	f.tamper(t, "UPDATE activities SET person_name = 'nobody' WHERE id = 2")
	wantError(t, look(), ErrBroken)
	f.tamper(t, "UPDATE activities SET hash = zeroblob(32)")
	wantError(t, look(), ErrBroken)
	if err := (Data{Dir: t.TempDir()}).Verify(t.Context(), "", discard{}); !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
