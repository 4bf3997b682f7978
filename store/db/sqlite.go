package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("store: not found") // also a reference to a row that is not there
	ErrTaken    = errors.New("store: already taken")
	ErrFull     = errors.New("store: the disk is full")
	ErrBusy     = errors.New("store: another process keeps the database locked")
	ErrDisk     = errors.New("store: the disk does not take or give what it should")
	ErrDamaged  = errors.New("store: the database is damaged; restore a backup")
	ErrOlder    = errors.New("store: the database was written by an older Muban; start the console once to bring it up to date")
	ErrNewer    = errors.New("store: the database was written by a newer Muban; use that version or a backup")
)

// Classify puts our error in front of SQLite's, by its code and never by its text.
func Classify(err error) error {
	var e *sqlite.Error
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case !errors.As(err, &e):
		return err
	}
	if ours := byCode(e.Code()); ours != nil && !errors.Is(err, ours) {
		return fmt.Errorf("%w: %w", ours, err)
	}
	return err
}

func byCode(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrTaken
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	}
	switch code & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOLFS:
		return ErrDisk
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	}
	return nil
}

// Trouble tells whether err is of the storage and not of the request: what is asked for may be done later, as it is.
func Trouble(err error) bool {
	return errors.Is(err, ErrFull) || errors.Is(err, ErrBusy) || errors.Is(err, ErrDisk)
}

// fromSQLite tells whether err is SQLite's own, which may have ended the transaction it came from.
func fromSQLite(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e)
}

// dsn has every pragma in it, as each connection must have them all. busy_timeout comes first: turning WAL on can
// itself meet a lock. With _txlock=immediate a transaction waits at its beginning; a deferred one that reads and
// then writes would fail at once under contention, whatever the timeout.
func dsn(file, more string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file),
		RawQuery: "_txlock=immediate&_error_rc=1&_dqs=0" +
			"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)" + more}
	return u.String()
}

// readOnlyDSN changes no file. A database that no process has open is taken as one that nobody changes, or SQLite
// would make the files of its log beside it.
func readOnlyDSN(file string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file), RawQuery: "mode=ro&_error_rc=1&_dqs=0" +
		"&_pragma=busy_timeout(10000)&_pragma=query_only(1)"}
	if !exists(file + "-wal") {
		u.RawQuery += "&immutable=1"
	}
	return u.String()
}

// Attach makes the tables of another database, that no process uses, readable by a change under a name of their own.
func (d *DB) Attach(ctx context.Context, file, as string) error {
	d.writer.turn <- struct{}{}
	defer func() { <-d.writer.turn }()
	return d.writer.exec(ctx, "ATTACH DATABASE ? AS "+as, readOnlyDSN(file))
}

// Detach ends what Attach began.
func (d *DB) Detach(ctx context.Context, as string) error {
	d.writer.turn <- struct{}{}
	defer func() { <-d.writer.turn }()
	d.writer.forget() // a prepared statement would keep it
	return d.writer.exec(ctx, "DETACH DATABASE "+as)
}

// CopyTo writes a consistent copy into file, which is empty or missing, while everybody goes on working.
func (d *DB) CopyTo(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", dsn(d.file, "")) // the readers must not write, not even this
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	return Classify(err)
}

// SetAside gives the database in file, that no process uses, a second name, which it keeps when another takes the
// first: at no moment is there none. What its log still holds is written into it before; a damaged one keeps its
// log beside it. It answers the second name; "" where there is no database.
func SetAside(ctx context.Context, file, suffix string) (string, error) {
	if !exists(file) {
		return "", nil
	}
	if db, err := sql.Open("sqlite", dsn(file, "")); err == nil {
		_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		db.Close()
	}
	kept := file + suffix
	if err := os.Link(file, kept); err != nil {
		return "", err
	}
	for _, part := range []string{"-wal", "-shm"} {
		if err := os.Rename(file+part, kept+part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return kept, nil
}

// checkedAtOpen is the size up to which a database is checked before it is used: about 1 ms a MiB. A larger one is
// checked by Check, which a server runs soon after it listens.
const checkedAtOpen = 2 << 20

// headerSize is what every SQLite database begins with, in bytes.
const headerSize = 100

// prepareFile sees to the modes before SQLite opens the database: it would make it 0644, and it gives -wal and -shm
// the mode of the database. It never opens a file that exists: closing it again would drop the locks that another
// connection of this process holds on it (POSIX).
func (d *DB) prepareFile(beside string) (size int64, err error) {
	info, err := os.Stat(d.file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, createEmpty(d.file)
	}
	if err != nil {
		return 0, err
	}
	if info.Size() < headerSize && exists(beside) { // SQLite would take it for a new one
		return 0, fmt.Errorf("%w: %s is empty, though %s shows that it was in use (to begin afresh, remove both)",
			ErrDamaged, d.file, beside)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := Tighten(d.log, d.file+suffix); err != nil {
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

// Tighten takes a file's rights away from everybody but its owner; a missing one is left alone.
func Tighten(log *slog.Logger, file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	log.Warn("others could read this file; now it is 0600", "file", file, "mode", info.Mode().Perm())
	return os.Chmod(file, 0o600)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
