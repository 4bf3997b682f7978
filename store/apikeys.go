package store

import (
	"context"
	"encoding/json"
	"time"
)

// APIKey lets a business server of one app in. The key itself is nowhere: only its prefix, which is
// shown, and the SHA-256 of the whole.
type APIKey struct {
	ID, App                                     int64
	Name, Prefix                                string
	Hash                                        [32]byte
	Scopes                                      []string
	CreatedBy                                   int64
	CreatedByName                               string
	CreatedAt, ExpiresAt, RevokedAt, LastUsedAt time.Time // zero: never
}

// Live tells whether the key opens anything at now.
func (k APIKey) Live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

const apiKeyColumns = `id, app, name, prefix, hash, scopes, coalesce(created_by, 0), created_by_name,
	created_at, expires_at, revoked_at, last_used_at`

// AddAPIKey keeps a key that was just made. ErrTaken when the prefix is in use: make another.
func (s *Store) AddAPIKey(ctx context.Context, by Actor, k APIKey) (added APIKey, err error) {
	err = s.write(ctx, func(t *tx) error {
		if added, err = t.insertAPIKey(by, k); err != nil {
			return err
		}
		return t.record(by, k.App, ActKeyAdd, object("api_key", k.Prefix), map[string]any{"name": k.Name, "scopes": k.Scopes})
	})
	return added, err
}

func (t *tx) insertAPIKey(by Actor, k APIKey) (APIKey, error) {
	scopes, err := json.Marshal(append([]string{}, k.Scopes...)) // [], not null
	if err != nil {
		return APIKey{}, err
	}
	k.CreatedBy, k.CreatedByName, k.CreatedAt = by.PersonID, by.Name, stored(t.now)
	k.ID, err = t.insert(`INSERT INTO api_keys
		(app, name, prefix, hash, scopes, created_by, created_by_name, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		k.App, k.Name, k.Prefix, k.Hash[:], string(scopes), reference(by.PersonID), by.Name, millis(t.now), millis(k.ExpiresAt))
	return k, err
}

// RevokeAPIKey ends a key at once; one that has ended stays as it is. ErrNotFound when the app has none
// with this id.
func (s *Store) RevokeAPIKey(ctx context.Context, by Actor, app, id int64) error {
	return s.write(ctx, func(t *tx) error {
		k, err := one(t.ctx, t, scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE app = ? AND id = ?", app, id)
		if err != nil {
			return err
		}
		if err := t.exec("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at = 0", millis(t.now), id); err != nil {
			return err
		}
		return t.record(by, app, ActKeyRevoke, object("api_key", k.Prefix), map[string]string{"name": k.Name})
	})
}

// APIKey answers ErrNotFound when the app has none with this id.
func (s *Store) APIKey(ctx context.Context, app, id int64) (APIKey, error) {
	return one(ctx, s.readers, scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE app = ? AND id = ?", app, id)
}

// APIKeys answers all of an app, those that have ended too, the newest first.
func (s *Store) APIKeys(ctx context.Context, app int64) ([]APIKey, error) {
	return many(ctx, s.readers, scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE app = ? ORDER BY id DESC", app)
}

// APIKeyByPrefix answers the key whether it is live or not; ErrNotFound when there is none.
func (s *Store) APIKeyByPrefix(ctx context.Context, prefix string) (APIKey, error) {
	return one(ctx, s.readers, scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE prefix = ?", prefix)
}

// APIKeysUsed notes when keys, by id, were last used. An earlier time than the one kept changes nothing.
func (s *Store) APIKeysUsed(ctx context.Context, at map[int64]time.Time) error {
	return s.write(ctx, func(t *tx) error {
		for id, when := range at {
			if err := t.exec("UPDATE api_keys SET last_used_at = ? WHERE id = ? AND last_used_at < ?", millis(when), id, millis(when)); err != nil {
				return err
			}
		}
		return nil
	})
}

func scanAPIKey(r row) (k APIKey, err error) {
	var hash, scopes []byte
	err = r.Scan(&k.ID, &k.App, &k.Name, &k.Prefix, &hash, &scopes, &k.CreatedBy, &k.CreatedByName,
		instant{&k.CreatedAt}, instant{&k.ExpiresAt}, instant{&k.RevokedAt}, instant{&k.LastUsedAt})
	if err != nil {
		return APIKey{}, err
	}
	copy(k.Hash[:], hash)
	return k, json.Unmarshal(scopes, &k.Scopes)
}
