package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database to file while everybody goes on working, and replaces
// an older copy only once the new one is whole. The copy is 0600, and opens with the same muban.key,
// which is not in it: keep that apart.
func (s *Store) Backup(ctx context.Context, file string) error {
	if same, err := sameFile(file, s.file()); err != nil || same {
		return errors.Join(err, fmt.Errorf("store: %s cannot be the backup of itself", file))
	}
	db, err := sql.Open("sqlite", dsn(s.file(), "")) // the readers must not write, not even this
	if err != nil {
		return err
	}
	defer db.Close()
	return replaceFile(file, func(f *os.File) error {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", f.Name())
		return classify(err)
	})
}

// sameFile reports whether both names mean one file; a missing a means none.
func sameFile(a, b string) (bool, error) {
	left, err := os.Stat(a)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	right, err := os.Stat(b)
	return os.SameFile(left, right), err
}

// replaceFile lets fill write a new 0600 file, and gives it its name only when it is on the disk.
func replaceFile(file string, fill func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.new")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has its new name
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
