package wechat_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"muban/wechat"
)

// Fault 8: Go's transport must not silently repeat the token GET. The server takes
// the second request of a connection and dies, as one does that closes idle connections.
func TestFault08_TheTokenGETIsNotRepeatedOnADeadConnection(t *testing.T) {
	var requests atomic.Int32
	base := listen(t, func(c net.Conn) {
		defer c.Close()
		r := bufio.NewReader(c)
		for range 2 {
			if readRequest(r) != nil {
				return
			}
			if requests.Add(1)%2 == 0 {
				return
			}
			answer := `{"errcode":0,"access_token":"t","expires_in":7200}`
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"+answer)
		}
	})
	for name, transport := range map[string]http.RoundTripper{"Go's transport": newTransport(t), "one that hides it": wrapped{newTransport(t)}} {
		t.Run(name, func(t *testing.T) {
			requests.Store(0)
			// An API call first, so that there is a connection to take up.
			if err := send(t, base, func(c *wechat.Config) { c.Transport = transport }); err != nil {
				t.Fatal(err)
			}
			_, err := wechat.FetchToken(t.Context(), wechat.Credentials{Base: base, Transport: transport})
			if n := requests.Load(); n != 2 {
				t.Errorf("%d requests, %v", n, err)
			}
			check(t, err, wechat.ErrNoAnswer, true)
		})
	}
	t.Run("the test's own premise", func(t *testing.T) {
		requests.Store(0)
		client := http.Client{Transport: newTransport(t)}
		for range 2 {
			res, err := client.Get(base)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		if n := requests.Load(); n != 3 {
			t.Errorf("a plain client makes %d requests; it was thought to repeat the second", n)
		}
	})
}

func TestFault08_TheTokenGETHasAConnectionOfItsOwn(t *testing.T) {
	var connections atomic.Int32
	base := listen(t, func(c net.Conn) {
		defer c.Close()
		connections.Add(1)
		for r := bufio.NewReader(c); readRequest(r) == nil; {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"+`{"errcode":0,"access_token":"t","expires_in":7200}`)
		}
	})
	tr := newTransport(t)
	for range 3 {
		if err := send(t, base, func(c *wechat.Config) { c.Transport = tr }); err != nil {
			t.Fatal(err)
		}
		if _, err := wechat.FetchToken(t.Context(), wechat.Credentials{Base: base, Transport: tr}); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 4 {
		t.Errorf("%d connections, want one for the sends and three for the tokens", n)
	}
}

// wrapped is how a transport looks that counts or logs.
type wrapped struct{ http.RoundTripper }

// A send that may have been received is not repeated either.
func TestAPOSTIsNotRepeatedOnADeadConnection(t *testing.T) {
	var requests atomic.Int32
	base := listen(t, func(c net.Conn) {
		defer c.Close()
		r := bufio.NewReader(c)
		for readRequest(r) == nil && requests.Add(1) == 1 {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"errcode\":0}")
		}
	})
	c := newClient(t, base)
	if err := c.Send(t.Context(), wechat.Message{}); err != nil {
		t.Fatal(err)
	}
	check(t, c.Send(t.Context(), wechat.Message{}), wechat.ErrNoAnswer, true)
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestOneConnectionServesManyCalls(t *testing.T) {
	var connections atomic.Int32
	s := httptest.NewUnstartedServer(saying(`{"errcode":0}`))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.StartTLS()
	defer s.Close()
	tr := newTransport(t)
	tr.TLSClientConfig = &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	c := newClient(t, s.URL, func(c *wechat.Config) { c.Transport = tr })
	for range 50 {
		if err := c.Send(t.Context(), wechat.Message{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
