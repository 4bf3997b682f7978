package token

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"muban/wechat"
)

// fetch is one request for a token, and what its callers wait for. It has a deadline of
// its own and does not end because one of the callers gives up.
type fetch struct {
	number      int
	reason      Reason
	by          string
	ask         Ask
	cancel      context.CancelFunc
	replaces    wechat.Secret // the current token when it was started
	mustReplace bool          // the current token is rejected or of other credentials; under Keeper.mu
	storing     bool          // its answer is being stored; under Keeper.mu

	start time.Time // expiry counts from here, before the request, so that it is never too late
	event int64     // its ID in Fetches

	once    sync.Once
	done    chan struct{} // closed when the rest is set
	record  Record
	err     error
	dropped bool // by Replace: callers that wait must look again

	over chan struct{} // closed when the lease was released, if it was taken
}

func (f *fetch) end(r Record, err error) {
	f.once.Do(func() { f.record, f.err = r, err; close(f.done) })
}

func (f *fetch) drop() {
	f.once.Do(func() { f.dropped = true; close(f.done) })
	f.cancel()
}

// startFetch starts a fetch; k.mu is held and none is under way. Until it ends, Token need
// not look again as long as the current token is valid.
func (k *Keeper) startFetch(reason Reason, by string) {
	if k.stale {
		reason, k.stale = Replaced, false
	}
	k.started++
	ctx, cancel := context.WithCancel(context.Background())
	k.fetch = &fetch{
		number: k.started, reason: reason, by: by, ask: k.ask, mustReplace: reason == Replaced,
		cancel: cancel, done: make(chan struct{}), over: make(chan struct{}),
	}
	if c := k.current.Load(); c != nil {
		k.fetch.replaces = c.Value
	}
	k.lookAgainAt(time.Time{})
	go k.runFetch(ctx, k.fetch)
}

// runFetch asks WeChat, unless another process on the same store has done so already.
func (k *Keeper) runFetch(ctx context.Context, f *fetch) {
	defer f.cancel()
	if !k.takeLease(ctx, f) {
		return
	}
	k.begin(ctx, f)
	ctx, cancel := context.WithTimeout(ctx, k.options.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		late := &wechat.CallError{Op: "token", Err: wechat.ErrTimeout, Detail: k.options.Timeout.String()}
		k.complete(f, wechat.Token{}, late)
	})
	defer stop()
	answer, err := f.call(ctx)
	k.complete(f, answer, err)
}

// begin starts f's clock and records that it has begun.
func (k *Keeper) begin(ctx context.Context, f *fetch) {
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
	f.event = k.recordBegin(ctx, e)
}

// diedEarly tells whether the rejected token should be alive: then somebody else has
// fetched one, unless a fetch of ours brought one that got lost; k.mu is held.
func (k *Keeper) diedEarly(f *fetch) bool {
	c := k.current.Load()
	return c.valid(f.start) && c.Value == f.replaces && !k.lost.After(c.FetchedAt)
}

// call turns a panic into an error, told by its type only: its text might hold anything.
func (f *fetch) call(ctx context.Context) (answer wechat.Token, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("token: fetch panicked with a %T", p)
		}
	}()
	return f.ask(ctx, f.reason == Forced)
}

// complete takes the result of a fetch. One that timed out completes a second time when
// its answer comes after all. The token is stored before anybody gets it: a restart
// right after finds it, and where another process has a later one, that one counts.
func (k *Keeper) complete(f *fetch, answer wechat.Token, err error) {
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
	if k.fetch == f {
		k.fetch = nil
	}
	r, err := k.apply(f, o)
	event := k.ended(f, o.err)
	k.mu.Unlock()

	k.recordEnd(event)
	f.end(r, err)
	k.nudge()
	k.tell(event)
}

// result is what a fetch comes to.
type result struct {
	Record       // zero: the current token stays
	again  bool  // it is the current token once more
	err    error // why there is none, or ErrOdd
}

func (o result) brought() bool { return o.Value != "" }

// judge looks at the answer. It does not count when a later fetch has brought a token, or
// the credentials were edited meanwhile.
func (k *Keeper) judge(f *fetch, answer wechat.Token, err error) (o result, counts bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.number <= k.edited || f.number <= k.adopted || err != nil && (k.fetch != f || f.storing) {
		return o, false
	}
	now, old := k.options.Now(), k.current.Load()
	if err == nil && old.valid(now) && old.FetchedAt.After(f.start) && !old.FetchedAt.After(now) {
		return result{Record: old.Record, again: true}, true // another process's, and later
	}
	var life time.Duration
	o.again = err == nil && old != nil && answer.Value == old.Value
	switch {
	case err != nil:
	case o.again && f.wantsAnother():
		err = ErrStands
	// stable_token: what is left of it
	case o.again && !old.odd && answer.ExpiresIn > 0 && answer.ExpiresIn <= longest:
		life = answer.ExpiresIn
	default:
		life, err = lifetime(answer)
	}
	o.err = err
	odd := life > 0 && err != nil // a token, but its lifetime is not to be believed
	if err == nil || odd && (!old.valid(now) || old.odd || f.mustReplace) {
		o.Record = Record{Value: answer.Value, FetchedAt: f.start, ExpiresAt: f.start.Add(life)}
		f.storing = true
	}
	return o, true
}

// wantsAnother tells whether the current token will not do; Keeper.mu is held.
func (f *fetch) wantsAnother() bool {
	return f.reason != Replaced && (f.mustReplace || f.reason == Forced)
}

// apply decides which token is current after a fetch; k.mu is held.
func (k *Keeper) apply(f *fetch, o result) (Record, error) {
	now := k.options.Now()
	if !o.brought() {
		k.trouble.add(o.err, now, k.options.Jitter)
		if wechat.Uncertain(o.err) {
			k.lost = f.start
		}
		if old := k.current.Load(); old.valid(now) && k.trouble.next.After(old.ExpiresAt) {
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
func (k *Keeper) adopt(r Record, fetch int, odd bool) {
	k.adopted, k.trouble = fetch, trouble{}
	ahead := k.options.Jitter(max(0, min(earliest, r.ExpiresAt.Sub(r.FetchedAt)/4)))
	k.current.Store(&current{Record: r, lookAt: r.ExpiresAt.Add(-ahead), odd: odd})
}

// lookAgainAt puts off Token's next look to at, or to the token's expiry when that
// comes first or at is zero; k.mu is held.
func (k *Keeper) lookAgainAt(at time.Time) {
	c := k.current.Load()
	if c == nil {
		return
	}
	if at.IsZero() || at.After(c.ExpiresAt) {
		at = c.ExpiresAt
	}
	k.current.Store(&current{Record: c.Record, lookAt: at, odd: c.odd})
}

// ended is the event of a fetch that has ended; k.mu is held.
func (k *Keeper) ended(f *fetch, err error) Event {
	e := k.eventOf(f)
	e.Ended, e.Took, e.Err = true, k.options.Now().Sub(f.start), err
	if c := k.current.Load(); c != nil {
		e.ExpiresAt = c.ExpiresAt
	}
	if err != nil {
		e.Fails, e.FailingSince, e.NextAttempt = k.trouble.fails, k.trouble.since, k.trouble.next
	}
	k.heard = max(k.heard, f.event)
	return e
}

func (k *Keeper) eventOf(f *fetch) Event {
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
