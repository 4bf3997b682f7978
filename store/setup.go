package store

import (
	"context"
	"crypto/subtle"
	"time"
)

// SetSetupToken keeps the SHA-256 of the one-time token for the first run, in place of an earlier one.
// ErrTaken when there are people already: the first run is over.
func (s *Store) SetSetupToken(ctx context.Context, hash []byte, expires time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.nobodyYet(); err != nil {
			return err
		}
		return t.exec(`INSERT INTO setup_token (id, hash, expires_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`,
			hash, millis(expires))
	})
}

// CheckSetupToken answers ErrNotFound when the token is wrong, used up or expired.
func (s *Store) CheckSetupToken(ctx context.Context, hash []byte) error {
	kept, err := one(ctx, s.readers, scan[[]byte], "SELECT hash FROM setup_token WHERE expires_at > ?", millis(s.now()))
	if err == nil && subtle.ConstantTimeCompare(kept, hash) != 1 {
		return ErrNotFound
	}
	return err
}

// AddFirstAdministrator adds p as an administrator and uses up the setup token. ErrTaken when there is
// anybody: of two who try at once, one wins.
func (s *Store) AddFirstAdministrator(ctx context.Context, by Actor, p Person) (added Person, err error) {
	p.Role, p.Disabled = Administrator, false
	err = s.write(ctx, func(t *tx) error {
		if err := t.nobodyYet(); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM setup_token"); err != nil {
			return err
		}
		added, err = t.addPerson(by, p)
		return err
	})
	return added, err
}

func (t *tx) nobodyYet() error {
	n, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM people")
	if err == nil && n > 0 {
		return ErrTaken
	}
	return err
}
