package store

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestNamesAreComparedWithoutRegardToCase(t *testing.T) {
	f := newFixture(t)
	added := f.person(t, "Ärztin 李", QA)
	found, err := f.PersonByName(t.Context(), " äRZTIN 李")
	noError(t, err)
	equal(t, "person", found, added)
	_, err = f.AddPerson(t.Context(), f.by, Person{Name: "ÄRZTIN 李", Role: QA})
	wantError(t, err, ErrTaken)
}

func TestAPersonComesBackAsAdded(t *testing.T) {
	f := newFixture(t)
	added, err := f.AddPerson(t.Context(), f.by, Person{Name: "wang", Role: ProductManager, PasswordHash: "h", Lang: "zh", Theme: "dark", Disabled: true})
	noError(t, err)
	read, err := f.Person(t.Context(), added.ID)
	noError(t, err)
	equal(t, "person", read, added)
	equal(t, "created", read.CreatedAt, f.clock.now().Truncate(time.Millisecond))
	all, err := f.People(t.Context())
	noError(t, err)
	equal(t, "people", len(all), 2)
	n, err := f.CountPeople(t.Context())
	noError(t, err)
	equal(t, "count", n, 2)
}

func TestAnUnknownPersonIsNotFound(t *testing.T) {
	f := newFixture(t)
	_, err := f.Person(t.Context(), 99)
	wantError(t, err, ErrNotFound)
	_, err = f.PersonByName(t.Context(), "nobody")
	wantError(t, err, ErrNotFound)
	wantError(t, f.SetPreferences(t.Context(), 99, "zh", ""), ErrNotFound)
	wantError(t, f.SetPassword(t.Context(), f.by, 99, "h"), ErrNotFound)
	wantError(t, f.SetRole(t.Context(), f.by, 99, QA), ErrNotFound)
	wantError(t, f.SignedIn(t.Context(), Actor{PersonID: 99}, f.clock.now()), ErrNotFound)
}

func TestAnUnknownRoleIsRefused(t *testing.T) {
	f := newFixture(t)
	if _, err := f.AddPerson(t.Context(), f.by, Person{Name: "x", Role: "root"}); err == nil {
		t.Fatal("a person with an unknown role was added")
	}
	for _, role := range Roles() {
		f.person(t, string(role), role)
	}
}

func TestPreferencesAndSignInAreKept(t *testing.T) {
	f := newFixture(t)
	at := f.clock.now().Add(time.Hour)
	noError(t, f.SetPreferences(t.Context(), f.admin.ID, "en", "dark"))
	noError(t, f.SignedIn(t.Context(), f.by, at))
	p, err := f.Person(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "lang and theme", p.Lang+" "+p.Theme, "en dark")
	equal(t, "last sign-in", p.LastSignIn, at.Truncate(time.Millisecond))
}

func TestOpenIDsKeepTheirCase(t *testing.T) {
	f := newFixture(t)
	none, err := f.OpenID(t.Context(), f.admin.ID, f.app.ID)
	noError(t, err)
	equal(t, "openid at first", none, "")
	for _, id := range []string{"oAbC", "oabc", ""} {
		noError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, f.app.ID, id))
		got, err := f.OpenID(t.Context(), f.admin.ID, f.app.ID)
		noError(t, err)
		equal(t, "openid", got, id)
	}
	wantError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, 99, "oAbC"), ErrNotFound)
}

func TestTheLastAdministratorStays(t *testing.T) {
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

func TestTwoAdministratorsCannotRemoveEachOther(t *testing.T) {
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

func TestANewPasswordEndsEverySession(t *testing.T) {
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

func TestDisablingEndsSessionsAndARoleChangeTellsTheCache(t *testing.T) {
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

func TestOfManyFirstAdministratorsOneWins(t *testing.T) {
	s := open(t, t.TempDir(), newClock())
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := s.AddFirstAdministrator(t.Context(), Actor{}, Person{Name: fmt.Sprint(i), Role: QA})
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, ErrTaken) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	equal(t, "winners", won.Load(), 1)
	all, err := s.People(t.Context())
	noError(t, err)
	equal(t, "people", len(all), 1)
	equal(t, "role", all[0].Role, Administrator)
}

func TestASetupTokenWorksOnceAndUntilItExpires(t *testing.T) {
	c := newClock()
	s := open(t, t.TempDir(), c)
	hash, other := []byte("the hash of a token"), []byte("the hash of another")
	wantError(t, s.CheckSetupToken(t.Context(), hash), ErrNotFound)
	noError(t, s.SetSetupToken(t.Context(), other, c.now().Add(time.Hour)))
	noError(t, s.SetSetupToken(t.Context(), hash, c.now().Add(time.Hour)))
	noError(t, s.CheckSetupToken(t.Context(), hash))
	wantError(t, s.CheckSetupToken(t.Context(), other), ErrNotFound)

	c.advance(time.Hour)
	wantError(t, s.CheckSetupToken(t.Context(), hash), ErrNotFound)

	noError(t, s.SetSetupToken(t.Context(), hash, c.now().Add(time.Hour)))
	_, err := s.AddFirstAdministrator(t.Context(), Actor{}, Person{Name: "admin"})
	noError(t, err)
	wantError(t, s.CheckSetupToken(t.Context(), hash), ErrNotFound)
	wantError(t, s.SetSetupToken(t.Context(), hash, c.now().Add(time.Hour)), ErrTaken)
}
