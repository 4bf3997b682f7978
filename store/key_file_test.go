package store

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// reopen closes the store and opens it again after change.
func (f *fixture) reopen(t *testing.T, change func()) error {
	t.Helper()
	noError(t, f.Close())
	change()
	s, err := tryOpen(t, f.dir, Options{Now: f.clock.now})
	if err == nil {
		f.Store = s
		t.Cleanup(func() { s.Close() })
	}
	return err
}

func TestFault42_AMissingOrWrongKeyIsRefusedByName(t *testing.T) {
	other := newFixture(t)
	wrong, err := os.ReadFile(other.keyFile())
	noError(t, err)
	for name, change := range map[string]func(file string) error{
		"missing":   os.Remove,
		"another's": func(file string) error { return os.WriteFile(file, wrong, 0o600) },
		"empty":     func(file string) error { return os.Truncate(file, 0) },
		"cut short": func(file string) error { return os.Truncate(file, 20) },
		"no hex":    func(file string) error { return os.WriteFile(file, []byte(strings.Repeat("z", 64)), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key, err := os.ReadFile(f.keyFile())
			noError(t, err)
			err = f.reopen(t, func() { noError(t, change(f.keyFile())) })
			wantError(t, err, ErrKey)
			if !strings.Contains(err.Error(), "muban.key") || strings.Contains(err.Error(), string(key[:16])) {
				t.Fatalf("the error must name the file and not the key: %v", err)
			}
			noError(t, f.reopen(t, func() { noError(t, os.WriteFile(f.keyFile(), key, 0o600)) }))
		})
	}
}

// Of a shared database another machine has the key: then it is copied, and no second one made.
func TestAMissingKeyIsNotMadeAnewWhereAnotherMachineMayHaveIt(t *testing.T) {
	onPG(t)
	s := open(t, t.TempDir(), newClock())
	other := t.TempDir()
	databases.Store(other, database(t, s.dir))
	_, err := tryOpen(t, other, Options{})
	wantError(t, err, ErrKey)
	noError(t, os.WriteFile(other+"/muban.key", []byte(readFile(t, s.keyFile())), 0o600))
	open(t, other, newClock())
}

// Machines on one database have a key file each: a rotated one is copied to the others, which take it up by themselves.
func TestFault68_AKeyThatIsRotatedOnOneMachineReachesAnotherWithItsFile(t *testing.T) {
	onPG(t)
	f := newFixture(t)
	other := t.TempDir()
	databases.Store(other, database(t, f.dir))
	copied := func() { noError(t, os.WriteFile(other+"/muban.key", []byte(readFile(t, f.keyFile())), 0o600)) }
	copied()
	beside := open(t, other, f.clock)

	var said bytes.Buffer
	noError(t, Data{Dir: f.dir, Database: database(t, f.dir)}.RotateKey(t.Context(), &said))
	if !strings.Contains(said.String(), "every other machine") {
		t.Error("it does not say what is left to do: ", said.String())
	}
	_, err := beside.App(t.Context(), f.app.ID)
	wantError(t, err, ErrKey)
	_, err = tryOpen(t, other, Options{})
	wantError(t, err, ErrKey)

	copied()
	a, err := beside.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "secret", a.Secret.Reveal(), canary)
	_, err = beside.AddApp(t.Context(), f.by, App{AppID: "wx-after", Secret: canary})
	noError(t, err)
	sealed, err := many(t.Context(), f.readers, scan[[]byte], "SELECT secret FROM apps")
	noError(t, err)
	first := beside.ring()[0].id
	for _, value := range sealed {
		equal(t, "sealed with the new key", bytes.HasPrefix(value, first[:]), true)
	}
}

func TestAMissingKeyIsMadeAnewWhileNothingIsSealed(t *testing.T) {
	onSQLite(t)
	c := newClock()
	s := open(t, t.TempDir(), c)
	before := s.Key("sessions")
	noError(t, s.Close())
	noError(t, os.Remove(s.keyFile()))
	s = open(t, s.dir, c)
	if bytes.Equal(before, s.Key("sessions")) {
		t.Fatal("the same key again")
	}
}

func TestDerivedKeysDifferByPurposeAndSurviveARestart(t *testing.T) {
	f := newFixture(t)
	sessions, other := f.Key("sessions"), f.Key("other")
	equal(t, "length", len(sessions), 32)
	if bytes.Equal(sessions, other) {
		t.Fatal("one key for two purposes")
	}
	noError(t, f.reopen(t, func() {}))
	if !bytes.Equal(sessions, f.Key("sessions")) {
		t.Fatal("another key after a restart")
	}
}

func TestFault42_KeysRotate(t *testing.T) {
	f := newFixture(t)
	f.token(t)
	oldKey, err := os.ReadFile(f.keyFile())
	noError(t, err)
	beside := open(t, f.dir, f.clock) // still holds the old key only
	noError(t, f.RotateKey(t.Context(), f.by))

	secretOf := func(s *Store) string {
		t.Helper()
		a, err := s.App(t.Context(), f.app.ID)
		noError(t, err)
		_, err = s.LoadToken(t.Context(), f.app.AppID)
		noError(t, err)
		return a.Secret.Reveal()
	}
	equal(t, "secret", secretOf(f.Store), canary)
	equal(t, "secret beside", secretOf(beside), canary)
	noError(t, f.reopen(t, func() {}))
	equal(t, "secret after a restart", secretOf(f.Store), canary)

	ring, err := readKeys(f.keyFile())
	noError(t, err)
	equal(t, "keys", len(ring), 2)
	noError(t, os.WriteFile(f.keyFile(), []byte(strings.SplitN(readFile(t, f.keyFile()), "\n", 2)[0]), 0o600))
	equal(t, "secret with the new key alone", secretOf(f.Store), canary)
	err = f.reopen(t, func() { noError(t, os.WriteFile(f.keyFile(), oldKey, 0o600)) })
	wantError(t, err, ErrKey)
}

func readFile(t testing.TB, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	noError(t, err)
	return string(content)
}
