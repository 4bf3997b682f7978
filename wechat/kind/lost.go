package kind

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Deadline is for how long after a call whose answer was lost WeChat may still carry it out. No source says how
// long: assumed, and longer than any gateway waits that was seen.
const Deadline = 2 * time.Minute

// How often the account's list is read to find out what became of a call.
const (
	firstLook = 2 * time.Second // between the first two looks, while the caller waits
	nextLook  = 5 * time.Second
)

// Lost is a change of the account whose answer was lost and whose effect does not show yet. It must not be asked
// for again: find out with Wait.
type Lost struct {
	Until time.Time // when WeChat's own deadline has passed
	cause error     // why there was no answer
	never error     // what it is when nothing shows until then
	look  look
}

// look reads the account's list once and tells whether the change shows in it.
type look func(ctx context.Context) (templateID string, shows bool, err error)

// verdict is what a call turned out to be whose answer was lost.
type verdict struct {
	text      string
	uncertain bool
}

func (v *verdict) Error() string { return v.text }

// Uncertain is for wechat.Uncertain.
func (v *verdict) Uncertain() bool { return v.uncertain }

// What a call whose answer was lost turned out to be.
var (
	ErrNotAdded   error = &verdict{"kind: template was not added", false}
	ErrNotDeleted error = &verdict{"kind: template was not deleted", false}
	ErrUnknown    error = &verdict{"kind: unknown whether it took effect", true}
)

// find takes the first two looks for a change that was asked for at start. It goes on when ctx ends: the caller
// may have given up, and what became of it is wanted all the same. *Lost where nothing shows.
func find(ctx context.Context, start time.Time, cause, never error, look look) (templateID string, err error) {
	ctx = context.WithoutCancel(ctx)
	for n := range 2 {
		if n > 0 {
			time.Sleep(firstLook)
		}
		id, shows, err := look(ctx)
		if shows || errors.Is(err, ErrUnknown) {
			return id, err
		}
	}
	return "", &Lost{Until: start.Add(Deadline), cause: cause, never: never, look: look}
}

// Wait reads the list until the change shows or WeChat's own deadline has passed. It answers the template that was
// added or deleted; ErrNotAdded or ErrNotDeleted when it may be asked for again; ErrUnknown when the list does not
// tell; or the error of ctx.
func (l *Lost) Wait(ctx context.Context) (templateID string, err error) {
	for {
		late := !time.Now().Before(l.Until)
		id, shows, err := l.look(ctx)
		switch {
		case shows || errors.Is(err, ErrUnknown):
			return id, err
		case late && err != nil:
			return "", fmt.Errorf("%w: %w", ErrUnknown, err)
		case late:
			return "", fmt.Errorf("%w: %w", l.never, l.cause)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(min(nextLook, max(0, time.Until(l.Until)))):
		}
	}
}

func (l *Lost) Error() string {
	return "kind: not known yet whether it took effect: " + l.cause.Error()
}

func (l *Lost) Unwrap() []error { return []error{ErrUnknown, l.cause} }

// Uncertain is for wechat.Uncertain.
func (l *Lost) Uncertain() bool { return true }
