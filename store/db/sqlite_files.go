package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
)

// ErrPostgres is what the methods on SQLite's file answer for a database that has none.
var ErrPostgres = errors.New("store: PostgreSQL keeps its files itself")

// Shared tells whether processes on other machines may use the database too.
func (d *DB) Shared() bool {
	_, file := d.engine.(*sqliteDB)
	return !file
}

// Attach makes the tables of another SQLite database, that no process uses, readable by a change under a name of
// their own.
func (d *DB) Attach(ctx context.Context, file, as string) error {
	return d.alone(func(t sqliteTx) error {
		_, err := t.exec(ctx, "ATTACH DATABASE ? AS "+as, readOnlyDSN(file))
		return err
	})
}

// Detach ends what Attach began.
func (d *DB) Detach(ctx context.Context, as string) error {
	return d.alone(func(t sqliteTx) error {
		t.forget() // a prepared statement would keep it
		_, err := t.exec(ctx, "DETACH DATABASE "+as)
		return err
	})
}

// alone runs what no transaction may be open for.
func (d *DB) alone(do func(t sqliteTx) error) error {
	e, ok := d.engine.(*sqliteDB)
	if !ok {
		return ErrPostgres
	}
	d.writer.turn <- struct{}{}
	defer func() { <-d.writer.turn }()
	return do(sqliteTx{e})
}

// CopyTo writes a consistent copy of an SQLite database into file, which is empty or missing, while everybody goes on
// working.
func (d *DB) CopyTo(ctx context.Context, file string) error {
	e, ok := d.engine.(*sqliteDB)
	if !ok {
		return ErrPostgres
	}
	db, err := sql.Open("sqlite", dsn(e.file, "")) // the readers must not write, not even this
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
func (e *sqliteDB) prepareFile(log *slog.Logger, beside string) (size int64, err error) {
	info, err := os.Stat(e.file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, createEmpty(e.file)
	}
	if err != nil {
		return 0, err
	}
	if info.Size() < headerSize && exists(beside) { // SQLite would take it for a new one
		return 0, fmt.Errorf("%w: %s is empty, though %s shows that it was in use (to begin afresh, remove both)",
			ErrDamaged, e.file, beside)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := Tighten(log, e.file+suffix); err != nil {
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
