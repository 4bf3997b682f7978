package db

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// Tx is a change under way: a write transaction, or one job's part of it.
type Tx struct {
	*shared
	ctx    context.Context
	now    time.Time
	wrote  bool  // or tried to
	told   bool  // see Tell
	failed error // the first statement that did
}

// shared is what the jobs of one transaction have together.
type shared struct {
	on    transaction
	kept  any // see Keep
	later []*unwritten
}

// Keep leaves something for the changes that follow in the same transaction, of other callers too. What a change that is
// taken back has left is gone with it.
func (t *Tx) Keep(what any) { t.kept = what }

// Kept is what a change before has left; nil where none has.
func (t *Tx) Kept() any { return t.kept }

// Exec runs what answers no rows.
func (t *Tx) Exec(query string, args ...any) error {
	_, err := t.Affect(query, args...)
	return err
}

// Affect is Exec that answers how many rows it changed.
func (t *Tx) Affect(query string, args ...any) (rows int64, err error) {
	t.wrote = true
	if err = t.writeBefore(t.ctx, query); err == nil {
		rows, err = t.on.exec(t.ctx, query, args...)
	}
	return rows, t.note(err)
}

// Context is not cancelled: a cancelled statement would take the neighbours' work with it.
func (t *Tx) Context() context.Context { return t.ctx }

// Now is the time of the change.
func (t *Tx) Now() time.Time { return t.now }

// QueryContext is for SELECT, and for changes that answer rows.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	t.wrote = t.wrote || !strings.HasPrefix(query, "SELECT")
	if err := t.writeBefore(ctx, query); err != nil {
		return nil, t.note(err)
	}
	rows, err := t.on.query(ctx, query, args...)
	return rows, t.note(err)
}

// Tell has every process on a shared database look for changes at once (see Changed).
func (t *Tx) Tell() { t.told = true }

func (t *Tx) note(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

// undo takes back what was done since the savepoint.
func (t *Tx) undo() error {
	t.kept, t.later = nil, nil
	_, err := t.on.exec(t.ctx, "ROLLBACK TO job")
	return err
}
