package store

import (
	"context"
	"strconv"
	"time"

	"muban/wechat/ledger"
)

// RightsKeptDays is the setting of how long rights stay in the ledger after their seven days, in days.
const RightsKeptDays = "rights_kept_days"

// DefaultRightsKept is for how long rights are kept where RightsKeptDays is unset.
const DefaultRightsKept = 30 * 24 * time.Hour

// keepingBatch is how many rights one transaction closes or prunes, so that no send waits for long.
const keepingBatch = 500

// KeepRights closes the rights whose seven days are over, and removes those that have been over for longer
// than RightsKeptDays says. A right that a send holds is left alone, however old. It answers how many rights
// it touched, and goes on until there is nothing to do or ctx ends.
func (s *Store) KeepRights(ctx context.Context) (closed, pruned int, err error) {
	apps, err := many(ctx, s.readers, scan[int64], "SELECT id FROM apps")
	if err != nil {
		return 0, 0, err
	}
	kept, err := s.rightsKept(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, app := range apps {
		n, err := s.inBatches(ctx, func(t *tx) (int, error) { return t.closeExpired(app) })
		if closed += n; err != nil {
			return closed, pruned, err
		}
		n, err = s.inBatches(ctx, func(t *tx) (int, error) { return t.pruneRights(app, kept) })
		if pruned += n; err != nil {
			return closed, pruned, err
		}
	}
	return closed, pruned, nil
}

func (s *Store) rightsKept(ctx context.Context) (time.Duration, error) {
	value, err := s.Setting(ctx, RightsKeptDays)
	if days, bad := strconv.Atoi(value); bad == nil && days >= 0 {
		return time.Duration(days) * 24 * time.Hour, err
	}
	return DefaultRightsKept, err
}

// inBatches repeats a change until it touches less than a whole batch.
func (s *Store) inBatches(ctx context.Context, change func(*tx) (int, error)) (total int, err error) {
	for n := keepingBatch; n == keepingBatch; {
		err = s.write(ctx, func(t *tx) (err error) {
			n, err = change(t)
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// closeExpired counts a right on the day that it ended.
func (t *tx) closeExpired(app int64) (int, error) {
	ended, err := many(t.ctx, t, scanEnded, `UPDATE rights SET closed = 'expired' WHERE id IN
			(SELECT id FROM rights INDEXED BY `+areUsable+` WHERE app = ? AND usable = 1 AND expires_at <= ? AND held = 0 ORDER BY expires_at LIMIT ?)
		RETURNING expires_at, total - used`, app, millis(t.now), keepingBatch)
	if err != nil {
		return 0, err
	}
	t.countRights(app, ended...)
	return len(ended), nil
}

func (t *tx) pruneRights(app int64, kept time.Duration) (int, error) {
	gone, err := t.affect(`DELETE FROM rights WHERE id IN
		(SELECT id FROM rights WHERE app = ? AND expires_at <= ? AND held = 0 ORDER BY expires_at LIMIT ?)`,
		app, millis(t.now.Add(-kept)), keepingBatch)
	return int(gone), err
}

// scanEnded reads when a right ended, and how many sends it had left.
func scanEnded(r row) (n ledger.DayCount, err error) {
	var at time.Time
	var left int
	err = r.Scan(instant{&at}, &left)
	return ledger.DayCount{Day: ledger.DayOf(at), Expired: 1, Ending: -left}, err
}
