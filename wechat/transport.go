package wechat

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
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

// publicHost tells whether a host as it is written in a URL may be a public one. A host that is not plain ASCII is
// refused: resolvers fold full-width digits, letters and stops into those of an address on this machine.
func publicHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return public(addr)
	}
	if strings.ContainsFunc(host, func(r rune) bool { return !strings.ContainsRune(hostRunes, r) }) {
		return false
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch {
	case slices.Contains([]string{"localhost", "local", "localdomain", "internal", "lan", "arpa"}, last):
		return false
	case last == "" || last[0] >= '0' && last[0] <= '9': // 127.1, 0x7f.1, 2130706433 are addresses to some resolvers
		return false
	}
	return strings.Contains(host, ".")
}

const hostRunes = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// private4 are IPv4 networks that netip does not name, and no API has its base in. 198.18.0.0/15 is missing on
// purpose: proxies in wide use in China answer every name with it.
var private4 = prefixes(
	// This network; carriers' NAT, where Alibaba Cloud keeps its metadata.
	"0.0.0.0/8", "100.64.0.0/10",
	// Protocols, examples, reserved.
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
)

// private6 are the networks within global6 that are not for hosts on the internet: Teredo and its neighbours, and
// examples.
var private6 = prefixes("2001::/23", "2001:db8::/32", "3fff::/20")

// global6 is all that is given out for hosts on the internet. IPv4-compatible, IPv4-translated and site-local
// addresses and local NAT64 are outside.
var global6 = netip.MustParsePrefix("2000::/3")

// Networks whose addresses hold an IPv4 address, which is where they lead.
var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // in the last four bytes
	sixToFour = netip.MustParsePrefix("2002::/16")    // after the first two bytes
)

func prefixes(list ...string) []netip.Prefix {
	found := make([]netip.Prefix, len(list))
	for i, p := range list {
		found[i] = netip.MustParsePrefix(p)
	}
	return found
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// public tells whether addr is that of a host on the internet, however it is spelled.
func public(addr netip.Addr) bool {
	addr = addr.Unmap()
	if addr.Is4() {
		return addr.IsGlobalUnicast() && !addr.IsPrivate() && !within(private4, addr)
	}
	raw := addr.As16()
	switch {
	case addr.Zone() != "":
		return false
	case nat64.Contains(addr):
		return public(netip.AddrFrom4([4]byte(raw[12:])))
	case !global6.Contains(addr) || within(private6, addr):
		return false
	case sixToFour.Contains(addr):
		return public(netip.AddrFrom4([4]byte(raw[2:6])))
	case raw[8]&^2 == 0 && raw[9] == 0 && raw[10] == 0x5e && raw[11] == 0xfe: // ISATAP: 0:5efe or 200:5efe
		return public(netip.AddrFrom4([4]byte(raw[12:])))
	}
	return true
}
