package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// Codes of PostgreSQL, appendix A of its manual. The first two digits are the class.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

func byPostgres(err error) error {
	var e *pgconn.PgError
	switch {
	case errors.As(err, &e):
		return byState(e.Code)
	case connectionLost(err):
		return ErrAway
	}
	return nil
}

func byState(code string) error {
	switch code {
	case "23505": // unique_violation
		return ErrTaken
	case "23503": // foreign_key_violation
		return ErrNotFound
	case "53100": // disk_full
		return ErrFull
	case serializationFailure, deadlockDetected, "55P03", "57014": // lock_not_available, query_canceled by its timeout
		return ErrBusy
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return ErrDamaged
	case "25006", "25P03", "57P01", "57P02", "57P03", "57P04", "57P05": // read-only, idle too long, shutting down
		return ErrAway
	}
	switch code[:min(2, len(code))] {
	case "08", "53": // connection, resources such as connections
		return ErrAway
	case "58": // of the system, such as I/O
		return ErrDisk
	}
	return nil
}

// connectionLost tells whether the way to the server is cut, or was never there.
func connectionLost(err error) bool {
	var connecting *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connecting) || errors.As(err, &network) || errors.Is(err, errClosed) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err) && !errors.Is(err, context.Canceled)
}

// advice is what to do about an error that a database answers when it is opened.
var advice = map[string]string{
	"08P01": "a pooler such as pgbouncer between is not for Muban, which needs sessions of its own: give the server's own address",
	"25006": "the server, the database or the role is set to be read only: give the address of the primary," +
		" and look at default_transaction_read_only",
	"28000": "look at the user in the address and at the server's pg_hba.conf",
	"28P01": "look at the user and the password: of the address, PGPASSWORD or ~/.pgpass",
	"3D000": "make it with createdb -E UTF8 -T template0",
	"42501": "let Muban's role own the database, its schema and all tables in it",
	"53300": "its max_connections are taken: a Muban process needs up to " + strconv.Itoa(mostReaders()+2),
	"57014": "a statement_timeout of less than a few seconds is too short",
}

// advised adds to an error what to do about it.
func advised(err error) error {
	var e *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &e) && advice[e.Code] != "":
		return fmt.Errorf("%w; %s", err, advice[e.Code])
	case e == nil && errors.As(err, &connecting):
		return fmt.Errorf("%w; look at the host, the port and sslmode in the address, and whether the server runs and is no standby", err)
	}
	return err
}

func fromPostgres(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) || connectionLost(err)
}

// mayRepeat tells whether the same transaction may well go through the next time.
func mayRepeat(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}
