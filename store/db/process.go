package db

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
)

// ErrInUse is what LockAlone answers while a process works on the database.
var ErrInUse = errors.New("store: a process is using the database; stop it first")

// Process is this opening of the database, known to others by a lock that the system drops when the process dies,
// however it dies. Several processes may use one database: the server, and a command beside it.
type Process struct {
	ID   int64 // the byte of the lock file that is held
	file *os.File
}

// StartProcess takes a byte of the lock file, which is made when it is missing.
func StartProcess(file string) (*Process, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	p := &Process{ID: rand.Int64N(1 << 62), file: f}
	if err := lockByte(f, p.ID); err != nil {
		f.Close()
		return nil, err
	}
	return p, nil
}

// Name is the process as the holder of a lease.
func (p *Process) Name() string { return strconv.FormatInt(p.ID, 36) }

// Alive tells whether the process with this id still has the database open; without Linux's locks only our own does.
func (p *Process) Alive(id int64) (bool, error) {
	if id == p.ID {
		return true, nil
	}
	return byteLocked(p.file, id)
}

// End gives the lock back.
func (p *Process) End() error {
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
