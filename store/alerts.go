package store

import (
	"context"
	"errors"
	"time"

	"muban/wechat/alert"
)

// Alert is one condition that people are told of, while it lasts and afterwards.
type Alert = alert.Alert

// RaisedAlerts answers those that are not cleared, oldest first, of apps at work. With RaiseAlert and ClearAlert it is
// the alert.Board.
func (s *Store) RaisedAlerts(ctx context.Context) ([]Alert, error) {
	return many(ctx, s.readers, scanAlert, alertQuery+" WHERE cleared_at = 0 AND apps.archived_at = 0 ORDER BY alerts.id")
}

// PastAlerts answers one page of an app's, the newest first, and how many there are in all; app 0 is all apps.
// Count 0 means 20.
func (s *Store) PastAlerts(ctx context.Context, app int64, offset, count int) ([]Alert, int, error) {
	l := list[Alert]{
		columns: alertColumns, table: "alerts JOIN apps ON apps.id = alerts.app", order: "alerts.id DESC", scan: scanAlert,
		offset: offset, count: count,
	}
	andSet(&l.where, "alerts.app", app)
	return l.read(ctx, s.readers)
}

// RaiseAlert is no person's act and so no activity.
func (s *Store) RaiseAlert(ctx context.Context, a Alert, notice func(Alert) []byte) (raised bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		id, err := t.insert(`INSERT INTO alerts (cause, app, detail, raised_at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, string(a.Cause), a.App.ID, a.Detail, millis(t.now))
		if raised = err == nil; errors.Is(err, ErrNotFound) {
			return nil // it is raised already
		}
		if err != nil {
			return err
		}
		return t.notify(id, alert.Raised, notice)
	})
	return raised, err
}

// ClearAlert is no person's act either.
func (s *Store) ClearAlert(ctx context.Context, cause alert.Cause, app int64,
	notice func(Alert) []byte) (cleared bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		id, err := t.insert("UPDATE alerts SET cleared_at = ? WHERE cause = ? AND app = ? AND cleared_at = 0 RETURNING id",
			millis(t.now), string(cause), app)
		if cleared = err == nil; errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return t.notify(id, alert.Cleared, notice)
	})
	return cleared, err
}

// PruneAlerts forgets what was cleared, and delivered or given up, before.
func (s *Store) PruneAlerts(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.exec("DELETE FROM alerts WHERE cleared_at > 0 AND cleared_at < ?", millis(before)); err != nil {
			return err
		}
		return t.exec("DELETE FROM deliveries WHERE next_at = 0 AND made_at < ?", millis(before))
	})
}

// notify queues a notice of the alert for the channels that are told of alerts.
func (t *tx) notify(id int64, change alert.Change, notice func(Alert) []byte) error {
	if notice == nil {
		return nil
	}
	a, err := one(t.ctx, t, scanAlert, alertQuery+" WHERE alerts.id = ?", id)
	if err != nil {
		return err
	}
	return t.tell(a.App.ID, change, a.Cause, func() []byte { return notice(a) })
}

const (
	alertColumns = "alerts.id, cause, apps.id, apps.app_id, apps.name, detail, raised_at, cleared_at"
	alertQuery   = "SELECT " + alertColumns + " FROM alerts JOIN apps ON apps.id = alerts.app"
)

func scanAlert(r row) (a Alert, err error) {
	err = r.Scan(&a.ID, &a.Cause, &a.App.ID, &a.App.AppID, &a.App.Name, &a.Detail, instant{&a.RaisedAt},
		instant{&a.ClearedAt})
	return a, err
}
