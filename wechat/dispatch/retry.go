package dispatch

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/ledger"
)

// ask calls WeChat, and again where it is certain that nothing was sent: while a new payment may not have settled
// (41028), and where another message to the same openid was under way (43108).
func (all *Deliveries) ask(ctx context.Context, sender WeChat, s Send, m wechat.Message, under ledger.Allowance) Send {
	start := time.Now()
	for {
		msgID, err := attempt(ctx, sender, m)
		s.Attempts, s.MsgID = s.Attempts+1, msgID
		s.record(err, time.Since(start))
		if s.Reason != "" && s.ErrCode == 0 { // of which the record keeps the reason alone
			all.log().Info("WeChat gave no answer to a send", "send", s.ID, "reason", s.Reason, "err", err)
		}
		again := errors.Is(err, wechat.ErrFormID) && all.pause(under.SettlesAt()) ||
			errors.Is(err, wechat.ErrConcurrent) && s.Attempts < concurrentTries && all.rest(concurrentStep)
		if !again {
			return s
		}
	}
}

func attempt(ctx context.Context, sender WeChat, m wechat.Message) (msgID string, err error) {
	ctx, cancel := context.WithTimeout(ctx, ledger.Patience)
	defer cancel()
	return sender.Send(ctx, m)
}

// How often, and how far apart, a message is tried that WeChat refuses because of another one to the same openid. No
// source says how long that lasts: assumed.
const (
	concurrentTries = 4
	concurrentStep  = time.Second
)

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
