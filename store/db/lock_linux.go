package db

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Locks that belong to the open file: unlike POSIX locks they tell two openings in one process apart,
// and closing some other descriptor does not drop them.

func lockByte(f *os.File, at int64) error {
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, byteAt(at))
}

// lockWhole fails while somebody holds any byte of the file.
func lockWhole(f *os.File) error {
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK})
}

// byteLocked reports whether somebody else holds the lock.
func byteLocked(f *os.File, at int64) (bool, error) {
	lock := byteAt(at)
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, lock)
	return lock.Type != unix.F_UNLCK, err
}

func byteAt(at int64) *unix.Flock_t {
	return &unix.Flock_t{Type: unix.F_WRLCK, Start: at, Len: 1}
}

// silentFor has the kernel give a connection up when what was sent over it is not answered for silentWithin.
func silentFor(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silentWithin.Milliseconds()))
	})
	return errors.Join(err, failed)
}
