package store

import (
	"context"
	"time"

	"muban/wechat/ledger"
)

// SendCount is how many sends of one template ended in one way on one day of WeChat's calendar.
type SendCount struct {
	Day                 ledger.Day
	TemplateID, Outcome string
	ErrCode             int
	Sends               int
	Calls               int // of send: more than Sends where a payment had to settle
}

// countSend notes how a send ended. What it counts is never taken back: a later decision about an unknown
// send changes no outcome.
func (t *tx) countSend(x Send) error {
	return t.exec(`INSERT INTO send_days (app, day, template_id, outcome, err_code, sends, calls) VALUES (?, ?, ?, ?, ?, 1, ?)
		ON CONFLICT (app, day, template_id, outcome, err_code) DO UPDATE SET sends = sends + 1, calls = calls + excluded.calls`,
		x.App, ledger.DayOf(t.now), x.TemplateID, x.Outcome, x.ErrCode, x.Attempts)
}

// SendCounts answers the counts of an app for each day since one, the oldest first.
func (s *Store) SendCounts(ctx context.Context, app int64, since time.Time) ([]SendCount, error) {
	return many(ctx, s.readers, scanSendCount, `SELECT day, template_id, outcome, err_code, sends, calls FROM send_days
		WHERE app = ? AND day >= ? ORDER BY day, template_id, outcome, err_code`, app, ledger.DayOf(since))
}

// SendTotals answers how many sends ended how, ever: by app, then by outcome.
func (s *Store) SendTotals(ctx context.Context) (map[int64]map[string]int64, error) {
	type total struct {
		app     int64
		outcome string
		n       int64
	}
	read := func(r row) (x total, err error) {
		err = r.Scan(&x.app, &x.outcome, &x.n)
		return x, err
	}
	list, err := many(ctx, s.readers, read, "SELECT app, outcome, sum(sends) FROM send_days GROUP BY app, outcome")
	totals := map[int64]map[string]int64{}
	for _, x := range list {
		if totals[x.app] == nil {
			totals[x.app] = map[string]int64{}
		}
		totals[x.app][x.outcome] = x.n
	}
	return totals, err
}

// CallsToday is how much of WeChat's daily quota of sends an app has used, as far as we know: others may
// call with the same account.
func (s *Store) CallsToday(ctx context.Context, app int64) (int, error) {
	return one(ctx, s.readers, scan[int], "SELECT coalesce(sum(calls), 0) FROM send_days WHERE app = ? AND day = ?",
		app, ledger.DayOf(s.now()))
}

func scanSendCount(r row) (n SendCount, err error) {
	err = r.Scan(&n.Day, &n.TemplateID, &n.Outcome, &n.ErrCode, &n.Sends, &n.Calls)
	return n, err
}
