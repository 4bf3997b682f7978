package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wrong makes a wrong guess and tells whether it was judged at all.
func (f *fixture) wrong(t testing.TB, g Guess) (judged, locked bool) {
	t.Helper()
	j, err := f.Reserve(t.Context(), g)
	noError(t, err)
	if j.ID == 0 {
		return false, false
	}
	locked, err = f.GuessedWrong(t.Context(), j)
	noError(t, err)
	return true, locked
}

func TestFault47_GuessesFromAKnownPlaceAreCountedForThemselves(t *testing.T) {
	f := newFixture(t)
	qa := f.person(t, "qa", QA)
	noError(t, f.SignedIn(t.Context(), Actor{PersonID: qa.ID, Name: qa.Name}, f.clock.now(), "device:d", "network:n"))
	strange := func(n int) Guess {
		return Guess{Name: "QA ", Addr: fmt.Sprint("192.0.2.", n), Places: []string{"network:other"}}
	}
	for n := range guessesMost {
		judged, locked := f.wrong(t, strange(n))
		equal(t, "judged, locked", [2]bool{judged, locked}, [2]bool{true, n == guessesMost-1})
	}
	for name, x := range map[string]struct {
		guess Guess
		may   bool
	}{
		"another stranger":      {strange(99), false},
		"the device":            {Guess{Name: "qa", Addr: "192.0.2.1", Places: []string{"device:d", "network:other"}}, true},
		"the network":           {Guess{Name: "qa", Addr: "192.0.2.1", Places: []string{"device:new", "network:n"}}, true},
		"who is signed in":      {Guess{Name: "qa", Addr: "192.0.2.1", Session: "session:s"}, true},
		"a colleague":           {Guess{Name: "operator", Addr: "192.0.2.99"}, true},
		"a colleague's device":  {Guess{Name: "admin", Addr: "192.0.2.99", Places: []string{"device:d"}}, true},
		"nobody":                {Guess{Name: "nobody", Addr: "192.0.2.99"}, true},
		"the device, elsewhere": {Guess{Name: "qa", Addr: "198.51.100.1", Places: []string{"device:d"}}, true},
	} {
		may, err := f.MayGuess(t.Context(), x.guess)
		noError(t, err)
		equal(t, name, may, x.may)
	}
	for range guessesMost {
		f.wrong(t, Guess{Name: "qa", Addr: "192.0.2.1", Places: []string{"device:d"}})
	}
	judged, _ := f.wrong(t, Guess{Name: "qa", Addr: "192.0.2.1", Places: []string{"device:d"}})
	equal(t, "a sixth guess from the device is judged", judged, false)
	judged, _ = f.wrong(t, Guess{Name: "qa", Addr: "192.0.2.1", Places: []string{"network:n"}})
	equal(t, "a guess from the network is judged", judged, true)
	f.clock.advance(GuessesWindow + time.Second)
	judged, _ = f.wrong(t, strange(1))
	equal(t, "after the window a guess is judged", judged, true)
}

func TestFault47_GuessesFromOneAddressAreBoundedWhateverTheNames(t *testing.T) {
	f := newFixture(t)
	for n := range guessesMost {
		f.wrong(t, Guess{Name: fmt.Sprint("somebody", n), Addr: "2001:db8:1:2::/64"})
	}
	judged, _ := f.wrong(t, Guess{Name: "another", Addr: "2001:db8:1:2::/64"})
	equal(t, "judged", judged, false)
	judged, _ = f.wrong(t, Guess{Name: "another", Addr: "2001:db8:1:3::/64"})
	equal(t, "from the next network", judged, true)
}

// Two processes on one database, and twenty guesses at once in each.
func TestFault47_GuessesThatArriveTogetherInTwoProcessesGetNoMoreTries(t *testing.T) {
	f := newFixture(t)
	other, err := tryOpen(t, f.dir, Options{Now: f.clock.now})
	noError(t, err)
	t.Cleanup(func() { noError(t, other.Close()) })
	var judged atomic.Int32
	var all sync.WaitGroup
	for n := range 40 {
		s := []*Store{f.Store, other}[n%2]
		all.Go(func() {
			j, err := s.Reserve(context.Background(), Guess{Name: "admin", Addr: fmt.Sprint("192.0.2.", n)})
			noError(t, err)
			if j.ID != 0 {
				judged.Add(1)
			}
		})
	}
	all.Wait()
	equal(t, "judged", judged.Load(), guessesMost)
}

func TestARightGuessIsTakenBackAndForgivesThoseFromTheSamePlace(t *testing.T) {
	f := newFixture(t)
	here, there := Guess{Name: "admin", Addr: "192.0.2.1"}, Guess{Name: "admin", Addr: "192.0.2.2"}
	for range 2 {
		f.wrong(t, here)
		f.wrong(t, there)
	}
	j, err := f.Reserve(t.Context(), here)
	noError(t, err)
	noError(t, f.TakeBack(t.Context(), j))
	left := func() int {
		n, err := guessesLeft(t.Context(), f.readers, here, "", f.clock.now())
		noError(t, err)
		return n
	}
	equal(t, "left", left(), 1)
	noError(t, f.SignInSucceeded(t.Context(), here))
	equal(t, "left after the sign-in", left(), 3)
}

func TestFault47_TheShellLiftsALock(t *testing.T) {
	f := newFixture(t)
	g := Guess{Name: "admin", Addr: "192.0.2.1"}
	for name, lift := range map[string]func() error{
		"unlock":       func() error { return f.Unlock(t.Context(), f.by, f.admin.ID) },
		"a password":   func() error { return f.SetPassword(t.Context(), f.by, f.admin.ID, "h") },
		"fifteen more": func() error { f.clock.advance(GuessesWindow + time.Second); return nil },
	} {
		for range guessesMost {
			f.wrong(t, g)
		}
		may, err := f.MayGuess(t.Context(), g)
		noError(t, err)
		equal(t, name+": before", may, false)
		noError(t, lift())
		may, err = f.MayGuess(t.Context(), g)
		noError(t, err)
		equal(t, name+": after", may, true)
		noError(t, f.Unlock(t.Context(), f.by, f.admin.ID))
	}
}

func TestFault49_ALockIsInTheLogAndAFloodOfThemIsNot(t *testing.T) {
	f := newFixture(t)
	before := len(f.activities(t))
	for range guessesMost {
		f.wrong(t, Guess{Name: "Admin", Addr: "192.0.2.1"})
		f.wrong(t, Guess{Name: canary, Addr: "192.0.2.2"}) // nobody: perhaps a password in the wrong field
	}
	got := f.activities(t)
	equal(t, "lines", len(got), before+1)
	equal(t, "line", got[0].Act+" "+got[0].Object, ActLock+" "+object("person", f.admin.ID))
	f.wantNoCanary(t)

	for range notedMost + 50 {
		noError(t, f.Note(t.Context(), f.by, 0, ActExport, "page:/sends.csv", nil))
	}
	_, n, err := f.Activities(t.Context(), ActivityFilter{Act: ActExport})
	noError(t, err)
	_, muted, err := f.Activities(t.Context(), ActivityFilter{Act: ActMuted})
	noError(t, err)
	equal(t, "exports and the line that says there were more", [2]int{n, muted}, [2]int{notedMost, 1})
	f.clock.advance(2 * time.Hour)
	noError(t, f.Note(t.Context(), f.by, 0, ActExport, "page:/sends.csv", nil))
	_, n, err = f.Activities(t.Context(), ActivityFilter{Act: ActExport})
	noError(t, err)
	equal(t, "an hour later", n, notedMost+1)
}

func TestAPersonIsKnownByTheirLastFortyPlaces(t *testing.T) {
	f := newFixture(t)
	for n := range placesMost + 10 {
		f.clock.advance(time.Minute)
		noError(t, f.SignedIn(t.Context(), f.by, f.clock.now(), fmt.Sprint("device:", n)))
	}
	for place, want := range map[string]bool{"device:9": false, "device:10": true, "device:49": true, "device:none": false} {
		known, err := f.KnowsPlace(t.Context(), place)
		noError(t, err)
		equal(t, place, known, want)
	}
	f.clock.advance(placesKept + time.Hour)
	noError(t, f.SignedIn(t.Context(), f.by, f.clock.now(), "device:new"))
	known, err := f.KnowsPlace(t.Context(), "device:49")
	noError(t, err)
	equal(t, "known after half a year", known, false)
}
