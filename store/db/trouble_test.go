package db

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// lockedBy keeps the write lock as another program would, until the returned function is called.
func (d *DB) lockedBy(t testing.TB) (release func()) {
	t.Helper()
	if e, ok := d.engine.(*postgresDB); ok {
		conn, err := pgx.ConnectConfig(t.Context(), e.config.Copy())
		noError(t, err)
		_, err = conn.Exec(t.Context(), "BEGIN; "+e.turn)
		noError(t, err)
		return func() { noError(t, conn.Close(t.Context())) }
	}
	other, err := sql.Open("sqlite", "file:"+d.Where())
	noError(t, err)
	conn, err := other.Conn(t.Context())
	noError(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	noError(t, err)
	return func() {
		_, err := conn.ExecContext(t.Context(), "ROLLBACK")
		noError(t, err)
		noError(t, conn.Close())
		noError(t, other.Close())
	}
}

// patience makes the busy_timeout short, so that a test need not wait for it.
func (d *DB) patience(t testing.TB, wait time.Duration) {
	t.Helper()
	if e, ok := d.engine.(*postgresDB); ok {
		_, err := e.pool.ExecContext(t.Context(), fmt.Sprintf("SET lock_timeout = %d", wait.Milliseconds()))
		noError(t, err)
		return
	}
	_, err := d.engine.(*sqliteDB).conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA busy_timeout = %d", wait.Milliseconds()))
	noError(t, err)
}

func TestFault66_BehindALockEverybodyHasAnAnswerAtOnce(t *testing.T) {
	d := fresh(t)
	const wait = time.Second // as if it were the usual ten
	d.patience(t, wait)
	release := d.lockedBy(t)
	turn := d.hold()
	var wg sync.WaitGroup
	begun := time.Now()
	for range 5 {
		wg.Go(func() {
			err := d.add(t.Context(), "")
			wantError(t, err, ErrBusy)
			equal(t, "trouble", Trouble(err), true)
		})
	}
	d.waitFor(5)
	turn()
	d.waitFor(0) // the five have begun, together
	for range 5 {
		wg.Go(func() { wantError(t, d.add(t.Context(), ""), ErrBusy) }) // and five come while they wait
	}
	wg.Wait()
	if took := time.Since(begun); took > 2*wait {
		t.Errorf("the last answer came after %s, where one wait is %s", took, wait)
	}
	wantError(t, d.Ready(t.Context()), ErrBusy)
	release()
	noError(t, d.Ready(t.Context()))
	noError(t, d.add(t.Context(), "after it"))
	equal(t, "rows", d.count(t), 1)
}

func TestFault66_AFullDiskIsNotReadyUntilThereIsRoom(t *testing.T) {
	onSQLite(t)
	d := fresh(t)
	allow := func(pages int64) {
		t.Helper()
		_, err := d.engine.(*sqliteDB).conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		noError(t, err)
	}
	noError(t, d.Ready(t.Context()))
	allow(d.number(t, "PRAGMA page_count") + 1)
	err := d.add(t.Context(), fmt.Sprintf("%100000d", 1))
	wantError(t, err, ErrFull)
	equal(t, "trouble", Trouble(err), true)
	wantError(t, d.Ready(t.Context()), ErrFull)
	allow(100_000)
	noError(t, d.Ready(t.Context()))
	noError(t, d.add(t.Context(), "there is room again"))
	equal(t, "rows", d.count(t), 1)
	equal(t, "tables", d.number(t, "SELECT count(*) FROM sqlite_master"), 1)
}
