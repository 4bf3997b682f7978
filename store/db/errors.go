package db

import (
	"database/sql"
	"errors"
	"fmt"
)

// What callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("store: not found") // also a reference to a row that is not there
	ErrTaken    = errors.New("store: already taken")
	ErrFull     = errors.New("store: the disk is full")
	ErrBusy     = errors.New("store: another process keeps the database locked")
	ErrDisk     = errors.New("store: the disk does not take or give what it should")
	ErrAway     = errors.New("store: the database does not answer")
	ErrDamaged  = errors.New("store: the database is damaged; restore a backup")
	ErrOlder    = errors.New("store: the database was written by an older Muban; start the console once to bring it up to date")
	ErrClock    = errors.New("store: this machine's clock and the database's differ")
	ErrNewer    = errors.New("store: the database was written by a newer Muban; use that version or a backup")
)

// Classify puts our error in front of the engine's, by its code and never by its text.
func Classify(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	ours := bySQLite(err)
	if ours == nil {
		ours = byPostgres(err)
	}
	if ours != nil && !errors.Is(err, ours) {
		return fmt.Errorf("%w: %w", ours, err)
	}
	return err
}

// Trouble tells whether err is of the storage and not of the request: what is asked for may be done later, as it is.
func Trouble(err error) bool {
	return errors.Is(err, ErrFull) || errors.Is(err, ErrBusy) || errors.Is(err, ErrDisk) || errors.Is(err, ErrAway)
}

// fromEngine tells whether err is the engine's own, which may have ended the transaction it came from.
func fromEngine(err error) bool {
	return fromSQLite(err) || fromPostgres(err)
}
