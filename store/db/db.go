// Package db is the engine under package store: one database of SQLite or of PostgreSQL, how it is opened, checked,
// read and written. It knows nothing of what the tables mean.
//
// Every text of SQL that it is given is written once, for both. What PostgreSQL has another word for is translated
// (see translate and translateSchema).
package db

import (
	"context"
	"database/sql"
	"log/slog"
	"sync/atomic"
	"time"
)

// Options are what Open and Connect need beside the place.
type Options struct {
	Schema Schema
	Now    func() time.Time
	Log    *slog.Logger
	// Beside is a file that exists once an SQLite database was in use: then an empty database is a damaged one.
	Beside string
	// Patience is for how long another process has to be unseen on PostgreSQL before it counts as dead; 0 is 30
	// seconds, less than 0 is none. SQLite's are on one machine, where it is known at once.
	Patience time.Duration
}

// DB is an open database, safe for use by many goroutines.
type DB struct {
	engine engine
	log    *slog.Logger
	writer *writer     // nil where the database is only looked at
	trying atomic.Bool // see Ready
}

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	// where names the database for a person, without any password.
	where() string
	// QueryContext reads, on a connection that cannot write.
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ping(ctx context.Context) error
	// check looks for damage, the whole of it or what is quickly found.
	check(ctx context.Context, whole bool) error
	// probe are statements that show whether the storage takes what is written, and leave nothing.
	probe() []string
	// begin starts a transaction beside which no other change runs, of whichever process.
	begin(ctx context.Context) (transaction, error)
	schemas
	close() error
}

// transaction is one that changes the database. After an error of it only rollback is called.
type transaction interface {
	exec(ctx context.Context, query string, args ...any) (rows int64, err error)
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	// execAll is exec of several, in one way to the server and back.
	execAll(ctx context.Context, all []statement) error
	// commit answers again where nothing was kept and the same may be tried anew.
	commit(ctx context.Context, told bool) error
	rollback(ctx context.Context)
	// again tells whether after this error the same may be tried anew.
	again(err error) bool
}

// Querier is what reads: the readers of a database, or a change under way.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Close waits for the transaction under way and ends every connection. What was acknowledged is on the disk already.
func (d *DB) Close() error {
	if d.writer != nil {
		d.writer.turn <- struct{}{}
		defer func() { <-d.writer.turn }()
	}
	return d.engine.close()
}

// Readers are the connections that cannot write.
func (d *DB) Readers() Querier { return d.engine }

// Where names the database for a person, without any password.
func (d *DB) Where() string { return d.engine.where() }

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return Classify(d.engine.ping(ctx)) }

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
		for _, query := range d.engine.probe() {
			if err := t.Exec(query); err != nil {
				return err
			}
		}
		return nil
	})
}

// Check reads the whole of an SQLite database and answers ErrDamaged when something in it does not fit together.
// PostgreSQL looks after its own pages: there it is only asked whether it answers.
func (d *DB) Check(ctx context.Context) error { return d.engine.check(ctx, true) }
