package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"muban/store/db"
)

// querier is the pool of readers, or the transaction that a change runs in.
type querier = db.Querier

// row is what one line of an answer is read from.
type row interface{ Scan(dest ...any) error }

// many reads every row of an answer.
func many[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, db.Classify(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, db.Classify(rows.Err())
}

// one reads the only row of an answer; ErrNotFound when there is none.
func one[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) (T, error) {
	var none T
	all, err := many(ctx, q, scan, query, args...)
	if err != nil {
		return none, err
	}
	if len(all) == 0 {
		return none, ErrNotFound
	}
	return all[0], nil
}

// scan reads a row of one column.
func scan[T any](r row) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// where collects conditions that must all hold.
type where struct {
	conditions []string
	args       []any
}

func (w *where) and(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// andSet adds a condition for each filter field that is set.
func andSet[T comparable](w *where, column string, v T) {
	if v != *new(T) {
		w.and(column+" = ?", v)
	}
}

// among adds the condition that a column has one of the values.
func among[T any](w *where, column string, values []T) {
	if len(values) == 0 {
		w.and("1 = 0")
		return
	}
	w.conditions = append(w.conditions, column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")")
	for _, v := range values {
		w.args = append(w.args, v)
	}
}

// likePattern matches text anywhere; use it with ESCAPE '\'.
func likePattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// millis is how a time is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// stored is t as it will be read back.
func stored(t time.Time) time.Time { return fromMillis(millis(t)) }

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// instant lets Scan fill a time from its milliseconds.
type instant struct{ *time.Time }

func (i instant) Scan(v any) error {
	ms, ok := v.(int64)
	if !ok {
		return fmt.Errorf("store: a time is %T in the database", v)
	}
	*i.Time = fromMillis(ms)
	return nil
}

// reference is a foreign key as it is stored: none is NULL. Read it back with coalesce(column, 0).
func reference(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// CountedAtMost is where a list stops counting: counting a million rows costs more than the page that is
// shown of them. A total of CountedAtMost means "as many or more".
const CountedAtMost = 10_000

// LedgerCountedAtMost is CountedAtMost for rights and consents, of which there may be ten million.
const LedgerCountedAtMost = 1_000

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

// counting counts the first countAtMost in the order of the pages: in any order PostgreSQL may go through a large table
// from its beginning, where few or none of them are.
func (l list[T]) counting() string {
	if l.countAtMost == 0 {
		return fmt.Sprintf("SELECT count(*) FROM %s%s", l.from(), &l.where)
	}
	return fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s%s ORDER BY %s LIMIT %d) AS counted", l.from(), &l.where, l.order, l.countAtMost)
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
