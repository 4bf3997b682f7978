package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// One key at two machines at once begins one send, and one right is reserved once.
func TestFault68_OneKeyAtTwoMachinesBeginsOneSend(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock)
	var mu sync.Mutex
	var wg sync.WaitGroup
	begun := map[string]int{}
	for i := range 60 {
		s := []*Store{f.Store, beside}[i%2]
		key := fmt.Sprint(i / 6)
		wg.Go(func() {
			_, _, err := s.BeginSend(context.Background(), f.by, attempt(f.app.ID, key))
			if err != nil && !errors.Is(err, ErrReplayed) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				begun[key]++
			}
		})
	}
	wg.Wait()
	for i := range 10 {
		equal(t, fmt.Sprint("sends begun by key ", i), begun[fmt.Sprint(i)], 1)
	}
	equal(t, "broken", f.verify(t).Broken, 0) // the log is one, in one order
}

// What ends at one machine is gone at the other.
func TestFault68_ASessionThatEndsAtOneMachineIsGoneAtTheOther(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock)
	f.session(t, 1, f.admin.ID)
	_, err := beside.Session(t.Context(), [32]byte{1})
	noError(t, err)
	noError(t, f.SignedOut(t.Context(), f.by, [32]byte{1}))
	_, err = beside.Session(t.Context(), [32]byte{1})
	wantError(t, err, ErrNotFound)
}

// Of many who want a lease at two machines one gets it.
func TestFault68_OneOfManyAtTwoMachinesHasALease(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock)
	var wg sync.WaitGroup
	var mu sync.Mutex
	held := 0
	for i := range 40 {
		s := []*Store{f.Store, beside}[i%2]
		wg.Go(func() {
			got, err := s.TakeLease(context.Background(), "token", fmt.Sprint("holder ", i), time.Minute)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if got {
				held++
			}
		})
	}
	wg.Wait()
	equal(t, "holders", held, 1)
}
