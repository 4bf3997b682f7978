package store

import (
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"muban/wechat/dispatch"
)

// What callers tell apart with errors.Is.
var (
	ErrNotFound          = errors.New("store: not found")
	ErrTaken             = errors.New("store: already taken")
	ErrConflict          = errors.New("store: changed by somebody else in the meantime")
	ErrState             = errors.New("store: not in a state that allows this")
	ErrReplayed          = dispatch.ErrReplayed
	ErrKeyReused         = dispatch.ErrKeyReused
	ErrLastAdministrator = errors.New("store: the last enabled administrator must stay")
	ErrNoApp             = errors.New("store: no app would be left to the person")
	ErrLastApp           = errors.New("store: the last app at work must stay")
	ErrFull              = errors.New("store: the disk is full")
	ErrDamaged           = errors.New("store: the database is damaged; restore a backup")
	ErrNewer             = errors.New("store: the database was written by a newer Muban; use that version or a backup")
	ErrKey               = errors.New("store: muban.key does not fit the database")
)

// classify puts our error in front of SQLite's, by its code and never by its text.
// A reference to a row that is not there is ErrNotFound too.
func classify(err error) error {
	var e *sqlite.Error
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case !errors.As(err, &e):
		return err
	}
	if ours := byCode(e.Code()); ours != nil && !errors.Is(err, ours) {
		return fmt.Errorf("%w: %w", ours, err)
	}
	return err
}

// fromSQLite tells whether err is SQLite's own, which may have ended the transaction it came from.
func fromSQLite(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e)
}

func byCode(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrTaken
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	}
	switch code & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	}
	return nil
}
