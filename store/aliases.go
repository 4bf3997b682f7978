package store

import (
	"context"
	"errors"

	"muban/wechat/account"
)

// SetAlias gives a template that we remember its alias, in place of the one it has. ErrTaken when the
// alias names another template of the app: see MoveAlias. ErrNotFound when the template is unknown.
func (s *Store) SetAlias(ctx context.Context, by Actor, app int64, templateID, alias string) error {
	return s.write(ctx, func(t *tx) error {
		x, err := template(t.ctx, t, app, templateID)
		if err != nil || x.Alias == alias {
			return err
		}
		if err := t.endAlias(by, app, x.Alias); err != nil {
			return err
		}
		if err := t.beginAlias(by, app, alias, templateID); err != nil {
			return err
		}
		return t.record(by, app, ActAliasSet, object("template", templateID), map[string]string{"alias": alias, "before": x.Alias})
	})
}

// MoveAlias takes an alias from the template that has it and gives it to another one. ErrTaken when
// that one has an alias of its own; ErrNotFound when the alias or the template is unknown.
func (s *Store) MoveAlias(ctx context.Context, by Actor, app int64, alias, templateID string) error {
	return s.write(ctx, func(t *tx) error {
		from, err := aliased(t.ctx, t, app, alias)
		if err != nil || from == templateID {
			return err
		}
		if err := t.endAlias(by, app, alias); err != nil {
			return err
		}
		if err := t.beginAlias(by, app, alias, templateID); err != nil {
			return err
		}
		return t.record(by, app, ActAliasMove, object("template", templateID), map[string]string{"alias": alias, "from": from})
	})
}

// RemoveAlias takes an alias away; who asks for it is told that there is none. ErrNotFound when no
// template of the app has it.
func (s *Store) RemoveAlias(ctx context.Context, by Actor, app int64, alias string) error {
	return s.write(ctx, func(t *tx) error {
		from, err := aliased(t.ctx, t, app, alias)
		if err != nil {
			return err
		}
		if err := t.endAlias(by, app, alias); err != nil {
			return err
		}
		return t.record(by, app, ActAliasRemove, object("template", from), map[string]string{"alias": alias})
	})
}

// follow gives the alias of a template, if it has one, to what was restored from it.
func (t *tx) follow(by Actor, app int64, from, to string) (alias string, err error) {
	x, err := template(t.ctx, t, app, from)
	if errors.Is(err, ErrNotFound) || err == nil && x.Alias == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := t.endAlias(by, app, x.Alias); err != nil {
		return "", err
	}
	return x.Alias, t.beginAlias(by, app, x.Alias, to)
}

// aliased answers which template has the alias.
func aliased(ctx context.Context, q querier, app int64, alias string) (templateID string, err error) {
	return one(ctx, q, scan[string], "SELECT template_id FROM alias_spans WHERE app = ? AND alias = ? AND until_at = 0", app, alias)
}

func (t *tx) beginAlias(by Actor, app int64, alias, templateID string) error {
	return t.exec("INSERT INTO alias_spans (app, alias, template_id, from_at, set_by) VALUES (?, ?, ?, ?, ?)",
		app, alias, templateID, millis(t.now), by.Name)
}

// endAlias does nothing for "".
func (t *tx) endAlias(by Actor, app int64, alias string) error {
	return t.exec("UPDATE alias_spans SET until_at = ?, ended_by = ? WHERE app = ? AND alias = ? AND until_at = 0",
		millis(t.now), by.Name, app, alias)
}

const spanColumns = "alias, template_id, from_at, until_at, set_by, ended_by"

// AliasSpans answers which templates an alias has named, the newest first.
func (s *Store) AliasSpans(ctx context.Context, app int64, alias string) ([]account.Span, error) {
	return many(ctx, s.readers, scanSpan,
		"SELECT "+spanColumns+" FROM alias_spans WHERE app = ? AND alias = ? ORDER BY id DESC", app, alias)
}

// TemplateSpans answers which aliases a template has had, the newest first.
func (s *Store) TemplateSpans(ctx context.Context, app int64, templateID string) ([]account.Span, error) {
	return many(ctx, s.readers, scanSpan,
		"SELECT "+spanColumns+" FROM alias_spans WHERE app = ? AND template_id = ? ORDER BY id DESC", app, templateID)
}

func scanSpan(r row) (x account.Span, err error) {
	err = r.Scan(&x.Alias, &x.TemplateID, instant{&x.From}, instant{&x.Until}, &x.SetBy, &x.EndedBy)
	return x, err
}
