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

// sendKey is what two sends at a time cannot both have.
type sendKey struct {
	app int64
	key string
}

// delivery is one send under way, seen by everybody who asked for it.
type delivery struct {
	asked Send
	begun chan struct{} // closed when the send stands as pending, or will not be made
	done  chan struct{} // closed when the send is recorded, or will never be

	mu     sync.Mutex
	record Send // zero before it is begun
	err    error
}

// join tells whether this is the first send under its key just now.
func (all *Deliveries) join(s Send) (d *delivery, first bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if d, ok := all.underWay[sendKey{s.App, s.Key}]; ok {
		return d, false
	}
	if all.underWay == nil {
		all.underWay = map[sendKey]*delivery{}
	}
	if all.closing == nil {
		all.closing = make(chan struct{})
	}
	d = &delivery{asked: s, begun: make(chan struct{}), done: make(chan struct{})}
	all.underWay[sendKey{s.App, s.Key}] = d
	return d, true
}

func (all *Deliveries) leave(d *delivery) {
	if p := recover(); p != nil { // its callers hear of it; no other send ends with it
		d.note(d.record, fmt.Errorf("dispatch: panic: %v\n%s", p, debug.Stack()))
	}
	all.mu.Lock()
	delete(all.underWay, sendKey{d.asked.App, d.asked.Key})
	all.mu.Unlock()
	close(d.done)
}

// wait answers the record when the send is over, or as it stands when ctx ends: but
// not before it is begun, as nobody could be told then whether it will be.
func (d *delivery) wait(ctx context.Context, s Send, first bool) (Send, error) {
	if d.asked.BodyHash != s.BodyHash {
		return Send{}, ErrKeyReused
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		select {
		case <-d.begun:
		case <-d.done:
		}
	}
	record, err := d.stands()
	record.Replayed = record.Replayed || !first
	return record, err
}

func (d *delivery) stands() (Send, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.record, d.err
}

func (d *delivery) note(s Send, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.record, d.err = s, err
}

// run takes the send from its checks to its record.
func (d *delivery) run(ctx context.Context, all *Deliveries, by Sender, m wechat.Message) {
	s, right, err := d.begin(ctx, by, m)
	d.note(s, err)
	close(d.begun)
	if err != nil || s.Replayed {
		return
	}
	m.FormID = s.FormID
	s = all.ask(ctx, by.WeChat, s, m, right)
	d.note(s, by.Journal.FinishSend(ctx, s))
}

// begin looks for the key before it looks at the message: the right of a send that is
// over is spent, and that is no reason to refuse its repetition.
func (d *delivery) begin(ctx context.Context, by Sender, m wechat.Message) (Send, ledger.Right, error) {
	switch known, err := by.Journal.SendByKey(ctx, d.asked.App, d.asked.Key); {
	case err == nil && known.BodyHash != d.asked.BodyHash:
		return Send{}, ledger.Right{}, ErrKeyReused
	case err == nil:
		known.Replayed = true
		return known, ledger.Right{}, nil
	}
	if by.Preflight != nil {
		if checks := by.Preflight.Check(ctx, d.asked.App, m); !Passes(checks) {
			return Send{}, ledger.Right{}, &Blocked{checks}
		}
	}
	s, right, err := by.Journal.BeginSend(ctx, d.asked)
	if errors.Is(err, ErrReplayed) { // by another process
		s.Replayed, err = true, nil
	}
	return s, right, err
}
