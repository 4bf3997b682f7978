package store

import (
	"context"
	"time"

	"muban/store/db"
)

// tx is a change under way: a write transaction, or one caller's part of it.
type tx struct {
	*db.Tx
	ctx      context.Context
	now      time.Time
	describe func(News) []byte // nil: nobody is told
}

// write runs change in a transaction and returns once it is on the disk, or undone when change fails.
//
// change may run more than once and in another caller's goroutine: it must set what it hands out, not add to it,
// and must use only t and t.ctx. ctx ends the wait, never a change that runs.
func (s *Store) write(ctx context.Context, change func(t *tx) error) error {
	return s.db.Write(ctx, func(t *db.Tx) error {
		x := &tx{Tx: t, ctx: t.Context(), now: t.Now()}
		if describe := s.describe.Load(); describe != nil {
			x.describe = *describe
		}
		return change(x)
	})
}

// kept is what a change leaves for those that follow in the same transaction, which then need not ask again.
type kept struct {
	last    link // of the log, in which nobody else adds a line meanwhile
	known   bool // last is
	mayHold bool // false: nothing holds sending, see notHeld
}

func (t *tx) kept() kept {
	if k, ok := t.Kept().(kept); ok {
		return k
	}
	return kept{mayHold: true}
}

func (t *tx) exec(query string, args ...any) error { return t.Exec(query, args...) }

func (t *tx) affect(query string, args ...any) (rows int64, err error) {
	return t.Affect(query, args...)
}

// update is exec for what must be there: ErrNotFound when no row was touched.
func (t *tx) update(query string, args ...any) error {
	rows, err := t.affect(query, args...)
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

// insert is exec for an INSERT … RETURNING id.
func (t *tx) insert(query string, args ...any) (id int64, err error) {
	return one(t.ctx, t, scan[int64], query, args...)
}
