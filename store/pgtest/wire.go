package pgtest

import (
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Wire is the way to a database, which a test can cut.
type Wire struct {
	listener net.Listener
	to       string // the server's socket
	mu       sync.Mutex
	cut      bool
	conns    []net.Conn
	swallow  string
}

// NewWire answers a way to the database at dsn, and the address that leads through it.
func NewWire(t testing.TB, dsn string) (w *Wire, through string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	w = &Wire{to: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")}
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.listener.Close()
		w.Cut()
	})
	go w.accept()
	u.Host, u.RawQuery = w.listener.Addr().String(), ""
	return w, u.String()
}

// Cut ends every connection and takes no more, until Mend.
func (w *Wire) Cut() { w.set(true) }

// Mend takes connections again.
func (w *Wire) Mend() { w.set(false) }

// CutAt cuts the wire once a text has gone to the server: that acts on it, and nobody gets its answer. It counts for
// connections that begin after it.
func (w *Wire) CutAt(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swallow = text
}

// IsCut tells whether it is.
func (w *Wire) IsCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut
}

func (w *Wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for _, c := range w.conns { // the server still reads what has arrived
		c.Close()
	}
	w.conns = nil
}

func (w *Wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.carry(near)
	}
}

func (w *Wire) carry(near net.Conn) {
	far, err := net.Dial("unix", w.to)
	w.mu.Lock()
	if err != nil || w.cut {
		near.Close()
		w.mu.Unlock()
		return
	}
	w.conns = append(w.conns, near, far)
	swallow := w.swallow
	w.mu.Unlock()
	go w.copy(near, far, "")
	w.copy(far, near, swallow)
}

// copy carries what comes on one side to the other.
func (w *Wire) copy(to, from net.Conn, swallow string) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if swallow != "" && strings.Contains(string(b[:n]), swallow) {
			from.Close()
			_, _ = to.Write(b[:n])
			w.Cut()
			return
		}
		if _, failed := to.Write(b[:n]); err != nil || failed != nil {
			return
		}
	}
}
