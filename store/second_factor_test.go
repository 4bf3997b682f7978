package store

import (
	"sync"
	"sync/atomic"
	"testing"
)

// factor puts a second factor in force.
func (f *fixture) factor(t testing.TB, p Person, recovery ...string) Actor {
	t.Helper()
	by := Actor{PersonID: p.ID, Name: p.Name}
	noError(t, f.StartSecondFactor(t.Context(), by, canary))
	noError(t, f.ConfirmSecondFactor(t.Context(), by, 100, recovery))
	return by
}

func TestASecondFactorIsAskedForOnceItIsConfirmed(t *testing.T) {
	f := newFixture(t)
	_, err := f.SecondFactor(t.Context(), f.admin.ID)
	wantError(t, err, ErrNotFound)
	wantError(t, f.ConfirmSecondFactor(t.Context(), f.by, 1, nil), ErrState)
	noError(t, f.StartSecondFactor(t.Context(), f.by, "FIRST"))
	noError(t, f.StartSecondFactor(t.Context(), f.by, "SECOND"))
	x, err := f.SecondFactor(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "secret", x.Secret.Reveal(), "SECOND")
	equal(t, "in force", x.ConfirmedAt.IsZero(), true)

	f.session(t, 1, f.admin.ID)
	heard := f.hear()
	noError(t, f.ConfirmSecondFactor(t.Context(), f.by, 100, []string{"1", "2"}))
	heard.want(t, 1)
	wantError(t, f.StartSecondFactor(t.Context(), f.by, "THIRD"), ErrState)
	wantError(t, f.ConfirmSecondFactor(t.Context(), f.by, 200, nil), ErrState)
	x, err = f.SecondFactor(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "secret", x.Secret.Reveal(), "SECOND")
	equal(t, "step", x.LastStep, 100)
	equal(t, "recovery codes", x.Recovery, 2)
}

func TestAStepIsTakenOnce(t *testing.T) {
	f := newFixture(t)
	f.factor(t, f.admin)
	wantError(t, f.TakeStep(t.Context(), f.admin.ID, 100), ErrNotFound) // the one that confirmed it
	wantError(t, f.TakeStep(t.Context(), f.admin.ID, 99), ErrNotFound)
	var taken atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if f.TakeStep(t.Context(), f.admin.ID, 101) == nil {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	equal(t, "taken", taken.Load(), 1)
}

func TestARecoveryCodeWorksOnceForItsOwner(t *testing.T) {
	f := newFixture(t)
	qa := f.person(t, "qa", QA)
	by := f.factor(t, qa, "1", "2")
	wantError(t, f.UseRecovery(t.Context(), f.by, "1"), ErrNotFound) // somebody else
	noError(t, f.UseRecovery(t.Context(), by, "1"))
	wantError(t, f.UseRecovery(t.Context(), by, "1"), ErrNotFound)
	equal(t, "recorded", f.activities(t)[0].Act+f.activities(t)[0].Detail, ActRecoveryUsed+`{"left":1}`)
}

func TestNewRecoveryCodesReplaceTheOld(t *testing.T) {
	f := newFixture(t)
	wantError(t, f.RenewRecovery(t.Context(), f.by, []string{"1"}), ErrState)
	f.factor(t, f.admin, "1")
	before := len(f.activities(t))
	noError(t, f.RenewRecovery(t.Context(), f.by, []string{"2"}))
	equal(t, "recorded", len(f.activities(t)), before+1)
	wantError(t, f.UseRecovery(t.Context(), f.by, "1"), ErrNotFound)
	noError(t, f.UseRecovery(t.Context(), f.by, "2"))
}

func TestASecondFactorThatIsTakenAwayTakesItsCodesAlong(t *testing.T) {
	f := newFixture(t)
	f.factor(t, f.admin, "1")
	f.session(t, 1, f.admin.ID)
	heard := f.hear()
	noError(t, f.EndSecondFactor(t.Context(), f.by, f.admin.ID))
	heard.want(t, 1)
	wantError(t, f.UseRecovery(t.Context(), f.by, "1"), ErrNotFound)
	wantError(t, f.EndSecondFactor(t.Context(), f.by, f.admin.ID), ErrNotFound)
}

// the secret is sealed, survives a rotation, and is in no copy in the clear.
func TestTheSecretOfASecondFactorIsSealed(t *testing.T) {
	f := newFixture(t)
	f.factor(t, f.admin)
	noError(t, f.RotateKey(t.Context(), f.by))
	noError(t, f.reopen(t, func() {
		f.doesNotHold(t, canary)
	}))
	x, err := f.SecondFactor(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "secret", x.Secret.Reveal(), canary)
	noError(t, f.openSecrets(t.Context()))
	noError(t, f.write(t.Context(), func(t *tx) error { return t.exec("UPDATE second_factors SET secret = substr(secret, 1, 20)") }))
	wantError(t, f.openSecrets(t.Context()), ErrDamaged)
}
