package db

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// waiting are statements of a transaction that have not been sent: all go at once, and are answered at once.
type waiting struct {
	pgx.Batch
	tables map[string]bool // that they write to
}

func (t *postgresTx) later(_ context.Context, query string, args ...any) error {
	_, table, _ := strings.Cut(query, "INSERT INTO ")
	table, _, _ = strings.Cut(table, " ")
	if t.waiting.tables == nil {
		t.waiting.tables = map[string]bool{}
	}
	t.waiting.tables[table] = true
	t.waiting.Queue(t.translated(query), arguments(args)...)
	return nil
}

// catchUp sends what waits before a statement that may see it, or that ends a job's part of the transaction.
func (t *postgresTx) catchUp(ctx context.Context, query string) error {
	if query == "ROLLBACK TO job" {
		t.waiting = waiting{}
	}
	for table := range t.waiting.tables {
		if strings.Contains(query, table) {
			return t.sendWaiting(ctx)
		}
	}
	if query == "RELEASE job" {
		return t.sendWaiting(ctx)
	}
	return nil
}

func (t *postgresTx) sendWaiting(ctx context.Context) error {
	batch := t.waiting.Batch
	if batch.Len() == 0 {
		return nil
	}
	t.waiting = waiting{}
	err := t.conn.Raw(func(c any) error { return c.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close() })
	if err != nil {
		return t.failed(err)
	}
	return nil
}
