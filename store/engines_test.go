package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"muban/store/pgtest"
)

// onPostgres tells which engine the tests run on: all of them run on SQLite, and then all again on PostgreSQL.
var onPostgres bool

// onSQLite skips a test of what PostgreSQL sees to itself, such as files.
func onSQLite(t testing.TB) {
	t.Helper()
	if onPostgres {
		t.Skip("of SQLite alone")
	}
}

// onPG skips a test of what SQLite cannot have.
func onPG(t testing.TB) {
	t.Helper()
	if !onPostgres {
		t.Skip("of PostgreSQL alone")
	}
}

// databases are the PostgreSQL databases that stand for the one in a directory.
var (
	databases sync.Map
	making    sync.Mutex
)

// database is "" on SQLite.
func database(t testing.TB, dir string) string {
	t.Helper()
	if !onPostgres {
		return ""
	}
	making.Lock()
	defer making.Unlock()
	if dsn, ok := databases.Load(dir); ok {
		return dsn.(string)
	}
	dsn := pgtest.Database(t)
	databases.Store(dir, dsn)
	return dsn
}

// on is how a store in a directory is opened: of a process that has ended nobody waits whether it comes back.
func on(t testing.TB, dir string, o Options) Options {
	t.Helper()
	if dsn := database(t, strings.TrimSuffix(dir, "/")); dsn != "" {
		o.Database, o.patience = dsn, -1
	}
	return o
}

// copies answers what puts a copy of the database, as it is now, and of its key into a directory.
func (f *fixture) copies(t *testing.T) (put func(t *testing.T, dir string)) {
	t.Helper()
	key := []byte(readFile(t, f.keyFile()))
	if onPostgres {
		dsn := database(t, f.dir)
		restore := pgtest.Snapshot(t, dsn)
		return func(t *testing.T, dir string) { // the same database, as it was
			pgtest.Exec(t, dsn, "ALTER TABLE IF EXISTS gone RENAME TO activities")
			restore()
			noError(t, os.WriteFile(filepath.Join(dir, keyName), key, 0o600))
			databases.Store(dir, dsn)
		}
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	noError(t, f.db.CopyTo(t.Context(), file))
	db := []byte(readFile(t, file))
	return func(t *testing.T, dir string) {
		noError(t, os.WriteFile(filepath.Join(dir, databaseName), db, 0o600))
		noError(t, os.WriteFile(filepath.Join(dir, keyName), key, 0o600))
	}
}

// behind runs statements as another program would.
func (f *fixture) behind(t testing.TB, statements ...string) {
	t.Helper()
	if onPostgres {
		pgtest.Altered(database(t, f.dir))
		pgtest.Exec(t, database(t, f.dir), statements...)
		return
	}
	db, err := sql.Open("sqlite", "file:"+f.file())
	noError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		_, err := db.Exec(s)
		noError(t, err)
	}
}

// tamper changes the log behind the program's back, in spite of the triggers, which are as before then.
func (f *fixture) tamper(t testing.TB, statements ...string) {
	t.Helper()
	if onPostgres {
		statements = append([]string{"ALTER TABLE activities DISABLE TRIGGER USER"}, statements...)
		pgtest.Exec(t, database(t, f.dir), append(statements, "ALTER TABLE activities ENABLE TRIGGER USER")...)
		return
	}
	for _, name := range []string{"activities_are_not_changed", "activities_are_not_deleted"} {
		i := strings.Index(firstSchema, "CREATE TRIGGER "+name)
		text, _, _ := strings.Cut(firstSchema[i:], "END;")
		statements = append(append([]string{"DROP TRIGGER " + name}, statements...), text+"END")
	}
	f.behind(t, statements...)
}

// renames alters the tables, so that what uses them fails.
func (f *fixture) renames(t testing.TB, statement string) {
	t.Helper()
	if onPostgres {
		pgtest.Altered(database(t, f.dir))
	}
	noError(t, f.write(t.Context(), func(t *tx) error { return t.exec(statement) }))
}

// dump is everything that acts may change, as text.
func (f *fixture) dump(t testing.TB) string {
	t.Helper()
	if onPostgres {
		return f.dumpPostgres(t)
	}
	var out strings.Builder
	tables, err := many(t.Context(), f.readers, scan[string],
		"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('activities', 'gone') ORDER BY name")
	noError(t, err)
	for _, table := range tables {
		columns, err := many(t.Context(), f.readers, scan[string], "SELECT name FROM pragma_table_info(?)", table)
		noError(t, err)
		rows, err := many(t.Context(), f.readers, scan[string],
			"SELECT json_array("+strings.Join(quoteAll(columns), ", ")+") FROM "+table)
		noError(t, err)
		out.WriteString(table + strings.Join(rows, "\n") + "\n")
	}
	return out.String()
}

func quoteAll(columns []string) []string {
	var all []string
	for _, c := range columns {
		all = append(all, "quote("+c+")")
	}
	return all
}

func (f *fixture) dumpPostgres(t testing.TB) string {
	t.Helper()
	var out strings.Builder
	tables, err := many(t.Context(), f.readers, scan[string], `SELECT tablename FROM pg_tables WHERE schemaname = 'public'
		AND tablename NOT IN ('activities', 'gone', 'muban_writers') ORDER BY tablename`)
	noError(t, err)
	for _, table := range tables {
		rows, err := many(t.Context(), f.readers, scan[string], "SELECT x::text FROM "+table+" x ORDER BY 1")
		noError(t, err)
		out.WriteString(table + strings.Join(rows, "\n") + "\n")
	}
	return out.String()
}

// doesNotHold looks for a text in everything that a database keeps, which nobody uses.
func (f *fixture) doesNotHold(t testing.TB, text string) {
	t.Helper()
	all := ""
	if onPostgres {
		r, err := openReadOnly(t.Context(), f.dir, on(t, f.dir, Options{}))
		noError(t, err)
		defer r.Close()
		all = (&fixture{Store: r}).dumpPostgres(t)
	} else {
		all = readFile(t, f.file())
	}
	if strings.Contains(all, text) || strings.Contains(all, fmt.Sprintf("%x", text)) {
		t.Error("it is in the database in the clear")
	}
}

// backs is the act of making a backup; PostgreSQL has programs for it.
func (f *fixture) backs(t testing.TB) func(context.Context) error {
	if onPostgres {
		return nil
	}
	return func(ctx context.Context) error { return f.Backup(ctx, f.by, filepath.Join(t.TempDir(), "a.db")) }
}
