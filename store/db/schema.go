package db

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Schema holds the SQL that makes the tables: the first text makes the first version, each further one takes a
// database of the version before to the next. The database counts the texts that were applied.
type Schema []string

// ErrForeign is what Open answers for a database that holds anything but what the schema makes: a trigger or a view
// of somebody else's would act with every change of ours.
var ErrForeign = errors.New("store: the database is not as Muban made it")

// schemas is the part of an engine that knows what tables there are.
type schemas interface {
	// moment lets look read the database as it is at one moment, before there are readers.
	moment(ctx context.Context, look func(q Querier) error) error
	// version is how many steps made the database.
	version(ctx context.Context, q Querier) (int, error)
	// objects are what the database holds: how each is made, by its name.
	objects(ctx context.Context, q Querier) (map[string]string, error)
	// made are the objects that the steps make. there is what is compared with it.
	made(ctx context.Context, steps Schema, there map[string]string) (map[string]string, error)
	// step is what makes the version of a database from the one before it.
	step(text string, version int) []string
}

// update brings the schema to what this program knows, once it is sure that the database is ours.
func (d *DB) update(ctx context.Context, steps Schema) error {
	have, err := d.recognise(ctx, steps)
	if err != nil {
		return err
	}
	for n := have; n < len(steps); n++ {
		if err := d.apply(ctx, steps[n], n+1); err != nil {
			return fmt.Errorf("bring %s to version %d: %w", d.Where(), n+1, err)
		}
	}
	return nil
}

// mustBeUpToDate is update for a database that is only looked at.
func (d *DB) mustBeUpToDate(ctx context.Context, steps Schema) error {
	version, err := d.recognise(ctx, steps)
	if err == nil && version < len(steps) {
		err = fmt.Errorf("%w: %s has version %d, this program's is %d", ErrOlder, d.Where(), version, len(steps))
	}
	return err
}

// recognise answers the version of the database, which holds exactly what the steps up to it make.
func (d *DB) recognise(ctx context.Context, steps Schema) (version int, err error) {
	var there map[string]string
	err = d.engine.moment(ctx, func(q Querier) (err error) {
		if version, err = d.engine.version(ctx, q); err == nil {
			there, err = d.engine.objects(ctx, q)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", d.Where(), err)
	}
	if version > len(steps) {
		return 0, fmt.Errorf("%w: %s has version %d, this program knows %d", ErrNewer, d.Where(), version, len(steps))
	}
	ours, err := d.engine.made(ctx, steps[:max(0, version)], there)
	if err != nil {
		return 0, err
	}
	if name, bad := difference(there, ours); bad {
		return 0, fmt.Errorf("%w: %s in %s is not what it makes", ErrForeign, name, d.Where())
	}
	return version, nil
}

// difference names the first object in which two databases differ.
func difference(there, ours map[string]string) (name string, differ bool) {
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if there[name] != ours[name] {
			return name, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		if _, ok := there[name]; !ok {
			return name, true
		}
	}
	return "", false
}

// apply runs one step, unless another process did so first.
func (d *DB) apply(ctx context.Context, step string, to int) error {
	return d.Write(ctx, func(t *Tx) error {
		if have, err := d.engine.version(t.ctx, t); err != nil || have >= to {
			return err
		}
		for _, statement := range d.engine.step(step, to) {
			if err := t.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// number reads one.
func number(ctx context.Context, q Querier, query string, args ...any) (n int, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, Classify(err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&n)
	}
	return n, errors.Join(err, Classify(rows.Err()))
}

// pairs reads two texts a row.
func pairs(ctx context.Context, q Querier, query string, args ...any) (map[string]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, Classify(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		all[name] = text
	}
	return all, Classify(rows.Err())
}

// script is all steps in one text.
func (s Schema) script() string { return "\n" + strings.Join(s, "\n") }
