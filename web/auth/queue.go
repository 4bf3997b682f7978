package auth

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// errBusy turns a guess away that would have to wait behind too many others.
var errBusy = errors.New("auth: too many guesses are being judged")

// Queue is where the hashing of a guess waits: with those from known places, or behind its own network among the
// strangers. The zero value is a stranger's without an address.
type Queue struct {
	known   bool
	network string
}

// Known is the queue of what no stranger can ask for.
var Known = Queue{known: true}

// queues bound how many passwords are hashed at a time: each takes 19 MiB and a processor for a while, and a sign-in
// page is open to everybody. Strangers have their own slots, so that who is known never waits behind them, and each
// network of theirs has one turn, so that a hundred guessers on one wait behind each other alone.
type queues struct {
	known, strange chan struct{}

	mu      sync.Mutex
	turns   map[string]*turn // by network
	waiting int              // strangers, at work or in line
}

// turn is one network's.
type turn struct {
	one   chan struct{}
	users int
}

const (
	knownAtOnce = 4
	strangeMost = 32 // in line; more are told to come again
)

func newQueues() *queues {
	// Half of the processors stay free for those who are known.
	return &queues{
		known: make(chan struct{}, knownAtOnce), strange: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		turns: map[string]*turn{},
	}
}

// enter waits for a slot and answers how to leave it. errBusy where the line is too long; the error is ctx's else.
func (q *queues) enter(ctx context.Context, at Queue) (leave func(), err error) {
	if at.known {
		if err := take(ctx, q.known); err != nil {
			return nil, err
		}
		return func() { <-q.known }, nil
	}
	own, err := q.join(at.network)
	if err != nil {
		return nil, err
	}
	if err := take(ctx, own.one); err != nil {
		q.part(at.network)
		return nil, err
	}
	if err := take(ctx, q.strange); err != nil {
		<-own.one
		q.part(at.network)
		return nil, err
	}
	return func() {
		<-q.strange
		<-own.one
		q.part(at.network)
	}, nil
}

func take(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queues) join(network string) (*turn, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == strangeMost {
		return nil, errBusy
	}
	q.waiting++
	if q.turns[network] == nil {
		q.turns[network] = &turn{one: make(chan struct{}, 1)}
	}
	own := q.turns[network]
	own.users++
	return own, nil
}

func (q *queues) part(network string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting--
	if own := q.turns[network]; own.users == 1 {
		delete(q.turns, network)
	} else {
		own.users--
	}
}
