package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresDB is a database of PostgreSQL, as one process uses it: a few connections that read and one that writes.
type postgresDB struct {
	config  *pgx.ConnConfig
	id      int64 // of this opening, among all that use the database
	readers *sql.DB
	pool    *sql.DB // of the one connection that writes
	lost    atomic.Int64
	turn    string // the statement that waits for the turn to write
	commits int64  // how many this opening has tried
	texts   sync.Map
	clock   func() time.Time // this machine's
}

// Connect opens a PostgreSQL database, which is there and holds nothing but ours. It brings an older schema up to date,
// and refuses one of a newer program (ErrNewer).
func Connect(ctx context.Context, dsn string, o Options) (_ *DB, err error) {
	d, e, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err = advised(err); err != nil {
			d.Close()
		}
	}()
	e.pool = sql.OpenDB(e.connector(nil))
	e.pool.SetMaxOpenConns(1)
	d.writer = newWriter(e, o.Now)
	if err := d.update(ctx, o.Schema); err != nil {
		return nil, err
	}
	_, err = e.pool.ExecContext(ctx, "DELETE FROM muban_writers WHERE at < now() - interval '1 day'")
	return d, Classify(err)
}

// ConnectReadOnly is Connect to look at a database: nothing of it is made or brought up to date. It refuses what
// Connect refuses, and an older schema (ErrOlder).
func ConnectReadOnly(ctx context.Context, dsn string, o Options) (_ *DB, err error) {
	d, _, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	if err := d.mustBeUpToDate(ctx, o.Schema); err != nil {
		d.Close()
		return nil, advised(err)
	}
	return d, nil
}

func connect(ctx context.Context, dsn string, o Options) (*DB, *postgresDB, error) {
	config, err := address(dsn)
	if err != nil {
		return nil, nil, err
	}
	e := &postgresDB{config: config, id: rand.Int64N(1 << 62), clock: time.Now}
	e.readers = sql.OpenDB(e.connector(map[string]string{"default_transaction_read_only": "on"}))
	e.readers.SetMaxOpenConns(mostReaders())
	e.readers.SetMaxIdleConns(mostReaders())
	if err = e.suits(ctx); err == nil {
		e.turn, err = e.lock(ctx)
	}
	if err != nil {
		e.readers.Close()
		return nil, nil, advised(fmt.Errorf("open %s: %w", e.where(), Classify(err)))
	}
	return &DB{engine: e, log: o.Log}, e, nil
}

func mostReaders() int { return max(8, 2*runtime.GOMAXPROCS(0)) }

// lock is the statement that waits for the turn to write: one in each schema, before any table is there.
func (e *postgresDB) lock(ctx context.Context) (statement string, err error) {
	var schema sql.Null[int64]
	err = e.readers.QueryRowContext(ctx, "SELECT to_regnamespace(current_schema())::oid::bigint").Scan(&schema)
	if err == nil && !schema.Valid {
		err = errors.New("the schema that its search_path names is not there")
	}
	return fmt.Sprintf("SELECT pg_advisory_xact_lock(%d, %d)", turnLock, int32(schema.V)), err
}

// turnLock is "muba": locks of others on the same server have other numbers.
const turnLock = 0x6d756261

// connector makes connections with more settings, through a gate.
func (e *postgresDB) connector(more map[string]string) driver.Connector {
	config := e.config.Copy()
	for name, value := range more {
		config.RuntimeParams[name] = value
	}
	return &gate{Connector: stdlib.GetConnector(*config, stdlib.OptionShouldPing(e.shouldPing))}
}

// shouldPing has a connection looked at before it is used: one that was idle, or that was there when another was lost.
func (e *postgresDB) shouldPing(_ context.Context, p stdlib.ShouldPingParams) bool {
	return p.IdleDuration > time.Second || p.IdleDuration > time.Duration(time.Now().UnixNano()-e.lost.Load())
}

// note keeps when a connection was lost last.
func (e *postgresDB) note(err error) error {
	if err != nil && connectionLost(err) {
		e.lost.Store(time.Now().UnixNano())
	}
	return err
}

func (e *postgresDB) where() string { return placeOf(e.config) }

// QueryContext asks a second time where the connection had been lost without anybody noticing, as all are after the
// server has restarted.
func (e *postgresDB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	text, values := e.translated(query), arguments(args)
	rows, err := e.readers.QueryContext(ctx, text, values...)
	if err != nil && connectionLost(e.note(err)) {
		rows, err = e.readers.QueryContext(ctx, text, values...)
	}
	return rows, e.note(err)
}

func (e *postgresDB) ping(ctx context.Context) error { return e.clocksAgree(ctx) }

func (e *postgresDB) check(ctx context.Context, _ bool) error { return Classify(e.ping(ctx)) }

func (e *postgresDB) probe() []string {
	return []string{"CREATE TABLE probe (filled bytea)",
		"INSERT INTO probe VALUES (decode(repeat('00', 65536), 'hex'))", "DROP TABLE probe"}
}

func (e *postgresDB) close() error {
	first := e.readers.Close()
	if e.pool != nil {
		if err := e.pool.Close(); first == nil {
			first = err
		}
	}
	return first
}

// postgresTx is a transaction on the one connection that writes.
type postgresTx struct {
	*postgresDB
	conn   *sql.Conn
	number int64 // of the transaction, among those of this opening
	repeat bool  // its connection was lost, and with it all that it did
}

// begin waits for the turn, of which a database has one: a lock that the transaction gives back when it ends, or that
// the server takes from it when its machine is gone. So changes run one after the other, over all machines as SQLite
// has it on one: what a change has read stays true until it is committed, the lines of a log get their numbers in the
// order of the commits, and neither deadlocks nor failures to serialise come of our own. READ COMMITTED is enough for
// that: each statement sees what was committed before the turn came. It costs that a machine waits while another
// commits; meanwhile its writers gather, and share the next transaction.
func (e *postgresDB) begin(ctx context.Context) (transaction, error) {
	t, err := e.tryBegin(ctx)
	if err != nil && connectionLost(e.note(err)) { // perhaps long ago, and nobody has noticed
		t, err = e.tryBegin(ctx)
	}
	if err != nil {
		return nil, Classify(e.note(err))
	}
	return t, nil
}

func (e *postgresDB) tryBegin(ctx context.Context) (*postgresTx, error) {
	conn, err := e.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	e.commits++
	t := &postgresTx{postgresDB: e, conn: conn, number: e.commits}
	begin := "BEGIN ISOLATION LEVEL READ COMMITTED; " + e.turn
	if e.commits&(e.commits-1) == 0 { // 1, 2, 4, 8 …: what was planned for small tables is planned anew as they grow
		begin += "; DISCARD PLANS"
	}
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		t.rollback(ctx)
		return nil, err
	}
	return t, nil
}

func (t *postgresTx) exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	result, err := t.conn.ExecContext(ctx, t.translated(query), arguments(args)...)
	if err != nil {
		return 0, t.failed(err)
	}
	return result.RowsAffected()
}

func (t *postgresTx) execAll(ctx context.Context, all []statement) error {
	batch := &pgx.Batch{}
	for _, s := range all {
		batch.Queue(t.translated(s.query), arguments(s.args)...)
	}
	err := t.conn.Raw(func(c any) error { return c.(*stdlib.Conn).Conn().SendBatch(ctx, batch).Close() })
	if err != nil {
		return t.failed(err)
	}
	return nil
}

func (t *postgresTx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := t.conn.QueryContext(ctx, t.translated(query), arguments(args)...)
	if err != nil {
		return nil, t.failed(err)
	}
	return rows, nil
}

func (t *postgresTx) failed(err error) error {
	t.repeat = t.repeat || connectionLost(t.note(err))
	return Classify(err)
}

// commit leaves the number of the transaction with it, by which it is found out whether it was kept where the answer
// was lost.
func (t *postgresTx) commit(ctx context.Context, told bool) error {
	text := fmt.Sprintf("INSERT INTO muban_writers (id, done, at) VALUES (%d, %d, now())"+
		" ON CONFLICT (id) DO UPDATE SET done = excluded.done, at = excluded.at; ", t.id, t.number)
	if told {
		text += "NOTIFY " + channel + "; "
	}
	_, err := t.conn.ExecContext(ctx, text+"COMMIT")
	if err == nil {
		return t.conn.Close()
	}
	if err = t.failed(err); t.repeat {
		return t.lookUp(ctx, err)
	}
	return err
}

// lookUp finds out what became of a transaction whose commit was not answered, once the turn comes again: then it is
// over. A database that stays away is not waited for.
func (t *postgresTx) lookUp(ctx context.Context, lost error) error {
	t.rollback(ctx)
	for pause := firstPause; ; pause *= 2 {
		time.Sleep(pause)
		next, err := t.begin(ctx)
		if err == nil {
			done, err := number(ctx, querying{next}, "SELECT coalesce(max(done), 0) FROM muban_writers WHERE id = ?", t.id)
			next.rollback(ctx)
			if err == nil && int64(done) >= t.number {
				return nil
			}
			if err == nil {
				return lost
			}
		}
		if pause >= lastPause {
			t.repeat = false // it may have been kept
			return lost
		}
	}
}

// querying reads within a transaction.
type querying struct{ transaction }

func (q querying) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.query(ctx, query, args...)
}

// rollback leaves a connection that is still in the transaction to the pool, which throws it away.
func (t *postgresTx) rollback(ctx context.Context) {
	_, _ = t.conn.ExecContext(ctx, "ROLLBACK")
	_ = t.conn.Close()
}

func (t *postgresTx) again(err error) bool { return t.repeat || mayRepeat(err) }
