package store

import "context"

// SetPassword replaces the hash and ends every session of the person, copied cookies included (faults.md 29).
func (s *Store) SetPassword(ctx context.Context, by Actor, id int64, hash string) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.update("UPDATE people SET password_hash = ? WHERE id = ?", hash, id); err != nil {
			return nil, err
		}
		ended, err := t.endSessionsOf(id)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonPassword, object("person", id), nil)
	})
}

// SetRole counts from the person's next request on (faults.md 28): the hook hears of all their sessions,
// which go on. ErrLastAdministrator when nobody could administer any more.
func (s *Store) SetRole(ctx context.Context, by Actor, id int64, role Role) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.updatePerson("UPDATE people SET role = ? WHERE id = ?", role, id); err != nil {
			return nil, err
		}
		touched, err := many(t.ctx, t, scanHash, "SELECT hash FROM sessions WHERE person_id = ? AND ended_at = 0", id)
		if err != nil {
			return nil, err
		}
		return touched, t.record(by, 0, ActPersonRole, object("person", id), map[string]Role{"role": role})
	})
}

// SetDisabled shuts a person out and ends their sessions, or lets them in again.
// ErrLastAdministrator when nobody could administer any more.
func (s *Store) SetDisabled(ctx context.Context, by Actor, id int64, disabled bool) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.updatePerson("UPDATE people SET disabled = ? WHERE id = ?", disabled, id); err != nil {
			return nil, err
		}
		ended, err := t.endSessionsOf(id)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonDisabled, object("person", id), map[string]bool{"disabled": disabled})
	})
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
