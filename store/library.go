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

// StartSync asks for a reading of the app's whole library of one kind of message, which the app's mirror does
// (library.Mirror.Wake). library.ErrRunning when one is under way.
func (s *Store) StartSync(ctx context.Context, by Actor, app int64, kind string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.startSync(by.Name, app, kind); err != nil {
			return err
		}
		return t.record(by, app, ActLibrarySync, object("app", app), ofKind(kind))
	})
}

// StartSyncUnasked is StartSync without a person.
func (s *Store) StartSyncUnasked(ctx context.Context, app int64, kind string) error {
	return s.write(ctx, func(t *tx) error { return t.startSync("", app, kind) })
}

// ofKind is what the activity log adds for a kind of message; nothing for template messages.
func ofKind(kind string) any {
	if kind == "template" {
		return nil
	}
	return map[string]string{"kind": kind}
}

func (t *tx) startSync(by string, app int64, kind string) error {
	err := t.exec(`INSERT INTO library_syncs (app, message_kind, by_name, started_at, outcome)
		VALUES (?, ?, ?, ?, 'running')`, app, kind, by, millis(t.now))
	if errors.Is(err, ErrTaken) {
		return library.ErrRunning
	}
	return err
}

// CancelSync ends the sync under way; the mirror stays as it is. library.ErrEnded when there is none.
func (s *Store) CancelSync(ctx context.Context, by Actor, app int64, kind string) error {
	return s.write(ctx, func(t *tx) error {
		id, err := one(t.ctx, t, scan[int64],
			"SELECT id FROM library_syncs WHERE app = ? AND message_kind = ? AND outcome = 'running'", app, kind)
		if err != nil {
			return ended(err)
		}
		if err := t.endSync(mirrored{id, app, kind}, library.Cancelled, library.Report{}); err != nil {
			return err
		}
		return t.record(by, app, ActLibraryCancel, object("app", app), ofKind(kind))
	})
}

// SetDailySync has the library read once a day, or no more.
func (s *Store) SetDailySync(ctx context.Context, by Actor, app int64, kind string, on bool) error {
	return s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT INTO library_mirrors (app, message_kind, daily) VALUES (?, ?, ?)
			ON CONFLICT (app, message_kind) DO UPDATE SET daily = excluded.daily`, app, kind, on)
		if err != nil {
			return err
		}
		details := map[string]any{"on": on}
		if kind != "template" {
			details["kind"] = kind
		}
		return t.record(by, app, ActLibraryDaily, object("app", app), details)
	})
}

// Syncs answers the latest syncs of an app's library that ended, the newest first: library.SyncsKept at the most.
func (s *Store) Syncs(ctx context.Context, app int64, kind string) ([]library.Sync, error) {
	return many(ctx, s.readers, scanSync, "SELECT "+syncColumns+` FROM library_syncs
		WHERE app = ? AND message_kind = ? AND outcome <> 'running' ORDER BY id DESC LIMIT ?`, app, kind, library.SyncsKept)
}

// SyncChanges answers what a complete sync of the app found changed, in the order of the library, titles
// that are gone at the end.
func (s *Store) SyncChanges(ctx context.Context, app, sync int64) ([]library.Change, error) {
	return many(ctx, s.readers, scanChange, `SELECT what, title_id, title, keyword, name, before, after FROM library_changes
		WHERE sync = (SELECT id FROM library_syncs WHERE id = ? AND app = ?) ORDER BY n`, sync, app)
}

// LibraryTitles are those of the last complete sync, in WeChat's order.
func (s *Store) LibraryTitles(ctx context.Context, app int64, kind string) ([]wechat.Title, error) {
	return many(ctx, s.readers, scanTitle, "SELECT "+titleColumns+` FROM library_titles
		WHERE app = ? AND message_kind = ? ORDER BY place, title_id`, app, kind)
}

// LibraryOrders says what an app's mirror has to do.
func (s *Store) LibraryOrders(ctx context.Context, app int64, kind string) (library.Orders, error) {
	none := library.Orders{}
	o, err := one(ctx, s.readers, scanOrders, `SELECT coalesce(good, 0), coalesce(ended_at, 0), daily,
			coalesce(categories, 'null')
		FROM library_mirrors m LEFT JOIN library_syncs s ON s.id = m.good
		WHERE m.app = ? AND m.message_kind = ?`, app, kind)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return none, err
	}
	o.Last, err = one(ctx, s.readers, scanSync, "SELECT "+syncColumns+` FROM library_syncs
		WHERE app = ? AND message_kind = ? ORDER BY id DESC LIMIT 1`, app, kind)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return none, err
	}
	return o, nil
}

const syncColumns = `id, app, by_name, started_at, ended_at, outcome, pass, next, total, over, changed,
	titles, keywords, missing, unsettled, err_code, reason, err, counts, categories`

func scanSync(r row) (x library.Sync, err error) {
	p := &x.Pass
	err = r.Scan(&x.ID, &x.App, &x.By, instant{&x.StartedAt}, instant{&x.EndedAt}, &x.Outcome,
		&p.Number, &p.Next, &p.Total, &p.Over, &p.Changed,
		&x.Titles, &x.Keywords, fromJSON{&x.Missing}, &x.Unsettled, &x.ErrCode, &x.Reason, &x.Err, fromJSON{&x.Counts},
		fromJSON{&x.Categories})
	return x, err
}

func scanOrders(r row) (o library.Orders, err error) {
	err = r.Scan(&o.Good, instant{&o.Read}, &o.Daily, fromJSON{&o.Categories})
	return o, err
}

const titleColumns = "title_id, text, type, categories, keywords"

func scanTitle(r row) (x wechat.Title, err error) {
	err = r.Scan(&x.ID, &x.Text, &x.Type, fromJSON{&x.Categories}, fromJSON{&x.Keywords})
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
		"SELECT title_id, text, type, categories, keywords, place, pass, refused FROM library_staged WHERE sync = ?", sync)
}

func scanStaged(r row) (x library.Staged, err error) {
	err = r.Scan(&x.ID, &x.Text, &x.Type, fromJSON{&x.Categories}, fromJSON{&x.Keywords}, &x.Place, &x.Pass, fromJSON{&x.Refused})
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
	keywords, categories, refused := "", "", ""
	for text, value := range map[*string]any{&keywords: x.Keywords, &categories: x.Categories, &refused: x.Refused} {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		*text = string(raw)
	}
	return t.exec(`INSERT INTO library_staged (sync, title_id, text, type, categories, keywords, place, pass, refused)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (sync, title_id) DO UPDATE SET text = excluded.text, type = excluded.type,
			categories = excluded.categories, keywords = excluded.keywords, place = excluded.place, pass = excluded.pass,
			refused = excluded.refused`, sync, x.ID, x.Text, x.Type, categories, keywords, x.Place, x.Pass, refused)
}

// mirrored is a sync, and what it is of.
type mirrored struct {
	id, app int64
	kind    string
}

func scanMirrored(r row) (m mirrored, err error) {
	err = r.Scan(&m.id, &m.app, &m.kind)
	return m, err
}

// EndSync makes what a complete sync staged the mirror, in one transaction; a failed one leaves the mirror.
func (s *Store) EndSync(ctx context.Context, sync int64, outcome string, r library.Report,
	changes []library.Change) error {
	return s.write(ctx, func(t *tx) error {
		m, err := one(t.ctx, t, scanMirrored,
			"SELECT id, app, message_kind FROM library_syncs WHERE id = ? AND outcome = 'running'", sync)
		if err != nil {
			return ended(err)
		}
		if outcome == library.Complete {
			if err := t.replaceLibrary(m, changes); err != nil {
				return err
			}
			if err := t.linkProposals(m, changes); err != nil {
				return err
			}
		}
		return t.endSync(m, outcome, r)
	})
}

func (t *tx) replaceLibrary(m mirrored, changes []library.Change) error {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{"DELETE FROM library_titles WHERE app = ? AND message_kind = ?", []any{m.app, m.kind}},
		{`INSERT INTO library_titles (app, message_kind, title_id, text, type, categories, keywords, place)
			SELECT s.app, s.message_kind, x.title_id, x.text, x.type, x.categories, x.keywords, x.place
			FROM library_staged x JOIN library_syncs s ON s.id = x.sync WHERE x.sync = ?`, []any{m.id}},
		{`INSERT INTO library_mirrors (app, message_kind, good) VALUES (?, ?, ?)
			ON CONFLICT (app, message_kind) DO UPDATE SET good = excluded.good`, []any{m.app, m.kind, m.id}},
	} {
		if err := t.exec(step.query, step.args...); err != nil {
			return err
		}
	}
	for n, c := range changes {
		err := t.exec(`INSERT INTO library_changes (sync, n, what, title_id, title, keyword, name, before, after)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, m.id, n, c.What, c.TitleID, c.Title, c.Keyword, c.Name, c.Before, c.After)
		if err != nil {
			return err
		}
	}
	return nil
}

// endSync writes how it ended, and forgets what was staged and the oldest of the ended syncs.
func (t *tx) endSync(m mirrored, outcome string, r library.Report) error {
	missing, err := json.Marshal(r.Missing)
	if err != nil {
		return err
	}
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	categories, err := json.Marshal(r.Categories)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE library_syncs SET outcome = ?, ended_at = ?, titles = ?, keywords = ?, missing = ?, unsettled = ?,
		err_code = ?, reason = ?, err = ?, counts = ?, categories = ? WHERE id = ?`, outcome, millis(t.now), r.Titles,
		r.Keywords, string(missing), r.Unsettled, r.ErrCode, r.Reason, r.Err, string(counts), string(categories), m.id)
	if err != nil {
		return err
	}
	if err := t.exec("DELETE FROM library_staged WHERE sync = ?", m.id); err != nil {
		return err
	}
	return t.forgetSyncs(m)
}

// forgetSyncs keeps the latest, and the one that the mirror is of.
func (t *tx) forgetSyncs(m mirrored) error {
	const old = `(SELECT id FROM library_syncs WHERE app = ? AND message_kind = ?
		AND id NOT IN (SELECT id FROM library_syncs WHERE app = ? AND message_kind = ? AND outcome <> 'running'
			ORDER BY id DESC LIMIT ?)
		AND id NOT IN (SELECT good FROM library_mirrors WHERE app = ? AND good IS NOT NULL)
		AND outcome <> 'running')`
	for _, query := range []string{"DELETE FROM library_changes WHERE sync IN " + old, "DELETE FROM library_syncs WHERE id IN " + old} {
		if err := t.exec(query, m.app, m.kind, m.app, m.kind, library.SyncsKept, m.app); err != nil {
			return err
		}
	}
	return nil
}
