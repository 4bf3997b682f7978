package db

import (
	"context"
	"errors"
	"io"
	"log/slog"
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
	d, err := Open(t.Context(), file, Options{Schema: steps, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err == nil {
		t.Cleanup(func() { d.Close() })
	}
	return d, err
}

func fresh(t testing.TB) *DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "test.db"), lines())
}

func (d *DB) add(ctx context.Context, text string) error {
	return d.Write(ctx, func(t *Tx) error { return t.Exec("INSERT INTO lines VALUES (?)", text) })
}

func (d *DB) count(t testing.TB) int { return int(d.number(t, "SELECT count(*) FROM lines")) }

func (d *DB) number(t testing.TB, query string) (n int64) {
	t.Helper()
	noError(t, d.Readers().QueryRowContext(t.Context(), query).Scan(&n))
	return n
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
