package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// backedUp is a store with a backup, and a draft from after it.
func backedUp(t testing.TB) (f *fixture, file string) {
	t.Helper()
	f = newFixture(t)
	f.token(t)
	f.send(t, "under way", "tpl")
	file = filepath.Join(t.TempDir(), "backup.db")
	noError(t, f.Backup(t.Context(), Actor{}, file))
	f.draft(t, "after the backup")
	return f, file
}

func (f *fixture) restore(t testing.TB, file string) (Restored, error) {
	t.Helper()
	return Restore(t.Context(), f.dir, file, Options{Now: f.clock.now, Log: f.log})
}

func TestABackupIsRestoredAndTheOldDatabaseKept(t *testing.T) {
	onSQLite(t)
	f, file := backedUp(t)
	noError(t, f.Close())
	r, err := f.restore(t, file)
	noError(t, err)
	equal(t, "mode", mode(t, filepath.Join(f.dir, databaseName)), 0o600)

	f.Store = open(t, f.dir, f.clock)
	drafts, _, err := f.Drafts(t.Context(), DraftFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "drafts", len(drafts), 0)
	send, err := f.SendByKey(t.Context(), f.app.ID, "under way")
	noError(t, err)
	equal(t, "the send that was under way", send.Outcome, "unknown")
	noError(t, f.Close())

	before := t.TempDir()
	noError(t, os.Rename(r.Kept, filepath.Join(before, databaseName)))
	noError(t, os.WriteFile(filepath.Join(before, "muban.key"), []byte(readFile(t, f.keyFile())), 0o600))
	drafts, _, err = open(t, before, f.clock).Drafts(t.Context(), DraftFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "drafts of the old one", len(drafts), 1)
}

func TestNothingIsRestoredWhileAProcessWorks(t *testing.T) {
	onSQLite(t)
	f, file := backedUp(t)
	_, err := f.restore(t, file)
	wantError(t, err, ErrInUse)
	drafts, _, err := f.Drafts(t.Context(), DraftFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "drafts", len(drafts), 1)
}

func TestWhatIsNoGoodBackupIsNotRestored(t *testing.T) {
	onSQLite(t)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, f *fixture, file string)
		want  error
	}{
		"cut short": {func(t *testing.T, _ *fixture, file string) { noError(t, os.Truncate(file, 20_000)) }, ErrDamaged},
		"no database": {func(t *testing.T, _ *fixture, file string) {
			noError(t, os.WriteFile(file, []byte(strings.Repeat("x", 4096)), 0o600))
		}, ErrDamaged},
		"of another key": {func(t *testing.T, f *fixture, _ string) {
			noError(t, os.WriteFile(f.keyFile(), []byte(strings.Repeat("ab", 32)), 0o600))
		}, ErrKey},
		"without its key": {func(t *testing.T, f *fixture, _ string) { noError(t, os.Remove(f.keyFile())) }, ErrKey},
		"with another log": {func(t *testing.T, f *fixture, file string) {
			other := &fixture{Store: &Store{dir: t.TempDir()}}
			noError(t, os.Rename(file, other.file()))
			other.tamper(t, "UPDATE activities SET person_name = 'nobody' WHERE id = 2")
			noError(t, os.Rename(other.file(), file))
		}, ErrDamaged},
		"missing": {func(t *testing.T, _ *fixture, file string) { noError(t, os.Remove(file)) }, os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			f, file := backedUp(t)
			noError(t, f.Close())
			c.spoil(t, f, file)
			before := names(t, f.dir)
			_, err := f.restore(t, file)
			wantError(t, err, c.want)
			if after := names(t, f.dir); strings.Join(after, " ") != strings.Join(before, " ") {
				t.Errorf("%v became %v", before, after)
			}
		})
	}
}

func TestTheKeyCanLieElsewhere(t *testing.T) {
	onSQLite(t)
	dir, key := t.TempDir(), filepath.Join(t.TempDir(), "the.key")
	for range 2 {
		s, err := tryOpen(t, dir, Options{KeyFile: key})
		noError(t, err)
		noError(t, s.Close())
	}
	equal(t, "files", strings.Join(names(t, dir), " "), "muban.db muban.lock")
	equal(t, "mode of the key", mode(t, key), 0o600)
	_, err := tryOpen(t, dir, Options{})
	noError(t, err) // nothing was sealed yet, so another key does no harm
}

func TestBackupsAreMadeWhenTheyAreDueAndTheOldestRemoved(t *testing.T) {
	onSQLite(t)
	f := newFixture(t)
	f.token(t)
	c := Schedule{Dir: filepath.Join(t.TempDir(), "backups"), Every: 24 * time.Hour, Keep: 3}
	step := func() bool {
		t.Helper()
		file, err := f.backupIfDue(t.Context(), c)
		noError(t, err)
		return file != ""
	}
	equal(t, "the first", step(), true)
	equal(t, "at once again", step(), false)
	f.clock.advance(24*time.Hour - 2*time.Second)
	equal(t, "too early", step(), false)
	noError(t, os.WriteFile(filepath.Join(c.Dir, "muban-notes.txt"), nil, 0o600))
	for range 4 {
		f.clock.advance(24 * time.Hour)
		equal(t, "due", step(), true)
	}
	left := names(t, c.Dir)
	equal(t, "files", len(left), 4) // three backups and the notes
	equal(t, "mode", mode(t, filepath.Join(c.Dir, left[0])), 0o600)
	f.wantRestored(t, filepath.Join(c.Dir, left[2]))
}

func mode(t testing.TB, file string) os.FileMode {
	t.Helper()
	info, err := os.Stat(file)
	noError(t, err)
	return info.Mode().Perm()
}
