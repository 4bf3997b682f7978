package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteDB is a database of SQLite: one connection that writes and several that cannot.
type sqliteDB struct {
	file    string
	readers *sql.DB
	pool    *sql.DB // of the one connection that writes
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt // preparing costs as much as running; the texts are constants, so few
	reading readings
}

// readings are statements of the readers. What people narrow lists by makes many texts, so only the first are kept.
type readings struct {
	mu sync.RWMutex
	of map[string]*sql.Stmt
}

const readingsKept = 200

// Open opens the SQLite database in file, and makes it when it is missing, with mode 0600. It brings an older schema
// up to date, and refuses a damaged file (ErrDamaged) and one of a newer program (ErrNewer).
func Open(ctx context.Context, file string, o Options) (_ *DB, err error) {
	e := &sqliteDB{file: file, stmts: map[string]*sql.Stmt{}}
	d := &DB{engine: e, log: o.Log}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	size, err := e.prepareFile(o.Log, o.Beside)
	if err != nil {
		return nil, err
	}
	if err := e.openWriter(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, Classify(err))
	}
	d.writer = newWriter(e, o.Now)
	if err := d.update(ctx, o.Schema); err != nil {
		return nil, err
	}
	if err := e.openReaders(dsn(file, "&_pragma=query_only(1)")); err != nil {
		return nil, err
	}
	if size > checkedAtOpen {
		return d, nil
	}
	return d, e.check(ctx, false)
}

// OpenReadOnly opens an SQLite database to look at it: nothing of it is made, mended or brought up to date, and no
// file is left beside it. It refuses what Open refuses, and an older schema (ErrOlder).
func OpenReadOnly(ctx context.Context, file string, o Options) (_ *DB, err error) {
	e := &sqliteDB{file: file}
	d := &DB{engine: e, log: o.Log}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	if err := e.openReaders(readOnlyDSN(file)); err != nil {
		return nil, err
	}
	if e.conn, err = e.readers.Conn(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, Classify(err))
	}
	err = d.mustBeUpToDate(ctx, o.Schema)
	return d, errors.Join(err, e.conn.Close())
}

func (e *sqliteDB) openReaders(dsn string) (err error) {
	if e.readers, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	n := max(4, runtime.GOMAXPROCS(0))
	e.readers.SetMaxOpenConns(n)
	e.readers.SetMaxIdleConns(n)
	return nil
}

func (e *sqliteDB) openWriter(ctx context.Context) (err error) {
	if e.pool, err = sql.Open("sqlite", dsn(e.file, "&_pragma=temp_store(MEMORY)")); err != nil {
		return err
	}
	e.pool.SetMaxOpenConns(1)
	// For turning WAL on SQLite waits for nobody: where two processes make one database, one of them is refused at once.
	for start := time.Now(); ; time.Sleep(walPause) {
		e.conn, err = e.pool.Conn(ctx)
		if !errors.Is(Classify(err), ErrBusy) || time.Since(start) > busyTimeout {
			return err
		}
	}
}

func (e *sqliteDB) close() error {
	e.forget()
	e.reading.forget()
	if e.conn != nil {
		e.conn.Close()
	}
	var first error
	for _, pool := range []*sql.DB{e.readers, e.pool} {
		if pool == nil {
			continue
		}
		if err := pool.Close(); first == nil {
			first = err
		}
	}
	return first
}

func (e *sqliteDB) where() string { return e.file }

func (e *sqliteDB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	k := &e.reading
	k.mu.RLock()
	stmt, more := k.of[query], len(k.of) < readingsKept
	k.mu.RUnlock()
	if stmt == nil && !more {
		return e.readers.QueryContext(ctx, query, args...)
	}
	if stmt == nil {
		fresh, err := e.readers.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		stmt = k.keep(query, fresh)
	}
	return stmt.QueryContext(ctx, args...)
}

// keep answers the statement of a text that is kept: another than stmt where somebody else was quicker.
func (k *readings) keep(query string, stmt *sql.Stmt) *sql.Stmt {
	k.mu.Lock()
	defer k.mu.Unlock()
	if first := k.of[query]; first != nil {
		stmt.Close()
		return first
	}
	if k.of == nil {
		k.of = map[string]*sql.Stmt{}
	}
	k.of[query] = stmt
	return stmt
}

func (e *sqliteDB) ping(ctx context.Context) error { return e.readers.PingContext(ctx) }

func (e *sqliteDB) check(ctx context.Context, whole bool) error {
	pragma := "PRAGMA quick_check(1)"
	if whole {
		pragma = "PRAGMA integrity_check(1)"
	}
	var found string
	if err := e.readers.QueryRowContext(ctx, pragma).Scan(&found); err != nil {
		return fmt.Errorf("check %s: %w", e.file, Classify(err))
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s: %s", ErrDamaged, e.file, found)
	}
	return nil
}

func (e *sqliteDB) probe() []string {
	return []string{"CREATE TABLE probe (filled BLOB)", "INSERT INTO probe VALUES (zeroblob(65536))", "DROP TABLE probe"}
}

// sqliteTx is a transaction on the one connection that writes.
type sqliteTx struct{ *sqliteDB }

// begin waits for the lock at the beginning (see dsn).
func (e *sqliteDB) begin(ctx context.Context) (transaction, error) {
	_, err := sqliteTx{e}.exec(ctx, "BEGIN IMMEDIATE")
	return sqliteTx{e}, err
}

func (t sqliteTx) commit(ctx context.Context, _ bool) error {
	_, err := t.exec(ctx, "COMMIT")
	return err
}

// rollback fails when SQLite has rolled back already.
func (t sqliteTx) rollback(ctx context.Context) { _, _ = t.exec(ctx, "ROLLBACK") }

func (t sqliteTx) again(error) bool { return false }

func (t sqliteTx) exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	stmt, err := t.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, Classify(err)
	}
	return result.RowsAffected()
}

func (t sqliteTx) execAll(ctx context.Context, all []statement) error {
	for _, s := range all {
		if _, err := t.exec(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func (t sqliteTx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (e *sqliteDB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := e.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := e.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, Classify(err)
	}
	e.stmts[query] = stmt
	return stmt, nil
}

func (e *sqliteDB) forget() {
	for _, stmt := range e.stmts {
		stmt.Close()
	}
	clear(e.stmts)
}

// forget is for the end: nobody reads any more.
func (k *readings) forget() {
	for _, stmt := range k.of {
		stmt.Close()
	}
}

func bySQLite(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrTaken
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	}
	switch e.Code() & 0xff { // the low byte is the primary code
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

func fromSQLite(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e)
}

// busyTimeout is for how long anybody waits for another process's lock.
const busyTimeout = 10 * time.Second

// walPause is how soon turning WAL on is tried again.
const walPause = 2 * time.Millisecond

// dsn has every pragma in it, as each connection must have them all. busy_timeout comes first, for the others. With
// _txlock=immediate a transaction waits at its beginning; a deferred one that reads and then writes would fail at once
// under contention, whatever the timeout.
func dsn(file, more string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file),
		RawQuery: "_txlock=immediate&_error_rc=1&_dqs=0" +
			"&_pragma=busy_timeout(" + ms(busyTimeout) + ")&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)" + more}
	return u.String()
}

// readOnlyDSN changes no file. A database that no process has open is taken as one that nobody changes, or SQLite
// would make the files of its log beside it.
func readOnlyDSN(file string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file), RawQuery: "mode=ro&_error_rc=1&_dqs=0" +
		"&_pragma=busy_timeout(" + ms(busyTimeout) + ")&_pragma=query_only(1)"}
	if !exists(file + "-wal") {
		u.RawQuery += "&immutable=1"
	}
	return u.String()
}
