package store

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

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

func TestSignInFailuresAreCountedByNameAndByAddress(t *testing.T) { // faults.md 30
	f := newFixture(t)
	start := f.clock.now()
	fail := func(name, addr string) {
		t.Helper()
		f.clock.advance(time.Minute)
		noError(t, f.SignInFailed(t.Context(), name, addr, f.clock.now()))
	}
	want := func(name, addr string, since time.Time, byName, byAddr int) {
		t.Helper()
		n, a, err := f.SignInFailures(t.Context(), name, addr, since)
		noError(t, err)
		equal(t, "by name and by address", [2]int{n, a}, [2]int{byName, byAddr})
	}
	fail("Admin", "192.0.2.7")
	fail("admin ", "192.0.2.8")
	fail("nobody", "192.0.2.7")
	want("ADMIN", "192.0.2.7", start, 2, 2)
	want("ADMIN", "192.0.2.7", start.Add(2*time.Minute), 1, 1)
	noError(t, f.SignInSucceeded(t.Context(), "admin", "192.0.2.7"))
	want("admin", "192.0.2.7", start, 1, 1)

	f.clock.advance(2 * failuresKept)
	fail("x", "y")
	want("admin", "192.0.2.7", start, 0, 0)
}

func TestNamesOfFailedSignInsAreNotKept(t *testing.T) {
	f := newFixture(t)
	noError(t, f.SignInFailed(t.Context(), canary, "192.0.2.7", f.clock.now()))
	f.wantNoCanary(t)
}
