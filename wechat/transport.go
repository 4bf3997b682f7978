package wechat

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// DefaultTransport returns the transport that all clients share, so that they share its
// connections. It refuses to connect to an address that is not public, whatever name
// led there (faults.md 36). Proxies of the environment are not used.
func DefaultTransport() http.RoundTripper { return publicTransport() }

// PrivateTransport is DefaultTransport without that refusal: for a sandbox on this
// machine (-allow-private-api) and for tests.
func PrivateTransport() http.RoundTripper { return privateTransport() }

var (
	publicTransport  = sync.OnceValue(func() *http.Transport { return newTransport(refusePrivate) })
	privateTransport = sync.OnceValue(func() *http.Transport { return newTransport(nil) })
)

func newTransport(control func(network, address string, c syscall.RawConn) error) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: control}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		TLSClientConfig:        &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(0)},
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    128,              // Go's default of 2 makes 64 workers dial for nearly every call
		MaxConnsPerHost:        128,              // more calls wait: while all connections are busy Go would dial one for each
		IdleConnTimeout:        30 * time.Second, // short: a POST lost on a connection the server has closed is uncertain
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // answers are small, and the body limit then counts what was sent
	}
}

// refusePrivate is called with the address a name resolved to, just before connecting.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) {
		return fmt.Errorf("%s is not a public address", address)
	}
	return nil
}
