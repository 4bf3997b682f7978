package token

import (
	"context"

	"muban/wechat"
)

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
