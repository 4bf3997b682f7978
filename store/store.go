// Package store keeps everything in one SQLite database. It is the only package with SQL.
//
// Reads go through a pool of connections that cannot write. Every change goes through one connection
// and one helper, write, which also puts the activity row into the same transaction.
package store

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"muban/store/db"
)

// Options are what Open needs beside the directory. Zero values: time.Now, slog.Default(), muban.key in
// the directory.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger
	KeyFile string // holds the keys that the secrets are sealed with
}

func (o Options) keyFile(dir string) string {
	return cmp.Or(o.KeyFile, filepath.Join(dir, keyName))
}

func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = cmp.Or(o.Log, slog.Default())
	return o
}

//go:embed schema.sql
var firstSchema string

// schema is how the tables came to be: the first text, and what later versions of Muban change in it.
func schema() db.Schema { return db.Schema{firstSchema} }

// Actor is who does something, as the activity log keeps it. PersonID 0 is the system itself.
type Actor struct {
	PersonID   int64
	Name, Addr string
}

// Store is an open database, safe for use by many goroutines.
type Store struct {
	dir     string
	key     string // the file
	now     func() time.Time
	log     *slog.Logger
	db      *db.DB
	readers *sql.DB // of db
	keys    atomic.Pointer[keyring]
	process *db.Process
	ended   atomic.Pointer[func([][32]byte)]
	opened  int64 // the last activity at Open
	// describe puts news into words, see TellBy.
	describe atomic.Pointer[func(News) []byte]
}

// What lies in the data directory.
const (
	keyName      = "muban.key" // unless Options.KeyFile says otherwise
	databaseName = "muban.db"
	lockName     = "muban.lock"
)

func (s *Store) file() string { return filepath.Join(s.dir, databaseName) }

// Open opens the database in dir, and makes both when they are missing. Every file of it is 0600.
// Sends that a dead process left pending become "unknown".
//
// It refuses, with a sentence, a damaged file (ErrDamaged), a database newer than the program
// (ErrNewer), and a muban.key that is missing or not the one the secrets were sealed with (ErrKey).
func Open(ctx context.Context, dir string, o Options) (_ *Store, err error) {
	o = o.filled()
	s := &Store{now: o.Now, log: o.Log}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.dir, err = filepath.Abs(dir); err != nil { // the server may change its directory later
		return nil, err
	}
	s.key = o.keyFile(s.dir)
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if s.process, err = db.StartProcess(filepath.Join(s.dir, lockName)); err != nil {
		return nil, err
	}
	if s.db, err = db.Open(ctx, s.file(), db.Options{Schema: schema(), Now: s.now, Log: s.log, Beside: s.key}); err != nil {
		return nil, err
	}
	s.readers = s.db.Readers()
	if err := s.openKeys(ctx); err != nil {
		return nil, err
	}
	if s.opened, err = s.lastActivity(ctx); err != nil {
		return nil, err
	}
	return s, s.closeInterruptedSends(ctx)
}

// openReadOnly opens the database in dir to look at it. Nothing is made or mended, so only the readers are there, and
// no key.
func openReadOnly(ctx context.Context, dir string, o Options) (*Store, error) {
	o = o.filled()
	s := &Store{dir: dir, now: o.Now, log: o.Log}
	var err error
	if s.db, err = db.OpenReadOnly(ctx, s.file(), db.Options{Schema: schema(), Log: o.Log}); err != nil {
		return nil, err
	}
	s.readers = s.db.Readers()
	return s, nil
}

// Close ends every connection. What was acknowledged is on the disk already.
func (s *Store) Close() error {
	var first error
	if s.db != nil {
		first = s.db.Close()
	}
	if s.process != nil { // last, when nothing of it can be written any more
		if err := s.process.End(); first == nil {
			first = err
		}
	}
	return first
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

// Ready answers what keeps the store from reading and writing now; see Unavailable. After trouble it writes a little
// itself, to see whether that is over.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Check reads the whole database and answers ErrDamaged when something in it does not fit together.
func (s *Store) Check(ctx context.Context) error { return s.db.Check(ctx) }
