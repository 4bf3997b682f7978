package token

import (
	"context"
	"fmt"
	"time"
)

const (
	// A turn is renewed while its fetch is under way, and so may be short: when a process
	// is killed over a fetch, the next one takes the turn within turnFor. The old token is
	// good for five minutes then, and callers who have none wait. It is three times the
	// renewal's pause, so that a slow disk does not lose it; where it is lost all the
	// same, because the process stood still, the store refuses its older token (ErrLater).
	turnFor   = 6 * time.Second
	turnRenew = 2 * time.Second
	turnPoll  = 250 * time.Millisecond // between looks while another process has the turn
)

// takeTurn waits until no other process fetches, and looks at what they did meanwhile.
// It answers false when that ended the flight.
func (k *Keeper) takeTurn(ctx context.Context, f *flight) bool {
	for {
		mine := k.lease(ctx, f)
		k.sync(ctx, mine)
		settled := k.settle(f)
		switch {
		case settled && mine:
			k.giveUpTurn(f)
			return false
		case settled:
			close(f.over)
			return false
		case mine:
			go k.holdTurn(f)
			return true
		}
		select {
		case <-ctx.Done(): // dropped
			close(f.over)
			return false
		case <-time.After(turnPoll):
		}
	}
}

// holdTurn keeps the turn until the flight is over: then its outcome is stored.
func (k *Keeper) holdTurn(f *flight) {
	defer k.giveUpTurn(f)
	tick := time.NewTicker(turnRenew)
	defer tick.Stop()
	for {
		select {
		case <-f.done:
			return
		case <-tick.C:
			k.lease(context.Background(), f)
		}
	}
}

// lease takes the turn or renews it. Without a store to take it from every turn is ours:
// callers need a token more than WeChat needs us to be one (faults.md 14).
func (k *Keeper) lease(ctx context.Context, f *flight) bool {
	if k.options.Shared == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	held, err := k.options.Shared.TakeLease(ctx, k.leaseName(), k.holder(f), turnFor)
	if err != nil {
		k.options.Log.Warn("access token: no turn to be had from the store, fetching without", "app", k.appID, "err", err)
		return true
	}
	return held
}

func (k *Keeper) giveUpTurn(f *flight) {
	defer close(f.over)
	if k.options.Shared == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	if err := k.options.Shared.ReleaseLease(ctx, k.leaseName(), k.holder(f)); err != nil {
		k.options.Log.Warn("access token: the turn was not given up, it ends by itself", "app", k.appID, "err", err)
	}
}

func (k *Keeper) leaseName() string { return "token:" + k.appID }

// holder names one flight: another one of this process has to wait for it too.
func (k *Keeper) holder(f *flight) string {
	return fmt.Sprintf("%s/%s/%d", k.options.Process, k.id, f.number)
}

// settle ends the flight when it need not, or must not, ask WeChat any more.
func (k *Keeper) settle(f *flight) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.flight != f { // dropped
		return true
	}
	r, err := k.withoutAsking(f)
	if r.Value == "" && err == nil {
		return false
	}
	k.flight = nil
	f.end(r, err)
	k.nudge()
	return true
}

// withoutAsking answers the token that another process has fetched since the flight was
// launched, or why none is to be fetched; neither when it is; k.mu is held.
func (k *Keeper) withoutAsking(f *flight) (Record, error) {
	now, h := k.options.Now(), k.held.Load()
	switch {
	case f.reason == Replaced:
		return Record{}, nil
	case f.reason == Forced:
		return Record{}, k.mayForce(now)
	case h != nil && h.Value != f.replaces && h.quiet(now):
		return h.Record, nil
	case now.Before(k.trouble.next): // another process has just tried
		return Record{}, k.trouble.err
	}
	return Record{}, nil
}
