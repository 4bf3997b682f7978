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
	err := t.exec("INSERT INTO library_syncs (app, by_name, started_at, outcome) VALUES (?, ?, ?, 'running')", app, by,
		millis(t.now))
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
	return many(ctx, s.readers, scanChange, `SELECT what, title_id, title, keyword, name, before, after FROM library_changes
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

// StagedTitles are what a sync under way has read so far.
func (s *Store) StagedTitles(ctx context.Context, sync int64) ([]library.Staged, error) {
	return many(ctx, s.readers, scanStaged,
		"SELECT title_id, text, keywords, place, pass, refused FROM library_staged WHERE sync = ?", sync)
}

func scanStaged(r row) (x library.Staged, err error) {
	err = r.Scan(&x.ID, &x.Text, fromJSON{&x.Keywords}, &x.Place, &x.Pass, fromJSON{&x.Refused})
	return x, err
}

// StageTitles keeps what a sync has just read, so that a restart goes on from there.
func (s *Store) StageTitles(ctx context.Context, sync int64, p library.Pass, titles []library.Staged,
	gone []string) error {
	return s.write(ctx, func(t *tx) error {
		err := t.update(`UPDATE library_syncs SET pass = ?, next = ?, total = ?, over = ?, changed = ?
			WHERE id = ? AND outcome = 'running'`, p.Number, p.Next, p.Total, p.Over, p.Changed, sync)
		if err != nil {
			return ended(err)
		}
		for _, x := range titles {
			if err := t.stage(sync, x); err != nil {
				return err
			}
		}
		for _, id := range gone {
			if err := t.exec("DELETE FROM library_staged WHERE sync = ? AND title_id = ?", sync, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) stage(sync int64, x library.Staged) error {
	keywords, err := json.Marshal(x.Keywords)
	if err != nil {
		return err
	}
	refused, err := json.Marshal(x.Refused)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO library_staged (sync, title_id, text, keywords, place, pass, refused)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sync, title_id) DO UPDATE SET text = excluded.text,
			keywords = excluded.keywords, place = excluded.place, pass = excluded.pass, refused = excluded.refused`, sync, x.ID, x.Text, string(keywords), x.Place, x.Pass, string(refused))
}

// EndSync makes what a complete sync staged the mirror, in one transaction; a failed one leaves the mirror.
func (s *Store) EndSync(ctx context.Context, sync int64, outcome string, r library.Report,
	changes []library.Change) error {
	return s.write(ctx, func(t *tx) error {
		app, err := one(t.ctx, t, scan[int64], "SELECT app FROM library_syncs WHERE id = ? AND outcome = 'running'", sync)
		if err != nil {
			return ended(err)
		}
		if outcome == library.Complete {
			if err := t.replaceLibrary(app, sync, changes); err != nil {
				return err
			}
		}
		return t.endSync(sync, app, outcome, r)
	})
}

func (t *tx) replaceLibrary(app, sync int64, changes []library.Change) error {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{"DELETE FROM library_titles WHERE app = ?", []any{app}},
		{`INSERT INTO library_titles (app, title_id, text, keywords, place)
			SELECT ?, title_id, text, keywords, place FROM library_staged WHERE sync = ?`, []any{app, sync}},
		{`INSERT INTO library_mirrors (app, good) VALUES (?, ?)
			ON CONFLICT (app) DO UPDATE SET good = excluded.good`, []any{app, sync}},
	} {
		if err := t.exec(step.query, step.args...); err != nil {
			return err
		}
	}
	for n, c := range changes {
		err := t.exec(`INSERT INTO library_changes (sync, n, what, title_id, title, keyword, name, before, after)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, sync, n, c.What, c.TitleID, c.Title, c.Keyword, c.Name, c.Before, c.After)
		if err != nil {
			return err
		}
	}
	return nil
}

// endSync writes how it ended, and forgets what was staged and the oldest of the ended syncs.
func (t *tx) endSync(sync, app int64, outcome string, r library.Report) error {
	missing, err := json.Marshal(r.Missing)
	if err != nil {
		return err
	}
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE library_syncs SET outcome = ?, ended_at = ?, titles = ?, keywords = ?, missing = ?, unsettled = ?,
		err_code = ?, reason = ?, err = ?, counts = ? WHERE id = ?`, outcome, millis(t.now), r.Titles, r.Keywords, string(missing),
		r.Unsettled, r.ErrCode, r.Reason, r.Err, string(counts), sync)
	if err != nil {
		return err
	}
	if err := t.exec("DELETE FROM library_staged WHERE sync = ?", sync); err != nil {
		return err
	}
	return t.forgetSyncs(app)
}

// forgetSyncs keeps the latest, and the one that the mirror is of.
func (t *tx) forgetSyncs(app int64) error {
	const old = `(SELECT id FROM library_syncs WHERE app = ?
		AND id NOT IN (SELECT id FROM library_syncs WHERE app = ? AND outcome <> 'running' ORDER BY id DESC LIMIT ?)
		AND id NOT IN (SELECT good FROM library_mirrors WHERE app = ? AND good IS NOT NULL)
		AND outcome <> 'running')`
	for _, query := range []string{"DELETE FROM library_changes WHERE sync IN " + old, "DELETE FROM library_syncs WHERE id IN " + old} {
		if err := t.exec(query, app, app, library.SyncsKept, app); err != nil {
			return err
		}
	}
	return nil
}
