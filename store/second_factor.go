package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
)

// SecondFactor is what a person proves beside the password. Its secret is sealed in the database.
type SecondFactor struct {
	PersonID    int64
	Secret      wechat.Secret // base32
	ConfirmedAt time.Time     // zero: being set up, nobody is asked for it yet
	LastStep    int64         // a code of this step or an earlier one is not taken again
	Recovery    int           // how many recovery codes are left
}

const factorColumns = `person_id, secret, confirmed_at, last_step,
	(SELECT count(*) FROM recovery_codes WHERE person_id = second_factors.person_id)`

// SecondFactor answers ErrNotFound when the person has none, not even one that is being set up.
func (s *Store) SecondFactor(ctx context.Context, personID int64) (SecondFactor, error) {
	return one(ctx, s.readers, s.scanFactor, "SELECT "+factorColumns+" FROM second_factors WHERE person_id = ?", personID)
}

// StartSecondFactor keeps a secret that the actor is about to set up, in place of one that was never
// confirmed. ErrState when one is in force.
func (s *Store) StartSecondFactor(ctx context.Context, by Actor, secret wechat.Secret) error {
	return s.write(ctx, func(t *tx) error {
		sealed := s.sealing().seal(place("second_factors", by.PersonID, "secret"), secret.Reveal())
		err := t.update(`INSERT INTO second_factors (person_id, secret) VALUES (?, ?)
			ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret WHERE second_factors.confirmed_at = 0`, by.PersonID, sealed)
		if errors.Is(err, ErrNotFound) {
			return ErrState
		}
		if err != nil {
			return err
		}
		return t.record(by, 0, ActFactorStart, object("person", by.PersonID), nil)
	})
}

// ConfirmSecondFactor puts the actor's secret in force, from the sign-in after this on: step is that of the
// code which proved it, and recovery holds the codes that work without it, hashed as passwords are. ErrState when
// there is none to confirm.
func (s *Store) ConfirmSecondFactor(ctx context.Context, by Actor, step int64, recovery []string) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		err := t.update("UPDATE second_factors SET confirmed_at = ?, last_step = ? WHERE person_id = ? AND confirmed_at = 0",
			millis(t.now), step, by.PersonID)
		if errors.Is(err, ErrNotFound) {
			return nil, ErrState
		}
		if err != nil {
			return nil, err
		}
		if err := t.setRecovery(by.PersonID, recovery); err != nil {
			return nil, err
		}
		touched, err := t.sessionsOf(by.PersonID) // they may now do more
		if err != nil {
			return nil, err
		}
		return touched, t.record(by, 0, ActFactorOn, object("person", by.PersonID), nil)
	})
}

func (t *tx) setRecovery(person int64, hashes []string) error {
	if err := t.exec("DELETE FROM recovery_codes WHERE person_id = ?", person); err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := t.exec("INSERT INTO recovery_codes (person_id, hash) VALUES (?, ?)", person, hash); err != nil {
			return err
		}
	}
	return nil
}

// TakeStep notes that a code of this step was taken. ErrNotFound when one of it or a later one was already,
// so that of two who use one code at once, one gets in.
func (s *Store) TakeStep(ctx context.Context, personID, step int64) error {
	return s.write(ctx, func(t *tx) error {
		return t.update("UPDATE second_factors SET last_step = ? WHERE person_id = ? AND last_step < ?", step, personID, step)
	})
}

// RenewRecovery replaces the actor's recovery codes. ErrState without a second factor in force.
func (s *Store) RenewRecovery(ctx context.Context, by Actor, hashes []string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM second_factors WHERE person_id = ? AND confirmed_at > 0",
			by.PersonID)
		if err == nil && n == 0 {
			err = ErrState
		}
		if err != nil {
			return err
		}
		if err := t.setRecovery(by.PersonID, hashes); err != nil {
			return err
		}
		return t.record(by, 0, ActRecoveryMade, object("person", by.PersonID), nil)
	})
}

// RecoveryCodes answers the hashes of a person's recovery codes that are left.
func (s *Store) RecoveryCodes(ctx context.Context, personID int64) ([]string, error) {
	return many(ctx, s.readers, scan[string], "SELECT hash FROM recovery_codes WHERE person_id = ?", personID)
}

// UseRecovery uses up one of the actor's recovery codes. ErrNotFound when it is none of them.
func (s *Store) UseRecovery(ctx context.Context, by Actor, hash string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("DELETE FROM recovery_codes WHERE person_id = ? AND hash = ?", by.PersonID, hash); err != nil {
			return err
		}
		left, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM recovery_codes WHERE person_id = ?", by.PersonID)
		if err != nil {
			return err
		}
		return t.record(by, 0, ActRecoveryUsed, object("person", by.PersonID), map[string]int{"left": left})
	})
}

// EndSecondFactor takes a person's second factor and recovery codes away; the password alone opens then.
// ErrNotFound when they have none.
func (s *Store) EndSecondFactor(ctx context.Context, by Actor, personID int64) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.setRecovery(personID, nil); err != nil {
			return nil, err
		}
		if err := t.update("DELETE FROM second_factors WHERE person_id = ?", personID); err != nil {
			return nil, err
		}
		touched, err := t.sessionsOf(personID) // they may have to set up another one first
		if err != nil {
			return nil, err
		}
		return touched, t.record(by, 0, ActFactorOff, object("person", personID), nil)
	})
}

func (s *Store) scanFactor(r row) (f SecondFactor, err error) {
	var sealed []byte
	if err := r.Scan(&f.PersonID, &sealed, instant{&f.ConfirmedAt}, &f.LastStep, &f.Recovery); err != nil {
		return SecondFactor{}, err
	}
	secret, err := s.unseal(place("second_factors", f.PersonID, "secret"), sealed)
	f.Secret = wechat.Secret(secret)
	return f, err
}
