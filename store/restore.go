package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"muban/store/db"
)

// Restored is what came of a restore.
type Restored struct {
	Kept    string   // where the database before it lies now; "" where there was none
	Revoked []string // the prefixes of API keys that were revoked since the backup, and are again
	Held    []string // the prefixes of API keys that may have been: each is held until somebody confirms it
	Locked  []string // the people whose password differs from the one before: neither opens anything
}

// Restore puts the backup in file in the place of the database in dir, which may be missing or hold muban.key alone.
// The backup is checked first, as a copy: that it is whole and exactly as Muban made it, that its references and its
// log hold together, that muban.key opens every secret in it, and that this program knows its version. When it fails
// nothing has changed.
//
// No access comes back with it: see endAccess. What is in the database before it and cannot be undone is taken over
// where that one can still be read: what was sent, and who was shut out.
func Restore(ctx context.Context, dir, file string, o Options) (r Restored, err error) {
	o = o.filled()
	if dir, err = filepath.Abs(dir); err != nil {
		return r, err
	}
	current := filepath.Join(dir, databaseName)
	if same, err := sameFile(file, current); err != nil || same {
		return r, errors.Join(err, fmt.Errorf("store: %s cannot be restored over itself", file))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return r, err
	}
	lock, err := db.LockAlone(filepath.Join(dir, lockName))
	if err != nil {
		return r, err
	}
	defer lock.Close()
	work, err := os.MkdirTemp(dir, ".restore-*")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(work)
	if r, err = prepareCopy(ctx, work, file, current, o); err != nil {
		return r, fmt.Errorf("%s cannot be restored: %w", file, err)
	}
	if r.Kept, err = db.SetAside(ctx, current, ".replaced-"+o.Now().UTC().Format("20060102-150405")); err != nil {
		return r, err
	}
	if err := os.Rename(filepath.Join(work, databaseName), current); err != nil {
		return r, err
	}
	o.Log.Warn("a backup was restored", "file", file, "before", r.Kept, "keys_revoked", r.Revoked, "keys_held", r.Held,
		"people_locked", r.Locked)
	return r, syncDir(dir)
}

// prepareCopy copies file into the directory work, opens it there with everything that a start checks, and more: a
// backup is not used every day. Then it ends the access that would come back.
func prepareCopy(ctx context.Context, work, file, current string, o Options) (r Restored, err error) {
	if err := copyFile(filepath.Join(work, databaseName), file); err != nil {
		return r, err
	}
	o.KeyFile = o.keyFile(filepath.Dir(current))
	if _, err := os.Stat(o.KeyFile); err != nil {
		return r, fmt.Errorf("%w: %s is missing: %w", ErrKey, o.KeyFile, err)
	}
	s, err := Open(ctx, work, o)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.checkBackup(ctx); err != nil {
		return r, err
	}
	return s.afterRestore(ctx, file, current)
}

// checkBackup reads the whole of a database.
func (s *Store) checkBackup(ctx context.Context) error {
	if err := s.Check(ctx); err != nil {
		return err
	}
	broken, err := many(ctx, s.readers, scan[string], `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`)
	if err != nil || len(broken) > 0 {
		return errors.Join(ErrDamaged, err)
	}
	chain, err := s.VerifyActivities(ctx)
	if err != nil {
		return err
	}
	if chain.Broken != 0 {
		return fmt.Errorf("%w: the activity log was changed at line %d", ErrDamaged, chain.Broken)
	}
	return s.openSecrets(ctx)
}

// openSecrets answers an error unless every sealed value opens.
func (s *Store) openSecrets(ctx context.Context) error {
	if _, err := s.Apps(ctx); err != nil {
		return err
	}
	ids, err := many(ctx, s.readers, scan[string], "SELECT app_id FROM tokens")
	for _, id := range ids {
		if _, e := s.LoadToken(ctx, id); e != nil {
			return e
		}
	}
	if err != nil {
		return err
	}
	_, err = many(ctx, s.readers, s.scanFactor, "SELECT "+factorColumns+" FROM second_factors")
	return err
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return replaceFile(to, func(out *os.File) error {
		_, err := io.Copy(out, in)
		return err
	})
}
