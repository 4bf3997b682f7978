package token

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"muban/wechat"
)

// flight is one fetch and all who wait for it. It has a deadline of its own and does
// not end because one of them gives up (faults.md 2).
type flight struct {
	number      int
	reason      Reason
	by          string
	fetch       Fetch
	cancel      context.CancelFunc
	replaces    wechat.Secret // what was held when it was launched
	mustReplace bool          // what is held is rejected or of other credentials; under Keeper.mu
	landing     bool          // its answer is being stored; under Keeper.mu

	start time.Time // expiry counts from here, before the request (faults.md 12)
	event int64     // the journal's

	once    sync.Once
	done    chan struct{} // closed when the rest is set
	record  Record
	err     error
	dropped bool // by Replace: whoever waits must look again

	over chan struct{} // closed when the turn was given up, if it was taken
}

func (f *flight) end(r Record, err error) {
	f.once.Do(func() { f.record, f.err = r, err; close(f.done) })
}

func (f *flight) drop() {
	f.once.Do(func() { f.dropped = true; close(f.done) })
	f.cancel()
}

// launch starts a flight; k.mu is held and there is none. Until it lands Token need not
// look again as long as the held token is valid.
func (k *Keeper) launch(reason Reason, by string) {
	if k.stale {
		reason, k.stale = Replaced, false
	}
	k.launched++
	ctx, cancel := context.WithCancel(context.Background())
	k.flight = &flight{
		number: k.launched, reason: reason, by: by, fetch: k.fetch, mustReplace: reason == Replaced,
		cancel: cancel, done: make(chan struct{}), over: make(chan struct{}),
	}
	if h := k.held.Load(); h != nil {
		k.flight.replaces = h.Value
	}
	k.lookAgainAt(time.Time{})
	go k.fly(ctx, k.flight)
}

// fly asks WeChat, unless another process on the same store has done so already.
func (k *Keeper) fly(ctx context.Context, f *flight) {
	defer f.cancel()
	if !k.takeTurn(ctx, f) {
		return
	}
	k.begin(ctx, f)
	ctx, cancel := context.WithTimeout(ctx, k.options.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		late := &wechat.CallError{Op: "token", Kind: wechat.ErrTimeout, Detail: k.options.Timeout.String()}
		k.land(f, wechat.Token{}, late)
	})
	defer stop()
	answer, err := f.ask(ctx)
	k.land(f, answer, err)
}

// begin starts f's clock and records it in the journal.
func (k *Keeper) begin(ctx context.Context, f *flight) {
	k.mu.Lock()
	f.start = k.options.Now()
	if f.reason == Rejected && k.diedEarly(f) {
		f.reason = Outside
	}
	if f.reason == Forced {
		k.forced = append(k.forced, f.start)
	}
	e := k.eventOf(f)
	k.mu.Unlock()
	f.event = k.journalBegin(ctx, e)
}

// diedEarly tells whether the rejected token should be alive: then somebody else has
// fetched one, unless a fetch of ours brought one that got lost; k.mu is held.
func (k *Keeper) diedEarly(f *flight) bool {
	h := k.held.Load()
	return h.valid(f.start) && h.Value == f.replaces && !k.lost.After(h.FetchedAt)
}

// ask turns a panic into an error, told by its type only: its text might hold anything.
func (f *flight) ask(ctx context.Context) (answer wechat.Token, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("token: fetch panicked with a %T", p)
		}
	}()
	return f.fetch(ctx, f.reason == Forced)
}

// land takes in the outcome of a flight, and of one that timed out a second time when
// its answer comes after all. The token is stored before anybody gets it: a restart
// right after finds it, and where another process has a later one, that one counts.
func (k *Keeper) land(f *flight, answer wechat.Token, err error) {
	o, counts := k.judge(f, answer, err)
	if !counts {
		return
	}
	if o.brought() {
		o.Record = k.keep(o.Record)
	}
	k.mu.Lock()
	if f.number <= k.edited || f.number <= k.adopted {
		k.mu.Unlock()
		return
	}
	if k.flight == f {
		k.flight = nil
	}
	r, err := k.takeIn(f, o)
	event := k.landed(f, o.err)
	k.mu.Unlock()

	k.journalEnd(event)
	f.end(r, err)
	k.nudge()
	k.tell(event)
}

// outcome is what a flight comes to.
type outcome struct {
	Record       // zero: what is held stays
	again  bool  // it is the token that is held
	err    error // why there is none, or ErrOdd
}

func (o outcome) brought() bool { return o.Value != "" }

// judge looks at the answer. It does not count when a later flight has brought one
// (faults.md 11) or the credentials were edited meanwhile (faults.md 15).
func (k *Keeper) judge(f *flight, answer wechat.Token, err error) (o outcome, counts bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.number <= k.edited || f.number <= k.adopted || err != nil && (k.flight != f || f.landing) {
		return o, false
	}
	now, old := k.options.Now(), k.held.Load()
	if err == nil && old.valid(now) && old.FetchedAt.After(f.start) && !old.FetchedAt.After(now) {
		return outcome{Record: old.Record, again: true}, true // another process's, and later
	}
	var life time.Duration
	o.again = err == nil && old != nil && answer.Value == old.Value
	switch {
	case err != nil:
	case o.again && f.wantsAnother():
		err = ErrStands
	case o.again && !old.odd && answer.ExpiresIn > 0 && answer.ExpiresIn <= longest: // stable_token: what is left of it
		life = answer.ExpiresIn
	default:
		life, err = lifetime(answer)
	}
	o.err = err
	odd := life > 0 && err != nil // a token, but its lifetime is not to be believed
	if err == nil || odd && (!old.valid(now) || old.odd || f.mustReplace) {
		o.Record = Record{Value: answer.Value, FetchedAt: f.start, ExpiresAt: f.start.Add(life)}
		f.landing = true
	}
	return o, true
}

// wantsAnother tells whether the token that is held will not do; Keeper.mu is held.
func (f *flight) wantsAnother() bool {
	return f.reason != Replaced && (f.mustReplace || f.reason == Forced)
}

// takeIn decides what is held after a flight; k.mu is held.
func (k *Keeper) takeIn(f *flight, o outcome) (Record, error) {
	now := k.options.Now()
	if !o.brought() {
		k.trouble.add(o.err, now, k.options.Jitter)
		if wechat.Uncertain(o.err) {
			k.lost = f.start
		}
		if old := k.held.Load(); old.valid(now) && k.trouble.next.After(old.ExpiresAt) {
			k.trouble.next = old.ExpiresAt // once more when nothing is left to serve
		}
		k.lookAgainAt(k.trouble.next)
		return Record{}, o.err
	}
	k.adopt(o.Record, f.number, o.err != nil)
	switch {
	case o.err != nil:
		k.trouble = trouble{since: now, next: now.Add(oddPause), err: o.err}
	case o.again:
		due := o.ExpiresAt.Add(-k.options.Jitter(earliest))
		k.lookAgainAt(later(due, now.Add(samePause)))
	}
	return o.Record, nil
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

// landed is the event of a flight that has ended; k.mu is held.
func (k *Keeper) landed(f *flight, err error) Event {
	e := k.eventOf(f)
	e.Ended, e.Took, e.Err = true, k.options.Now().Sub(f.start), err
	if h := k.held.Load(); h != nil {
		e.ExpiresAt = h.ExpiresAt
	}
	if err != nil {
		e.Fails, e.FailingSince, e.NextAttempt = k.trouble.fails, k.trouble.since, k.trouble.next
	}
	k.heard = max(k.heard, f.event)
	return e
}

func (k *Keeper) eventOf(f *flight) Event {
	return Event{ID: f.event, AppID: k.appID, Reason: f.reason, By: f.by, Process: k.options.Process, Start: f.start}
}

func (k *Keeper) tell(e Event) {
	log := k.options.Log.With("app", e.AppID, "reason", e.Reason, "by", e.By, "took", e.Took)
	switch {
	case errors.Is(e.Err, ErrOdd):
		log.Warn("access token of odd lifetime", "err", e.Err, "expires", e.ExpiresAt)
	case e.Err != nil:
		log.Warn("access token not refreshed", "err", e.Err)
	default:
		log.Info("access token refreshed", "expires", e.ExpiresAt)
	}
	if k.options.OnRefresh != nil {
		k.options.OnRefresh(e)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
