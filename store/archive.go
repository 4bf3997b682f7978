package store

import (
	"context"
	"time"
)

// ArchiveApp takes an app out of work: nothing of it is reachable and its token is forgotten, but all that
// happened in it stays. ErrNotFound when there is no such app at work; ErrLastApp when it is the only one.
func (s *Store) ArchiveApp(ctx context.Context, by Actor, id int64) error {
	return s.write(ctx, func(t *tx) error {
		a, err := one(t.ctx, t, s.scanApp, "SELECT "+appColumns+" FROM apps WHERE id = ? AND archived_at = 0", id)
		if err != nil {
			return err
		}
		others, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM apps WHERE id <> ? AND archived_at = 0", id)
		if err != nil {
			return err
		}
		if others == 0 {
			return ErrLastApp
		}
		if err := t.update("UPDATE apps SET archived_at = ?, updated_at = ? WHERE id = ?", millis(t.now), millis(t.now), id); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM tokens WHERE app_id = ?", a.AppID); err != nil {
			return err
		}
		return t.record(by, id, ActAppArchive, object("app", id), appDetail(a))
	})
}

// RestoreApp puts an archived app to work again, as it was. ErrNotFound when none with this id is archived.
func (s *Store) RestoreApp(ctx context.Context, by Actor, id int64) error {
	return s.write(ctx, func(t *tx) error {
		a, err := one(t.ctx, t, s.scanApp, "SELECT "+appColumns+" FROM apps WHERE id = ? AND archived_at > 0", id)
		if err != nil {
			return err
		}
		if err := t.update("UPDATE apps SET archived_at = 0, updated_at = ? WHERE id = ?", millis(t.now), id); err != nil {
			return err
		}
		return t.record(by, id, ActAppRestore, object("app", id), appDetail(a))
	})
}

// Dependants are what would miss an app.
type Dependants struct {
	Keys    []APIKey // that are live, the last used first
	Aliases []string // by which templates are asked for
	Drafts  int      // that are neither added nor deleted
	Rights  int      // messages that may still be sent
}

// None tells whether nothing depends on the app.
func (d Dependants) None() bool { return len(d.Keys)+len(d.Aliases)+d.Drafts+d.Rights == 0 }

// KeysUsed is how many of the keys were used since.
func (d Dependants) KeysUsed(since time.Time) (n int) {
	for _, k := range d.Keys {
		if k.LastUsedAt.After(since) {
			n++
		}
	}
	return n
}

// Dependants answers what depends on an app now; on one that is not there, nothing does.
func (s *Store) Dependants(ctx context.Context, app int64) (d Dependants, err error) {
	d.Keys, err = many(ctx, s.readers, scanAPIKey, "SELECT "+apiKeyColumns+` FROM api_keys
		WHERE app = ? AND revoked_at = 0 AND (expires_at = 0 OR expires_at > ?) ORDER BY last_used_at DESC, id`, app, millis(s.now()))
	if err != nil {
		return Dependants{}, err
	}
	d.Aliases, err = many(ctx, s.readers, scan[string],
		"SELECT alias FROM alias_spans WHERE app = ? AND until_at = 0 ORDER BY alias", app)
	if err != nil {
		return Dependants{}, err
	}
	d.Drafts, err = one(ctx, s.readers, scan[int],
		"SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state <> 'added'", app)
	if err != nil {
		return Dependants{}, err
	}
	d.Rights, err = s.UsableSends(ctx, app)
	return d, err
}
