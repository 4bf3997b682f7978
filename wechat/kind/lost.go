package kind

import (
	"context"
	"errors"
	"time"
)

// Deadline is for how long after a call whose answer was lost WeChat may still carry it out. No source says how
// long: assumed, and longer than any gateway waits that was seen.
const Deadline = 2 * time.Minute

// lookPause is between the two looks that are taken while the caller waits.
const lookPause = 2 * time.Second

// ErrUnderWay refuses to ask WeChat for a change while it is looked up what became of the same one.
var ErrUnderWay = errors.New("kind: the same is being looked up")

// Lost is a change of the account whose answer was lost and whose effect does not show yet. It must not be asked
// for again before Deadline has passed since the call.
type Lost struct{ cause error }

// look reads the account's list once and tells whether the change shows in it; it does not where it cannot be read.
type look func(ctx context.Context) (templateID string, shows bool)

// find takes two looks for a change that was asked for. It goes on when ctx ends: the caller
// may have given up, and what became of it is wanted all the same. *Lost where nothing shows.
func find(ctx context.Context, cause error, look look) (templateID string, err error) {
	ctx = context.WithoutCancel(ctx)
	for n := range 2 {
		if n > 0 {
			time.Sleep(lookPause)
		}
		if id, shows := look(ctx); shows {
			return id, nil
		}
	}
	return "", &Lost{cause}
}

func (l *Lost) Error() string {
	return "kind: not known yet whether it took effect: " + l.cause.Error()
}

func (l *Lost) Unwrap() error { return l.cause }

// Uncertain is for wechat.Uncertain.
func (l *Lost) Uncertain() bool { return true }
