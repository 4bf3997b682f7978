package store

import (
	"context"
	"crypto/sha256"
	"time"
)

// failuresKept is longer than any window that failures are counted in.
const failuresKept = 24 * time.Hour

// SignedIn notes a successful sign-in by the actor.
func (s *Store) SignedIn(ctx context.Context, by Actor, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("UPDATE people SET last_sign_in = ? WHERE id = ?", millis(at), by.PersonID); err != nil {
			return err
		}
		return t.record(by, 0, ActSignIn, object("person", by.PersonID), nil)
	})
}

// SignInFailed counts against the name, whether anybody has it or not, and against the address.
func (s *Store) SignInFailed(ctx context.Context, name, addr string, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.exec("DELETE FROM sign_in_failures WHERE at < ?", millis(at.Add(-failuresKept))); err != nil {
			return err
		}
		return t.exec("INSERT INTO sign_in_failures (name_hash, addr, at) VALUES (?, ?, ?)",
			nameHash(name), addr, millis(at))
	})
}

// SignInFailures counts those at since or later.
func (s *Store) SignInFailures(ctx context.Context, name, addr string, since time.Time) (byName, byAddr int, err error) {
	byName, err = one(ctx, s.readers, scan[int],
		"SELECT count(*) FROM sign_in_failures WHERE name_hash = ? AND at >= ?", nameHash(name), millis(since))
	if err != nil {
		return 0, 0, err
	}
	byAddr, err = one(ctx, s.readers, scan[int],
		"SELECT count(*) FROM sign_in_failures WHERE addr = ? AND at >= ?", addr, millis(since))
	return byName, byAddr, err
}

// SignInSucceeded forgets this name's failures from this address. Others stay: whoever guesses at a
// colleague's account does not start afresh by signing in to his own.
func (s *Store) SignInSucceeded(ctx context.Context, name, addr string) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("DELETE FROM sign_in_failures WHERE name_hash = ? AND addr = ?", nameHash(name), addr)
	})
}

func nameHash(name string) []byte {
	h := sha256.Sum256([]byte(fold(name)))
	return h[:]
}
