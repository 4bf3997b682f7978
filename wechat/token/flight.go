package token

import (
	"context"
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
		late := &wechat.CallError{Op: "token", Err: wechat.ErrTimeout, Detail: k.options.Timeout.String()}
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
