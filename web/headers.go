package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// headers are those of every answer.
func (s *Server) headers() http.Header {
	h := http.Header{}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.sessions.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return h
}

// policy is the Content-Security-Policy of every page: nothing inline, nothing
// from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// vouched tells whether a post that carries a cookie also carries what browsers
// send with it. CrossOriginProtection lets a request with neither header
// through, as no browser's; but a cookie travels.
func vouched(r *http.Request) bool {
	return r.Header.Get("Cookie") == "" || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}

// client is who asks: the nearest address of X-Forwarded-For that no trusted proxy
// has, where a trusted proxy passed the request on.
func (s *Server) client(r *http.Request) string {
	at := r.RemoteAddr
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = netip.AddrPortFrom(hop.Unmap(), 0).String()
	}
	return at
}

func (s *Server) trusted(addr string) bool {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(at.Addr().Unmap()) })
}

// Proxies is a flag of addresses and networks.
type Proxies []netip.Prefix

func (p *Proxies) String() string { return fmt.Sprint(*p) }

func (p *Proxies) Set(list string) error {
	for one := range strings.SplitSeq(list, ",") {
		prefix, err := netip.ParsePrefix(one)
		if addr, single := netip.ParseAddr(one); single == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no address and no network such as 10.0.0.0/8", one)
		}
		*p = append(*p, prefix)
	}
	return nil
}
