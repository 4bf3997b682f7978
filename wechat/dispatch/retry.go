package dispatch

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/ledger"
)

// ask calls WeChat, and again while a new payment may not have settled: a 41028 says
// for certain that nothing was sent.
func (all *Deliveries) ask(ctx context.Context, sender WeChat, s Send, m wechat.Message, right ledger.Right) Send {
	start := time.Now()
	for {
		err := attempt(ctx, sender, m)
		s.Attempts++
		s.record(err, time.Since(start))
		if s.Reason != "" && s.ErrCode == 0 { // of which the record keeps the reason alone
			all.log().Info("WeChat gave no answer to a send", "send", s.ID, "reason", s.Reason, "err", err)
		}
		if !errors.Is(err, wechat.ErrFormID) || !all.pause(right.SettlesAt()) {
			return s
		}
	}
}

func attempt(ctx context.Context, sender WeChat, m wechat.Message) error {
	ctx, cancel := context.WithTimeout(ctx, ledger.Patience)
	defer cancel()
	return sender.Send(ctx, m)
}

// settleStep is between two attempts under a new payment (practitioners repeat every 5 s).
const settleStep = 5 * time.Second

// pause waits for the next attempt, and tells whether there is one before until.
func (all *Deliveries) pause(until time.Time) bool {
	left := until.Sub(all.now())
	return left > 0 && all.rest(min(left, settleStep))
}

// rest waits, and tells whether it was not cut short by Close.
func (all *Deliveries) rest(d time.Duration) bool {
	after := all.After
	if after == nil {
		after = time.After
	}
	select {
	case <-after(d):
		return true
	case <-all.closing:
		return false
	}
}
