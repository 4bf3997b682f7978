package store

import (
	"context"
	"time"
)

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
				ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)`,
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
	// SQLite takes the bare template_id from the row that has the max.
	return many(ctx, s.readers, scanLookup, `SELECT l.app, l.template_id, l.alias, l.api_key, k.name, k.prefix, sum(l.count), max(l.last_at)
		FROM template_lookups l JOIN api_keys k ON k.id = l.api_key`+w.String()+`
		GROUP BY l.api_key, l.alias, iif(l.alias = '', l.template_id, '') ORDER BY max(l.last_at) DESC, l.api_key`, w.args...)
}

func scanLookup(r row) (l Lookup, err error) {
	err = r.Scan(&l.App, &l.TemplateID, &l.Alias, &l.Key, &l.KeyName, &l.KeyPrefix, &l.Count, instant{&l.LastAt})
	return l, err
}
