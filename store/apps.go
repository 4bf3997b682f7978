package store

import (
	"cmp"
	"context"
	"time"

	"muban/wechat"
	"muban/wechat/account"
)

// App is one mini program.
type App = account.App

const appColumns = "id, app_id, name, base, secret, sandbox, token_mode, color, created_at, updated_at, archived_at"

// Apps answers every app, the archived ones too, the oldest first.
func (s *Store) Apps(ctx context.Context) ([]App, error) {
	return many(ctx, s.readers, s.scanApp, "SELECT "+appColumns+" FROM apps ORDER BY id")
}

// App answers ErrNotFound when there is none with this id.
func (s *Store) App(ctx context.Context, id int64) (App, error) {
	return one(ctx, s.readers, s.scanApp, "SELECT "+appColumns+" FROM apps WHERE id = ?", id)
}

// AddApp answers ErrTaken when the AppID is there already. ID and the times are set here.
func (s *Store) AddApp(ctx context.Context, by Actor, a App) (added App, err error) {
	err = s.write(ctx, func(t *tx) error {
		added = a
		added.TokenMode = cmp.Or(a.TokenMode, account.PlainToken)
		added.CreatedAt, added.UpdatedAt = stored(t.now), stored(t.now)
		added.ID, err = t.insert(`INSERT INTO apps (app_id, name, base, secret, sandbox, token_mode, color, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			a.AppID, a.Name, a.Base, []byte{}, a.Sandbox, string(added.TokenMode), a.Color, millis(t.now), millis(t.now))
		if err != nil {
			return err
		}
		if err := s.sealSecret(t, added.ID, a.Secret); err != nil { // bound to the id, so only now
			return err
		}
		if err := t.record(by, added.ID, ActAppAdd, object("app", added.ID), appDetail(a)); err != nil || a.Sandbox {
			return err
		}
		return t.atWork(by)
	})
	return added, err
}

// UpdateApp changes everything but the id and whether it is archived; an empty Secret or TokenMode keeps the
// stored one. was is the Version that the caller read, "" for whatever it is: ErrConflict when somebody changed
// it since. A token that was fetched with other credentials, from another host, or by another call, is forgotten.
func (s *Store) UpdateApp(ctx context.Context, by Actor, was string, a App) error {
	return s.write(ctx, func(t *tx) error {
		before, err := one(t.ctx, t, s.scanApp, "SELECT "+appColumns+" FROM apps WHERE id = ?", a.ID)
		if err != nil {
			return err
		}
		if Overtaken(AppVersion(before), was, AppVersion(a)) {
			return ErrConflict
		}
		mode := cmp.Or(a.TokenMode, before.TokenMode)
		if err := t.update("UPDATE apps SET app_id = ?, name = ?, base = ?, sandbox = ?, token_mode = ?, color = ?, updated_at = ? WHERE id = ?",
			a.AppID, a.Name, a.Base, a.Sandbox, string(mode), a.Color, millis(t.now), a.ID); err != nil {
			return err
		}
		secretChanged := a.Secret != "" && a.Secret != before.Secret
		if secretChanged {
			if err := s.sealSecret(t, a.ID, a.Secret); err != nil {
				return err
			}
		}
		if secretChanged || a.AppID != before.AppID || a.Base != before.Base || mode != before.TokenMode {
			if err := t.exec("DELETE FROM tokens WHERE app_id = ?", before.AppID); err != nil {
				return err
			}
		}
		if a.AppID != before.AppID || a.Base != before.Base { // what was listed is of another account
			if err := t.forgetAccountList(a.ID); err != nil {
				return err
			}
		}
		detail := appDetail(a)
		detail["secret_changed"], detail["token_mode"] = secretChanged, mode
		return t.record(by, a.ID, ActAppUpdate, object("app", a.ID), detail)
	})
}

// RotateSecret puts a new AppSecret in the place of the stored one, and forgets the token that was fetched with
// that. ErrNotFound when there is no such app at work.
func (s *Store) RotateSecret(ctx context.Context, by Actor, id int64, secret wechat.Secret) error {
	return s.write(ctx, func(t *tx) error {
		a, err := one(t.ctx, t, s.scanApp, "SELECT "+appColumns+" FROM apps WHERE id = ? AND archived_at = 0", id)
		if err != nil {
			return err
		}
		if err := t.update("UPDATE apps SET updated_at = ? WHERE id = ?", millis(t.now), id); err != nil {
			return err
		}
		if err := s.sealSecret(t, id, secret); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM tokens WHERE app_id = ?", a.AppID); err != nil {
			return err
		}
		return t.record(by, id, ActAppSecret, object("app", id), appDetail(a))
	})
}

func (s *Store) sealSecret(t *tx, id int64, secret wechat.Secret) error {
	return t.update("UPDATE apps SET secret = ? WHERE id = ?",
		s.sealing().seal(place("apps", id, "secret"), secret.Reveal()), id)
}

// appDetail is what the activity log keeps of an app: never the secret.
func appDetail(a App) map[string]any {
	return map[string]any{"appid": a.AppID, "name": a.Name, "base": a.Base}
}

func (s *Store) scanApp(r row) (a App, err error) {
	var sealed []byte
	err = r.Scan(&a.ID, &a.AppID, &a.Name, &a.Base, &sealed, &a.Sandbox, &a.TokenMode, &a.Color,
		instant{&a.CreatedAt}, instant{&a.UpdatedAt}, instant{&a.ArchivedAt})
	if err != nil {
		return App{}, err
	}
	secret, err := s.unseal(place("apps", a.ID, "secret"), sealed)
	a.Secret = wechat.Secret(secret)
	return a, err
}

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

// AppVersion names the settings that a form changes, as they are. The secret is not among them: a save without
// one keeps the stored one.
func AppVersion(a App) string { return versionOf(a.Name, a.Base, a.TokenMode, a.Color) }
