package store

import (
	"testing"
	"time"
)

func TestWhatWaitsIsCountedAsSoonAsItIsDone(t *testing.T) {
	f := newFixture(t)
	waits := func() Waiting {
		t.Helper()
		w, err := f.Waiting(t.Context(), f.app.ID, f.by.PersonID+1)
		noError(t, err)
		return w
	}
	equal(t, "at first", waits(), Waiting{})
	f.in(t, "review")
	equal(t, "a draft in review", waits(), Waiting{Reviews: 1})
	f.unknown(t, "k1") // no line in the log tells of its outcome
	equal(t, "a send of unknown outcome", waits(), Waiting{Reviews: 1, Unknown: 1})
}

func TestWhatAnotherProcessHasDoneWaitsWithinASecond(t *testing.T) {
	f := newFixture(t)
	before, err := f.Waiting(t.Context(), f.app.ID, f.by.PersonID+1)
	noError(t, err)
	equal(t, "at first", before, Waiting{})
	elsewhere := &fixture{Store: open(t, f.dir, f.clock), app: f.app, by: f.by, clock: f.clock}
	elsewhere.in(t, "review")
	f.clock.advance(time.Second)
	after, err := f.Waiting(t.Context(), f.app.ID, f.by.PersonID+1)
	noError(t, err)
	equal(t, "a second later", after, Waiting{Reviews: 1})
}
