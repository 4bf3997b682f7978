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

// Restore puts the backup in file in the place of the database in dir, and answers where the old one
// lies now; "" where there was none. The backup is checked first, as a copy: that it is whole, that its
// references and its log hold together, that muban.key opens every secret in it, and that this program
// knows its version. When it fails nothing has changed.
func Restore(ctx context.Context, dir, file string, o Options) (kept string, err error) {
	o = o.filled()
	if same, err := sameFile(file, filepath.Join(dir, databaseName)); err != nil || same {
		return "", errors.Join(err, fmt.Errorf("store: %s cannot be restored over itself", file))
	}
	lock, err := db.LockAlone(filepath.Join(dir, lockName))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	work, err := os.MkdirTemp(dir, ".restore-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := checkCopy(ctx, work, file, o.keyFile(dir), o); err != nil {
		return "", fmt.Errorf("%s cannot be restored: %w", file, err)
	}
	if kept, err = db.SetAside(ctx, filepath.Join(dir, databaseName), ".replaced-"+o.Now().UTC().Format("20060102-150405")); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(work, databaseName), filepath.Join(dir, databaseName)); err != nil {
		return kept, err
	}
	return kept, syncDir(dir)
}

// checkCopy copies file into the directory work and opens it there with everything that a start checks,
// and more: a backup is not used every day.
func checkCopy(ctx context.Context, work, file, key string, o Options) (err error) {
	if err := copyFile(filepath.Join(work, databaseName), file); err != nil {
		return err
	}
	o.KeyFile = key
	if _, err := os.Stat(key); err != nil {
		return fmt.Errorf("%w: %s is missing: %w", ErrKey, key, err)
	}
	s, err := Open(ctx, work, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
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
