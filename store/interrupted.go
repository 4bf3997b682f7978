package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// interrupted is the reason of a send that has no outcome because its process died over it.
const interrupted = "interrupted"

// strayAfter is when a send that this process has begun, and does not know of, is one of which the answer of the
// database was lost.
const strayAfter = time.Minute

// closeInterruptedSends gives an outcome to the sends of processes that are no more, and to those that this process
// does not know it began. Whether WeChat accepted them nobody knows, so that is what they say.
func (s *Store) closeInterruptedSends(ctx context.Context) error {
	processes, err := many(ctx, s.readers, scan[int64], "SELECT DISTINCT process FROM sends WHERE outcome = 'pending'")
	if err != nil {
		return err
	}
	dead, err := s.process.Dead(ctx, processes)
	if err != nil {
		return err
	}
	for _, id := range dead {
		if err := s.write(ctx, func(t *tx) error { return t.closeSends("process = ?", id) }); err != nil {
			return err
		}
	}
	return s.closeStraySends(ctx)
}

func (s *Store) closeStraySends(ctx context.Context) error {
	mine, err := many(ctx, s.readers, scan[int64], "SELECT id FROM sends WHERE outcome = 'pending' AND process = ? AND created_at < ?",
		s.process.ID(), millis(s.now().Add(-strayAfter)))
	if err != nil {
		return err
	}
	for _, id := range mine {
		if _, known := s.begun.Load(id); known {
			continue
		}
		if err := s.write(ctx, func(t *tx) error { return t.closeSends("id = ?", id) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) closeSends(which string, arg int64) error {
	sends, err := many(t.ctx, t, scanSend, "SELECT "+sendColumns+" FROM sends WHERE outcome = 'pending' AND "+which, arg)
	if err != nil {
		return err
	}
	for _, x := range sends {
		x.Outcome, x.Reason = dispatch.Unknown, interrupted
		if err := t.finishSend(Actor{}, x, ActSendInterrupted); err != nil {
			return err
		}
	}
	return nil
}

// takeBackInterruption makes a send pending again whose process was taken for dead, and has the answer after all: it
// was cut off from the database for long. What somebody has decided meanwhile stays.
func (t *tx) takeBackInterruption(x Send) (taken bool, err error) {
	at, err := one(t.ctx, t, scan[int64], `UPDATE sends SET outcome = 'pending' WHERE app = ? AND id = ? AND outcome = 'unknown'
		AND reason = ? AND decision = '' RETURNING finished_at`, x.App, x.ID, interrupted)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, t.uncountSend(x, fromMillis(at))
}

// uncountSend takes back what countSend has counted of an unknown send that ended then.
func (t *tx) uncountSend(x Send, at time.Time) error {
	err := t.exec("UPDATE send_hours SET sends = sends - 1 WHERE app = ? AND hour = ? AND outcome = 'unknown' AND message_kind = ?",
		x.App, hourOf(at), x.Kind)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE send_days SET sends = sends - 1
		WHERE app = ? AND day = ? AND template_id = ? AND outcome = 'unknown' AND err_code = 0`, x.App, ledger.DayOf(at), x.TemplateID)
}
