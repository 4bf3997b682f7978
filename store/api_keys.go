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
	Held                                        bool      // by a restore, until ConfirmAPIKey: it opens nothing
}

// Live tells whether the key opens anything at now.
func (k APIKey) Live(now time.Time) bool {
	return !k.Held && k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

const apiKeyColumns = `id, app, name, prefix, hash, scopes, coalesce(created_by, 0), created_by_name,
	created_at, expires_at, revoked_at, last_used_at, held`

// KeyActor is who a key acts as: what the log and the sends name.
func KeyActor(prefix string) string { return "api_key:" + prefix }

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
		instant{&k.CreatedAt}, instant{&k.ExpiresAt}, instant{&k.RevokedAt}, instant{&k.LastUsedAt}, &k.Held)
	if err != nil {
		return APIKey{}, err
	}
	copy(k.Hash[:], hash)
	return k, json.Unmarshal(scopes, &k.Scopes)
}

// RotateAPIKey puts next, a key that was just made, in the place of a live one, whose name, app and
// scopes it takes over. The old one opens what it did until until, and at the most as long as it would
// have; an until that is not ahead ends it at once.
//
// ErrNotFound when the app has none with this id, ErrConflict when it has ended, ErrTaken when next's
// prefix is in use.
func (s *Store) RotateAPIKey(ctx context.Context, by Actor, app, id int64, next APIKey,
	until time.Time) (added APIKey, err error) {
	err = s.write(ctx, func(t *tx) error {
		old, err := one(t.ctx, t, scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE app = ? AND id = ?", app, id)
		if err != nil {
			return err
		}
		if !old.Live(t.now) {
			return ErrConflict
		}
		next.App, next.Name, next.Scopes = old.App, old.Name, old.Scopes
		if added, err = t.insertAPIKey(by, next); err != nil {
			return err
		}
		if err := t.endAPIKey(old, until); err != nil {
			return err
		}
		return t.record(by, app, ActAPIKeyRotate, object("api_key", old.Prefix),
			map[string]any{"name": old.Name, "next": next.Prefix})
	})
	return added, err
}

func (t *tx) endAPIKey(k APIKey, until time.Time) error {
	switch {
	case !until.After(t.now):
		return t.exec("UPDATE api_keys SET revoked_at = ? WHERE id = ?", millis(t.now), k.ID)
	case k.ExpiresAt.IsZero() || until.Before(k.ExpiresAt):
		return t.exec("UPDATE api_keys SET expires_at = ? WHERE id = ?", millis(until), k.ID)
	}
	return nil
}

// Handout is how often a key was handed its app's access token within one hour.
type Handout struct {
	KeyID, App int64
	Hour       time.Time // when it began, UTC
	Count      int64
}

// AddHandouts adds to what is counted already. Hour may be any moment within the hour.
func (s *Store) AddHandouts(ctx context.Context, handouts []Handout) error {
	if len(handouts) == 0 {
		return nil
	}
	return s.write(ctx, func(t *tx) error {
		for _, h := range handouts {
			if err := t.exec(`INSERT INTO handouts (key_id, app, hour, count) VALUES (?, ?, ?, ?)
				ON CONFLICT (key_id, hour) DO UPDATE SET count = handouts.count + excluded.count`,
				h.KeyID, h.App, millis(h.Hour.Truncate(time.Hour)), h.Count); err != nil {
				return err
			}
		}
		return nil
	})
}

// Handouts answers the app's, since the hour that since falls into, by hour and then by key.
func (s *Store) Handouts(ctx context.Context, app int64, since time.Time) ([]Handout, error) {
	scan := func(r row) (h Handout, err error) {
		err = r.Scan(&h.KeyID, &h.App, instant{&h.Hour}, &h.Count)
		return h, err
	}
	return many(ctx, s.readers, scan, "SELECT key_id, app, hour, count FROM handouts WHERE app = ? AND hour >= ? ORDER BY hour, key_id",
		app, millis(since.Truncate(time.Hour)))
}

// PruneHandouts forgets the hours before.
func (s *Store) PruneHandouts(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("DELETE FROM handouts WHERE hour < ?", millis(before))
	})
}
