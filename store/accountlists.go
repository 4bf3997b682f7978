package store

import (
	"context"
	"time"

	"muban/wechat"
	"muban/wechat/account"
)

// KeepAccountList keeps what WeChat listed at l.ReadAt. An answer older than the one kept is dropped.
func (s *Store) KeepAccountList(ctx context.Context, app int64, l account.List) error {
	return s.write(ctx, func(t *tx) error {
		rows, err := t.w.affect(t.ctx, `INSERT INTO account_lists (app, read_at) VALUES (?, ?)
			ON CONFLICT (app) DO UPDATE SET read_at = excluded.read_at WHERE read_at <= excluded.read_at`, app, millis(l.ReadAt))
		if err != nil || rows == 0 {
			return err
		}
		return t.putAccountList(app, l.Templates)
	})
}

func (t *tx) putAccountList(app int64, all []wechat.Template) error {
	if err := t.exec("DELETE FROM account_templates WHERE app = ?", app); err != nil {
		return err
	}
	for n, x := range all {
		err := t.exec("INSERT INTO account_templates (app, n, template_id, title, content, example) VALUES (?, ?, ?, ?, ?, ?)",
			app, n, x.ID, x.Title, x.Content, x.Example)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) forgetAccountList(app int64) error {
	if err := t.exec("DELETE FROM account_templates WHERE app = ?", app); err != nil {
		return err
	}
	return t.exec("DELETE FROM account_lists WHERE app = ?", app)
}

// AccountList answers what WeChat listed at last; ErrNotFound when it never did.
func (s *Store) AccountList(ctx context.Context, app int64) (account.List, error) {
	var l account.List
	read := func(r row) (at time.Time, err error) {
		err = r.Scan(instant{&at})
		return at, err
	}
	var err error
	if l.ReadAt, err = one(ctx, s.readers, read, "SELECT read_at FROM account_lists WHERE app = ?", app); err != nil {
		return account.List{}, err
	}
	l.Templates, err = many(ctx, s.readers, scanLive,
		"SELECT "+liveColumns+" FROM account_templates WHERE app = ? ORDER BY n", app)
	return l, err
}

const liveColumns = "template_id, title, content, example"

func scanLive(r row) (x wechat.Template, err error) {
	err = r.Scan(&x.ID, &x.Title, &x.Content, &x.Example)
	return x, err
}
