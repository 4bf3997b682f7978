package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestFault41_ABackupTakenUnderLoadRestores(t *testing.T) {
	onSQLite(t)
	f := newFixture(t)
	f.token(t)
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				if _, _, err := f.BeginSend(t.Context(), f.by, attempt(f.app.ID, fmt.Sprint(w, "/", i))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	for range 3 { // the later ones replace the earlier
		noError(t, f.Backup(t.Context(), Actor{}, file))
	}
	f.send(t, "after the backup", "tpl")
	stop.Store(true)
	wg.Wait()
	equal(t, "files", len(names(t, filepath.Dir(file))), 1)
	f.wantRestored(t, file)
}

func (f *fixture) wantRestored(t *testing.T, file string) {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{file: "muban.db", f.keyFile(): "muban.key"} {
		noError(t, os.WriteFile(filepath.Join(dir, to), []byte(readFile(t, from)), 0o600))
	}
	restored := open(t, dir, f.clock)
	noError(t, restored.Check(t.Context()))
	broken, err := many(t.Context(), restored.readers, scan[string], `SELECT "table" FROM pragma_foreign_key_check`)
	noError(t, err)
	equal(t, "broken references", len(broken), 0)
	a, err := restored.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "secret", a.Secret.Reveal(), canary)
	record, err := restored.LoadToken(t.Context(), f.app.AppID)
	noError(t, err)
	equal(t, "token", record.Value.Reveal(), canary)
	_, err = restored.SendByKey(t.Context(), f.app.ID, "after the backup")
	wantError(t, err, ErrNotFound)
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	noError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestABackupCannotReplaceTheDatabase(t *testing.T) {
	onSQLite(t)
	f := newFixture(t)
	if f.Backup(t.Context(), Actor{}, f.file()) == nil {
		t.Fatal("the database was replaced by its backup")
	}
	noError(t, f.Check(t.Context()))
}

func TestAFailedBackupLeavesTheOldOneAndNothingElse(t *testing.T) {
	onSQLite(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "backup.db")
	noError(t, os.WriteFile(file, []byte("old"), 0o600))
	failed := errors.New("failed")
	wantError(t, replaceFile(file, func(*os.File) error { return failed }), failed)
	equal(t, "content", readFile(t, file), "old")
	equal(t, "files", len(names(t, dir)), 1)
	f := newFixture(t)
	if f.Backup(t.Context(), Actor{}, filepath.Join(dir, "no such directory", "x.db")) == nil {
		t.Fatal("a backup into nowhere")
	}
}
