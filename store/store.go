// Package store keeps everything in one database, of SQLite or of PostgreSQL. It is the only package with SQL, which it
// has once for both; nobody outside it knows which one runs.
//
// Reads go through a pool of connections that cannot write. Every change goes through one connection
// and one helper, write, which also puts the activity row into the same transaction.
package store

import (
	"cmp"
	"context"
	_ "embed"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"muban/store/db"
)

// Options are what Open needs beside the directory. Zero values: time.Now, slog.Default(), muban.key and an SQLite
// database in the directory.
type Options struct {
	Now      func() time.Time
	Log      *slog.Logger
	KeyFile  string // holds the keys that the secrets are sealed with
	Database string // postgres://…, which processes on several machines may share
	// patience is for how long a process on another machine has to be unseen before it counts as dead.
	patience time.Duration
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
func schema() db.Schema { return db.Schema{firstSchema, kindsOfDrafts, kindsOfHours, momentsOfAnswers} }

// kindsOfDrafts lets a draft know its kind of message, and what a proposed title of subscribe messages says of itself:
// its type and its category. The drafts before it were told apart by their titles, AT0002 or 99.
const kindsOfDrafts = `ALTER TABLE drafts ADD COLUMN type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drafts ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN category TEXT NOT NULL DEFAULT '';
UPDATE drafts SET message_kind = 'subscribe' WHERE title_id <> '' AND rtrim(title_id, '0123456789') = '';
`

// kindsOfHours lets the counts of sends by the hour know the kind of message. They are counted anew.
const kindsOfHours = `DROP TABLE send_hours;
CREATE TABLE send_hours (
    app          INTEGER NOT NULL REFERENCES apps (id),
    hour         INTEGER NOT NULL, -- since 1970 in UTC, in which it ended
    outcome      TEXT    NOT NULL,
    message_kind TEXT    NOT NULL,
    sends        INTEGER NOT NULL,
    PRIMARY KEY (app, hour, outcome, message_kind)
) STRICT, WITHOUT ROWID;
INSERT INTO send_hours (app, hour, outcome, message_kind, sends)
    SELECT app, finished_at / 3600000, outcome, message_kind, count(*) FROM sends WHERE outcome <> 'pending'
    GROUP BY app, finished_at / 3600000, outcome, message_kind;
`

// momentsOfAnswers counts what users answered by the moment at which a page asked them.
const momentsOfAnswers = `CREATE TABLE consent_moments (
    app         INTEGER NOT NULL REFERENCES apps (id),
    day         INTEGER NOT NULL, -- since 1970-01-01
    template_id TEXT    NOT NULL,
    moment      TEXT    NOT NULL CHECK (moment <> ''),
    accepted    INTEGER NOT NULL DEFAULT 0,
    declined    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, day, template_id, moment)
) STRICT, WITHOUT ROWID;
`

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
	readers querier // of db
	keys    atomic.Pointer[keyring]
	process db.Process
	changed <-chan struct{} // hears of changes by others; nil where they are only looked for
	begun   sync.Map        // the ids of the sends that this process has begun and not finished
	ended   atomic.Pointer[func([][32]byte)]
	opened  int64 // the last activity at Open
	waiting keptWaiting
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

// Open opens the database in dir, and makes both when they are missing. Every file of it is 0600. With o.Database it
// opens that one instead, and dir holds the key alone. Sends that a dead process left pending become "unknown".
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
	if err := s.connect(ctx, o); err != nil {
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

// connect opens the database and makes this process known to the others on it: on SQLite before, as a restore may be
// about to replace the file.
func (s *Store) connect(ctx context.Context, o Options) (err error) {
	options := db.Options{Schema: schema(), Now: s.now, Log: s.log, Beside: s.key, Patience: o.patience}
	if o.Database != "" {
		if s.db, err = db.Connect(ctx, o.Database, options); err == nil {
			s.process, s.changed, err = s.db.Join(ctx, options)
		}
		return err
	}
	if s.process, err = db.StartProcess(filepath.Join(s.dir, lockName)); err == nil {
		s.db, err = db.Open(ctx, s.file(), options)
	}
	return err
}

// openReadOnly opens the database in dir to look at it. Nothing is made or mended, so only the readers are there, and
// no key.
func openReadOnly(ctx context.Context, dir string, o Options) (_ *Store, err error) {
	o = o.filled()
	s := &Store{dir: dir, now: o.Now, log: o.Log}
	options := db.Options{Schema: schema(), Log: o.Log}
	if o.Database != "" {
		s.db, err = db.ConnectReadOnly(ctx, o.Database, options)
	} else {
		s.db, err = db.OpenReadOnly(ctx, s.file(), options)
	}
	if err != nil {
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

// Check reads the whole database and answers ErrDamaged when something in it does not fit together; PostgreSQL does
// that itself.
func (s *Store) Check(ctx context.Context) error { return s.db.Check(ctx) }
