package store

import (
	"context"
	"time"
)

// RotateAPIKey puts next, a key that was just made, in the place of a live one, whose name, app and
// scopes it takes over. The old one opens what it did until until, and at the most as long as it would
// have; an until that is not ahead ends it at once.
//
// ErrNotFound when the app has none with this id, ErrConflict when it has ended, ErrTaken when next's
// prefix is in use.
func (s *Store) RotateAPIKey(ctx context.Context, by Actor, app, id int64, next APIKey, until time.Time) (added APIKey, err error) {
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
		return t.record(by, app, ActAPIKeyRotate, object("api_key", old.Prefix), map[string]any{"name": old.Name, "next": next.Prefix})
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
