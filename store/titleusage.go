package store

import "context"

// TitleUsage is how often our own apps use a library title, all apps together.
type TitleUsage struct {
	Templates int // added from here and not deleted since
	Drafts    int // combinations that are neither deleted nor added
}

// TitleUsages answers the titles that are used, by their ids.
func (s *Store) TitleUsages(ctx context.Context) (map[string]TitleUsage, error) {
	type line struct {
		id    string
		usage TitleUsage
	}
	scan := func(r row) (l line, err error) {
		err = r.Scan(&l.id, &l.usage.Templates, &l.usage.Drafts)
		return l, err
	}
	all, err := many(ctx, s.readers, scan, `SELECT title_id, sum(template), sum(1 - template) FROM (
			SELECT title_id, 1 AS template FROM templates WHERE deleted_at = 0
			UNION ALL
			SELECT title_id, 0 FROM drafts WHERE deleted_at = 0 AND kind = 'combination' AND state <> 'added')
		WHERE title_id <> '' GROUP BY title_id`)
	usages := make(map[string]TitleUsage, len(all))
	for _, l := range all {
		usages[l.id] = l.usage
	}
	return usages, err
}
