package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"muban/wechat"
)

const (
	runPause  = time.Minute      // between looks at the clock, in case it was set
	pollPause = 5 * time.Second  // between looks at other processes' fetches; a replaced token is good for 60 of them
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
			k.awaitLast()
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
	if s.Refreshing { // its end wakes us
		return pause
	}
	return max(time.Millisecond, min(pause, s.NextAttempt.Sub(k.options.Now())))
}

// awaitLast waits for a fetch under way: the last token may be dead already.
func (k *Keeper) awaitLast() {
	k.mu.Lock()
	f := k.fetch
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

// How often WeChat is asked. It allows 2,000 tokens a day (assumed).
const (
	earliest   = 5 * time.Minute  // ahead of its expiry a token is replaced; for so long old and new are both valid
	oddPause   = time.Minute      // after a token with an odd lifetime
	samePause  = 30 * time.Second // after the same token again: stable_token gives another when it is due
	soon       = 5 * time.Minute  // a token rejected within this was rejected quickly
	quickFree  = 5                // quick rejections in a row without a pause
	forcePause = 30 * time.Second // between two refreshes by hand, as WeChat allows for stable_token
	forceDaily = 20               // refreshes by hand in a day, as WeChat allows for stable_token
	day        = 24 * time.Hour

	shortest  = 5 * time.Minute // below and
	longest   = 24 * time.Hour  // above, a lifetime is odd; WeChat's are 7200 s
	usualLife = 2 * time.Hour
)

// Errors of Refresh and Force, each in a *Pause.
var (
	ErrTooSoon = errors.New("token: refreshed only just now")
	ErrBudget  = errors.New("token: refreshed by hand too often today")
)

// Pause is a refresh that was not made because too many were.
type Pause struct {
	Kind  error     // ErrTooSoon or ErrBudget
	Until time.Time // from then on another may be made
}

func (p *Pause) Error() string { return p.Kind.Error() }
func (p *Pause) Unwrap() error { return p.Kind }

// lifetime says for how long to believe in a token. With an error and a lifetime above
// zero the token is odd: better than none, but not than one that works.
func lifetime(t wechat.Token) (time.Duration, error) {
	err := fmt.Errorf("%w: expires_in is %d s", ErrOdd, int64(t.ExpiresIn/time.Second))
	switch {
	case t.Value == "":
		return 0, errors.New("token: the answer holds none")
	case t.ExpiresIn <= 0:
		return 0, err
	case t.ExpiresIn < shortest:
		return t.ExpiresIn, err
	case t.ExpiresIn > longest:
		return usualLife, err
	}
	return t.ExpiresIn, nil
}

// trouble is a run of failed fetches.
type trouble struct {
	fails int
	since time.Time // of the first
	next  time.Time // no attempt before, except by hand
	err   error     // of the last
}

// add puts the next attempt off: twice as far every time, and further where only a
// person can help.
func (t *trouble) add(err error, now time.Time, jitter func(time.Duration) time.Duration) {
	if t.fails == 0 {
		t.since = now
	}
	first, most := 2*time.Second, 5*time.Minute
	if needsPerson(err) {
		first, most = time.Minute, 15*time.Minute
	}
	t.next = now.Add(jitter(doubled(first, t.fails, most)))
	t.fails++
	t.err = err
}

func needsPerson(err error) bool {
	for _, kind := range []error{wechat.ErrAppID, wechat.ErrAppSecret, wechat.ErrIP, wechat.ErrFrozen,
		wechat.ErrQuota, wechat.ErrGrantType, wechat.ErrRetired, wechat.ErrUnauthorized} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// doubled is first × 2ⁿ, at most the most.
func doubled(first time.Duration, n int, most time.Duration) time.Duration {
	return min(first<<min(n, 20), most)
}

// mayReplace keeps tokens that are rejected one after the other from using up the day's
// fetches: after a few, with growing pauses; k.mu is held.
func (k *Keeper) mayReplace(c *current, now time.Time) error {
	age := now.Sub(c.FetchedAt)
	if age > soon {
		k.quick = 0
		return nil
	}
	if k.quick >= quickFree {
		pause := doubled(2*time.Second, k.quick-quickFree, soon)
		if age < pause {
			return &Pause{ErrTooSoon, c.FetchedAt.Add(pause)}
		}
	}
	k.quick++
	return nil
}

// mayForce looks at the pause since the last one and the day's budget; k.mu is held.
func (k *Keeper) mayForce(now time.Time) error {
	k.forget(now)
	n := len(k.forced)
	if n > 0 && now.Sub(k.forced[n-1]) < forcePause {
		return &Pause{ErrTooSoon, k.forced[n-1].Add(forcePause)}
	}
	if n >= forceDaily {
		return &Pause{ErrBudget, k.forced[n-forceDaily].Add(day)}
	}
	return nil
}

// forget drops refreshes by hand of more than a day ago, and of a clock that was ahead.
func (k *Keeper) forget(now time.Time) {
	kept := k.forced[:0]
	for _, at := range k.forced {
		if age := now.Sub(at); age >= 0 && age < day {
			kept = append(kept, at)
		}
	}
	k.forced = kept
}
