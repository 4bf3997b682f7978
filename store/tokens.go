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

// SaveToken replaces the app's token, whatever its age: the keeper decides which one is newer.
func (s *Store) SaveToken(ctx context.Context, appID string, r token.Record) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec(`INSERT INTO tokens (app_id, value, fetched_at, expires_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (app_id) DO UPDATE SET value = excluded.value, fetched_at = excluded.fetched_at,
				expires_at = excluded.expires_at`,
			appID, s.ring().seal(place("tokens", appID, "value"), r.Value.Reveal()), millis(r.FetchedAt), millis(r.ExpiresAt))
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
