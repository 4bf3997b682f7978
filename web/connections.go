package web

import (
	"net"
	"sync"
)

// connectionsMost is how many connections are held at a time. Each costs some 20 KB before anybody is known by it;
// more wait to be accepted.
const connectionsMost = 2000

// limited accepts no more connections than there are slots.
type limited struct {
	net.Listener
	slots chan struct{}
	once  sync.Once
	ended chan struct{}
}

// limit bounds how many connections of l are open at a time.
func limit(l net.Listener, most int) net.Listener {
	return &limited{Listener: l, slots: make(chan struct{}, most), ended: make(chan struct{})}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.ended:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &counted{Conn: c, leave: sync.OnceFunc(func() { <-l.slots })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.ended) })
	return l.Listener.Close()
}

// counted gives its slot back when it is closed.
type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
