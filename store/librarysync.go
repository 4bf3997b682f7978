package store

import (
	"context"
	"encoding/json"

	"muban/wechat/library"
)

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
func (s *Store) StageTitles(ctx context.Context, sync int64, p library.Pass, titles []library.Staged, gone []string) error {
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
	return t.exec(`INSERT OR REPLACE INTO library_staged (sync, title_id, text, keywords, place, pass, refused)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, sync, x.ID, x.Text, string(keywords), x.Place, x.Pass, string(refused))
}

// EndSync makes what a complete sync staged the mirror, in one transaction; a failed one leaves the mirror.
func (s *Store) EndSync(ctx context.Context, sync int64, outcome string, r library.Report, changes []library.Change) error {
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
		err := t.exec(`INSERT INTO library_changes (sync, n, kind, title_id, title, keyword, name, before, after)
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
