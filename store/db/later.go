package db

import (
	"context"
	"math/bits"
	"slices"
	"strings"
)

// Rows is a table that takes rows which nothing but a mistake can make fail, such as lines of a log or counts; see
// Tx.Later.
type Rows struct {
	Table string
	Key   []string // rows that have the same are one, whose Sums are added up; none: each is a row of its own
	Once  []string // as the first row of a key has it
	Sums  []string
}

// Later adds a row: values for Key and Once, and sums. It is written with those of all who share the transaction, before
// that is committed, or before a statement of it that names the table: so what follows sees it.
func (t *Tx) Later(to *Rows, values []any, sums ...int) {
	t.wrote = true
	t.shared.add(to, values, sums)
}

// AtOnce is how many of so many rows the next statement takes: few texts have to stay prepared.
func AtOnce(rows int) int { return min(1<<(bits.Len(uint(rows))-1), 64) }

// statement is one with what it is given.
type statement struct {
	query string
	args  []any
}

// unwritten are the rows of one table that wait.
type unwritten struct {
	*Rows
	values [][]any
	sums   [][]int
	places map[[5]any]int // of the keys
}

func (s *shared) add(to *Rows, values []any, sums []int) {
	i := slices.IndexFunc(s.later, func(u *unwritten) bool { return u.Rows == to })
	if i < 0 {
		i = len(s.later)
		s.later = append(s.later, &unwritten{Rows: to, places: map[[5]any]int{}})
	}
	s.later[i].add(values, sums)
}

func (u *unwritten) add(values []any, sums []int) {
	if len(u.Key) > 0 {
		var key [5]any
		copy(key[:], values[:len(u.Key)])
		if at, known := u.places[key]; known {
			for i, n := range sums {
				u.sums[at][i] += n
			}
			return
		}
		u.places[key] = len(u.values)
	}
	u.values, u.sums = append(u.values, values), append(u.sums, sums)
}

// write writes what waits, all in one way to the server and back.
func (s *shared) write(ctx context.Context) error {
	if len(s.later) == 0 {
		return nil
	}
	var all []statement
	for _, u := range s.later {
		all = append(all, u.statements()...)
	}
	s.later = nil
	return s.on.execAll(ctx, all)
}

// writeBefore is write where a statement may see what waits.
func (s *shared) writeBefore(ctx context.Context, query string) error {
	if slices.ContainsFunc(s.later, func(u *unwritten) bool { return strings.Contains(query, u.Table) }) {
		return s.write(ctx)
	}
	return nil
}

func (u *unwritten) statements() (all []statement) {
	columns := slices.Concat(u.Key, u.Once, u.Sums)
	row := ", (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	added := ""
	for i, sum := range u.Sums {
		if i > 0 {
			added += ", "
		}
		added += sum + " = " + u.Table + "." + sum + " + excluded." + sum
	}
	if len(u.Key) > 0 {
		added = " ON CONFLICT (" + strings.Join(u.Key, ", ") + ") DO UPDATE SET " + added
	}
	for first := 0; first < len(u.values); {
		n := AtOnce(len(u.values) - first)
		s := statement{query: "INSERT INTO " + u.Table + " (" + strings.Join(columns, ", ") + ") VALUES " +
			strings.Repeat(row, n)[2:] + added}
		for i := first; i < first+n; i++ {
			s.args = append(s.args, u.values[i]...)
			for _, sum := range u.sums[i] {
				s.args = append(s.args, sum)
			}
		}
		all, first = append(all, s), first+n
	}
	return all
}
