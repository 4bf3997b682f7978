package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to what this program knows. PRAGMA user_version counts the files applied.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted by name
	if err != nil {
		return err
	}
	have, err := version(ctx, s.writer.conn)
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", s.file(), err)
	case have > len(files):
		return fmt.Errorf("%w: %s has version %d, this program knows %d", ErrNewer, s.file(), have, len(files))
	}
	for n := have; n < len(files); n++ {
		if err := s.apply(ctx, files[n], n+1); err != nil {
			return fmt.Errorf("migrate %s with %s: %w", s.file(), files[n], err)
		}
	}
	return nil
}

// apply runs one file, unless another process did so first.
func (s *Store) apply(ctx context.Context, file string, to int) error {
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if have, err := version(t.ctx, t); err != nil || have >= to {
			return err
		}
		if err := t.exec(string(script)); err != nil {
			return err
		}
		return t.exec("PRAGMA user_version = " + strconv.Itoa(to)) // a pragma takes no parameters
	})
}

func version(ctx context.Context, q querier) (int, error) {
	return one(ctx, q, scan[int], "PRAGMA user_version")
}
