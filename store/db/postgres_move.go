package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrNotEmpty is what Fill answers for a database that holds something already.
var ErrNotEmpty = errors.New("store: the database is not empty")

// Fill copies every row of an SQLite database, as it is at one moment, into a PostgreSQL one whose tables are empty.
// It is one transaction, so that what is interrupted leaves nothing; check may still refuse what both then hold. done
// hears of each table how many rows it has and how many are copied, now and then.
func (d *DB) Fill(ctx context.Context, from *DB, check func(from, to Querier) error, done func(table string, rows, copied int)) error {
	source, ok := from.engine.(*sqliteDB)
	target, into := d.engine.(*postgresDB)
	if !ok || !into {
		return errors.New("store: only an SQLite database is copied, and only into one of PostgreSQL")
	}
	read, err := source.readers.BeginTx(ctx, nil)
	if err != nil {
		return Classify(err)
	}
	defer read.Rollback()
	begun, err := target.begin(ctx)
	if err != nil {
		return err
	}
	defer begun.rollback(ctx)
	f := &filling{from: read, to: begun.(*postgresTx), done: done}
	if err := f.copyAll(ctx); err != nil {
		return Classify(err)
	}
	if err := check(read, querying{begun}); err != nil {
		return err
	}
	return begun.commit(ctx, true)
}

type filling struct {
	from *sql.Tx
	to   *postgresTx
	done func(table string, rows, copied int)
}

func (f *filling) copyAll(ctx context.Context) error {
	// The whole copy takes longer than a change may.
	for _, setting := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} {
		if _, err := f.to.exec(ctx, "SET LOCAL "+setting+" = 0"); err != nil {
			return err
		}
	}
	tables, err := f.tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables { // before the first is filled
		n, err := number(ctx, querying{f.to}, "SELECT count(*) FROM (SELECT 1 FROM "+table+" LIMIT 1) AS first")
		if err == nil && n > 0 {
			err = fmt.Errorf("%w: there is something in its table %s; move into another one", ErrNotEmpty, table)
		}
		if err != nil {
			return err
		}
	}
	for _, table := range tables {
		if err := f.copy(ctx, table); err != nil {
			return fmt.Errorf("copy the table %s: %w", table, err)
		}
	}
	return nil
}

// tables are in the order in which they were made: what a row refers to comes before it.
func (f *filling) tables(ctx context.Context) (names []string, err error) {
	rows, err := f.from.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func (f *filling) copy(ctx context.Context, table string) error {
	columns, err := f.columns(ctx, table)
	if err != nil {
		return err
	}
	total, err := number(ctx, f.from, "SELECT count(*) FROM "+table)
	if err != nil {
		return err
	}
	f.done(table, total, 0)
	rows, err := f.from.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	source := &copying{rows: rows, width: len(columns), done: func(n int) { f.done(table, total, n) }}
	var copied int64
	if err = f.raw(func(conn *pgx.Conn) (err error) {
		copied, err = conn.CopyFrom(ctx, pgx.Identifier{table}, columns, source)
		return err
	}); err != nil {
		return err
	}
	if int(copied) != total {
		return fmt.Errorf("%w: %d of %d rows were copied", ErrDamaged, copied, total)
	}
	f.done(table, total, total)
	if _, err := f.to.exec(ctx, "ANALYZE "+table); err != nil { // or the first queries are planned for empty tables
		return err
	}
	return f.goOnFrom(ctx, table)
}

// columns are those that a row is made of; others follow from them.
func (f *filling) columns(ctx context.Context, table string) (names []string, err error) {
	rows, err := f.from.QueryContext(ctx, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// goOnFrom has the next id of a table come after those that were copied.
func (f *filling) goOnFrom(ctx context.Context, table string) error {
	n, err := number(ctx, querying{f.to}, `SELECT count(*) FROM pg_attribute
		WHERE attrelid = to_regclass(?) AND attname = 'id' AND attidentity <> ''`, table)
	if err != nil || n == 0 {
		return err
	}
	_, err = number(ctx, querying{f.to}, "SELECT setval(pg_get_serial_sequence(?, 'id'), coalesce(max(id), 0) + 1, false) FROM "+table, table)
	return err
}

// raw lends the driver's own connection.
func (f *filling) raw(use func(conn *pgx.Conn) error) error {
	return f.to.conn.Raw(func(driverConn any) error { return use(driverConn.(*stdlib.Conn).Conn()) })
}

// copying hands on rows as PostgreSQL takes them.
type copying struct {
	rows  *sql.Rows
	width int
	n     int
	done  func(copied int)
}

// toldEvery is after how many rows somebody hears of them.
const toldEvery = 20_000

func (c *copying) Next() bool { return c.rows.Next() }

func (c *copying) Values() ([]any, error) {
	values, into := make([]any, c.width), make([]any, c.width)
	for i := range values {
		into[i] = &values[i]
	}
	if err := c.rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, v := range values {
		if b, blob := v.([]byte); blob && b == nil { // empty, and not NULL
			values[i] = []byte{}
		}
	}
	if c.n++; c.n%toldEvery == 0 {
		c.done(c.n)
	}
	return arguments(values), nil
}

func (c *copying) Err() error { return c.rows.Err() }
