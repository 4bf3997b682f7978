package library

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"muban/wechat"
)

// usualPause is between two questions to WeChat, so that a sync asks 5 a second.
const usualPause = 200 * time.Millisecond

// giveUp is for how long trouble may last. A daily quota is back within a day.
const giveUp = 24 * time.Hour

// pace spaces the questions of one sync, and waits when WeChat wants to be left alone.
type pace struct {
	pause time.Duration
	last  time.Time // the last question
	fails int       // in a row
	since time.Time // of the first of them
}

func (m *Mirror) newPace() pace { return pace{pause: m.options.Pause} }

// ask puts a question, again after trouble that passes. Its error is ctx's, a failure, or a
// *wechat.Error that concerns this question alone.
func (r *syncRun) ask(ctx context.Context, question func(context.Context) error) error {
	a := &r.pace
	for {
		if err := sleep(ctx, a.pause-r.options.Now().Sub(a.last)); err != nil {
			return err
		}
		a.last = r.options.Now()
		err := question(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil || odd(err):
			a.fails = 0
			return err
		case !passes(err):
			return &failure{err}
		}
		if err := r.rest(ctx, err); err != nil {
			return err
		}
	}
}

// rest waits after trouble: longer every time, and says until when.
func (r *syncRun) rest(ctx context.Context, trouble error) error {
	a, now := &r.pace, r.options.Now()
	if a.fails == 0 {
		a.since = now
	}
	if now.Sub(a.since) >= giveUp {
		return &failure{fmt.Errorf("library: given up after %s: %w", giveUp, trouble)}
	}
	if errors.Is(trouble, wechat.ErrFrequency) {
		a.pause = min(2*a.pause, slowest)
	}
	wait := backOff(trouble, a.fails)
	a.fails++
	r.troubled(trouble, now.Add(wait))
	r.options.Log.Info("a sync of the library waits", "app", r.app, "for", wait, "err", trouble)
	defer r.troubled(nil, time.Time{})
	return sleep(ctx, wait)
}

// troubled shows the trouble without the progress going lost.
func (m *Mirror) troubled(err error, next time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.err, m.progress.next = err, next
}

const slowest = 5 * time.Second // between two questions, however often WeChat says "too often"

// backOff doubles, with a quarter of chance on top so that apps do not come back together.
// A daily quota (45009) may be gone for hours.
func backOff(trouble error, fails int) time.Duration {
	first, most := 2*time.Second, 5*time.Minute
	switch {
	case errors.Is(trouble, wechat.ErrQuota):
		first, most = 5*time.Minute, time.Hour
	case errors.Is(trouble, wechat.ErrFrequency):
		first, most = 10*time.Second, 10*time.Minute
	}
	wait := min(first<<min(fails, 20), most)
	return wait + rand.N(wait/4+1)
}

// passes tells trouble that is over some time from what only a person can mend. Whatever is
// no answer of WeChat's passes, and so does trouble with the token, which its keeper sees to.
func passes(err error) bool {
	var refusal *wechat.Error
	if !errors.As(err, &refusal) {
		return true
	}
	for _, kind := range []error{wechat.ErrBusy, wechat.ErrQuota, wechat.ErrFrequency, wechat.ErrToken} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// odd tells a refusal of one title from a refusal of the call. No source says how WeChat
// refuses an unknown id; 40097 and 40037 are assumed, and codes nobody knows.
func odd(err error) bool {
	var refusal *wechat.Error
	if !errors.As(err, &refusal) || refusal.Op != "library/get" {
		return false
	}
	return errors.Is(err, wechat.ErrArgs) || errors.Is(err, wechat.ErrTemplateID) ||
		!slices.Contains(wechat.Codes(), refusal.Code)
}

// sleep waits for d, or until ctx ends, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reasons are what can keep a sync from WeChat's titles beside an errcode: the library is
// "empty" or most of it "unopened", WeChat is "unreachable", what comes back is "odd", or
// the trouble is our own, "internal".
func Reasons() []string { return []string{"empty", "unopened", "unreachable", "odd", "internal"} }

// Reason is one of Reasons, or "" where err is a refusal of WeChat's whose errcode says it all.
func Reason(err error) string {
	for _, k := range []struct {
		kind   error
		reason string
	}{
		{ErrEmpty, "empty"},
		{ErrUnopened, "unopened"},
		{wechat.ErrUnreachable, "unreachable"},
		{wechat.ErrNoAnswer, "unreachable"},
		{wechat.ErrTimeout, "unreachable"},
		{wechat.ErrRedirect, "odd"},
		{wechat.ErrStatus, "odd"},
		{wechat.ErrNotJSON, "odd"},
		{wechat.ErrTooLarge, "odd"},
	} {
		if errors.Is(err, k.kind) {
			return k.reason
		}
	}
	if _, refused := errors.AsType[*wechat.Error](err); refused {
		return ""
	}
	return "internal"
}
