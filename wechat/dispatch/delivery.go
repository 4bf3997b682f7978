package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"muban/wechat"
	"muban/wechat/ledger"
)

// ticket is what two sends at a time cannot both have.
type ticket struct {
	app int64
	key string
}

// flight is one send under way, seen by everybody who asked for it.
type flight struct {
	asked Send
	begun chan struct{} // closed when the send stands as pending, or will not be made
	done  chan struct{} // closed when the send is recorded, or will never be

	mu     sync.Mutex
	record Send // zero before it is begun
	err    error
}

// depart tells whether this is the first send under its key just now.
func (d *Desk) depart(s Send) (f *flight, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f, ok := d.flights[ticket{s.App, s.Key}]; ok {
		return f, false
	}
	if d.flights == nil {
		d.flights = map[ticket]*flight{}
	}
	if d.closing == nil {
		d.closing = make(chan struct{})
	}
	f = &flight{asked: s, begun: make(chan struct{}), done: make(chan struct{})}
	d.flights[ticket{s.App, s.Key}] = f
	return f, true
}

func (d *Desk) land(f *flight) {
	if p := recover(); p != nil { // whoever asked hears of it; nobody else's request dies with it
		f.note(f.record, fmt.Errorf("dispatch: panic: %v\n%s", p, debug.Stack()))
	}
	d.mu.Lock()
	delete(d.flights, ticket{f.asked.App, f.asked.Key})
	d.mu.Unlock()
	close(f.done)
}

// watch answers the record when the send is over, or as it stands when ctx ends: but
// not before it is begun, as nobody could be told then whether it will be.
func (f *flight) watch(ctx context.Context, s Send, first bool) (Send, error) {
	if f.asked.BodyHash != s.BodyHash {
		return Send{}, ErrKeyReused
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		select {
		case <-f.begun:
		case <-f.done:
		}
	}
	record, err := f.standing()
	record.Replayed = record.Replayed || !first
	return record, err
}

func (f *flight) standing() (Send, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.record, f.err
}

func (f *flight) note(s Send, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.record, f.err = s, err
}

// fly takes the send from its checks to its record.
func (f *flight) fly(ctx context.Context, d *Desk, l Line, m wechat.Message) {
	s, right, err := f.begin(ctx, l, m)
	f.note(s, err)
	close(f.begun)
	if err != nil || s.Replayed {
		return
	}
	m.FormID = s.FormID
	s = d.ask(ctx, l.Sender, s, m, right)
	f.note(s, l.Journal.FinishSend(ctx, s))
}

// begin looks for the key before it looks at the message: the right of a send that is
// over is spent, and that is no reason to refuse its repetition.
func (f *flight) begin(ctx context.Context, l Line, m wechat.Message) (Send, ledger.Right, error) {
	switch known, err := l.Journal.SendByKey(ctx, f.asked.App, f.asked.Key); {
	case err == nil && known.BodyHash != f.asked.BodyHash:
		return Send{}, ledger.Right{}, ErrKeyReused
	case err == nil:
		known.Replayed = true
		return known, ledger.Right{}, nil
	}
	if l.Preflight != nil {
		if checks := l.Preflight.Check(ctx, f.asked.App, m); !Passes(checks) {
			return Send{}, ledger.Right{}, &Blocked{checks}
		}
	}
	s, right, err := l.Journal.BeginSend(ctx, f.asked)
	if errors.Is(err, ErrReplayed) { // by another process
		s.Replayed, err = true, nil
	}
	return s, right, err
}
