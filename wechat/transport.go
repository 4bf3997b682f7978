package wechat

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// DefaultTransport returns the transport that all clients share, so that they share its
// connections. It refuses to connect to an address that is not public, whatever name
// led there. Proxies of the environment are not used.
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
		MaxConnsPerHost:        128,              // more calls wait: Go would dial a connection for each
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

// CheckBase says why base must not be the API base of an app, or nil.
// A base is an https URL of a host, with a port and a path if need be. The host must not
// be this machine or a private network; a name that merely resolves to one is refused by
// DefaultTransport when it connects. allowPrivate permits such hosts and plain http.
func CheckBase(base string, allowPrivate bool) error {
	u, err := parseBase(base)
	switch {
	case err != nil:
		return err
	case allowPrivate:
		return nil
	case u.Scheme != "https":
		return errors.New("wechat: API base must be https")
	case !publicHost(u.Hostname()):
		return fmt.Errorf("wechat: API base %q is on this machine or a private network", u.Host)
	}
	return nil
}

// parseBase accepts what every base must be, safe or not. Its errors do not show the
// base: a person may have pasted a secret with it.
func parseBase(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, errors.New("wechat: API base is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("wechat: API base must begin with https://")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("wechat: API base has no host")
	case u.User != nil:
		return nil, errors.New("wechat: API base must not hold a user name or password")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#"):
		return nil, errors.New("wechat: API base must not hold a query or fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func publicHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return public(addr)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch {
	case last == "localhost", last == "local", last == "internal":
		return false
	case last == "" || last[0] >= '0' && last[0] <= '9': // 127.1, 0x7f.1, 2130706433 are addresses to some resolvers
		return false
	case strings.ContainsRune(host, '%'):
		return false
	}
	return strings.Contains(host, ".")
}

// Networks that netip does not name, and no API has its base in. 198.18.0.0/15 is
// missing on purpose: proxies in wide use in China answer every name with it.
var (
	carrierNAT  = netip.MustParsePrefix("100.64.0.0/10") // also where Alibaba Cloud keeps its metadata
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	reserved    = netip.MustParsePrefix("240.0.0.0/4")
	siteLocal   = netip.MustParsePrefix("fec0::/10")
	nat64       = netip.MustParsePrefix("64:ff9b::/96") // an IPv4 address in the last four bytes
	sixToFour   = netip.MustParsePrefix("2002::/16")    // an IPv4 address after the first two bytes
)

func public(addr netip.Addr) bool {
	addr = addr.Unmap()
	switch {
	case !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Zone() != "":
		return false
	case carrierNAT.Contains(addr), thisNetwork.Contains(addr), reserved.Contains(addr), siteLocal.Contains(addr):
		return false
	case nat64.Contains(addr):
		raw := addr.As16()
		return public(netip.AddrFrom4([4]byte(raw[12:])))
	case sixToFour.Contains(addr):
		raw := addr.As16()
		return public(netip.AddrFrom4([4]byte(raw[2:6])))
	}
	return true
}
