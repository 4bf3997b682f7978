package store

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
)

// run is this opening of the database, known to others by a lock that the system drops when the process
// dies, however it dies. Several processes may use one database: the server, and a command beside it.
type run struct {
	id   int64 // the byte of the lock file that is held
	file *os.File
}

func startRun(file string) (*run, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	r := &run{id: rand.Int64N(1 << 62), file: f}
	if err := lockByte(f, r.id); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

// name is the run as the holder of a lease.
func (r *run) name() string { return strconv.FormatInt(r.id, 36) }

func (r *run) end() error {
	if err := r.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
