package store

import (
	"context"
	"errors"
)

// Simulation keeps the state of the simulated WeChat where several machines serve it (sandbox.Shared).
type Simulation struct{ store *Store }

// Simulation is nil where one machine has the database: there the state is a file.
func (s *Store) Simulation() *Simulation {
	if !s.db.Shared() {
		return nil
	}
	return &Simulation{s}
}

// Take has the turn to write until giveBack is called, so that nothing else may be written in between by who calls it.
func (x *Simulation) Take(version int64) (state []byte, newest int64, giveBack func(state []byte)) {
	taken := &taking{newest: version, ready: make(chan struct{}), back: make(chan []byte, 1), done: make(chan struct{})}
	go taken.run(x.store)
	<-taken.ready
	return taken.state, taken.newest, func(state []byte) {
		taken.back <- state
		<-taken.done
	}
}

type taking struct {
	state       []byte
	newest      int64
	next        []byte
	ready, done chan struct{}
	back        chan []byte
	given       bool // back to us
}

func (k *taking) run(s *Store) {
	defer close(k.done)
	err := s.write(context.Background(), func(t *tx) error {
		if !k.given { // a change may run more than once
			if err := k.load(t); err != nil {
				return err
			}
			k.lend()
		}
		if k.next == nil {
			return nil
		}
		return t.exec(`INSERT INTO simulation (id, version, state) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state`, k.newest+1, k.next)
	})
	if !k.given {
		k.lend()
	}
	if err != nil {
		s.log.Error("the sandbox's state was not shared with other machines", "err", err)
	}
}

// lend waits for giveBack.
func (k *taking) lend() {
	close(k.ready)
	k.next, k.given = <-k.back, true
}

func (k *taking) load(t *tx) error {
	type kept struct {
		version int64
		state   []byte
	}
	row, err := one(t.ctx, t, func(r row) (x kept, err error) {
		err = r.Scan(&x.version, &x.state)
		return x, err
	}, "SELECT version, state FROM simulation WHERE version > ?", k.newest)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		k.newest, k.state = row.version, row.state
	}
	return err
}
