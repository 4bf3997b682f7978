package store

import (
	"context"
	"fmt"
	"iter"
)

// list is one page of a table and how many rows there are on all pages.
type list[T any] struct {
	columns, table, order string
	index                 string // the one to use, where SQLite would take another; "" leaves it to SQLite
	scan                  func(row) (T, error)
	where                 where
	offset, count         int
	countAtMost           int // where counting stops; 0: it does not
}

// defaultCount is the page size where the filter names none.
const defaultCount = 20

func (l list[T]) read(ctx context.Context, q querier) ([]T, int, error) {
	if l.count <= 0 {
		l.count = defaultCount
	}
	total, err := one(ctx, q, scan[int], l.counting(), l.where.args...)
	if err != nil {
		return nil, 0, err
	}
	query := fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT ? OFFSET ?", l.columns, l.from(), &l.where, l.order)
	rows, err := many(ctx, q, l.scan, query, append(l.where.args, l.count, max(0, l.offset))...)
	return rows, total, err
}

func (l list[T]) counting() string {
	if l.countAtMost == 0 {
		return fmt.Sprintf("SELECT count(*) FROM %s%s", l.from(), &l.where)
	}
	return fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d)", l.from(), &l.where, l.countAtMost)
}

func (l list[T]) from() string {
	if l.index == "" {
		return l.table
	}
	return l.table + " INDEXED BY " + l.index
}

// chunk is how many rows each reads at a time.
const chunk = 1000

// each answers the rows of all pages, the newest first. Between two chunks it holds nothing of the
// database, however slow the reader is. The table needs an id; it is walked once, so no index is used.
func (l list[T]) each(ctx context.Context, q querier) iter.Seq2[T, error] {
	rest := l.where
	rest.and("id < ?")
	query := fmt.Sprintf("SELECT %s, id FROM %s NOT INDEXED%s ORDER BY id DESC LIMIT %d", l.columns, l.table, &rest, chunk)
	return func(yield func(T, error) bool) {
		last := int64(1) << 62
		scan := func(r row) (T, error) { return l.scan(withID{r, &last}) }
		for n := chunk; n == chunk; {
			rows, err := many(ctx, q, scan, query, append(l.where.args, last)...)
			for _, v := range rows {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				yield(*new(T), err)
				return
			}
			n = len(rows)
		}
	}
}

// withID scans one more column than it is asked for.
type withID struct {
	row
	id *int64
}

func (r withID) Scan(dest ...any) error { return r.row.Scan(append(dest, r.id)...) }
