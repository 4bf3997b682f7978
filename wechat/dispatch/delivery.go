package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

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
	done  chan struct{} // closed when there is an outcome, or will never be one

	answer sync.Once // closes done
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
	d.answered()
}

func (d *delivery) answered() { d.answer.Do(func() { close(d.done) }) }

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
	s, under, err := d.begin(ctx, by, m)
	d.note(s, err)
	close(d.begun)
	if err != nil || s.Replayed {
		return
	}
	if under.Sort() == ledger.OfRight { // which the message names
		m.FormID = s.FormID
	}
	s = all.ask(ctx, by.WeChat, s, m, under)
	d.write(ctx, all, by.Journal, s)
}

// Between two tries to write an outcome: twice as long each time, up to the last.
const (
	firstRewrite = time.Second
	lastRewrite  = 30 * time.Second
)

// write puts the outcome into the journal. Where that fails, as on a full disk, the outcome is known here alone: its
// callers are answered with it, and it is written again until the journal takes it or the program stops.
func (d *delivery) write(ctx context.Context, all *Deliveries, j Journal, s Send) {
	pause := firstRewrite
	for {
		kept := s
		kept.Unrecorded = true
		d.note(kept, nil) // for callers that do not wait for a slow journal
		err := j.FinishSend(ctx, s)
		if err == nil {
			d.note(s, nil)
			return
		}
		if stored, lookErr := j.SendByKey(ctx, s.App, s.Key); lookErr == nil && stored.Outcome != Pending {
			d.note(stored, nil) // it was written all the same
			return
		}
		if s.FinishedAt.IsZero() {
			s.FinishedAt = all.now()
		}
		d.answered()
		all.log().Warn("outcome of a send not recorded, kept in memory", "send", s.ID, "outcome", s.Outcome, "err", err)
		if !all.rest(pause) {
			if err := j.FinishSend(ctx, s); err != nil {
				all.log().Error("outcome of a send lost", "send", s.ID, "outcome", s.Outcome, "err", err)
			}
			return
		}
		pause = min(2*pause, lastRewrite)
	}
}

// begin looks for the key before it looks at the message: the right of a send that is
// over is spent, and that is no reason to refuse its repetition.
func (d *delivery) begin(ctx context.Context, by Sender, m wechat.Message) (Send, ledger.Allowance, error) {
	switch known, err := by.Journal.SendByKey(ctx, d.asked.App, d.asked.Key); {
	case err == nil && known.BodyHash != d.asked.BodyHash:
		return Send{}, ledger.Allowance{}, ErrKeyReused
	case err == nil:
		known.Replayed = true
		return known, ledger.Allowance{}, nil
	}
	if by.Preflight != nil {
		if checks := by.Preflight.Check(ctx, d.asked, m); !Passes(checks) {
			return Send{}, ledger.Allowance{}, &Blocked{checks}
		}
	}
	s, under, err := by.Journal.BeginSend(ctx, d.asked)
	if errors.Is(err, ErrReplayed) { // by another process
		s.Replayed, err = true, nil
	}
	return s, under, err
}
