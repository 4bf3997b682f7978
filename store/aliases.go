package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"muban/wechat/account"
	"muban/wechat/kind"
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
		return t.record(by, app, ActAliasSet, object("template", templateID),
			map[string]string{"alias": alias, "before": x.Alias})
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
		return t.record(by, app, ActAliasMove, object("template", templateID),
			map[string]string{"alias": alias, "from": from})
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

// Carry lets a subscribe template go out in the place of one of template messages where that is asked for by its alias.
// ErrNotFound when we do not remember both, ErrState when they are not of these kinds.
func (s *Store) Carry(ctx context.Context, by Actor, app int64, c account.Carried) error {
	keys, err := json.Marshal(c.From)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		x, err := template(t.ctx, t, app, c.TemplateID)
		if err != nil {
			return err
		}
		to, err := template(t.ctx, t, app, c.Successor)
		if err != nil {
			return err
		}
		if kind.Named(x.Kind).Allowance() != kind.Right || kind.Named(to.Kind).Allowance() != kind.Consent {
			return ErrState
		}
		if err := t.exec(`INSERT INTO successors (app, template_id, successor, keys, set_at, set_by) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (app, template_id) DO UPDATE SET successor = excluded.successor, keys = excluded.keys,
				set_at = excluded.set_at, set_by = excluded.set_by`,
			app, c.TemplateID, c.Successor, string(keys), millis(t.now), by.Name); err != nil {
			return err
		}
		return t.record(by, app, ActAliasCarry, object("template", c.TemplateID),
			map[string]string{"alias": x.Alias, "to": c.Successor})
	})
}

// EndCarry takes the subscribe template away again. ErrNotFound when there is none.
func (s *Store) EndCarry(ctx context.Context, by Actor, app int64, templateID string) error {
	return s.write(ctx, func(t *tx) error {
		c, err := carried(t.ctx, t, app, templateID)
		if err != nil {
			return err
		}
		if err := t.exec("DELETE FROM successors WHERE app = ? AND template_id = ?", app, templateID); err != nil {
			return err
		}
		return t.record(by, app, ActAliasCarryEnd, object("template", templateID), map[string]string{"from": c.Successor})
	})
}

// Carried answers the subscribe template that goes out in the place of a template; ErrNotFound for none.
func (s *Store) Carried(ctx context.Context, app int64, templateID string) (account.Carried, error) {
	return carried(ctx, s.readers, app, templateID)
}

func carried(ctx context.Context, q querier, app int64, templateID string) (account.Carried, error) {
	return one(ctx, q, scanCarried, "SELECT "+carriedColumns+" FROM successors WHERE app = ? AND template_id = ?", app, templateID)
}

// CarriedBy answers the templates in whose place a subscribe template goes out, the last set first.
func (s *Store) CarriedBy(ctx context.Context, app int64, successor string) ([]account.Carried, error) {
	return many(ctx, s.readers, scanCarried, "SELECT "+carriedColumns+` FROM successors
		WHERE app = ? AND successor = ? ORDER BY set_at DESC, template_id`, app, successor)
}

const carriedColumns = "template_id, successor, keys, set_at, set_by"

func scanCarried(r row) (c account.Carried, err error) {
	var keys []byte
	if err := r.Scan(&c.TemplateID, &c.Successor, &keys, instant{&c.SetAt}, &c.SetBy); err != nil {
		return c, err
	}
	return c, json.Unmarshal(keys, &c.From)
}

// carryOver lets what was restored from a template take its place in what aliases carry.
func (t *tx) carryOver(app int64, from, to string) error {
	for _, column := range []string{"template_id", "successor"} {
		if err := t.exec("UPDATE successors SET "+column+" = ? WHERE app = ? AND "+column+" = ?", to, app, from); err != nil {
			return err
		}
	}
	return nil
}

// ResolveTemplate answers the template that a business server names: by its alias, or by its
// template_id. It answers one that was deleted too, and by template_id also one that we know from
// WeChat's last list alone. ErrNotFound when the app has none.
func (s *Store) ResolveTemplate(ctx context.Context, app int64, name string) (Template, error) {
	id, err := aliased(ctx, s.readers, app, name)
	if errors.Is(err, ErrNotFound) {
		id, err = name, nil
	}
	if err != nil {
		return Template{}, err
	}
	x, err := template(ctx, s.readers, app, id)
	if !errors.Is(err, ErrNotFound) {
		return x, err
	}
	return s.listedTemplate(ctx, app, id)
}

// listedTemplate is a template that WeChat lists and nobody has adopted.
func (s *Store) listedTemplate(ctx context.Context, app int64, templateID string) (Template, error) {
	scan := func(r row) (x Template, err error) {
		var enums []byte
		x.App = app
		if err := r.Scan(&x.Kind, &x.TemplateID, &x.Title, &x.Content, &x.Example, &x.Type, &enums); err != nil {
			return x, err
		}
		return x, json.Unmarshal(enums, &x.Enums)
	}
	return one(ctx, s.readers, scan,
		"SELECT message_kind, "+liveColumns+" FROM account_templates WHERE app = ? AND template_id = ?", app, templateID)
}

// Lookup is how often an API key has asked for a template, and when last.
type Lookup struct {
	App                int64
	TemplateID, Alias  string // Alias is "" where it was asked for by its template_id
	Key                int64
	KeyName, KeyPrefix string // as the keys' page shows them
	Count              int
	LastAt             time.Time
}

// LookupFilter picks lookups of one app; another zero field does not filter. TemplateID picks what led to
// that template, and what was asked for by the alias that it has now, whatever the alias named then: after
// a template is restored, who depended on the old one depends on the new one.
type LookupFilter struct {
	App               int64
	TemplateID, Alias string
	Since             time.Time
}

// NoteLookups adds to the counts. The names of the keys are known by their ids.
func (s *Store) NoteLookups(ctx context.Context, lookups []Lookup) error {
	return s.write(ctx, func(t *tx) error {
		for _, l := range lookups {
			err := t.exec(`INSERT INTO template_lookups (app, template_id, alias, api_key, count, last_at) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (app, template_id, alias, api_key) DO UPDATE SET count = template_lookups.count + excluded.count,
					last_at = CASE WHEN template_lookups.last_at > excluded.last_at THEN template_lookups.last_at ELSE excluded.last_at END`,
				l.App, l.TemplateID, l.Alias, l.Key, l.Count, millis(l.LastAt))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Lookups answers who has asked for a template or an alias, the last first: one line for a key and what it
// asked for, with the template that this led to last.
func (s *Store) Lookups(ctx context.Context, f LookupFilter) ([]Lookup, error) {
	var w where
	w.and("l.app = ?", f.App)
	if f.TemplateID != "" {
		w.and(`(l.template_id = ? OR l.alias IN
			(SELECT alias FROM alias_spans WHERE app = ? AND template_id = ? AND until_at = 0))`, f.TemplateID, f.App, f.TemplateID)
	}
	andSet(&w, "l.alias", f.Alias)
	w.and("l.last_at >= ?", millis(f.Since))
	return many(ctx, s.readers, scanLookup, `SELECT app, template_id, alias, api_key, name, prefix, asked, last_at FROM
			(SELECT l.app, l.template_id, l.alias, l.api_key, k.name, k.prefix, l.last_at, sum(l.count) OVER same AS asked,
				row_number() OVER (same ORDER BY l.last_at DESC, l.template_id) AS n
			FROM template_lookups l JOIN api_keys k ON k.id = l.api_key`+w.String()+`
			WINDOW same AS (PARTITION BY l.api_key, l.alias, CASE WHEN l.alias = '' THEN l.template_id ELSE '' END)) AS asked_for
		WHERE n = 1 ORDER BY last_at DESC, api_key, alias, template_id`, w.args...)
}

func scanLookup(r row) (l Lookup, err error) {
	err = r.Scan(&l.App, &l.TemplateID, &l.Alias, &l.Key, &l.KeyName, &l.KeyPrefix, &l.Count, instant{&l.LastAt})
	return l, err
}
