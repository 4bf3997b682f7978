package db

import (
	"context"
	"fmt"
	"strconv"
)

// Schema holds the SQL that makes the tables: the first text makes the first version, each further one takes a
// database of the version before to the next. PRAGMA user_version counts the texts that were applied.
type Schema []string

// update brings the schema to what this program knows.
func (d *DB) update(ctx context.Context, steps Schema) error {
	have, err := d.writer.version(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", d.file, err)
	case have > len(steps):
		return fmt.Errorf("%w: %s has version %d, this program knows %d", ErrNewer, d.file, have, len(steps))
	}
	for n := have; n < len(steps); n++ {
		if err := d.apply(ctx, steps[n], n+1); err != nil {
			return fmt.Errorf("bring %s to version %d: %w", d.file, n+1, err)
		}
	}
	return nil
}

// apply runs one step, unless another process did so first.
func (d *DB) apply(ctx context.Context, step string, to int) error {
	return d.Write(ctx, func(t *Tx) error {
		if have, err := t.w.version(t.ctx); err != nil || have >= to {
			return err
		}
		if err := t.Exec(step); err != nil {
			return err
		}
		return t.Exec("PRAGMA user_version = " + strconv.Itoa(to)) // a pragma takes no parameters
	})
}

func (w *writer) version(ctx context.Context) (n int, err error) {
	err = w.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&n)
	return n, Classify(err)
}
