package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
)

// actorRestore is who restores and confirms from the shell.
const actorRestore = "muban restore"

// afterRestore makes a restored database safe to serve. current is the database that it replaces.
func (s *Store) afterRestore(ctx context.Context, file, current string) (r Restored, err error) {
	known, err := s.attachCurrent(ctx, current)
	if err != nil {
		return r, err
	}
	err = s.write(ctx, func(t *tx) error {
		r = Restored{}
		if err := t.endAccess(); err != nil {
			return err
		}
		if known {
			err = t.takeOver(&r)
		} else {
			r.Held, err = t.holdKeys()
		}
		if err != nil {
			return err
		}
		if err := t.holdSending(); err != nil {
			return err
		}
		slices.Sort(r.Held)
		return t.record(Actor{Name: actorRestore}, 0, ActRestore, "", map[string]any{
			"backup": filepath.Base(file), "keys_revoked": r.Revoked, "keys_held": r.Held, "people_locked": r.Locked,
		})
	})
	if known {
		err = errors.Join(err, s.db.Detach(ctx, "current"))
	}
	return r, err
}

// holdRestored is afterRestore where the database before it is not known. It answers the keys that it has shut.
func (s *Store) holdRestored(ctx context.Context) (keys []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := t.endAccess(); err != nil {
			return err
		}
		if keys, err = t.holdKeys(); err != nil {
			return err
		}
		slices.Sort(keys)
		if err := t.holdSending(); err != nil {
			return err
		}
		return t.record(Actor{Name: actorRestore}, 0, ActRestore, "", map[string]any{"keys_held": keys})
	})
	return keys, err
}

// attachCurrent makes the database that is replaced readable as "current". It answers false where that is missing or
// damaged, or is not what became of the backup: the backup's last activity is not in its log.
func (s *Store) attachCurrent(ctx context.Context, current string) (known bool, err error) {
	before, err := openReadOnly(ctx, filepath.Dir(current), Options{Now: s.now, Log: s.log})
	if err != nil {
		s.log.Warn("the database before the restore cannot be looked into", "err", err)
		return false, nil
	}
	head, err := s.VerifyActivities(ctx)
	if err != nil {
		return false, errors.Join(err, before.Close())
	}
	n, err := one(ctx, before.readers, scan[int], "SELECT count(*) FROM activities WHERE id = ? AND hash = ?",
		head.Count, head.Head[:])
	if damaged := before.Check(ctx); damaged != nil || err != nil || n == 0 {
		s.log.Warn("the database before the restore is damaged, or is another one")
		return false, before.Close()
	}
	if err := before.Close(); err != nil {
		return false, err
	}
	return true, s.db.Attach(ctx, current, "current")
}

// endAccess takes away what may have been used, withdrawn or ended since the backup: sessions, links, codes, and
// access tokens, which are fetched anew.
func (t *tx) endAccess() error {
	for _, statement := range []string{
		"DELETE FROM sessions", "DELETE FROM setup_token", "DELETE FROM invitations", "DELETE FROM password_links",
		"DELETE FROM binding_codes", "DELETE FROM recovery_codes", "DELETE FROM second_factors WHERE confirmed_at = 0",
		"DELETE FROM tokens", "DELETE FROM leases", "DELETE FROM once",
	} {
		if err := t.exec(statement); err != nil {
			return err
		}
	}
	return nil
}

// takeOver takes what the database before the restore knows better: who was shut out, which keys were revoked, and
// what was sent and reported since.
func (t *tx) takeOver(r *Restored) (err error) {
	if r.Locked, err = many(t.ctx, t, scan[string], `UPDATE people SET password_hash = '' WHERE password_hash <> ''
		AND EXISTS (SELECT 1 FROM current.people c WHERE c.id = people.id AND c.password_hash <> people.password_hash)
		RETURNING name`); err != nil {
		return err
	}
	if err := t.exec(`UPDATE people SET disabled = 1 WHERE id IN (SELECT id FROM current.people WHERE disabled = 1)`); err != nil {
		return err
	}
	if r.Revoked, err = many(t.ctx, t, scan[string], `UPDATE api_keys SET revoked_at = ? WHERE revoked_at = 0
		AND hash NOT IN (SELECT hash FROM current.api_keys WHERE revoked_at = 0) RETURNING prefix`, millis(t.now)); err != nil {
		return err
	}
	if err := t.exec(`UPDATE api_keys SET expires_at = c.expires_at FROM current.api_keys c
		WHERE c.hash = api_keys.hash AND c.expires_at > 0 AND (api_keys.expires_at = 0 OR c.expires_at < api_keys.expires_at)`); err != nil {
		return err
	}
	for _, table := range []string{"sends", "message_receipts", "rights", "right_days", "send_days", "send_hours",
		"consents", "consent_answers", "consent_balances", "consent_counts", "consent_days", "consent_moments"} {
		if err := t.takeTable(table); err != nil {
			return err
		}
	}
	// What was sent by people that the backup does not know keeps their names.
	return t.exec("UPDATE sends SET person_id = NULL WHERE person_id NOT IN (SELECT id FROM people)")
}

// takeTable replaces the rows of the apps that the backup knows.
func (t *tx) takeTable(table string) error {
	columns, err := one(t.ctx, t, scan[string], "SELECT group_concat(name) FROM pragma_table_info(?)", table)
	if err != nil {
		return err
	}
	if err := t.exec("DELETE FROM " + table); err != nil {
		return err
	}
	return t.exec("INSERT INTO " + table + " (" + columns + ") SELECT " + columns +
		" FROM current." + table + " WHERE app IN (SELECT id FROM apps)")
}

// holdKeys keeps every API key shut until somebody confirms it, and answers their prefixes.
func (t *tx) holdKeys() ([]string, error) {
	return many(t.ctx, t, scan[string], `UPDATE api_keys SET held = 1
		WHERE revoked_at = 0 AND (expires_at = 0 OR expires_at > ?) RETURNING prefix`, millis(t.now))
}

// holdSending holds what is left of every right, and all sending with it.
func (t *tx) holdSending() error {
	if err := t.exec("UPDATE rights SET restored = restored + total - used - held, held = total - used WHERE usable = 1"); err != nil {
		return err
	}
	t.Keep(nil)
	return t.exec("INSERT INTO restores (at) VALUES (?)", millis(t.now))
}

// RestoreHolds tells whether sending waits for ConfirmRestore.
func (s *Store) RestoreHolds(ctx context.Context) (bool, error) { return restoreHolds(ctx, s.readers) }

func restoreHolds(ctx context.Context, q querier) (bool, error) {
	n, err := one(ctx, q, scan[int], "SELECT count(*) FROM restores WHERE confirmed_at = 0")
	return n > 0, err
}

// ConfirmRestore lets messages go out again after a restore, under the rights that the backup held as well. ErrState
// when there is nothing to confirm.
func (s *Store) ConfirmRestore(ctx context.Context, by Actor) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.affect("UPDATE restores SET confirmed_at = ? WHERE confirmed_at = 0", millis(t.now))
		if err == nil && n == 0 {
			err = ErrState
		}
		if err != nil {
			return err
		}
		if err := t.exec("UPDATE rights SET held = held - restored, restored = 0 WHERE restored > 0"); err != nil {
			return err
		}
		return t.record(by, 0, ActRestoreConfirm, "", nil)
	})
}

// HeldAPIKeys answers the keys of every app that a restore has held.
func (s *Store) HeldAPIKeys(ctx context.Context) ([]APIKey, error) {
	return many(ctx, s.readers, scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE held = 1 AND revoked_at = 0 ORDER BY id")
}

// ConfirmAPIKey opens a key that a restore has held: somebody knows that it was not revoked since the backup.
// ErrNotFound when the app has no held key with this id, or it is revoked.
func (s *Store) ConfirmAPIKey(ctx context.Context, by Actor, app, id int64) error {
	return s.write(ctx, func(t *tx) error {
		k, err := one(t.ctx, t, scanAPIKey, "UPDATE api_keys SET held = 0 "+
			"WHERE app = ? AND id = ? AND held = 1 AND revoked_at = 0 RETURNING "+apiKeyColumns, app, id)
		if err != nil {
			return err
		}
		return t.record(by, app, ActKeyConfirm, object("api_key", k.Prefix), map[string]string{"name": k.Name})
	})
}
