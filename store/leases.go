package store

import (
	"context"
	"errors"
	"time"
)

// TakeLease gives the holder the lease of this name for ttl, or renews it. held is false while another
// holder's is alive: of several processes on one database, one does the work. Every process goes by its
// own clock, so ttl has to be longer than their clocks differ.
//
// A lease that would end after more than ttl was taken under a clock that was ahead: it does not count.
func (s *Store) TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, until := millis(t.now), millis(t.now.Add(ttl))
		err := t.update(`INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
				WHERE leases.holder = excluded.holder OR leases.until <= ? OR leases.until > excluded.until`, name, holder, until, now)
		if held = err == nil; errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
	return held, err
}

// ReleaseLease ends the holder's lease; one that is another's by now stays.
func (s *Store) ReleaseLease(ctx context.Context, name, holder string) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("DELETE FROM leases WHERE name = ? AND holder = ?", name, holder)
	})
}
