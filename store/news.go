package store

import (
	"context"
	"errors"

	"muban/wechat/alert"
)

// News is what the channels are told of a draft, or of an app's rights.
type News struct {
	Change alert.Change
	App    int64
	Draft  Draft
	By     string // who did it, "" for the console itself
	Reason string // the first, of a draft that was sent back
	Count  int    // of users who lose their last right
}

// TellBy sets who puts news into the words of a notice, as alert.Notice encodes one. Before, nobody is told of any.
func (s *Store) TellBy(describe func(News) []byte) { s.describe.Store(&describe) }

// news queues what is told of a draft.
func (t *tx) news(n News) error {
	if t.describe == nil {
		return nil
	}
	return t.tell(n.App, n.Change, "", func() []byte { return t.describe(n) })
}

// TellOfRights queues the news that so many users of an app lose their last right within a day, once a day: told is
// false where somebody was quicker. day is that of Beijing's calendar, since 1970-01-01.
func (s *Store) TellOfRights(ctx context.Context, app int64, day, count int) (told bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		told = false
		_, err := one(t.ctx, t, scan[int64], `INSERT INTO told_days (app, day) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING day`,
			app, day)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		told = true
		if err := t.exec("DELETE FROM told_days WHERE app = ? AND day < ?", app, day-7); err != nil {
			return err
		}
		return t.news(News{Change: alert.RightsEnding, App: app, Count: count})
	})
	return told, err
}

// RightsTold tells whether TellOfRights was called for the day.
func (s *Store) RightsTold(ctx context.Context, app int64, day int) (bool, error) {
	n, err := one(ctx, s.readers, scan[int], "SELECT count(*) FROM told_days WHERE app = ? AND day = ?", app, day)
	return n > 0, err
}
