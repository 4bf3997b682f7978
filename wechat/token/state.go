package token

import (
	"errors"
	"time"
)

// State is what a page shows of a keeper.
type State struct {
	Healthy      bool // a token is valid and the last fetch went well
	Refreshing   bool
	Unsaved      bool      // the store failed: after a restart the token would be fetched anew
	FetchedAt    time.Time // of the token that is served; zero when there is none
	ExpiresAt    time.Time
	FailingSince time.Time // zero unless the last fetch failed
	NextAttempt  time.Time // no fetch before, except for a rejected token or by hand
	LastErr      error     // of the last fetch
	ForcedLeft   int       // refreshes by hand left today
	NextForce    time.Time // no refresh by hand before; zero when one may be made
}

// State returns the present state. Before the first Token or Run it is empty.
func (k *Keeper) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, h := k.options.Now(), k.held.Load()
	k.forget(now)
	s := State{
		Healthy:      h.valid(now) && k.trouble.err == nil,
		Refreshing:   k.flight != nil,
		Unsaved:      k.disk.behind.Load(),
		FailingSince: k.trouble.since,
		NextAttempt:  k.trouble.next,
		LastErr:      k.trouble.err,
		ForcedLeft:   max(0, forceDaily-len(k.forced)),
	}
	if pause, ok := errors.AsType[*Pause](k.mayForce(now)); ok {
		s.NextForce = pause.Until
	}
	if h != nil {
		s.FetchedAt, s.ExpiresAt = h.FetchedAt, h.ExpiresAt
		if h.lookAt.After(s.NextAttempt) {
			s.NextAttempt = h.lookAt
		}
	}
	return s
}
