package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"muban/store/db"
)

// Move is muban move: it copies the SQLite database of d into the empty PostgreSQL one at to, compares both, and leaves
// the source alone. It reads what the source holds at one moment, also while a console serves it: what that does later
// is not in the copy. progress hears how far it is. What is interrupted leaves nothing behind, and is begun again.
func (d Data) Move(ctx context.Context, to string, progress, out io.Writer) error {
	if !db.IsPostgres(to) {
		return errors.New("usage: muban move [-data DIR] -to postgres://user@host/database")
	}
	// As long as nobody uses the source nobody may begin to: it is read as a file that does not change.
	lock, err := db.LockAlone(filepath.Join(d.Dir, lockName))
	if err == nil {
		defer lock.Close()
	}
	served := errors.Is(err, ErrInUse)
	if err != nil && !served {
		return err
	}
	source, err := openReadOnly(ctx, d.Dir, Options{})
	if err != nil {
		return err
	}
	defer source.Close()
	if _, err := readKeys(d.keyFile()); err != nil {
		return fmt.Errorf("%w: the secrets do not open without the key file: %w", ErrKey, err)
	}
	o := Options{}.filled()
	target, err := db.Connect(ctx, to, db.Options{Schema: schema(), Now: o.Now, Log: o.Log})
	if err != nil {
		return err
	}
	defer target.Close()
	var chain Chain
	err = target.Fill(ctx, source.db, func(from, to querier) (err error) {
		fmt.Fprintln(progress, "activities: comparing the chain of the log")
		if chain, err = sameChain(ctx, from, to); err == nil {
			err = d.moveSimulation(ctx, to)
		}
		return err
	}, func(table string, rows, copied int) {
		if rows > 0 && (copied > 0 || rows > 100_000) {
			fmt.Fprintf(progress, "%s: %d of %d\n", table, copied, rows)
		}
	})
	if err != nil {
		return fmt.Errorf("nothing was moved to %s: %w", target.Where(), err)
	}
	fmt.Fprintf(out, "%s holds everything that %s does.\nAll %d lines hold together. Head %x\n", target.Where(),
		source.db.Where(), chain.Count, chain.Head)
	fmt.Fprintf(out, "Copy %s to every machine, into its -data directory, and start the consoles with MUBAN_DATABASE set.\n", d.keyFile())
	if served {
		fmt.Fprintln(out, "A console was using the source meanwhile: what it has done since is not in the copy. Stop it, empty the"+
			" PostgreSQL database and move again before you go on with that.")
	}
	return nil
}

// moveSimulation copies the sandbox's state, which is a file beside an SQLite database.
func (d Data) moveSimulation(ctx context.Context, to querier) error {
	state, err := os.ReadFile(filepath.Join(d.Dir, "sandbox.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = one(ctx, to, scan[int], "INSERT INTO simulation (id, version, state) VALUES (1, 1, ?) RETURNING id", state)
	return err
}

// sameChain follows the log in both databases, and answers an error unless it is one, and whole.
func sameChain(ctx context.Context, from, to querier) (Chain, error) {
	before, err := chainOf(ctx, from)
	if err != nil {
		return before, err
	}
	after, err := chainOf(ctx, to)
	switch {
	case err != nil:
		return before, err
	case before.Broken != 0:
		return before, fmt.Errorf("%w: line %d of the source does not follow from the one before it", ErrBroken, before.Broken)
	case before != after:
		return before, fmt.Errorf("%w: the copy of the log is not the log", ErrDamaged)
	}
	return before, nil
}

// errDump is what muban backup and restore answer for PostgreSQL, which has its own.
func (d Data) errDump(what string) error {
	return fmt.Errorf("muban %s is for SQLite: keep a PostgreSQL database with pg_dump -Fc, and put it back into an empty one with"+
		" pg_restore, then muban restore -hold, before a console starts; its secrets open with %s alone, so keep that too",
		what, d.keyFile())
}
