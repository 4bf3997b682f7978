package store

import "context"

// SetPassword replaces the hash and ends every session of the person, copied cookies included (faults.md 29).
func (s *Store) SetPassword(ctx context.Context, by Actor, id int64, hash string) error {
	return s.setPassword(ctx, by, id, hash, [32]byte{})
}

// SetOwnPassword is SetPassword for oneself: it keeps the session that it is done in.
func (s *Store) SetOwnPassword(ctx context.Context, by Actor, hash string, session [32]byte) error {
	return s.setPassword(ctx, by, by.PersonID, hash, session)
}

func (s *Store) setPassword(ctx context.Context, by Actor, id int64, hash string, keep [32]byte) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.update("UPDATE people SET password_hash = ? WHERE id = ?", hash, id); err != nil {
			return nil, err
		}
		ended, err := t.passwordChanged(id, keep)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonPassword, object("person", id), map[string]int{"sessions_ended": len(ended)})
	})
}

// passwordChanged makes a link for an earlier change worthless, and ends every session but the one to keep.
func (t *tx) passwordChanged(id int64, keep [32]byte) ([][32]byte, error) {
	if err := t.exec("DELETE FROM password_links WHERE person_id = ?", id); err != nil {
		return nil, err
	}
	return t.endSessions("person_id = ? AND hash <> ?", id, keep[:])
}

// SetDisabled shuts a person out and ends their sessions, or lets them in again.
// ErrLastAdministrator when nobody could administer any more.
func (s *Store) SetDisabled(ctx context.Context, by Actor, id int64, disabled bool) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		before, err := one(t.ctx, t, scan[bool], "SELECT disabled FROM people WHERE id = ?", id)
		if err != nil {
			return nil, err
		}
		if err := t.updatePerson("UPDATE people SET disabled = ? WHERE id = ?", disabled, id); err != nil {
			return nil, err
		}
		ended, err := t.endSessionsOf(id)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonDisabled, object("person", id), map[string]string{"from": state(before), "to": state(disabled)})
	})
}

func state(disabled bool) string {
	if disabled {
		return "disabled"
	}
	return "enabled"
}

// updatePerson refuses to leave the console without an administrator (faults.md 33).
func (t *tx) updatePerson(query string, args ...any) error {
	before, err := t.administrators()
	if err != nil {
		return err
	}
	if err := t.update(query, args...); err != nil {
		return err
	}
	after, err := t.administrators()
	if err == nil && before > 0 && after == 0 {
		return ErrLastAdministrator
	}
	return err
}

func (t *tx) administrators() (int, error) {
	return one(t.ctx, t, scan[int], "SELECT count(*) FROM people WHERE role = ? AND disabled = 0", string(Administrator))
}
