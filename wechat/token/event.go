package token

import (
	"context"
	"time"
)

// Reason is why a token was fetched.
type Reason string

// The reasons of a fetch.
const (
	Due      Reason = "due"      // there is none, or it is near its end
	Rejected Reason = "rejected" // WeChat refused the last one, and we may have replaced it ourselves
	Outside  Reason = "outside"  // WeChat refused the last one before its time: somebody else has fetched one
	Forced   Reason = "forced"   // by hand
	Replaced Reason = "replaced" // the credentials were edited
)

// Reasons lists them all, so that a catalogue of texts can be proved complete.
func Reasons() []Reason { return []Reason{Due, Rejected, Outside, Forced, Replaced} }

// Event is one fetch, as the journal keeps it and OnRefresh tells it.
type Event struct {
	ID        int64 // the journal's; 0 where there is none
	AppID     string
	Reason    Reason
	By        string // who asked, in AskedBy's words; "" for the keeper itself
	Process   string // whose keeper fetched
	Start     time.Time
	Took      time.Duration
	Ended     bool      // false: still under way, or its process died over it
	ExpiresAt time.Time // of the token that is served afterwards; zero when there is none
	Err       error     // why it brought none; with ErrOdd it brought one of doubtful lifetime

	// Where Err is set: how often in a row, since when, and no attempt before when,
	// except by hand.
	Fails        int
	FailingSince time.Time
	NextAttempt  time.Time
}

// AskedBy notes in ctx who asks Refresh or Force, such as "key:k3v9" or "person:Wang":
// the journal tells of a fetch at whose word it was made.
func AskedBy(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, askerKey{}, who)
}

type askerKey struct{}

func asker(ctx context.Context) string {
	who, _ := ctx.Value(askerKey{}).(string)
	return who
}
