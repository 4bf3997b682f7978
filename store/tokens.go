package store

import (
	"context"
	"errors"

	"muban/wechat"
	"muban/wechat/token"
)

// LoadToken answers token.ErrNone when there is none. With SaveToken it is the keeper's token.Store.
func (s *Store) LoadToken(ctx context.Context, appID string) (token.Record, error) {
	scan := func(r row) (token.Record, error) { return s.scanToken(appID, r) }
	record, err := one(ctx, s.readers, scan, "SELECT value, fetched_at, expires_at FROM tokens WHERE app_id = ?", appID)
	if errors.Is(err, ErrNotFound) {
		return token.Record{}, token.ErrNone
	}
	return record, err
}

// SaveToken answers token.ErrLater when a token that was fetched after r is stored, by a process that took over
// while r's fetch stood still. One of the future was stored under another clock, and does not count.
func (s *Store) SaveToken(ctx context.Context, appID string, r token.Record) error {
	return s.write(ctx, func(t *tx) error {
		err := t.update(`INSERT INTO tokens (app_id, value, fetched_at, expires_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (app_id) DO UPDATE SET value = excluded.value, fetched_at = excluded.fetched_at,
				expires_at = excluded.expires_at WHERE fetched_at <= excluded.fetched_at OR fetched_at > ?`,
			appID, s.ring().seal(place("tokens", appID, "value"), r.Value.Reveal()), millis(r.FetchedAt), millis(r.ExpiresAt), millis(t.now))
		if errors.Is(err, ErrNotFound) {
			return token.ErrLater
		}
		return err
	})
}

func (s *Store) scanToken(appID string, r row) (record token.Record, err error) {
	var sealed []byte
	if err := r.Scan(&sealed, instant{&record.FetchedAt}, instant{&record.ExpiresAt}); err != nil {
		return record, err
	}
	value, err := s.unseal(place("tokens", appID, "value"), sealed)
	record.Value = wechat.Secret(value)
	return record, err
}
