package db

import (
	"database/sql"
	"testing"
)

func TestFault38_EveryConnectionIsAsItMustBe(t *testing.T) {
	onSQLite(t)
	d := fresh(t)
	want := map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000"}
	check := func(conn *sql.Conn, queryOnly string) {
		t.Helper()
		want["query_only"] = queryOnly
		for pragma, value := range want {
			var got string
			noError(t, conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
			equal(t, pragma, got, value)
		}
	}
	e := d.engine.(*sqliteDB)
	check(e.conn, "0")
	var held []*sql.Conn
	for range e.readers.Stats().MaxOpenConnections {
		conn, err := e.readers.Conn(t.Context())
		noError(t, err)
		held = append(held, conn)
		check(conn, "1")
		if _, err := conn.ExecContext(t.Context(), "DELETE FROM lines"); err == nil {
			t.Fatal("a reader can write")
		}
	}
	for _, conn := range held {
		noError(t, conn.Close())
	}
}
