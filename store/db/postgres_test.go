package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"muban/store/pgtest"
)

// freshPostgres is a database of PostgreSQL, with more settings in its address.
func freshPostgres(t testing.TB, more ...string) (*DB, *postgresDB) {
	t.Helper()
	if !onPostgres {
		t.Skip("of PostgreSQL alone")
	}
	dsn := pgtest.Empty(t) + strings.Join(append([]string{""}, more...), "&")
	d, err := Connect(t.Context(), dsn, Options{Schema: lines(), Now: time.Now})
	noError(t, err)
	t.Cleanup(func() { d.Close() })
	return d, d.engine.(*postgresDB)
}

func TestFault38_EveryConnectionToPostgreSQLIsAsItMustBe(t *testing.T) {
	_, e := freshPostgres(t)
	want := map[string]string{"synchronous_commit": "on", "statement_timeout": "30s", "lock_timeout": "10s",
		"idle_in_transaction_session_timeout": "5s"}
	for setting, value := range want {
		var reader, writer string
		noError(t, e.readers.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&reader))
		noError(t, e.pool.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&writer))
		equal(t, setting+" of a reader", reader, value)
		equal(t, setting+" of the writer", writer, value)
	}
	if _, err := e.QueryContext(t.Context(), "DELETE FROM lines RETURNING text"); err == nil {
		t.Error("a reader can write")
	}
}

// Who waits for rows in the other order than another session has them in a deadlock, which PostgreSQL ends.
func TestADeadlockIsTriedAgain(t *testing.T) {
	d, e := freshPostgres(t, "deadlock_timeout=100")
	noError(t, d.add(t.Context(), "a"))
	noError(t, d.add(t.Context(), "b"))
	other, err := pgx.ConnectConfig(t.Context(), e.config.Copy())
	noError(t, err)
	defer other.Close(context.Background())
	_, err = other.Exec(t.Context(), "SET deadlock_timeout = '10s'; BEGIN; UPDATE lines SET text = 'b1' WHERE text = 'b'")
	noError(t, err)
	var once sync.Once
	waits, tried := make(chan error, 1), 0
	noError(t, d.Write(t.Context(), func(x *Tx) error {
		tried++
		if err := x.Exec("UPDATE lines SET text = 'a2' WHERE text LIKE 'a%'"); err != nil {
			return err
		}
		once.Do(func() {
			go func() {
				_, err := other.Exec(context.Background(), "UPDATE lines SET text = 'a1' WHERE text = 'a'; COMMIT")
				waits <- err
			}()
			e.awaitWaiting(t)
		})
		return x.Exec("UPDATE lines SET text = 'b2' WHERE text LIKE 'b%'")
	}))
	noError(t, <-waits)
	if tried < 2 {
		t.Error("it was no deadlock")
	}
	equal(t, "rows of the change", d.number(t, "SELECT count(*) FROM lines WHERE text IN ('a2', 'b2')"), 2)
}

// awaitWaiting returns once a session waits for a row of another.
func (e *postgresDB) awaitWaiting(t testing.TB) {
	t.Helper()
	for n := 0; n == 0; {
		var err error
		if n, err = number(t.Context(), e, "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFault68_ADatabaseThatGoesAwayIsTroubleUntilItIsBack(t *testing.T) {
	d, e := wired(t, "")
	w := e.wire
	noError(t, d.add(t.Context(), "before"))
	w.Cut()
	for range 3 {
		begun := time.Now()
		err := d.add(t.Context(), "meanwhile")
		equal(t, "trouble", Trouble(err), true)
		wantError(t, err, ErrAway)
		wantError(t, d.Ready(t.Context()), ErrAway)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("an answer took %s", took)
		}
	}
	w.Mend()
	until := time.Now().Add(3 * time.Second)
	for d.Ready(t.Context()) != nil {
		if time.Now().After(until) {
			t.Fatal("it is not ready again")
		}
		time.Sleep(20 * time.Millisecond)
	}
	noError(t, d.add(t.Context(), "after"))
	equal(t, "rows", d.count(t), 2)
}

// A connection that breaks where nobody looks is made again before anybody hears of it.
func TestFault68_WhatWasLostBetweenTwoChangesIsNotNoticed(t *testing.T) {
	d, e := wired(t, "")
	for i := range 10 {
		noError(t, d.add(t.Context(), fmt.Sprint(i)))
		equal(t, "rows", d.count(t), i+1)
		e.wire.Cut()
		e.wire.Mend()
	}
}

// The answer of a commit may be lost after the database has kept it.
func TestFault68_ALostCommitIsFoundOutAndNotDoneTwice(t *testing.T) {
	d, e := wired(t, "; COMMIT")
	begun := make(chan error)
	go func() { begun <- d.add(context.Background(), "once") }()
	for !e.wire.IsCut() { // by the commit
		time.Sleep(time.Millisecond)
	}
	e.wire.CutAt("")
	e.wire.Mend()
	noError(t, <-begun)
	equal(t, "rows", d.count(t), 1)
}

type wiredDB struct {
	*postgresDB
	wire *pgtest.Wire
}

// wired is a database at the other end of a wire.
func wired(t testing.TB, swallow string) (*DB, wiredDB) {
	t.Helper()
	if !onPostgres {
		t.Skip("of PostgreSQL alone")
	}
	w, dsn := pgtest.NewWire(t, pgtest.Empty(t))
	d, err := Connect(t.Context(), dsn, Options{Schema: lines(), Now: time.Now})
	noError(t, err)
	t.Cleanup(func() { d.Close() })
	e := d.engine.(*postgresDB)
	w.Cut() // the next connections are made with it
	w.CutAt(swallow)
	w.Mend()
	return d, wiredDB{e, w}
}

// What takes turns by the time does so on all machines, so a machine whose clock is wrong is to serve nobody.
func TestFault68_AMachineWhoseClockIsWrongIsNotReady(t *testing.T) {
	d, e := freshPostgres(t)
	for _, off := range []time.Duration{-3 * time.Minute, 0, 3 * time.Minute} {
		e.clock = func() time.Time { return time.Now().Add(off) }
		err := d.Ready(t.Context())
		equal(t, off.String(), errors.Is(err, ErrClock), off != 0)
		equal(t, "how far", err == nil || strings.Contains(err.Error(), "3m0s"), true)
	}
}

// A server that Muban cannot use is refused before anything is made there, with what to do.
func TestAServerThatDoesNotSuitIsRefusedWithWhatToDo(t *testing.T) {
	if !onPostgres {
		t.Skip("of PostgreSQL alone")
	}
	good := pgtest.Empty(t)
	at, err := url.Parse(good)
	noError(t, err)
	other := func(name, make, undo string) string { // the same address, but for the name
		name += at.Path[1:]
		if make != "" {
			pgtest.Exec(t, good, strings.ReplaceAll(make, "NAME", name))
			t.Cleanup(func() { pgtest.Exec(t, good, strings.ReplaceAll(undo, "NAME", name)) })
		}
		return name
	}
	database := func(name, make string) string {
		u := *at
		u.Path = "/" + other(name, make, "DROP DATABASE NAME WITH (FORCE)")
		return u.String()
	}
	role := func(name, make string) string {
		u := *at
		u.User = url.User(other(name, make, "DROP ROLE NAME"))
		return u.String()
	}
	const encoded = "CREATE DATABASE NAME TEMPLATE template0 LOCALE 'C' ENCODING "
	readOnly := database("ro_", "CREATE DATABASE NAME TEMPLATE template0 ENCODING UTF8")
	pgtest.Exec(t, good, "ALTER DATABASE ro_"+at.Path[1:]+" SET default_transaction_read_only = on")
	for dsn, says := range map[string]string{
		database("latin_", encoded+"LATIN1"):    "LATIN1",
		database("none_", encoded+"SQL_ASCII"):  "SQL_ASCII",
		database("nothing_", ""):                advice["3D000"],
		readOnly:                                advice["25006"],
		role("poor_", "CREATE ROLE NAME LOGIN"): advice["42501"],
		role("nobody_", ""):                     advice["28000"],
		good + "&statement_timeout=1":           advice["57014"],
	} {
		_, err := Connect(t.Context(), dsn, Options{Schema: lines(), Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestNoErrorShowsThePassword(t *testing.T) {
	for _, dsn := range []string{
		"postgres://me:secret-word@127.0.0.1:1/none", "postgres://me:secret-word@[::1/none", "postgres://me:secret-word%zz@host/x",
		"host=127.0.0.1 password=secret-word", "postgres://me:secret-word@127.0.0.1:1/none?sslrootcert=/nowhere",
		"postgres://me:secret-word@127.0.0.1:notaport/none",
	} {
		_, err := Connect(t.Context(), dsn, Options{Schema: lines(), Now: time.Now})
		if err == nil || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestAProcessThatIsGoneForLongIsDead(t *testing.T) {
	if !onPostgres {
		t.Skip("of PostgreSQL alone")
	}
	dsn := pgtest.Empty(t)
	o := Options{Schema: lines(), Now: time.Now, Patience: 50 * time.Millisecond}
	process := func() (*DB, Process) {
		d, err := Connect(t.Context(), dsn, o)
		noError(t, err)
		p, _, err := d.Join(t.Context(), o)
		noError(t, err)
		t.Cleanup(func() { d.Close(); p.End() })
		return d, p
	}
	_, one := process()
	_, two := process()
	dead := func() []int64 {
		t.Helper()
		all, err := one.Dead(t.Context(), []int64{one.ID(), two.ID()})
		noError(t, err)
		return all
	}
	for range 8 {
		equal(t, "dead while it lives", len(dead()), 0)
		time.Sleep(10 * time.Millisecond)
	}
	noError(t, two.End())
	equal(t, "dead at once", len(dead()), 0)
	for until := time.Now().Add(5 * time.Second); len(dead()) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("it is never dead")
		}
	}
}

func TestAllProcessesHearOfAChange(t *testing.T) {
	d, _ := freshPostgres(t)
	p, changed, err := d.Join(t.Context(), Options{})
	noError(t, err)
	defer p.End()
	<-changed // once at first
	noError(t, d.Write(t.Context(), func(x *Tx) error {
		x.Tell()
		return x.Exec("INSERT INTO lines VALUES ('told')")
	}))
	select {
	case <-changed:
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was heard")
	}
}

func TestATextThatPostgreSQLCannotKeepIsKeptWithoutWhatItCannot(t *testing.T) {
	d := fresh(t)
	noError(t, d.add(t.Context(), Text("a\x00b\xff")))
	noError(t, d.add(t.Context(), "plain"))
	n, err := number(t.Context(), d.Readers(), "SELECT count(*) FROM lines WHERE text = ?", Text("a\x00b\xff"))
	noError(t, err)
	equal(t, "found", n, 1)
}

func TestTheWordsOfAQueryAreTranslatedOutsideOfTexts(t *testing.T) {
	for sqlite, postgres := range map[string]string{
		"SELECT a FROM b WHERE c = ? AND d = '?' AND e = ?": "SELECT a FROM b WHERE c = $1 AND d = '?' AND e = $2",
		"SELECT ?2, ?1": "SELECT $2, $1",
		`a LIKE ? ESCAPE '\' AND b = 'it''s LIKE'`:      `a ILIKE $1 ESCAPE '\' AND b = 'it''s LIKE'`,
		"FROM rights INDEXED BY rights_by_openid WHERE": "FROM rights  WHERE",
		"FROM sends NOT INDEXED WHERE":                  "FROM sends  WHERE",
		`"LIKE" -- ? LIKE`:                              `"LIKE" -- ? LIKE`,
	} {
		equal(t, sqlite, translate(sqlite), postgres)
	}
}

// A change that goes on after a statement that failed would be half a change on PostgreSQL.
func TestAStatementThatFailedFailsTheChange(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "test.db"), Schema{"CREATE TABLE lines (text TEXT PRIMARY KEY) STRICT"})
	noError(t, d.add(t.Context(), "a"))
	err := d.Write(t.Context(), func(x *Tx) error {
		_ = x.Exec("INSERT INTO lines VALUES ('a')")
		_ = x.Exec("INSERT INTO lines VALUES ('b')")
		return nil
	})
	wantError(t, err, ErrTaken)
	equal(t, "rows", d.count(t), 1)
}
