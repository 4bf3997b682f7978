package library

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"muban/wechat"
)

// usualPause is between two questions to WeChat, which are 5 a second at most.
const usualPause = 200 * time.Millisecond

// Pace spaces the questions to WeChat that read the library as a whole: a sync's and
// Direct.All's together, for one app on one machine. What a person asks for, a page of the
// list or a title, does not wait for it. It is safe for concurrent use.
type Pace struct {
	pause time.Duration

	mu   sync.Mutex
	last time.Time // the last question, or one that waits for its time
}

// NewPace has pause from one question to the next, usualPause where pause is 0.
func NewPace(pause time.Duration) *Pace {
	if pause == 0 {
		pause = usualPause
	}
	return &Pace{pause: pause}
}

// wait waits until the next question may be put, or ctx ends, whose error it returns. The
// pause is longer than usual where slower is. It goes by the machine's own clock, which
// does not jump when the time is set.
func (p *Pace) wait(ctx context.Context, slower time.Duration) error {
	p.mu.Lock()
	now := time.Now()
	at := p.last.Add(max(p.pause, slower))
	if at.Before(now) {
		at = now
	}
	p.last = at
	p.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

// giveUp is for how long trouble may last. A daily quota is back within a day.
const giveUp = 24 * time.Hour

// trouble is how the questions of one sync fare, to wait when WeChat wants to be left alone.
type trouble struct {
	pause time.Duration // from one question to the next, once WeChat was asked too often
	fails int           // in a row
	since time.Time     // of the first of them
}

// ask puts a question, again after trouble that passes. Its error is ctx's, a failure, or a
// *wechat.Error that concerns this question alone.
func (r *syncRun) ask(ctx context.Context, question func(context.Context) error) error {
	for {
		if err := r.options.Pace.wait(ctx, r.trouble.pause); err != nil {
			return err
		}
		err := question(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil || odd(err):
			r.trouble.fails = 0
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
func (r *syncRun) rest(ctx context.Context, err error) error {
	t, now := &r.trouble, r.options.Now()
	if t.fails == 0 {
		t.since = now
	}
	if now.Sub(t.since) >= giveUp {
		return &failure{fmt.Errorf("library: given up after %s: %w", giveUp, err)}
	}
	if errors.Is(err, wechat.ErrFrequency) {
		t.pause = min(2*max(t.pause, r.options.Pace.pause), slowest)
	}
	wait := backOff(err, t.fails)
	if fewADay(err) {
		wait = untilTomorrow(now) + rand.N(10*time.Minute)
	}
	t.fails++
	r.troubled(err, now.Add(wait))
	r.options.Log.Info("a sync of the library waits", "app", r.app, "for", wait, "err", err)
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

// fewADay tells a daily quota that asking on would only keep empty: accounts were seen to run out of these calls
// after very few.
func fewADay(err error) bool {
	var refusal *wechat.Error
	return errors.As(err, &refusal) && errors.Is(err, wechat.ErrQuota) &&
		slices.Contains([]string{"getcategory", "getpubtemplatetitles", "getpubtemplatekeywords"}, refusal.Op)
}

// untilTomorrow is the rest of the day in China, where WeChat's quotas begin anew at midnight.
func untilTomorrow(now time.Time) time.Duration {
	const china = 8 * time.Hour
	return day - now.UTC().Add(china).Sub(now.UTC().Add(china).Truncate(day))
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
	if !errors.As(err, &refusal) || refusal.Op != "library/get" && refusal.Op != "getpubtemplatekeywords" {
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
