package store

import (
	"sync"
	"testing"

	"muban/wechat/sandbox"
)

// What one machine's simulation has given out another one's knows, and at whichever it is used it is used once.
func TestFault68_TheSimulationIsOneOnAllMachines(t *testing.T) {
	onPG(t)
	f := newFixture(t)
	beside := open(t, f.dir, f.clock)
	a := sandbox.New(sandbox.Options{Shared: f.Simulation()})
	b := sandbox.New(sandbox.Options{Shared: beside.Simulation()})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { []*sandbox.Server{a, b}[i%2].Advance(1) })
	}
	wg.Wait()
	equal(t, "the clock of one", a.Ahead(), 20)
	equal(t, "the clock of the other", b.Ahead(), 20)
	noError(t, a.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Times: 1, ErrCode: new(-1)}))
	equal(t, "faults", len(b.Faults()), 1)
	again := sandbox.New(sandbox.Options{Shared: f.Simulation()})
	equal(t, "after a restart", again.Ahead(), 20)
	noError(t, beside.Close())
	noError(t, f.Close())
	a.Advance(1) // without the database each goes on for itself
	equal(t, "alone", a.Ahead(), 21)
}

func TestOnSQLiteTheSimulationIsAFile(t *testing.T) {
	onSQLite(t)
	if newFixture(t).Simulation() != nil {
		t.Error("it is shared")
	}
}
