package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// How long anything may take that a person or a business server waits for.
const (
	connectWithin   = 3 * time.Second
	statementWithin = 30 * time.Second
	lockWithin      = busyTimeout
	// silentWithin is when a connection counts as cut: what was sent over it has not arrived.
	silentWithin = 5 * time.Second
	// idleWithin is when a transaction counts as left: its machine is cut off, or hangs, and the others wait for its turn.
	idleWithin = silentWithin
)

// address reads the address of a PostgreSQL database. Its error does not repeat it: there may be a password in it.
func address(dsn string) (*pgx.ConnConfig, error) {
	if !IsPostgres(dsn) {
		return nil, errors.New("the database's address has to begin with postgres://")
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database's address cannot be read; it has the form postgres://user:password@host:5432/name," +
			" with %-escapes for characters such as @ and / in the password, and the files that it names have to be there")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWithin
	}
	if config.ValidateConnect == nil { // of several hosts the one that is no standby, which is always a little behind
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	}
	config.DialFunc = dial
	for name, value := range map[string]string{
		"application_name":                    "muban",
		"statement_timeout":                   ms(statementWithin),
		"lock_timeout":                        ms(lockWithin),
		"idle_in_transaction_session_timeout": ms(idleWithin),
		"tcp_user_timeout":                    ms(2 * silentWithin),
		"synchronous_commit":                  "on",
		"jit":                                 "off", // it is for queries of seconds
	} {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}
	return config, nil
}

// IsPostgres tells whether an address is one of PostgreSQL.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// placeOf names a database without user and password.
func placeOf(config *pgx.ConnConfig) string {
	host := config.Host
	if !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(config.Port)))
	}
	return fmt.Sprintf("the PostgreSQL database %s at %s", config.Database, host)
}

// dial makes a connection that tells within silentWithin that the network is cut.
func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{
		Control:         silentFor,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silentWithin / 2, Interval: time.Second, Count: 3},
	}
	return d.DialContext(ctx, network, addr)
}

// suits refuses a server that cannot keep what Muban keeps, before anything is made there.
func (e *postgresDB) suits(ctx context.Context) error {
	var version int
	var encoding string
	err := e.readers.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')").
		Scan(&version, &encoding)
	switch {
	case err != nil:
		return err
	case version < oldestServer:
		return fmt.Errorf("it is PostgreSQL %d, and Muban needs %d or later", version/10_000, oldestServer/10_000)
	case encoding != "UTF8":
		return fmt.Errorf("its encoding is %s, which cannot keep every text: make one with createdb -E UTF8 -T template0", encoding)
	}
	return e.clocksAgree(ctx)
}

const oldestServer = 130_000

// clocksWithin is how far the clocks of two machines may be apart: less than the shortest time for which one of them
// takes what the others leave to it.
const clocksWithin = 5 * time.Second

// clocksAgree asks the database for the time: what ends at a time has to end on all machines.
func (e *postgresDB) clocksAgree(ctx context.Context) error {
	before := e.clock()
	ms, err := number(ctx, e, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
	if err != nil {
		return err
	}
	there := time.UnixMilli(int64(ms))
	if apart := max(before.Sub(there), there.Sub(e.clock())); apart > clocksWithin {
		return fmt.Errorf("%w by %s: set both, best by NTP", ErrClock, apart.Round(time.Second))
	}
	return nil
}

// gate keeps everybody from trying to connect to a database that is away: after a failure one tries again by itself
// after a pause, and the others get the last one's error at once.
type gate struct {
	driver.Connector
	mu     sync.Mutex
	failed error // the last attempt; nil: it is open
	pause  time.Duration
	next   time.Time
	trying bool
}

var errClosed = errors.New("store: the database was away a moment ago")

// The pause between two attempts to connect doubles from the first to the last.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
)

// Connect is what a pool asks for a connection.
func (g *gate) Connect(ctx context.Context) (driver.Conn, error) {
	if err := g.closed(); err != nil {
		return nil, err
	}
	conn, err := g.Connector.Connect(ctx)
	g.tried(err, ctx.Err() != nil)
	return conn, err
}

func (g *gate) closed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed == nil {
		return nil
	}
	if g.trying || time.Now().Before(g.next) {
		return fmt.Errorf("%w: %w", errClosed, g.failed)
	}
	g.trying = true
	return nil
}

// tried notes how an attempt ended. One that its caller gave up tells nothing.
func (g *gate) tried(err error, gaveUp bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trying = false
	switch {
	case err == nil:
		g.failed, g.pause = nil, 0
	case !gaveUp:
		g.failed, g.pause = err, min(max(2*g.pause, firstPause), lastPause)
		g.next = time.Now().Add(g.pause)
	}
}
