package dispatch

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/ledger"
)

// ask calls WeChat, and again while a new payment may not have settled: a 41028 says
// for certain that nothing was sent (faults.md 21).
func (d *Desk) ask(ctx context.Context, sender Sender, s Send, m wechat.Message, right ledger.Right) Send {
	start := time.Now()
	for {
		err := attempt(ctx, sender, m)
		s.Attempts++
		s.record(err, time.Since(start))
		if !errors.Is(err, wechat.ErrFormID) || !d.pause(right.SettlesAt()) {
			return s
		}
	}
}

func attempt(ctx context.Context, sender Sender, m wechat.Message) error {
	ctx, cancel := context.WithTimeout(ctx, ledger.Patience)
	defer cancel()
	return sender.Send(ctx, m)
}

// settleStep is between two attempts under a new payment (spec/field-notes: every 5 s).
const settleStep = 5 * time.Second

// pause waits for the next attempt, and tells whether there is one before until.
func (d *Desk) pause(until time.Time) bool {
	now, after := d.Now, d.After
	if now == nil {
		now = time.Now
	}
	if after == nil {
		after = time.After
	}
	left := until.Sub(now())
	if left <= 0 {
		return false
	}
	select {
	case <-after(min(left, settleStep)):
		return true
	case <-d.closing:
		return false
	}
}
