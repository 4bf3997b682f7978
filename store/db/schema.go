package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Schema holds the SQL that makes the tables: the first text makes the first version, each further one takes a
// database of the version before to the next. PRAGMA user_version counts the texts that were applied.
type Schema []string

// ErrForeign is what Open answers for a database that holds anything but what the schema makes: a trigger or a view
// of somebody else's would act with every change of ours.
var ErrForeign = errors.New("store: the database is not as Muban made it")

// update brings the schema to what this program knows, once it is sure that the database is ours.
func (d *DB) update(ctx context.Context, steps Schema) error {
	have, err := d.recognise(ctx, d.writer.conn, steps)
	if err != nil {
		return err
	}
	for n := have; n < len(steps); n++ {
		if err := d.apply(ctx, steps[n], n+1); err != nil {
			return fmt.Errorf("bring %s to version %d: %w", d.file, n+1, err)
		}
	}
	return nil
}

// recognise answers the version of the database, which holds exactly what the steps up to it make.
func (d *DB) recognise(ctx context.Context, conn *sql.Conn, steps Schema) (version int, err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil { // the version and what is there, of one moment
		return 0, fmt.Errorf("open %s: %w", d.file, Classify(err))
	}
	defer func() {
		_, e := conn.ExecContext(context.WithoutCancel(ctx), "COMMIT")
		err = errors.Join(err, Classify(e))
	}()
	if version, err = versionOf(ctx, conn); err != nil {
		return 0, fmt.Errorf("read %s: %w", d.file, err)
	}
	if version > len(steps) {
		return 0, fmt.Errorf("%w: %s has version %d, this program knows %d", ErrNewer, d.file, version, len(steps))
	}
	there, err := objects(ctx, conn)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", d.file, err)
	}
	if steps[:max(0, version)].wrote(there) {
		return version, nil
	}
	ours, err := steps[:max(0, version)].objects(ctx)
	if err != nil {
		return 0, err
	}
	if name, bad := difference(there, ours); bad {
		return 0, fmt.Errorf("%w: %s in %s is not what it makes", ErrForeign, name, d.file)
	}
	return version, nil
}

// wrote tells in microseconds, without making a database to compare with, that the steps made exactly these objects:
// as many as they create, and each word for word. A step that alters a table needs the comparison.
func (s Schema) wrote(there map[string]string) bool {
	script := "\n" + strings.Join(s, "\n")
	created := 0
	for _, text := range there {
		_, text, _ = strings.Cut(text, ": ")
		if text == "" { // an index that SQLite makes for a key
			continue
		}
		if created++; !strings.Contains(script, "\n"+text+";") {
			return false
		}
	}
	return created == strings.Count(script, "\nCREATE ")
}

// objects are the tables, indexes, views and triggers that the steps make.
func (s Schema) objects(ctx context.Context) (map[string]string, error) {
	if len(s) == 0 {
		return map[string]string{}, nil
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	for _, step := range s {
		if _, err := db.ExecContext(ctx, step); err != nil {
			return nil, err
		}
	}
	return objects(ctx, db)
}

// objects answers the SQL by the kind and the name of what a database holds.
func objects(ctx context.Context, q interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) (map[string]string, error) {
	rows, err := q.QueryContext(ctx, "SELECT type || ' ' || name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_master")
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
		if have, err := versionOf(t.ctx, t.w.conn); err != nil || have >= to {
			return err
		}
		if err := t.Exec(step); err != nil {
			return err
		}
		return t.Exec("PRAGMA user_version = " + strconv.Itoa(to)) // a pragma takes no parameters
	})
}

func versionOf(ctx context.Context, conn *sql.Conn) (n int, err error) {
	err = conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&n)
	return n, Classify(err)
}
