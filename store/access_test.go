package store

import (
	"errors"
	"sync"
	"testing"
)

func TestTheLastAdministratorStays(t *testing.T) { // faults.md 33
	f := newFixture(t)
	wantError(t, f.SetRole(t.Context(), f.by, f.admin.ID, Operator), ErrLastAdministrator)
	wantError(t, f.SetDisabled(t.Context(), f.by, f.admin.ID, true), ErrLastAdministrator)
	p, err := f.Person(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "role", p.Role, Administrator)
	equal(t, "disabled", p.Disabled, false)

	second := f.person(t, "second", Administrator)
	noError(t, f.SetDisabled(t.Context(), f.by, f.admin.ID, true))
	wantError(t, f.SetRole(t.Context(), f.by, second.ID, QA), ErrLastAdministrator)
}

func TestTwoAdministratorsCannotRemoveEachOther(t *testing.T) { // faults.md 33
	f := newFixture(t)
	second := f.person(t, "second", Administrator)
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, id := range []int64{f.admin.ID, second.ID} {
		wg.Go(func() { errs[i] = f.SetDisabled(t.Context(), f.by, id, true) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), ErrLastAdministrator) {
		t.Fatalf("want one to be refused as the last administrator, got %v", errs)
	}
}

func TestWithoutAnyAdministratorOthersCanStillBeChanged(t *testing.T) {
	s := open(t, t.TempDir(), newClock())
	p, err := s.AddPerson(t.Context(), Actor{}, Person{Name: "only", Role: QA})
	noError(t, err)
	noError(t, s.SetRole(t.Context(), Actor{}, p.ID, Operator))
}

func TestANewPasswordEndsEverySession(t *testing.T) { // faults.md 29
	f := newFixture(t)
	other := f.person(t, "other", QA)
	f.session(t, 1, f.admin.ID)
	f.session(t, 2, f.admin.ID)
	f.session(t, 3, other.ID)
	heard := f.hear()
	noError(t, f.SetPassword(t.Context(), f.by, f.admin.ID, "new"))
	heard.want(t, 1, 2)
	for n, want := range map[byte]error{1: ErrNotFound, 2: ErrNotFound, 3: nil} {
		_, err := f.Session(t.Context(), [32]byte{n})
		wantError(t, err, want)
	}
	p, err := f.Person(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "hash", p.PasswordHash, "new")
}

func TestDisablingEndsSessionsAndARoleChangeTellsTheCache(t *testing.T) { // faults.md 28
	f := newFixture(t)
	p := f.person(t, "qa", QA)
	f.session(t, 1, p.ID)
	heard := f.hear()
	noError(t, f.SetRole(t.Context(), f.by, p.ID, Operator))
	heard.want(t, 1)
	_, err := f.Session(t.Context(), [32]byte{1})
	noError(t, err)
	noError(t, f.SetDisabled(t.Context(), f.by, p.ID, true))
	heard.want(t, 1)
	_, err = f.Session(t.Context(), [32]byte{1})
	wantError(t, err, ErrNotFound)
	noError(t, f.SetDisabled(t.Context(), f.by, p.ID, false))
}

func TestARefusedChangeEndsNoSession(t *testing.T) {
	f := newFixture(t)
	f.session(t, 1, f.admin.ID)
	heard := f.hear()
	wantError(t, f.SetDisabled(t.Context(), f.by, f.admin.ID, true), ErrLastAdministrator)
	heard.want(t)
	_, err := f.Session(t.Context(), [32]byte{1})
	noError(t, err)
}
