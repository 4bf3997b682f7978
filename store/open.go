package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
)

// checkedAtOpen is the size up to which a database is checked before it is used: about 1 ms a MiB.
// A larger one is checked by Check, which a server runs soon after it listens.
const checkedAtOpen = 2 << 20

// headerSize is what every SQLite database begins with, in bytes.
const headerSize = 100

// What lies in the data directory, beside muban.key.
const (
	databaseName = "muban.db"
	lockName     = "muban.lock"
)

func (s *Store) file() string { return filepath.Join(s.dir, databaseName) }

func (s *Store) openDatabase(ctx context.Context) error {
	size, err := s.prepareFile()
	if err != nil {
		return err
	}
	if s.writer, err = openWriter(ctx, dsn(s.file(), "&_pragma=temp_store(MEMORY)"), s.now); err != nil {
		return fmt.Errorf("open %s: %w", s.file(), classify(err))
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.chainOld(ctx); err != nil {
		return err
	}
	s.readers, err = sql.Open("sqlite", dsn(s.file(), "&_pragma=query_only(1)"))
	if err != nil {
		return err
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	s.readers.SetMaxOpenConns(readers)
	s.readers.SetMaxIdleConns(readers)
	if size > checkedAtOpen {
		return nil
	}
	return s.check(ctx, "PRAGMA quick_check(1)")
}

// Check reads the whole database and answers ErrDamaged when something in it does not fit together.
func (s *Store) Check(ctx context.Context) error {
	return s.check(ctx, "PRAGMA integrity_check(1)")
}

func (s *Store) check(ctx context.Context, pragma string) error {
	var found string
	if err := s.readers.QueryRowContext(ctx, pragma).Scan(&found); err != nil {
		return fmt.Errorf("check %s: %w", s.file(), classify(err))
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s: %s", ErrDamaged, s.file(), found)
	}
	return nil
}

// prepareFile sees to the modes before SQLite opens the database: it would make it 0644, and it gives
// -wal and -shm the mode of the database. It never opens a file that exists: closing it again would
// drop the locks that another connection of this process holds on it (POSIX).
func (s *Store) prepareFile() (size int64, err error) {
	info, err := os.Stat(s.file())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, createEmpty(s.file())
	}
	if err != nil {
		return 0, err
	}
	if info.Size() < headerSize && exists(s.keyFile()) { // SQLite would take it for a new one
		return 0, fmt.Errorf("%w: %s is empty, though %s shows that it was in use (to begin afresh, remove both)",
			ErrDamaged, s.file(), s.keyFile())
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := s.tighten(s.file() + suffix); err != nil {
			return 0, err
		}
	}
	return info.Size(), nil
}

func createEmpty(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was quicker
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// tighten takes a file's rights away from everybody but its owner.
func (s *Store) tighten(file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	s.log.Warn("others could read this file; now it is 0600", "file", file, "mode", info.Mode().Perm())
	return os.Chmod(file, 0o600)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// dsn has every pragma in it, as each connection must have them all. busy_timeout comes first: turning
// WAL on can itself meet a lock. With _txlock=immediate a transaction waits at its beginning; a deferred
// one that reads and then writes would fail at once under contention, whatever the timeout.
func dsn(file, more string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file), RawQuery: "_txlock=immediate&_error_rc=1&_dqs=0" +
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)" + more}
	return u.String()
}
