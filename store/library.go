package store

import (
	"context"
	"encoding/json"
	"errors"

	"muban/wechat"
	"muban/wechat/library"
)

// The store keeps every app's mirror.
var _ library.Store = (*Store)(nil)

// StartSync asks for a reading of the app's whole library, which the app's mirror does (library.Mirror.Wake).
// library.ErrRunning when one is under way.
func (s *Store) StartSync(ctx context.Context, by Actor, app int64) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.startSync(by.Name, app); err != nil {
			return err
		}
		return t.record(by, app, ActLibrarySync, object("app", app), nil)
	})
}

// StartDailySync is StartSync without a person.
func (s *Store) StartDailySync(ctx context.Context, app int64) error {
	return s.write(ctx, func(t *tx) error { return t.startSync("", app) })
}

func (t *tx) startSync(by string, app int64) error {
	err := t.exec("INSERT INTO library_syncs (app, by_name, started_at, outcome) VALUES (?, ?, ?, 'running')", app, by, millis(t.now))
	if errors.Is(err, ErrTaken) {
		return library.ErrRunning
	}
	return err
}

// CancelSync ends the sync under way; the mirror stays as it is. library.ErrEnded when there is none.
func (s *Store) CancelSync(ctx context.Context, by Actor, app int64) error {
	return s.write(ctx, func(t *tx) error {
		id, err := one(t.ctx, t, scan[int64], "SELECT id FROM library_syncs WHERE app = ? AND outcome = 'running'", app)
		if err != nil {
			return ended(err)
		}
		if err := t.endSync(id, app, library.Cancelled, library.Report{}); err != nil {
			return err
		}
		return t.record(by, app, ActLibraryCancel, object("app", app), nil)
	})
}

// SetDailySync has the library read once a day, or no more.
func (s *Store) SetDailySync(ctx context.Context, by Actor, app int64, on bool) error {
	return s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT INTO library_mirrors (app, daily) VALUES (?, ?)
			ON CONFLICT (app) DO UPDATE SET daily = excluded.daily`, app, on)
		if err != nil {
			return err
		}
		return t.record(by, app, ActLibraryDaily, object("app", app), map[string]bool{"on": on})
	})
}

// Syncs answers the latest syncs of an app that ended, the newest first: library.SyncsKept at the most.
func (s *Store) Syncs(ctx context.Context, app int64) ([]library.Sync, error) {
	return many(ctx, s.readers, scanSync, "SELECT "+syncColumns+` FROM library_syncs
		WHERE app = ? AND outcome <> 'running' ORDER BY id DESC LIMIT ?`, app, library.SyncsKept)
}

// SyncChanges answers what a complete sync of the app found changed, in the order of the library, titles
// that are gone at the end.
func (s *Store) SyncChanges(ctx context.Context, app, sync int64) ([]library.Change, error) {
	return many(ctx, s.readers, scanChange, `SELECT kind, title_id, title, keyword, name, before, after FROM library_changes
		WHERE sync = (SELECT id FROM library_syncs WHERE id = ? AND app = ?) ORDER BY n`, sync, app)
}

// LibraryTitles are those of the last complete sync, in WeChat's order.
func (s *Store) LibraryTitles(ctx context.Context, app int64) ([]wechat.Title, error) {
	return many(ctx, s.readers, scanTitle, "SELECT title_id, text, keywords FROM library_titles WHERE app = ? ORDER BY place, title_id", app)
}

// LibraryOrders says what an app's mirror has to do.
func (s *Store) LibraryOrders(ctx context.Context, app int64) (library.Orders, error) {
	none := library.Orders{}
	o, err := one(ctx, s.readers, scanOrders, `SELECT coalesce(good, 0), coalesce(ended_at, 0), daily
		FROM library_mirrors LEFT JOIN library_syncs ON id = good WHERE library_mirrors.app = ?`, app)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return none, err
	}
	o.Last, err = one(ctx, s.readers, scanSync, "SELECT "+syncColumns+" FROM library_syncs WHERE app = ? ORDER BY id DESC LIMIT 1", app)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return none, err
	}
	return o, nil
}

const syncColumns = `id, app, by_name, started_at, ended_at, outcome, pass, next, total, over, changed,
	titles, keywords, missing, unsettled, err_code, reason, err, counts`

func scanSync(r row) (x library.Sync, err error) {
	p := &x.Pass
	err = r.Scan(&x.ID, &x.App, &x.By, instant{&x.StartedAt}, instant{&x.EndedAt}, &x.Outcome,
		&p.Number, &p.Next, &p.Total, &p.Over, &p.Changed,
		&x.Titles, &x.Keywords, fromJSON{&x.Missing}, &x.Unsettled, &x.ErrCode, &x.Reason, &x.Err, fromJSON{&x.Counts})
	return x, err
}

func scanOrders(r row) (o library.Orders, err error) {
	err = r.Scan(&o.Good, instant{&o.Read}, &o.Daily)
	return o, err
}

func scanTitle(r row) (x wechat.Title, err error) {
	err = r.Scan(&x.ID, &x.Text, fromJSON{&x.Keywords})
	return x, err
}

func scanChange(r row) (c library.Change, err error) {
	err = r.Scan(&c.What, &c.TitleID, &c.Title, &c.Keyword, &c.Name, &c.Before, &c.After)
	return c, err
}

// fromJSON lets Scan fill a value from its JSON text.
type fromJSON struct{ value any }

func (j fromJSON) Scan(v any) error {
	switch text := v.(type) {
	case string:
		return json.Unmarshal([]byte(text), j.value)
	case []byte:
		return json.Unmarshal(text, j.value)
	}
	return errors.New("store: JSON that is not a text in the database")
}

// ended puts the library's word for a sync that is not under way.
func ended(err error) error {
	if errors.Is(err, ErrNotFound) {
		return library.ErrEnded
	}
	return err
}
