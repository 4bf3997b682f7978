// Package dispatch sends one message once: it looks at it, reserves the right that
// allows it, asks WeChat, and records how it ended, whatever happens to the caller in
// between.
package dispatch

import (
	"context"
	"sync"
	"time"

	"muban/wechat"
)

// Desk sends messages. The zero value is ready; one Desk serves every app.
type Desk struct {
	Now   func() time.Time                       // time.Now; the clock that rights are reported by
	After func(d time.Duration) <-chan time.Time // time.After

	mu      sync.Mutex
	flights map[ticket]*flight
	closing chan struct{} // nil before the first flight, closed by Close
	flying  sync.WaitGroup
}

// Line is what a send goes through.
type Line struct {
	Journal   Journal
	Sender    Sender
	Preflight *Preflight // nil: nothing is looked at
}

// Send sends m once under s.Key, under the right that m.FormID names or the openid's
// oldest usable one where that is empty. A second call with the same key and body, at
// the same time or later, sends nothing and answers the first one's record, Replayed
// (faults.md 16); with another body it answers ErrKeyReused. A zero s.BodyHash is that
// of m.
//
// The outcome is in the record. An error means that nothing was sent, or that the
// record could not be written: *Blocked when a check failed, *ledger.Refusal when the
// right allows nothing (faults.md 17).
//
// Once begun, a send goes on when ctx ends, and what answers then is the record as it
// stands, Pending: a person who leaves the page does not leave WeChat's answer
// unrecorded (faults.md 18, 19), and nobody has to wait for a payment to settle.
func (d *Desk) Send(ctx context.Context, l Line, s Send, m wechat.Message) (Send, error) {
	s, err := s.Of(m)
	if err != nil {
		return s, err
	}
	f, first := d.depart(s)
	if first {
		d.flying.Go(func() {
			defer d.land(f)
			f.fly(context.WithoutCancel(ctx), d, l, m)
		})
	}
	return f.watch(ctx, s, first)
}

// Close lets no send ask again, and returns once every one under way is recorded.
func (d *Desk) Close() {
	d.mu.Lock()
	if d.closing == nil {
		d.closing = make(chan struct{})
	}
	select {
	case <-d.closing:
	default:
		close(d.closing)
	}
	d.mu.Unlock()
	d.flying.Wait()
}
