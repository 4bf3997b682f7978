package store

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// writer is the one connection that changes the database. Whoever holds the turn uses it alone.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	now   func() time.Time
	queue queue
	turn  chan struct{}
	stmts map[string]*sql.Stmt // preparing costs as much as running; the texts are constants, so few
}

func openWriter(ctx context.Context, dsn string, now func() time.Time) (*writer, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &writer{db: db, conn: conn, now: now, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}, nil
}

// close waits for the transaction under way.
func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	for _, stmt := range w.stmts {
		stmt.Close()
	}
	clear(w.stmts)
	w.conn.Close()
	return w.db.Close()
}

func (w *writer) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, classify(err)
	}
	w.stmts[query] = stmt
	return stmt, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	_, err := w.affect(ctx, query, args...)
	return err
}

func (w *writer) affect(ctx context.Context, query string, args ...any) (rows int64, err error) {
	stmt, err := w.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, classify(err)
	}
	return result.RowsAffected()
}

// tx is a change under way: a write transaction, or one job's part of it.
type tx struct {
	ctx   context.Context
	w     *writer
	now   time.Time
	wrote bool // or tried to
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.affect(query, args...)
	return err
}

func (t *tx) affect(query string, args ...any) (rows int64, err error) {
	t.wrote = true
	return t.w.affect(t.ctx, query, args...)
}

// update is exec for what must be there: ErrNotFound when no row was touched.
func (t *tx) update(query string, args ...any) error {
	rows, err := t.affect(query, args...)
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

// insert is exec for an INSERT … RETURNING id.
func (t *tx) insert(query string, args ...any) (id int64, err error) {
	return one(t.ctx, t, scan[int64], query, args...)
}

// QueryContext is for SELECT, and for changes that answer rows.
func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	t.wrote = t.wrote || !strings.HasPrefix(query, "SELECT")
	stmt, err := t.w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}
