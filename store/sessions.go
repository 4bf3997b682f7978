package store

import (
	"context"
	"time"
)

// Session is one signed-in (PersonID) or anonymous (PersonID 0) browser. Only the hash of its id is kept.
type Session struct {
	Hash                         [32]byte
	PersonID, AppID              int64 // AppID: the app chosen in the top bar, 0 for none
	Data                         []byte
	Addr, Agent                  string // where it began, and with which browser, in short; "" where unknown
	CreatedAt, SeenAt, ExpiresAt time.Time
}

// SaveSession adds the session or replaces it. ErrNotFound when it has ended in the meantime: a request
// that was under way at sign-out must not bring it back.
func (s *Store) SaveSession(ctx context.Context, x Session) error {
	return s.write(ctx, func(t *tx) error {
		return t.update(`INSERT INTO sessions (hash, person_id, app, data, addr, agent, created_at, seen_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (hash) DO UPDATE SET person_id = excluded.person_id, app = excluded.app, data = excluded.data,
				addr = excluded.addr, agent = excluded.agent,
				created_at = excluded.created_at, seen_at = excluded.seen_at, expires_at = excluded.expires_at
			WHERE sessions.ended_at = 0`,
			x.Hash[:], reference(x.PersonID), reference(x.AppID), blob(x.Data), x.Addr, x.Agent,
			millis(x.CreatedAt), millis(x.SeenAt), millis(x.ExpiresAt))
	})
}

// Session answers ErrNotFound when there is none or it has ended. Whether it is idle or expired is for
// the caller to judge by its times.
func (s *Store) Session(ctx context.Context, hash [32]byte) (Session, error) {
	return one(ctx, s.readers, scanSession, "SELECT "+sessionColumns+" FROM sessions WHERE hash = ? AND ended_at = 0",
		hash[:])
}

const sessionColumns = "hash, coalesce(person_id, 0), coalesce(app, 0), data, addr, agent, created_at, seen_at, expires_at"

// TouchSession moves SeenAt.
func (s *Store) TouchSession(ctx context.Context, hash [32]byte, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		return t.update("UPDATE sessions SET seen_at = ? WHERE hash = ? AND ended_at = 0", millis(at), hash[:])
	})
}

// SetSessionApp changes the app chosen in the top bar.
func (s *Store) SetSessionApp(ctx context.Context, hash [32]byte, appID int64) error {
	return s.write(ctx, func(t *tx) error {
		return t.update("UPDATE sessions SET app = ? WHERE hash = ? AND ended_at = 0", reference(appID), hash[:])
	})
}

// EndSession ends one session; one that is not there counts as ended.
func (s *Store) EndSession(ctx context.Context, hash [32]byte) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		return t.endSessions("hash = ?", hash[:])
	})
}

// SignedOut is EndSession for a person who asks for it, with the activity row.
func (s *Store) SignedOut(ctx context.Context, by Actor, hash [32]byte) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		ended, err := t.endSessions("hash = ?", hash[:])
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActSignOut, object("person", by.PersonID), nil)
	})
}

// SessionsOf answers a person's sessions that have neither ended, nor expired, nor been idle since
// idleBefore; the one last used comes first.
func (s *Store) SessionsOf(ctx context.Context, personID int64, idleBefore time.Time) ([]Session, error) {
	return many(ctx, s.readers, scanSession, "SELECT "+sessionColumns+` FROM sessions
		WHERE person_id = ? AND ended_at = 0 AND seen_at > ? AND expires_at > ? ORDER BY seen_at DESC, hash`,
		personID, millis(idleBefore), millis(s.now()))
}

// EndSessionOf ends one session of a person. ErrNotFound when it has ended or is not theirs.
func (s *Store) EndSessionOf(ctx context.Context, by Actor, personID int64, hash [32]byte) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		ended, err := t.endSessions("person_id = ? AND hash = ?", personID, hash[:])
		if err == nil && len(ended) == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return ended, t.recordEnded(by, personID, ended)
	})
}

// EndSessions ends every session of a person but keep; the zero hash keeps none.
func (s *Store) EndSessions(ctx context.Context, by Actor, personID int64, keep [32]byte) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		ended, err := t.endSessions("person_id = ? AND hash <> ?", personID, keep[:])
		if err != nil {
			return nil, err
		}
		return ended, t.recordEnded(by, personID, ended)
	})
}

func (t *tx) recordEnded(by Actor, personID int64, ended [][32]byte) error {
	return t.record(by, 0, ActSessionEnd, object("person", personID), map[string]int{"sessions_ended": len(ended)})
}

// PruneSessions deletes what was not seen since idleBefore or has expired at now, and answers how many.
func (s *Store) PruneSessions(ctx context.Context, idleBefore, now time.Time) (pruned int, err error) {
	err = s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		gone, err := many(t.ctx, t, scanHash,
			"DELETE FROM sessions WHERE seen_at < ? OR expires_at <= ? RETURNING hash", millis(idleBefore), millis(now))
		pruned = len(gone)
		return gone, err
	})
	return pruned, err
}

// OnSessionsEnded sets what is called, after the commit and before the method returns, with every session
// that has ended or whose person's role or state has changed. A cache in front drops them; what it read
// before the call and has not kept yet it must not keep either.
func (s *Store) OnSessionsEnded(f func(hashes [][32]byte)) { s.ended.Store(&f) }

// endingSessions is write for changes that end sessions.
func (s *Store) endingSessions(ctx context.Context, change func(*tx) ([][32]byte, error)) error {
	var ended [][32]byte
	err := s.write(ctx, func(t *tx) (err error) {
		ended, err = change(t)
		return err
	})
	if f := s.ended.Load(); err == nil && f != nil && len(ended) > 0 {
		(*f)(ended)
	}
	return err
}

func (t *tx) endSessionsOf(personID int64) ([][32]byte, error) {
	return t.endSessions("person_id = ?", personID)
}

func (t *tx) endSessions(which string, args ...any) ([][32]byte, error) {
	return many(t.ctx, t, scanHash,
		"UPDATE sessions SET ended_at = ?, data = ? WHERE ended_at = 0 AND "+which+" RETURNING hash",
		append([]any{millis(t.now), []byte{}}, args...)...)
}

// sessionsOf are those that go on, for the hook.
func (t *tx) sessionsOf(personID int64) ([][32]byte, error) {
	return many(t.ctx, t, scanHash, "SELECT hash FROM sessions WHERE person_id = ? AND ended_at = 0", personID)
}

func scanHash(r row) (hash [32]byte, err error) {
	var b []byte
	err = r.Scan(&b)
	copy(hash[:], b)
	return hash, err
}

func scanSession(r row) (x Session, err error) {
	var hash []byte
	err = r.Scan(&hash, &x.PersonID, &x.AppID, &x.Data, &x.Addr, &x.Agent, instant{&x.CreatedAt}, instant{&x.SeenAt},
		instant{&x.ExpiresAt})
	copy(x.Hash[:], hash)
	return x, err
}

// SignedIn notes a successful sign-in by the actor, who is known at these places from now on.
func (s *Store) SignedIn(ctx context.Context, by Actor, at time.Time, places ...string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("UPDATE people SET last_sign_in = ? WHERE id = ?", millis(at), by.PersonID); err != nil {
			return err
		}
		if err := t.know(by.PersonID, places); err != nil {
			return err
		}
		return t.record(by, 0, ActSignIn, object("person", by.PersonID), nil)
	})
}
