package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"muban/store/pgtest"
)

func TestFault44_OnlyTheOwnerReadsTheFiles(t *testing.T) {
	onSQLite(t)
	dir := filepath.Join(t.TempDir(), "a dir?#%41", "data")
	c := newClock()
	s := open(t, dir, c)
	noError(t, s.Record(t.Context(), Actor{}, 0, "test", "", ""))
	noError(t, s.Backup(t.Context(), Actor{}, filepath.Join(dir, "backup.db")))
	modes := func() {
		t.Helper()
		info, err := os.Stat(dir)
		noError(t, err)
		equal(t, "directory", info.Mode().Perm(), 0o700)
		for _, name := range []string{"muban.db", "muban.db-wal", "muban.db-shm", "muban.key", "muban.lock", "backup.db"} {
			info, err := os.Stat(filepath.Join(dir, name))
			noError(t, err)
			equal(t, name, info.Mode().Perm(), 0o600)
		}
	}
	modes()
	noError(t, s.Close())
	for _, name := range []string{"muban.db", "muban.key"} { // restored with the usual umask
		noError(t, os.Chmod(filepath.Join(dir, name), 0o644))
	}
	s = open(t, dir, c)
	noError(t, s.Record(t.Context(), Actor{}, 0, "test", "", ""))
	modes()
}

// damaged closes a filled store, lets a test do something to its file, and opens it again.
func damaged(t *testing.T, damage func(content []byte) []byte) (*Store, error) {
	t.Helper()
	f := newFixture(t)
	for i := range 50 {
		f.draft(t, string(rune('一'+i)))
	}
	noError(t, f.Close())
	content, err := os.ReadFile(f.file())
	noError(t, err)
	noError(t, os.WriteFile(f.file(), damage(content), 0o600))
	return tryOpen(t, f.dir, Options{Now: f.clock.now})
}

func TestFault44_ATruncatedFileIsNamed(t *testing.T) {
	onSQLite(t)
	for _, keep := range []int{0, 1, 50, 100, 4096, 3 * 4096, 10*4096 + 7} {
		t.Run(fmt.Sprint(keep), func(t *testing.T) {
			_, err := damaged(t, func(content []byte) []byte { return content[:keep] })
			wantError(t, err, ErrDamaged)
		})
	}
}

func TestFault44_ABitFlippedFileIsNamed(t *testing.T) {
	t.Parallel()
	onSQLite(t)
	f := newFixture(t)
	for i := range 50 {
		f.draft(t, string(rune('一'+i)))
	}
	pages, err := one(t.Context(), f.readers, scan[int], "PRAGMA page_count")
	noError(t, err)
	noError(t, f.Close())
	content, err := os.ReadFile(f.file())
	noError(t, err)
	flip := func(at int, bits byte) {
		t.Helper()
		content[at] ^= bits
		noError(t, os.WriteFile(f.file(), content, 0o600))
		_, err := tryOpen(t, f.dir, Options{Now: f.clock.now})
		wantError(t, err, ErrDamaged)
		content[at] ^= bits
	}
	flip(3, 1) // "SQLite format 3"
	for page := range pages {
		flip(max(100, page*4096), 0x10) // the kind of the page; the first begins behind the header of the file
	}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	f := newFixture(t)
	newer := "PRAGMA user_version = 99"
	if onPostgres {
		newer = "UPDATE muban_schema SET version = 99"
	}
	f.behind(t, newer)
	noError(t, f.Close())
	_, err := tryOpen(t, f.dir, Options{})
	wantError(t, err, ErrNewer)
}

func TestTwoFirstRunsAtOnceMakeOneDatabase(t *testing.T) {
	dir := t.TempDir()
	if onPostgres {
		databases.Store(dir, pgtest.Empty(t))
	}
	errs := make(chan error)
	stores := make(chan *Store, 2)
	for range 2 {
		go func() {
			s, err := tryOpen(t, dir, Options{})
			stores <- s
			errs <- err
		}()
	}
	noError(t, <-errs)
	noError(t, <-errs)
	a, b := <-stores, <-stores
	defer a.Close()
	defer b.Close()
	_, err := a.AddApp(t.Context(), Actor{}, App{AppID: "wx1", Secret: canary})
	noError(t, err)
	apps, err := b.Apps(t.Context())
	noError(t, err)
	equal(t, "secret", apps[0].Secret.Reveal(), canary)
}

func TestAnOpenDatabaseAnswersAndAClosedOneDoesNot(t *testing.T) {
	f := newFixture(t)
	noError(t, f.Ping(t.Context()))
	noError(t, f.Check(t.Context()))
	noError(t, f.Close())
	if f.Ping(t.Context()) == nil {
		t.Fatal("closed, and yet it answers")
	}
	if f.Record(t.Context(), Actor{}, 0, "test", "", "") == nil {
		t.Fatal("closed, and yet it writes")
	}
}

func TestFault39_EightHundredReadThenWriteTransactionsAtOnce(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock) // as another process would
	d := f.draft(t, "0")
	const transactions = 800
	var wg sync.WaitGroup
	for i := range transactions {
		wg.Go(func() {
			s := []*Store{f.Store, beside}[i%2]
			err := s.write(t.Context(), func(t *tx) error {
				now, err := t.draft(d.App, d.ID)
				if err != nil {
					return err
				}
				return t.update("UPDATE drafts SET version = ? WHERE id = ?", now.Version+1, d.ID)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	read, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "version", read.Version, d.Version+transactions)
}

func TestFault40_AFullDiskIsSaidAndLosesNothing(t *testing.T) {
	onSQLite(t)
	f := newFixture(t)
	pages, err := one(t.Context(), f.readers, scan[int], "PRAGMA page_count")
	noError(t, err)
	allow := func(pages int) {
		t.Helper()
		noError(t, f.write(t.Context(), func(x *tx) error { return x.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)) }))
	}
	allow(pages + 20)

	kept := map[string]int64{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d/%d", w, i)
				large := attempt(f.app.ID, key)
				large.Request = make([]byte, 2000)
				x, _, err := f.BeginSend(t.Context(), f.by, large)
				if err != nil {
					if !errors.Is(err, ErrFull) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				kept[key] = x.ID
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(kept) == 0 {
		t.Fatal("nothing went in before the disk was full")
	}
	noError(t, f.Check(t.Context()))
	_, total, err := f.Sends(t.Context(), SendFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "sends", total, len(kept))
	for key, id := range kept {
		x, err := f.SendByKey(t.Context(), f.app.ID, key)
		noError(t, err)
		equal(t, "id of "+key, x.ID, id)
	}
	allow(100_000)
	f.send(t, "there is room again", "tpl")
}
