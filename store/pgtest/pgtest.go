// Package pgtest gives tests a PostgreSQL: that of MUBAN_TEST_POSTGRES, or a cluster of their own that is gone with the
// test binary. Where neither is to be had, tests skip what needs it, and fail where CI is set.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Variable names a cluster that runs already, by the address of a database on it.
const Variable = "MUBAN_TEST_POSTGRES"

var cluster = sync.OnceValues(find)

// Missing is why there is no PostgreSQL; nil where there is one.
func Missing() error {
	_, err := cluster()
	return err
}

// EngineVariable chooses one engine to test: "sqlite" or "postgres".
const EngineVariable = "MUBAN_TEST_ENGINE"

// Both runs the tests of a package on SQLite and then all again on PostgreSQL; again is called between.
func Both(m *testing.M, again func()) (code int) {
	only := os.Getenv(EngineVariable)
	if only != "postgres" {
		code = m.Run()
	}
	if only == "sqlite" {
		return code
	}
	if err := Missing(); err != nil {
		fmt.Println("SKIP on PostgreSQL:", err)
		if os.Getenv("CI") != "" {
			return 1
		}
		return code
	}
	fmt.Println("=== again, on PostgreSQL")
	again()
	return max(code, m.Run())
}

// Database is an empty database, or one whose tables are empty, for one test.
func Database(t testing.TB) string {
	t.Helper()
	name := take()
	if name == "" {
		name = create(t)
	}
	t.Cleanup(func() {
		if _, other := altered.Load(name); other || wipe(name) != nil {
			drop(t, name)
			return
		}
		put(name)
	})
	return address(t, name)
}

// Empty is a database that holds nothing, and that is gone after the test.
func Empty(t testing.TB) string {
	t.Helper()
	name := create(t)
	t.Cleanup(func() { drop(t, name) })
	return address(t, name)
}

// Snapshot keeps what a database holds, and answers what puts it back. Nobody gets the database after the test.
func Snapshot(t testing.TB, dsn string) (restore func()) {
	t.Helper()
	Altered(dsn)
	Exec(t, dsn, "CREATE SCHEMA kept", `DO $$ DECLARE x text; BEGIN
		FOR x IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
			EXECUTE format('CREATE TABLE kept.%I AS TABLE %I', x, x);
		END LOOP; END $$`)
	return func() {
		t.Helper()
		Exec(t, dsn, `SET session_replication_role = replica; DO $$ DECLARE x text; columns text; BEGIN
			FOR x IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
				SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
					WHERE attrelid = x::regclass AND attnum > 0 AND attgenerated = '';
				EXECUTE format('DELETE FROM %I', x);
				EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM kept.%I', x, columns, columns, x);
			END LOOP; END $$`)
	}
}

// altered are the databases whose tables a test changes: nobody gets them after it.
var altered sync.Map

// Altered says that the tables of a database are no longer as they were made.
func Altered(dsn string) {
	if u, err := url.Parse(dsn); err == nil {
		altered.Store(strings.TrimPrefix(u.Path, "/"), true)
	}
}

// Exec runs statements as another program would.
func Exec(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err == nil {
		defer conn.Close(context.Background())
	}
	for _, statement := range statements {
		if err == nil {
			_, err = conn.Exec(context.Background(), statement)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// wiped are databases whose tables are empty, to be used again: making one costs a tenth of a second, its tables half
// a second, and dropping it a checkpoint.
var wiped struct {
	sync.Mutex
	names []string
}

func take() (name string) {
	wiped.Lock()
	defer wiped.Unlock()
	if n := len(wiped.names); n > 0 {
		name, wiped.names = wiped.names[n-1], wiped.names[:n-1]
	}
	return name
}

func put(name string) {
	wiped.Lock()
	defer wiped.Unlock()
	wiped.names = append(wiped.names, name)
}

// empties every table but the version of the schema, whatever guards them.
const empties = `SET session_replication_role = replica;
	DO $$ DECLARE x text; BEGIN
		FOR x IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'muban_schema' LOOP
			EXECUTE format('DELETE FROM %I', x);
		END LOOP;
		FOR x IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
			EXECUTE format('ALTER SEQUENCE %I RESTART', x);
		END LOOP;
	END $$`

// wipe fails where somebody is still connected.
func wipe(name string) error {
	conn, err := connect(name)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	var others int
	err = conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&others)
	if err == nil && others > 0 {
		err = errors.New("it is still in use")
	}
	if err == nil {
		_, err = conn.Exec(context.Background(), empties)
	}
	return err
}

var made atomic.Int64

func create(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("muban_%d_%d", os.Getpid(), made.Add(1))
	inCluster(t, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING UTF8")
	return name
}

func drop(t testing.TB, name string) {
	t.Helper()
	inCluster(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

func inCluster(t testing.TB, statement string) {
	t.Helper()
	dsn, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	Exec(t, dsn, statement)
}

func connect(name string) (*pgx.Conn, error) {
	dsn, err := within(name)
	if err != nil {
		return nil, err
	}
	return pgx.Connect(context.Background(), dsn)
}

func address(t testing.TB, name string) string {
	t.Helper()
	dsn, err := within(name)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// within is the address of another database of the cluster.
func within(name string) (string, error) {
	dsn, err := cluster()
	if err != nil {
		return "", err
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// find answers the address of a cluster.
func find() (string, error) {
	if dsn := os.Getenv(Variable); dsn != "" {
		return dsn, nil
	}
	var err error
	if running, err = newServer("", ""); err == nil {
		err = running.do("start")
	}
	if err != nil {
		return "", err
	}
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(running.dir), nil
}

// running keeps the cluster's standard input open as long as this process lives.
var running *Server
