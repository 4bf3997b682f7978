package auth

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// TooMany refuses a call for a while.
type TooMany struct {
	Wait time.Duration
	Rate int // calls a second that the key is good for; 0 where it were wrong keys from one address
}

func (e *TooMany) Error() string { return "auth: too many calls; ask again in " + e.Wait.String() }

// burst is how many seconds' worth of calls may come at once: servers find their
// token expired all in the same moment.
const burst = 5

// limitOf is the limit of one API key, which may make so many calls a second.
func limitOf(perSecond rate.Limit) *rate.Limiter {
	return rate.NewLimiter(perSecond, burst*int(perSecond))
}

// spend takes one call from the limit, or says how long there is none.
func spend(l *rate.Limiter, now time.Time) time.Duration {
	if l.AllowN(now, 1) {
		return 0
	}
	r := l.ReserveN(now, 1)
	defer r.CancelAt(now)
	return max(r.DelayFrom(now), time.Nanosecond)
}

// strangers are the addresses that wrong API keys came from. A key cannot be
// guessed; but every wrong one could cost a query and a line, so an address that
// keeps trying is told to wait before anything is looked up.
type strangers struct {
	mu sync.Mutex
	at map[netip.Prefix]*rate.Limiter
}

const (
	strangerEvery = 3 * time.Second // one wrong key, once the burst is spent
	strangerBurst = 20
	strangersMost = 4096 // addresses remembered
)

func newStrangers() strangers { return strangers{at: map[netip.Prefix]*rate.Limiter{}} }

// mayAsk refuses an address that has spent its wrong keys.
func (s *strangers) mayAsk(addr string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.at[network(addr)]; l != nil && l.TokensAt(now) < 1 {
		return &TooMany{Wait: strangerEvery}
	}
	return nil
}

// refuse notes a wrong key and answers what its sender is told.
func (s *strangers) refuse(addr string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := network(addr)
	if s.at[from] == nil {
		s.prune(now)
		s.at[from] = rate.NewLimiter(rate.Every(strangerEvery), strangerBurst)
	}
	if !s.at[from].AllowN(now, 1) {
		return &TooMany{Wait: strangerEvery}
	}
	return ErrWrongKey
}

// prune makes room by forgetting addresses that have been quiet; where none was,
// all are forgotten.
func (s *strangers) prune(now time.Time) {
	if len(s.at) < strangersMost {
		return
	}
	for from, l := range s.at {
		if l.TokensAt(now) >= strangerBurst {
			delete(s.at, from)
		}
	}
	if len(s.at) >= strangersMost {
		clear(s.at)
	}
}

// network is the address, or for IPv6 the network that one customer has of it.
func network(addr string) netip.Prefix {
	at, err := netip.ParseAddr(addr)
	if err != nil {
		return netip.Prefix{}
	}
	at, bits := at.Unmap().WithZone(""), 64
	if at.Is4() {
		bits = 32
	}
	return netip.PrefixFrom(at, bits).Masked()
}
