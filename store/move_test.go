package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"muban/store/db"
	"muban/store/pgtest"
)

// sqliteWithAll is an SQLite console in which everything was done that a person can do.
func sqliteWithAll(t *testing.T) *fixture {
	t.Helper()
	onPG(t)
	c := newClock()
	s, err := Open(t.Context(), t.TempDir(), Options{Now: c.now})
	noError(t, err)
	t.Cleanup(func() { s.Close() })
	f := populated(t, s, c)
	onPostgres = false // the acts make nothing elsewhere
	all := acts(f, t)
	onPostgres = true
	for name, act := range all {
		if act != nil && name != "RestoreDraft" {
			_ = act(t.Context()) // one may leave nothing for another to do
		}
	}
	f.token(t)
	return f
}

func TestEverythingIsMovedToPostgreSQL(t *testing.T) {
	f := sqliteWithAll(t)
	noError(t, f.Close())
	before := readFile(t, f.file())
	noError(t, os.WriteFile(f.dir+"/sandbox.json", []byte("{}"), 0o600))
	d, to := Data{Dir: f.dir}, pgtest.Empty(t)
	var progress, said, fromSQLite, fromPostgres bytes.Buffer
	noError(t, d.Verify(t.Context(), "", &fromSQLite))
	noError(t, d.Move(t.Context(), to, &progress, &said))
	noError(t, Data{Dir: f.dir, Database: to}.Verify(t.Context(), "", &fromPostgres))
	equal(t, "what verify says", fromPostgres.String(), fromSQLite.String())
	if readFile(t, f.file()) != before {
		t.Error("the source is not as it was")
	}
	for _, want := range []string{"activities: ", "sends: "} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("the progress does not tell of %q: %s", want, progress.String())
		}
	}

	source, err := openReadOnly(t.Context(), f.dir, Options{})
	noError(t, err)
	defer source.Close()
	s, err := Open(t.Context(), f.dir, Options{Now: f.clock.now, Database: to})
	noError(t, err)
	defer s.Close()
	noError(t, s.openSecrets(t.Context()))
	wantSame(t, source, s)
	state, _, giveBack := s.Simulation().Take(0)
	giveBack(nil)
	equal(t, "the sandbox's state", string(state), "{}")
	d.mustRefuse(t, to, db.ErrNotEmpty)

	// What is added goes on from the ids that were copied.
	_, err = s.AddApp(t.Context(), f.by, App{AppID: "wx-after", Secret: canary})
	noError(t, err)
	f.Store = s
	f.draft(t, "after the move")
	equal(t, "broken", f.verify(t).Broken, 0)
}

// wantSame compares what both hold, but for the sends that are pending no more.
func wantSame(t *testing.T, source, moved *Store) {
	t.Helper()
	tables, err := many(t.Context(), source.readers, scan[string],
		"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('sends', 'activities', 'send_days', 'send_hours', 'simulation')")
	noError(t, err)
	for _, table := range tables {
		columns, err := many(t.Context(), source.readers, scan[string], "SELECT name FROM pragma_table_info(?)", table)
		noError(t, err)
		query := "SELECT " + strings.Join(columns, ", ") + " FROM " + table
		was, is := rowsOf(t, source, query, len(columns)), rowsOf(t, moved, query, len(columns))
		equal(t, table, is, was)
	}
}

// rowsOf answers the rows as text, in no order.
func rowsOf(t *testing.T, s *Store, query string, width int) string {
	t.Helper()
	all, err := many(t.Context(), s.readers, func(r row) (string, error) {
		values, into := make([]any, width), make([]any, width)
		for i := range values {
			into[i] = &values[i]
		}
		err := r.Scan(into...)
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = string(b)
			}
		}
		return fmt.Sprintf("%v\n", values), err
	}, query+" ORDER BY 1, 2")
	noError(t, err)
	return strings.Join(all, "")
}

func (d Data) mustRefuse(t *testing.T, to string, want error) {
	t.Helper()
	wantError(t, d.Move(t.Context(), to, discard{}, discard{}), want)
}

func TestAMoveRefusesADatabaseThatIsNotEmpty(t *testing.T) {
	f := sqliteWithAll(t)
	noError(t, f.Close())
	d := Data{Dir: f.dir}
	foreign := pgtest.Empty(t)
	pgtest.Exec(t, foreign, "CREATE TABLE other (a int)")
	d.mustRefuse(t, foreign, ErrForeign)
	used := newFixture(t)
	d.mustRefuse(t, database(t, used.dir), db.ErrNotEmpty)
	noError(t, os.Remove(f.keyFile()))
	d.mustRefuse(t, pgtest.Empty(t), ErrKey)
}

// A move that ends in its middle leaves tables that are empty, and is begun again.
func TestAMoveThatWasInterruptedIsBegunAgain(t *testing.T) {
	f := sqliteWithAll(t)
	to := pgtest.Empty(t)
	source, err := openReadOnly(t.Context(), f.dir, Options{})
	noError(t, err)
	defer source.Close()
	target, err := db.Connect(t.Context(), to, db.Options{Schema: schema(), Now: f.now})
	noError(t, err)
	defer target.Close()
	ctx, cancel := context.WithCancel(t.Context())
	err = target.Fill(ctx, source.db, func(_, _ querier) error { return nil }, func(table string, _, copied int) {
		if table == "activities" {
			cancel()
		}
	})
	wantError(t, err, context.Canceled)
	noStep := errors.New("the chain is another")
	wantError(t, target.Fill(t.Context(), source.db, func(_, _ querier) error { return noStep }, func(string, int, int) {}), noStep)
	var said bytes.Buffer
	noError(t, Data{Dir: f.dir}.Move(t.Context(), to, discard{}, &said)) // while a console has it open
	if n := strings.Count(said.String(), "\n"); n != 4 {
		t.Errorf("it does not say that a console was using the source: %s", said.String())
	}
	noError(t, Data{Dir: f.dir, Database: to}.Verify(t.Context(), "", discard{}))
}

func TestWhatPostgreSQLDoesItselfIsNamed(t *testing.T) {
	f := newFixture(t)
	onPG(t)
	d := Data{Dir: f.dir, Database: database(t, f.dir)}
	for name, err := range map[string]error{
		"backup": d.Backup(t.Context(), []string{"x"}, discard{}), "restore": d.Restore(t.Context(), []string{"x"}, discard{}),
	} {
		if err == nil || !strings.Contains(err.Error(), "pg_dump") || !strings.Contains(err.Error(), "pg_restore") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantError(t, f.Backup(t.Context(), f.by, t.TempDir()+"/x.db"), db.ErrPostgres)
}

// A database that pg_restore has put back brings no access with it, and sends nothing until somebody confirms.
func TestFault50_ADumpThatWasPutBackIsHeld(t *testing.T) {
	f := newFixture(t)
	_, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "live", Hash: [32]byte{1}})
	noError(t, err)
	f.session(t, 1, f.admin.ID)
	f.token(t)
	keys, err := f.holdRestored(t.Context())
	noError(t, err)
	equal(t, "keys", strings.Join(keys, " "), "live")
	_, err = f.Session(t.Context(), [32]byte{1})
	wantError(t, err, ErrNotFound)
	held, err := f.RestoreHolds(t.Context())
	noError(t, err)
	equal(t, "held", held, true)
	if _, _, err := f.BeginSend(t.Context(), f.by, attempt(f.app.ID, "key")); err == nil {
		t.Error("a send begins")
	}
	equal(t, "act", f.activities(t)[0].Act, ActRestore)
	noError(t, f.ConfirmRestore(t.Context(), f.by))
	f.send(t, "key", "tpl")
}
