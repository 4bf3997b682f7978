package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

func (e *sqliteDB) moment(ctx context.Context, look func(q Querier) error) (err error) {
	if _, err := e.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return Classify(err)
	}
	defer func() {
		_, ended := e.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT")
		err = errors.Join(err, Classify(ended))
	}()
	return look(e.conn)
}

func (e *sqliteDB) version(ctx context.Context, q Querier) (int, error) {
	return number(ctx, q, "PRAGMA user_version")
}

func (e *sqliteDB) step(text string, version int) []string {
	return []string{text, "PRAGMA user_version = " + strconv.Itoa(version)} // a pragma takes no parameters
}

func (e *sqliteDB) objects(ctx context.Context, q Querier) (map[string]string, error) {
	return pairs(ctx, q, "SELECT type || ' ' || name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_master")
}

func (e *sqliteDB) made(ctx context.Context, steps Schema, there map[string]string) (map[string]string, error) {
	if steps.wrote(there) {
		return there, nil
	}
	key := sha256.Sum256([]byte("sqlite" + steps.script()))
	if known, ok := madeBefore.Load(key); ok {
		return known.(map[string]string), nil
	}
	all, err := e.make(ctx, steps)
	if err == nil {
		madeBefore.Store(key, all)
	}
	return all, err
}

// make makes the tables in memory.
func (e *sqliteDB) make(ctx context.Context, steps Schema) (map[string]string, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	for _, step := range steps {
		if _, err := db.ExecContext(ctx, step); err != nil {
			return nil, err
		}
	}
	return e.objects(ctx, db)
}

// wrote tells in microseconds, without making a database to compare with, that the steps made exactly these objects:
// as many as they create, and each word for word. A step that alters a table needs the comparison.
func (s Schema) wrote(there map[string]string) bool {
	script := s.script()
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
