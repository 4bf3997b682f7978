// Package dispatch sends one message once: it looks at it, reserves the right that
// allows it, asks WeChat, and records how it ended, whatever happens to the caller in
// between.
package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"muban/wechat"
)

// Deliveries sends messages. The zero value is ready; one serves every app.
type Deliveries struct {
	Now   func() time.Time                       // time.Now; the clock that rights are reported by
	After func(d time.Duration) <-chan time.Time // time.After
	Log   *slog.Logger                           // discards when nil

	mu       sync.Mutex
	underWay map[sendKey]*delivery
	closing  chan struct{} // nil before the first delivery, closed by Close
	running  sync.WaitGroup
}

// Sender is what a send goes through.
type Sender struct {
	Journal   Journal
	WeChat    WeChat
	Preflight *Preflight // nil: nothing is looked at
}

// Send sends m once under s.Key, as a message of s.Kind, under the right that m.FormID
// names or the openid's oldest usable allowance where that is empty. A second call with the same key and body, at
// the same time or later, sends nothing and answers the first one's record, Replayed;
// with another body it answers ErrKeyReused. A zero s.BodyHash is that of m.
//
// The outcome is in the record. An error means that nothing was sent: *Blocked when a
// check failed, *ledger.Refusal when the right allows nothing. Where the journal cannot
// take the outcome, the record is Unrecorded: it is kept here and written until the
// journal takes it.
//
// Once begun, a send goes on when ctx ends, and what answers then is the record as it
// stands, Pending: a person who leaves the page does not leave WeChat's answer
// unrecorded, and nobody has to wait for a payment to settle.
func (all *Deliveries) Send(ctx context.Context, by Sender, s Send, m wechat.Message) (Send, error) {
	s = s.Of(m)
	d, first := all.join(s)
	if first {
		all.running.Go(func() {
			defer all.leave(d)
			d.run(context.WithoutCancel(ctx), all, by, m)
		})
	}
	return d.wait(ctx, s, first)
}

// Latest is a record with the outcome that its journal could not take yet.
func (all *Deliveries) Latest(s Send) Send {
	all.mu.Lock()
	d := all.underWay[sendKey{s.App, s.Key}]
	all.mu.Unlock()
	if d != nil && s.Outcome == Pending {
		if kept, _ := d.stands(); kept.Unrecorded {
			return kept
		}
	}
	return s
}

// Close lets no send ask again, and returns once every one under way is recorded, or
// could not be at the last try.
func (all *Deliveries) Close() {
	all.mu.Lock()
	if all.closing == nil {
		all.closing = make(chan struct{})
	}
	select {
	case <-all.closing:
	default:
		close(all.closing)
	}
	all.mu.Unlock()
	all.running.Wait()
}

func (all *Deliveries) now() time.Time {
	if all.Now == nil {
		return time.Now()
	}
	return all.Now()
}

func (all *Deliveries) log() *slog.Logger {
	if all.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return all.Log
}
