package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
)

// ErrInUse is what LockAlone answers while a process works on the database.
var ErrInUse = errors.New("store: a process is using the database; stop it first")

// Process is this opening of the database, known to others by a lock that is dropped when the process dies, however it
// dies. Several processes may use one database: on SQLite the server, and a command beside it; on PostgreSQL also
// servers on other machines.
type Process interface {
	ID() int64
	// Dead answers which of these processes no longer have the database open.
	Dead(ctx context.Context, ids []int64) ([]int64, error)
	// End gives the lock back.
	End() error
}

// NameOf is a process as the holder of a lease.
func NameOf(p Process) string { return strconv.FormatInt(p.ID(), 36) }

// fileProcess holds a byte of the lock file. Without Linux's locks only our own opening is alive.
type fileProcess struct {
	id   int64 // the byte that is held
	file *os.File
}

// StartProcess takes a byte of the lock file beside an SQLite database, which is made when it is missing.
func StartProcess(file string) (Process, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	p := &fileProcess{id: rand.Int64N(1 << 62), file: f}
	if err := lockByte(f, p.id); err != nil {
		f.Close()
		return nil, err
	}
	return p, nil
}

func (p *fileProcess) ID() int64 { return p.id }

func (p *fileProcess) Dead(_ context.Context, ids []int64) (dead []int64, err error) {
	for _, id := range ids {
		if id == p.id {
			continue
		}
		locked, err := byteLocked(p.file, id)
		if err != nil {
			return nil, err
		}
		if !locked {
			dead = append(dead, id)
		}
	}
	return dead, nil
}

func (p *fileProcess) End() error {
	if err := p.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// LockAlone takes the whole lock file, of which every process on the database holds a part. While it is held none
// starts.
func LockAlone(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockWhole(f); err != nil {
		f.Close()
		return nil, errors.Join(ErrInUse, err)
	}
	return f, nil
}
