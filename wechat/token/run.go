package token

import (
	"context"
	"time"
)

const (
	runPause  = time.Minute      // between looks at the clock, in case it was set
	pollPause = 5 * time.Second  // between looks at what other processes have done; a replaced token is good for 60 of them
	savePause = 10 * time.Second // between attempts to store what could not be stored
	lastWait  = 3 * time.Second  // at the end, for a fetch under way
)

// Run refreshes the token ahead of its expiry until ctx ends, whose error it returns.
// Without Run a token is refreshed when somebody asks for it.
func (k *Keeper) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			k.finish()
			return ctx.Err()
		case <-timer.C:
		case <-k.wake:
		}
		timer.Reset(k.tend(ctx))
	}
}

// tend does what is due and says how long to wait then.
func (k *Keeper) tend(ctx context.Context) time.Duration {
	pause := runPause
	if k.disk.behind.Load() {
		k.catchUp()
		pause = savePause
	}
	if k.options.Shared == nil {
		k.load(ctx)
	} else {
		k.sync(ctx, false)
		pause = pollPause
	}
	k.serve()
	s := k.State()
	if s.Refreshing { // its landing wakes us
		return pause
	}
	return max(time.Millisecond, min(pause, s.NextAttempt.Sub(k.options.Now())))
}

// finish lets a fetch under way land: the last token may be dead already.
func (k *Keeper) finish() {
	k.mu.Lock()
	f := k.flight
	k.mu.Unlock()
	if f != nil {
		select {
		case <-f.over:
		case <-time.After(lastWait):
		}
	}
	if k.disk.behind.Load() {
		k.catchUp()
	}
}

func (k *Keeper) nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}
