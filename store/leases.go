package store

import (
	"context"
	"time"
)

// TakeLease gives the holder the lease of this name for ttl, or renews it. held is false while another
// holder's is alive: of several processes on one database, one does the work. Every process goes by its
// own clock, so ttl has to be longer than their clocks differ.
func (s *Store) TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		winner, err := one(t.ctx, t, scan[string], `INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET
				holder = iif(until <= ? OR holder = excluded.holder, excluded.holder, holder),
				until = iif(until <= ? OR holder = excluded.holder, excluded.until, until)
			RETURNING holder`,
			name, holder, millis(t.now.Add(ttl)), millis(t.now), millis(t.now))
		held = winner == holder
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
