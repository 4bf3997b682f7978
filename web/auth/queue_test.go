package auth

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const hashing = 50 * time.Millisecond // that one password takes, in the tests' time

// hash waits in the queue, hashes, and answers how long both took.
func (q *queues) hash(ctx context.Context, at Queue) (took time.Duration, err error) {
	begin := time.Now()
	leave, err := q.enter(ctx, at)
	if err != nil {
		return 0, err
	}
	time.Sleep(hashing)
	leave()
	return time.Since(begin), nil
}

func TestFault47_WhoIsKnownWaitsBehindNoGuesser(t *testing.T) {
	for name, network := range map[string]func(n int) string{
		"on one network":       func(int) string { return "2001:db8:1:2::/64" },
		"on a hundred of them": func(n int) string { return fmt.Sprint("192.0.2.", n) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, busy := newQueues(), atomic.Int64{}
				for n := range 100 {
					go func() {
						if _, err := q.hash(t.Context(), Queue{network: network(n)}); errors.Is(err, errBusy) {
							busy.Add(1)
						}
					}()
				}
				synctest.Wait()
				if busy.Load() != 100-strangeMost {
					t.Errorf("%d were turned away at once, want %d", busy.Load(), 100-strangeMost)
				}
				if took, err := q.hash(t.Context(), Known); took != hashing || err != nil {
					t.Errorf("a sign-in took %v (%v), want %v", took, err, hashing)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if len(q.turns) != 0 || q.waiting != 0 {
					t.Errorf("%d networks and %d guessers are left", len(q.turns), q.waiting)
				}
			})
		})
	}
}

// A stranger who comes for the first time waits behind one guess of each other network at the most.
func TestFault47_ANetworksGuessesWaitBehindEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues()
		for range 20 {
			go func() { _, _ = q.hash(t.Context(), Queue{network: "192.0.2.1"}) }()
		}
		synctest.Wait()
		if took, err := q.hash(t.Context(), Queue{network: "192.0.2.2"}); took > 2*hashing || err != nil {
			t.Errorf("it took %v (%v), want %v at the most", took, err, 2*hashing)
		}
		time.Sleep(time.Minute)
	})
}

func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues()
		ctx, cancel := context.WithCancel(t.Context())
		for _, network := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"} {
			go func() { _, _ = q.hash(ctx, Queue{network: network}) }()
		}
		synctest.Wait()
		cancel()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(q.turns) != 0 || q.waiting != 0 || len(q.strange) != 0 {
			t.Errorf("%d networks, %d guessers and %d slots are left", len(q.turns), q.waiting, len(q.strange))
		}
	})
}
