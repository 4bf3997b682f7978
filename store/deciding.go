package store

import (
	"context"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// DecideSend notes what a person found out about a send whose outcome is unknown: that it arrived, which
// uses its right, or that it did not, which frees it (faults.md 18). The outcome stays what it was.
// ErrConflict when the outcome is known or somebody has decided.
func (s *Store) DecideSend(ctx context.Context, by Actor, app, id int64, arrived bool) error {
	return s.write(ctx, func(t *tx) error {
		x, err := one(t.ctx, t, scanSend, "SELECT "+sendColumns+" FROM sends WHERE app = ? AND id = ?", app, id)
		if err != nil {
			return err
		}
		if !x.Undecided() {
			return ErrConflict
		}
		x.Decision, x.DecidedByName, x.DecidedAt = dispatch.NotArrived, by.Name, t.now
		if arrived {
			x.Decision = dispatch.Arrived
		}
		return t.decideSend(by, x)
	})
}

func (t *tx) decideSend(by Actor, x Send) error {
	holds, err := one(t.ctx, t, scan[bool], "SELECT holds FROM sends WHERE id = ?", x.ID)
	if err != nil {
		return err
	}
	if err := t.exec("UPDATE sends SET decision = ?, decided_by_name = ?, decided_at = ?, holds = 0 WHERE id = ?",
		x.Decision, x.DecidedByName, millis(x.DecidedAt), x.ID); err != nil {
		return err
	}
	if holds { // one from before the ledger may hold nothing
		if err := t.settle(x.App, x.FormID, ledger.Decided(x.Decision == dispatch.Arrived)); err != nil {
			return err
		}
	}
	return t.record(by, x.App, ActSendDecide, object("send", x.ID), map[string]string{"decision": x.Decision})
}
