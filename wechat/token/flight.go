package token

import (
	"context"
	"fmt"
	"sync"
	"time"

	"muban/wechat"
)

// Reason is why a token was fetched.
type Reason string

// The reasons of a fetch.
const (
	Due      Reason = "due"      // there is none, or it is near its end
	Rejected Reason = "rejected" // WeChat refused the last one
	Forced   Reason = "forced"   // by hand
	Replaced Reason = "replaced" // the credentials were edited
)

// Event is one fetch that ended.
type Event struct {
	AppID     string
	Reason    Reason
	Start     time.Time
	Took      time.Duration
	ExpiresAt time.Time // of the token that is served now; zero when there is none
	Err       error
}

// flight is one fetch and all who wait for it. It has a deadline of its own and does
// not end because one of them gives up (faults.md 2).
type flight struct {
	number      int
	reason      Reason
	fetch       Fetch
	start       time.Time // expiry counts from here, before the request (faults.md 12)
	cancel      context.CancelFunc
	mustReplace bool // what is held is rejected or of other credentials; under Keeper.mu

	once    sync.Once
	done    chan struct{} // closed when the rest is set
	value   wechat.Secret
	err     error
	dropped bool // by Replace: whoever waits must look again
}

func (f *flight) end(value wechat.Secret, err error) {
	f.once.Do(func() { f.value, f.err = value, err; close(f.done) })
}

func (f *flight) drop() {
	f.once.Do(func() { f.dropped = true; close(f.done) })
	f.cancel()
}

// launch starts a flight; k.mu is held and there is none. Until it lands Token need not
// look again as long as the held token is valid.
func (k *Keeper) launch(reason Reason) {
	if k.stale {
		reason, k.stale = Replaced, false
	}
	k.launched++
	ctx, cancel := context.WithTimeout(context.Background(), k.options.Timeout)
	k.flight = &flight{
		number: k.launched, reason: reason, fetch: k.fetch, start: k.options.Now(),
		mustReplace: reason == Replaced, cancel: cancel, done: make(chan struct{}),
	}
	k.lookAgainAt(time.Time{})
	go k.fly(ctx, k.flight)
}

// fly asks WeChat, unless another process on the same store has done so already.
func (k *Keeper) fly(ctx context.Context, f *flight) {
	defer f.cancel()
	stop := context.AfterFunc(ctx, func() {
		late := &wechat.CallError{Op: "token", Kind: wechat.ErrTimeout, Detail: k.options.Timeout.String()}
		k.land(f, wechat.Token{}, late)
	})
	defer stop()
	if f.reason == Due || f.reason == Rejected {
		if value, found := k.newerOnDisk(ctx, f); found {
			f.end(value, nil)
			return
		}
	}
	answer, err := f.ask(ctx)
	k.land(f, answer, err)
}

// ask turns a panic into an error, told by its type only: its text might hold anything.
func (f *flight) ask(ctx context.Context) (answer wechat.Token, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("token: fetch panicked with a %T", p)
		}
	}()
	return f.fetch(ctx)
}

// land takes in the outcome of a flight, and of one that timed out a second time when
// its answer comes after all. An answer is ignored when a later flight has brought one
// (faults.md 11) or the credentials were edited meanwhile (faults.md 15).
func (k *Keeper) land(f *flight, answer wechat.Token, err error) {
	k.mu.Lock()
	if f.number <= k.edited || f.number <= k.adopted || (err != nil && k.flight != f) {
		k.mu.Unlock()
		return
	}
	if k.flight == f {
		k.flight = nil
	}
	value, err := k.takeIn(f, answer, err)
	event := k.event(f, err)
	k.mu.Unlock()

	k.save() // before anyone is told, so that a restart right after finds it
	f.end(value, err)
	k.nudge()
	k.tell(event)
}

// takeIn decides what is held after a flight; k.mu is held.
func (k *Keeper) takeIn(f *flight, answer wechat.Token, err error) (wechat.Secret, error) {
	now := k.options.Now()
	var life time.Duration
	if err == nil {
		life, err = lifetime(answer)
	}
	old := k.held.Load()
	odd := err != nil && life > 0 // a token, but its lifetime is not to be believed
	if err != nil && (!odd || (old.valid(now) && !old.odd && !f.mustReplace)) {
		k.trouble.add(err, now, k.options.Jitter)
		if old.valid(now) && k.trouble.next.After(old.ExpiresAt) {
			k.trouble.next = old.ExpiresAt // once more when nothing is left to serve
		}
		k.lookAgainAt(k.trouble.next)
		return "", err
	}
	r := Record{Value: answer.Value, FetchedAt: f.start, ExpiresAt: f.start.Add(life)}
	k.adopt(r, f.number, odd)
	if odd {
		k.trouble = trouble{since: now, next: now.Add(oddPause), err: err}
	}
	return r.Value, nil
}

// adopt makes r the token that is served; k.mu is held.
func (k *Keeper) adopt(r Record, flight int, odd bool) {
	k.adopted, k.trouble = flight, trouble{}
	ahead := k.options.Jitter(max(0, min(earliest, r.ExpiresAt.Sub(r.FetchedAt)/4)))
	k.held.Store(&held{Record: r, lookAt: r.ExpiresAt.Add(-ahead), odd: odd})
}

// lookAgainAt puts off Token's next look to at, or to the token's expiry when that
// comes first or at is zero; k.mu is held.
func (k *Keeper) lookAgainAt(at time.Time) {
	h := k.held.Load()
	if h == nil {
		return
	}
	if at.IsZero() || at.After(h.ExpiresAt) {
		at = h.ExpiresAt
	}
	k.held.Store(&held{Record: h.Record, lookAt: at, odd: h.odd})
}

func (k *Keeper) event(f *flight, err error) Event {
	e := Event{AppID: k.appID, Reason: f.reason, Start: f.start, Took: k.options.Now().Sub(f.start), Err: err}
	if h := k.held.Load(); h != nil {
		e.ExpiresAt = h.ExpiresAt
	}
	return e
}

func (k *Keeper) tell(e Event) {
	log := k.options.Log.With("app", e.AppID, "reason", e.Reason, "took", e.Took)
	if e.Err != nil {
		log.Warn("access token not refreshed", "err", e.Err)
	} else {
		log.Info("access token refreshed", "expires", e.ExpiresAt)
	}
	if k.options.OnRefresh != nil {
		k.options.OnRefresh(e)
	}
}
