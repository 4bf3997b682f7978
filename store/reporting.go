package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat/ledger"
)

// Receipt is what became of one reported right.
type Receipt struct {
	Right   Right           // as it stands in the ledger, or as it was reported
	Known   bool            // it was there already, and is as it was
	Cleaned bool            // a "prepay_id=" was taken off its id
	Refused *ledger.Refusal // nil: it is in the ledger
}

// ReportRights takes rights into the ledger, all that are good of them in one transaction, and answers for
// each in its order what became of it. It is idempotent by id: a second report of the same openid's changes
// nothing.
func (s *Store) ReportRights(ctx context.Context, by Actor, app int64, reports []ledger.Report) (receipts []Receipt, err error) {
	err = s.write(ctx, func(t *tx) error {
		receipts, err = t.reportRights(by, app, reports)
		return err
	})
	return receipts, err
}

func (t *tx) reportRights(by Actor, app int64, reports []ledger.Report) ([]Receipt, error) {
	receipts := make([]Receipt, len(reports))
	tally := map[string]int{}
	for i, p := range reports {
		var err error
		if receipts[i], err = t.reportRight(app, p); err != nil {
			return nil, err
		}
		tally[receipts[i].result()]++
	}
	if err := t.countRights(app, ledger.DayCount{Reported: tally["new"]}); err != nil {
		return nil, err
	}
	return receipts, t.record(by, app, ActRightReport, "", tally)
}

// result is the receipt in a word.
func (r Receipt) result() string {
	switch {
	case r.Refused != nil:
		return "refused"
	case r.Known:
		return "known"
	}
	return "new"
}

func (t *tx) reportRight(app int64, p ledger.Report) (Receipt, error) {
	r, cleaned, err := ledger.Admit(app, p, stored(t.now))
	if err == nil {
		r, err = t.learnRight(r)
	}
	receipt := Receipt{Right: r, Cleaned: cleaned, Known: errors.Is(err, errKnown)}
	if errors.As(err, &receipt.Refused) || receipt.Known {
		err = nil
	}
	return receipt, err
}

var errKnown = errors.New("store: the right is in the ledger already")

// learnRight adds a right, or answers the one that is there with errKnown. Another openid's is refused.
func (t *tx) learnRight(r Right) (Right, error) {
	err := t.update(`INSERT INTO rights (app, right_id, kind, openid, total, made_at, reported_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app, right_id) DO NOTHING`,
		r.App, r.ID, r.Source, r.OpenID, r.Total, millis(r.MadeAt), millis(r.ReportedAt), millis(r.ExpiresAt))
	if err == nil || !errors.Is(err, ErrNotFound) {
		return r, err
	}
	known, err := right(t.ctx, t, r.App, r.ID)
	switch {
	case err != nil:
		return r, err
	case known.OpenID != r.OpenID:
		return r, &ledger.Refusal{Reason: ledger.Foreign, Right: r}
	}
	return known, errKnown
}

// countRights adds to what is counted of an app's rights today.
func (t *tx) countRights(app int64, n ledger.DayCount) error {
	return t.countRightsOn(ledger.DayOf(t.now), app, n)
}

func (t *tx) countRightsOn(day ledger.Day, app int64, n ledger.DayCount) error {
	if n == (ledger.DayCount{}) {
		return nil
	}
	return t.exec(`INSERT INTO right_days (app, day, reported, used, spent, expired, rejected) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (app, day) DO UPDATE SET reported = reported + excluded.reported, used = used + excluded.used,
			spent = spent + excluded.spent, expired = expired + excluded.expired, rejected = rejected + excluded.rejected`,
		app, day, n.Reported, n.Used, n.Spent, n.Expired, n.Rejected)
}

// RightDays answers what became of an app's rights on each day since one, the oldest first. A day without
// anything is left out.
func (s *Store) RightDays(ctx context.Context, app int64, since time.Time) ([]ledger.DayCount, error) {
	return many(ctx, s.readers, scanTally, `SELECT day, reported, used, spent, expired, rejected FROM right_days
		WHERE app = ? AND day >= ? ORDER BY day`, app, ledger.DayOf(since))
}

func scanTally(r row) (n ledger.DayCount, err error) {
	err = r.Scan(&n.Day, &n.Reported, &n.Used, &n.Spent, &n.Expired, &n.Rejected)
	return n, err
}
