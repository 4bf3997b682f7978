// Package db is the engine under package store: one SQLite database, how it is opened, checked, read and written.
// It knows nothing of what the tables mean.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// Options are what Open needs beside the file.
type Options struct {
	Schema Schema
	Now    func() time.Time
	Log    *slog.Logger
	// Beside is a file that exists once the database was in use: then an empty database is a damaged one.
	Beside string
}

// DB is an open database, safe for use by many goroutines.
type DB struct {
	file    string
	log     *slog.Logger
	readers *sql.DB
	writer  *writer
	trying  atomic.Bool // see Ready
}

// Open opens the database in file, and makes it when it is missing, with mode 0600. It brings an older schema up to
// date, and refuses a damaged file (ErrDamaged) and one of a newer program (ErrNewer).
func Open(ctx context.Context, file string, o Options) (_ *DB, err error) {
	d := &DB{file: file, log: o.Log}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	size, err := d.prepareFile(o.Beside)
	if err != nil {
		return nil, err
	}
	if d.writer, err = openWriter(ctx, dsn(file, "&_pragma=temp_store(MEMORY)"), o.Now); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, Classify(err))
	}
	if err := d.update(ctx, o.Schema); err != nil {
		return nil, err
	}
	if d.readers, err = openReaders(dsn(file, "&_pragma=query_only(1)")); err != nil {
		return nil, err
	}
	if size > checkedAtOpen {
		return d, nil
	}
	return d, d.check(ctx, "PRAGMA quick_check(1)")
}

// OpenReadOnly opens a database to look at it: nothing of it is made, mended or brought up to date, and no file is
// left beside it. It refuses what Open refuses, and an older schema (ErrOlder).
func OpenReadOnly(ctx context.Context, file string, o Options) (_ *DB, err error) {
	d := &DB{file: file, log: o.Log}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	if d.readers, err = openReaders(readOnlyDSN(file)); err != nil {
		return nil, err
	}
	conn, err := d.readers.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, Classify(err))
	}
	defer conn.Close()
	version, err := d.recognise(ctx, conn, o.Schema)
	if err == nil && version < len(o.Schema) {
		err = fmt.Errorf("%w: %s has version %d, this program's is %d", ErrOlder, file, version, len(o.Schema))
	}
	return d, err
}

func openReaders(dsn string) (*sql.DB, error) {
	readers, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	n := max(4, runtime.GOMAXPROCS(0))
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
	return readers, nil
}

// Close ends every connection. What was acknowledged is on the disk already.
func (d *DB) Close() error {
	var first error
	if d.readers != nil {
		first = d.readers.Close()
	}
	if d.writer != nil {
		if err := d.writer.close(); first == nil {
			first = err
		}
	}
	return first
}

// Readers are the connections that cannot write.
func (d *DB) Readers() *sql.DB { return d.readers }

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return Classify(d.readers.PingContext(ctx)) }

// Ready answers what keeps the database from being written and read now. Where the storage did not take the last
// change it is tried with a small one, so that nobody has to write for the answer to turn. ctx bounds how long the
// answer of that is waited for.
func (d *DB) Ready(ctx context.Context) error {
	lost := d.writer.trouble.Load()
	if lost == nil {
		return d.Ping(ctx)
	}
	tried := make(chan error, 1)
	if d.trying.CompareAndSwap(false, true) {
		go func() {
			defer d.trying.Store(false)
			tried <- d.try(context.WithoutCancel(ctx))
		}()
	}
	select {
	case err := <-tried:
		return err
	case <-ctx.Done():
		return *lost
	}
}

// try writes a little, and takes it away again.
func (d *DB) try(ctx context.Context) error {
	return d.Write(ctx, func(t *Tx) error {
		for _, query := range []string{"CREATE TABLE probe (filled BLOB)", "INSERT INTO probe VALUES (zeroblob(65536))", "DROP TABLE probe"} {
			if err := t.Exec(query); err != nil {
				return err
			}
		}
		return nil
	})
}

// Check reads the whole database and answers ErrDamaged when something in it does not fit together.
func (d *DB) Check(ctx context.Context) error {
	return d.check(ctx, "PRAGMA integrity_check(1)")
}

func (d *DB) check(ctx context.Context, pragma string) error {
	var found string
	if err := d.readers.QueryRowContext(ctx, pragma).Scan(&found); err != nil {
		return fmt.Errorf("check %s: %w", d.file, Classify(err))
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s: %s", ErrDamaged, d.file, found)
	}
	return nil
}
