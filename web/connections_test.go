package web

import (
	"net"
	"testing"
	"testing/synctest"
)

// hall hands out one end of a pipe for each that is dialled.
type hall struct {
	dialled chan net.Conn
	closed  chan struct{}
}

func (h *hall) Accept() (net.Conn, error) {
	select {
	case c := <-h.dialled:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *hall) Close() error   { close(h.closed); return nil }
func (h *hall) Addr() net.Addr { return nil }

func TestFault48_NoMoreConnectionsAreHeldThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hall{dialled: make(chan net.Conn, 10), closed: make(chan struct{})}
		l, accepted := limit(h, 3), make(chan net.Conn, 10)
		ended := make(chan error, 1)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					ended <- err
					return
				}
				accepted <- c
			}
		}()
		for range 5 {
			here, _ := net.Pipe()
			h.dialled <- here
		}
		synctest.Wait()
		if n := len(accepted); n != 3 {
			t.Errorf("%d are held, want 3", n)
		}
		first := <-accepted
		for range 2 { // a server may close twice
			_ = first.Close()
		}
		synctest.Wait()
		if n := len(accepted); n != 3 {
			t.Errorf("once one is closed %d are held, want 3", n)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil {
			t.Error("it accepts after its end")
		}
	})
}
