package alert

import (
	"context"
	"errors"
	"sync"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

const (
	ending = 10 * time.Minute // what is left of a token that cannot be refreshed when people are called
	// lasting is how long a condition has to last. It passes over a WeChat that was busy for a moment, and over
	// what another process has mended, of which this one hears within a few seconds.
	lasting = 20 * time.Second
)

// Watch raises and clears alerts. It is safe for concurrent use, and one in each of
// several processes on one board makes no difference.
type Watch struct {
	board    Board
	now      func() time.Time
	describe Describe

	mu    sync.Mutex
	since map[condition]time.Time // when this process saw it first
}

// Describe says in words for people what the alert is about, and the address of the page that tells more, "" for none.
type Describe func(a Alert, c Change) (text, address string)

type condition struct {
	cause Cause
	app   int64
}

// NewWatch returns a watch that has seen nothing yet.
func NewWatch(board Board, now func() time.Time, describe Describe) *Watch {
	return &Watch{board: board, now: now, describe: describe, since: map[condition]time.Time{}}
}

// Raise raises an alert, unless one of the cause is raised in the app already. detail
// must hold no secret.
func (w *Watch) Raise(ctx context.Context, cause Cause, app App, detail string) error {
	_, err := w.board.RaiseAlert(ctx, Alert{Cause: cause, App: app, Detail: detail}, w.notice(Raised))
	return err
}

// Clear ends the alert of the cause in the app, if there is one.
func (w *Watch) Clear(ctx context.Context, cause Cause, app App) error {
	_, err := w.board.ClearAlert(ctx, cause, app.ID, w.notice(Cleared))
	return err
}

// Keeper is the state of an app's token.
type Keeper struct {
	App   App
	State token.State
}

// Look raises and clears the alerts about tokens. Call it every few seconds.
func (w *Watch) Look(ctx context.Context, keepers []Keeper) error {
	raised, err := w.board.RaisedAlerts(ctx)
	if err != nil {
		return err
	}
	known := map[condition]Alert{}
	for _, a := range raised {
		known[condition{a.Cause, a.App.ID}] = a
	}
	var failed []error
	for _, k := range keepers {
		for _, cause := range []Cause{TokenEnding, SecretRefused} {
			failed = append(failed, w.look(ctx, cause, k, known[condition{cause, k.App.ID}]))
		}
	}
	return errors.Join(failed...)
}

func (w *Watch) look(ctx context.Context, cause Cause, k Keeper, raised Alert) error {
	holds := cause.holds(k.State, w.now())
	lasts := w.lasts(condition{cause, k.App.ID}, holds)
	switch {
	case lasts && raised.ID == 0:
		return w.Raise(ctx, cause, k.App, k.State.LastErr.Error())
	case !holds && raised.ID != 0 && k.State.FetchedAt.After(raised.RaisedAt):
		// Only a new token ends it: a process that has not heard of the trouble is no proof.
		return w.Clear(ctx, cause, k.App)
	}
	return nil
}

// holds tells whether the condition is met just now.
func (c Cause) holds(s token.State, now time.Time) bool {
	switch {
	case s.LastErr == nil:
		return false
	case c == TokenEnding:
		return s.ExpiresAt.Sub(now) < ending
	}
	return errors.Is(s.LastErr, wechat.ErrAppID) ||
		errors.Is(s.LastErr, wechat.ErrAppSecret) ||
		errors.Is(s.LastErr, wechat.ErrFrozen)
}

// lasts tells whether the condition has held for long enough.
func (w *Watch) lasts(c condition, holds bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !holds {
		delete(w.since, c)
		return false
	}
	if w.since[c].IsZero() {
		w.since[c] = w.now()
	}
	return w.now().Sub(w.since[c]) >= lasting
}

// notice makes the bodies of deliveries of one change.
func (w *Watch) notice(c Change) func(Alert) []byte {
	return func(a Alert) []byte {
		n := Notice{Change: c, Alert: a.ID, Cause: a.Cause, App: NoticeOf(a.App), Detail: a.Detail, RaisedAt: &a.RaisedAt}
		if n.Text, n.URL = w.describe(a, c); c == Cleared {
			n.ClearedAt = &a.ClearedAt
		}
		return n.Encode()
	}
}
