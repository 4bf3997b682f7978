package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

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
