package db

import (
	"database/sql"
	"os"

	"context"
	"errors"
	"io"
	"log/slog"
	"muban/store/pgtest"
	"path/filepath"
	"testing"
	"time"
)

// lines is a schema of one table.
func lines() Schema { return Schema{"CREATE TABLE lines (text TEXT NOT NULL) STRICT"} }

func open(t testing.TB, file string, steps Schema) *DB {
	t.Helper()
	d, err := tryOpen(t, file, steps)
	noError(t, err)
	return d
}

func tryOpen(t testing.TB, file string, steps Schema) (*DB, error) {
	t.Helper()
	var d *DB
	var err error
	options := Options{Schema: steps, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Patience: -1}
	if onPostgres {
		d, err = Connect(t.Context(), database(t, file), options)
	} else {
		d, err = Open(t.Context(), file, options)
	}
	if err == nil {
		t.Cleanup(func() { d.Close() })
	}
	return d, err
}

// look is an opening of the database that changes nothing.
func look(t testing.TB, file string, steps Schema) (*DB, error) {
	t.Helper()
	if onPostgres {
		return ConnectReadOnly(t.Context(), database(t, file), Options{Schema: steps})
	}
	return OpenReadOnly(t.Context(), file, Options{Schema: steps})
}

// onPostgres tells which engine the tests run on: all of them run on SQLite, and then all again on PostgreSQL.
var onPostgres bool

func TestMain(m *testing.M) { os.Exit(pgtest.Both(m, func() { onPostgres = true })) }

// onSQLite skips a test of what PostgreSQL sees to itself, such as files.
func onSQLite(t testing.TB) {
	t.Helper()
	if onPostgres {
		t.Skip("of SQLite alone")
	}
}

// databases are the PostgreSQL databases that stand for a file.
var databases = map[string]string{}

func database(t testing.TB, file string) string {
	t.Helper()
	if databases[file] == "" {
		databases[file] = pgtest.Empty(t)
	}
	return databases[file]
}

// behind runs statements as another program would.
func behind(t testing.TB, file string, statements ...string) {
	t.Helper()
	if onPostgres {
		pgtest.Exec(t, database(t, file), statements...)
		return
	}
	db, err := sql.Open("sqlite", "file:"+file)
	noError(t, err)
	defer db.Close()
	for _, s := range statements {
		_, err := db.Exec(s)
		noError(t, err)
	}
}

func fresh(t testing.TB) *DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "test.db"), lines())
}

func (d *DB) add(ctx context.Context, text string) error {
	return d.Write(ctx, func(t *Tx) error { return t.Exec("INSERT INTO lines VALUES (?)", text) })
}

func (d *DB) count(t testing.TB) int { return int(d.number(t, "SELECT count(*) FROM lines")) }

func (d *DB) number(t testing.TB, query string) int64 {
	t.Helper()
	m, err := number(t.Context(), d.Readers(), query)
	noError(t, err)
	return int64(m)
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}
