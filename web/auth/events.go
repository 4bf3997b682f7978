package auth

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Event is a kind of what tells of an attack, as the log names it.
type Event string

const (
	EventWrongGuess Event = "a wrong password or code"
	EventLocked     Event = "too many wrong guesses: signing in has to wait"
	EventThrottled  Event = "a guess was refused: there were too many"
	EventRefused    Event = "refused: the role or the key does not allow it"
	EventCrossSite  Event = "refused: a post from another site"
	EventWrongKey   Event = "a wrong API key"
	EventExport     Event = "data was exported"
)

// eventsMost is how many lines of a kind there are in a minute: a flood does not fill the disk.
const eventsMost = 30

// Events writes a WARN line for each event, in one process.
type Events struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	kinds map[Event]*counted
}

// counted is one kind within the minute.
type counted struct {
	since   time.Time
	n, left int // written, and left out
}

// NewEvents writes to log.
func NewEvents(log *slog.Logger, now func() time.Time) *Events {
	return &Events{log: log, now: now, kinds: map[Event]*counted{}}
}

// Warn writes the line, with the address and the path, or counts it where there were too many of its kind within the
// minute. args are as slog's; neither a secret nor what somebody typed belongs there.
func (e *Events) Warn(kind Event, r *http.Request, args ...any) {
	write, left := e.count(kind)
	if left > 0 {
		e.leftOut(r.Context(), kind, left)
	}
	if write {
		e.log.WarnContext(r.Context(), string(kind), append([]any{"addr", Address(r), "method", r.Method, "path",
			r.URL.Path}, args...)...)
	}
}

func (e *Events) count(kind Event) (write bool, left int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now, c := e.now(), e.kinds[kind]
	if c == nil || now.Sub(c.since) >= time.Minute {
		if c != nil {
			left = c.left
		}
		c = &counted{since: now}
		e.kinds[kind] = c
	}
	if c.n == eventsMost {
		c.left++
		return false, left
	}
	c.n++
	return true, left
}

func (e *Events) leftOut(ctx context.Context, kind Event, n int) {
	e.log.WarnContext(ctx, string(kind), "left_out", n)
}

// Flush says how many lines were left out in minutes that are over.
func (e *Events) Flush(ctx context.Context) error {
	left := map[Event]int{}
	e.mu.Lock()
	for kind, c := range e.kinds {
		if e.now().Sub(c.since) < time.Minute {
			continue
		}
		delete(e.kinds, kind)
		if c.left > 0 {
			left[kind] = c.left
		}
	}
	e.mu.Unlock()
	for kind, n := range left {
		e.leftOut(ctx, kind, n)
	}
	return nil
}
