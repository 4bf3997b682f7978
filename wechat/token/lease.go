package token

import (
	"context"
	"fmt"
	"time"

	"muban/wechat"
)

const (
	// A lease is renewed while its fetch is under way, and so may be short: when a process
	// is killed during a fetch, the next one takes the lease within leaseTime. The old token
	// is good for five minutes then, and callers who have none wait. It is three times the
	// renewal's pause, so that a slow disk does not lose it; where it is lost all the
	// same, because the process stood still, the store refuses its older token (ErrLater).
	leaseTime  = 6 * time.Second
	leaseRenew = 2 * time.Second
	leasePoll  = 250 * time.Millisecond // between looks while another process has the lease
)

// takeLease waits until no other process fetches, and looks at what they did meanwhile.
// It answers false when that ended the fetch.
func (k *Keeper) takeLease(ctx context.Context, f *fetch) bool {
	for {
		mine := k.tryLease(ctx, f)
		k.sync(ctx, mine)
		done := k.takeResult(f)
		switch {
		case done && mine:
			k.releaseLease(f)
			return false
		case done:
			close(f.over)
			return false
		case mine:
			go k.keepLease(f)
			return true
		}
		select {
		case <-ctx.Done(): // dropped
			close(f.over)
			return false
		case <-time.After(leasePoll):
		}
	}
}

// keepLease renews the lease until the fetch is over: then its result is stored.
func (k *Keeper) keepLease(f *fetch) {
	defer k.releaseLease(f)
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-f.done:
			return
		case <-tick.C:
			k.tryLease(context.Background(), f)
		}
	}
}

// tryLease takes the lease or renews it. Where the store fails the fetch is made without:
// callers need a token more than WeChat needs us to fetch one at a time.
func (k *Keeper) tryLease(ctx context.Context, f *fetch) bool {
	if k.options.Shared == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	taken, err := k.options.Shared.TakeLease(ctx, k.leaseName(), k.holder(f), leaseTime)
	if err != nil {
		k.options.Log.Warn("access token: no lease from the store, fetching without", "app", k.appID, "err", err)
		return true
	}
	return taken
}

func (k *Keeper) releaseLease(f *fetch) {
	defer close(f.over)
	if k.options.Shared == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	if err := k.options.Shared.ReleaseLease(ctx, k.leaseName(), k.holder(f)); err != nil {
		k.options.Log.Warn("access token: the lease was not released, it ends by itself", "app", k.appID, "err", err)
	}
}

func (k *Keeper) leaseName() string { return "token:" + k.appID }

// holder names one fetch: another one of this process has to wait for it too.
func (k *Keeper) holder(f *fetch) string {
	return fmt.Sprintf("%s/%s/%d", k.options.Process, k.id, f.number)
}

// takeResult ends the fetch when it need not, or must not, ask WeChat any more: another
// process has a result.
func (k *Keeper) takeResult(f *fetch) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetch != f { // dropped
		return true
	}
	r, err := k.withoutAsking(f)
	if r.Value == "" && err == nil {
		return false
	}
	k.fetch = nil
	f.end(r, err)
	k.nudge()
	return true
}

// withoutAsking answers the token that another process has fetched since this fetch was
// started, or why none is to be fetched; neither when it is; k.mu is held.
func (k *Keeper) withoutAsking(f *fetch) (Record, error) {
	now, c := k.options.Now(), k.current.Load()
	switch {
	case f.reason == Replaced:
		return Record{}, nil
	case f.reason == Forced:
		return Record{}, k.mayForce(now)
	case c != nil && c.Value != f.replaces && c.quiet(now):
		return c.Record, nil
	case now.Before(k.trouble.next): // another process has just tried
		return Record{}, k.trouble.err
	}
	return Record{}, nil
}

// fetches answers the last day's fetches of all processes, oldest first.
func (k *Keeper) fetches(ctx context.Context) []Event {
	if k.options.Shared == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	events, err := k.options.Shared.Fetches(ctx, k.appID, k.options.Now().Add(-day))
	if err != nil {
		k.options.Log.Warn("fetches of access tokens not read", "app", k.appID, "err", err)
	}
	return events
}

// learn takes from the recorded fetches what counts for all processes: refreshes by hand, the
// pause after a failure, tokens that got lost; k.mu is held.
func (k *Keeper) learn(events []Event, leased bool) {
	if len(events) == 0 {
		return
	}
	k.forced = k.forced[:0]
	for _, e := range events {
		if e.Reason == Forced {
			k.forced = append(k.forced, e.Start)
		}
		if k.mayBeLost(e, leased) {
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
func (k *Keeper) mayBeLost(e Event, leased bool) bool {
	if !e.Ended {
		return leased || k.options.Now().Sub(e.Start) > k.options.Timeout+leaseTime
	}
	return wechat.Uncertain(e.Err)
}

// hear takes over how another process's fetch went; k.mu is held.
func (k *Keeper) hear(e Event) {
	k.heard = e.ID
	c := k.current.Load()
	switch {
	case c != nil && e.Start.Before(c.FetchedAt):
	case e.Err == nil:
		k.trouble = trouble{}
	default:
		k.trouble = trouble{fails: e.Fails, since: e.FailingSince, next: e.NextAttempt, err: e.Err}
		k.lookAgainAt(e.NextAttempt)
	}
}

// replaceDoomed makes the current token due when a lost one may have put an end to it: it
// dies within five minutes of the other's birth; k.mu is held.
func (k *Keeper) replaceDoomed() {
	c := k.current.Load()
	if c == nil || k.fetch != nil || !k.lost.After(c.FetchedAt) {
		return
	}
	if due := later(k.options.Now(), k.trouble.next); due.Before(c.lookAt) {
		k.lookAgainAt(due)
		k.nudge()
	}
}

// recordBegin answers 0 where fetches are not recorded, or that fails: the fetch is made
// all the same.
func (k *Keeper) recordBegin(ctx context.Context, e Event) int64 {
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

func (k *Keeper) recordEnd(e Event) {
	if e.ID == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	if err := k.options.Shared.EndFetch(ctx, e); err != nil {
		k.options.Log.Warn("result of a fetch of an access token not recorded", "app", k.appID, "err", err)
	}
}
