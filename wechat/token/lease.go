package token

import (
	"context"
	"fmt"
	"time"

	"muban/wechat"
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

// journal answers the last day's fetches of all processes, oldest first.
func (k *Keeper) journal(ctx context.Context) []Event {
	if k.options.Shared == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	events, err := k.options.Shared.Fetches(ctx, k.appID, k.options.Now().Add(-day))
	if err != nil {
		k.options.Log.Warn("journal of access tokens not read", "app", k.appID, "err", err)
	}
	return events
}

// learn takes from the journal what counts for all processes: refreshes by hand, the
// pause after a failure, tokens that got lost; k.mu is held.
func (k *Keeper) learn(events []Event, ourTurn bool) {
	if len(events) == 0 {
		return
	}
	k.forced = k.forced[:0]
	for _, e := range events {
		if e.Reason == Forced {
			k.forced = append(k.forced, e.Start)
		}
		if k.mayBeLost(e, ourTurn) {
			k.lost = later(k.lost, e.Start)
		}
		if e.Ended && e.ID > k.heard {
			k.hear(e)
		}
	}
	k.replaceDoomed()
}

// mayBeLost tells whether the fetch may have brought a token that nobody has: its answer
// did not arrive, or its process died over it.
func (k *Keeper) mayBeLost(e Event, ourTurn bool) bool {
	if !e.Ended {
		return ourTurn || k.options.Now().Sub(e.Start) > k.options.Timeout+turnFor
	}
	return wechat.Uncertain(e.Err)
}

// hear takes over how another process's fetch went; k.mu is held.
func (k *Keeper) hear(e Event) {
	k.heard = e.ID
	h := k.held.Load()
	switch {
	case h != nil && e.Start.Before(h.FetchedAt):
	case e.Err == nil:
		k.trouble = trouble{}
	default:
		k.trouble = trouble{fails: e.Fails, since: e.FailingSince, next: e.NextAttempt, err: e.Err}
		k.lookAgainAt(e.NextAttempt)
	}
}

// replaceDoomed makes the held token due when a lost one may have put an end to it: it
// dies within five minutes of the other's birth; k.mu is held.
func (k *Keeper) replaceDoomed() {
	h := k.held.Load()
	if h == nil || k.flight != nil || !k.lost.After(h.FetchedAt) {
		return
	}
	if due := later(k.options.Now(), k.trouble.next); due.Before(h.lookAt) {
		k.lookAgainAt(due)
		k.nudge()
	}
}

// journalBegin answers 0 where there is no journal, or it fails: the fetch is made
// all the same.
func (k *Keeper) journalBegin(ctx context.Context, e Event) int64 {
	if k.options.Shared == nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	id, err := k.options.Shared.BeginFetch(ctx, e)
	if err != nil {
		k.options.Log.Warn("fetch of an access token not recorded", "app", k.appID, "err", err)
	}
	return id
}

func (k *Keeper) journalEnd(e Event) {
	if e.ID == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	if err := k.options.Shared.EndFetch(ctx, e); err != nil {
		k.options.Log.Warn("outcome of a fetch of an access token not recorded", "app", k.appID, "err", err)
	}
}
