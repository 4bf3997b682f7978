package token

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
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

// Event is one fetch, as Fetches records it and OnRefresh tells it.
type Event struct {
	ID        int64 // of the record in Fetches; 0 where there is none
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

// AskedBy notes in ctx who asks Refresh or Force, such as "key:k3v9" or "person:Wang", so
// that the record of the fetch can name them.
func AskedBy(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, askerKey{}, who)
}

type askerKey struct{}

func asker(ctx context.Context) string {
	who, _ := ctx.Value(askerKey{}).(string)
	return who
}

// What may be odd about an answer that is a token.
var (
	ErrOdd    = errors.New("token: its lifetime is not to be believed")
	ErrStands = errors.New("token: WeChat gives the rejected token again, so to WeChat it is good")
)

// Failure is an Event's Err in words that can be stored.
type Failure struct {
	Kind string // one of Kinds
	Code int    // WeChat's errcode; only with Kind "errcode"
	Msg  string // WeChat's errmsg, or the detail; holds no secret
}

// kinds names the errors of a fetch. The first that fits is taken.
var kinds = []struct {
	name string
	err  error
}{
	{"unreachable", wechat.ErrUnreachable},
	{"no_answer", wechat.ErrNoAnswer},
	{"timeout", wechat.ErrTimeout},
	{"redirect", wechat.ErrRedirect},
	{"status", wechat.ErrStatus},
	{"not_json", wechat.ErrNotJSON},
	{"too_large", wechat.ErrTooLarge},
	{"odd", ErrOdd},
	{"stands", ErrStands},
}

// Kinds are "errcode" for an answer of WeChat's, what else may go wrong, and "internal"
// for the rest.
func Kinds() []string {
	names := []string{"errcode"}
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return append(names, "internal")
}

// FailureOf puts err into words; nil is the zero Failure.
func FailureOf(err error) Failure {
	if err == nil {
		return Failure{}
	}
	if answer, ok := errors.AsType[*wechat.Error](err); ok {
		return Failure{Kind: "errcode", Code: answer.Code, Msg: answer.Msg}
	}
	f := Failure{Kind: "internal", Msg: err.Error()}
	if call, ok := errors.AsType[*wechat.CallError](err); ok {
		f.Msg = call.Detail
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			f.Kind = k.name
			break
		}
	}
	return f
}

// Err is the error again: of the same kind to errors.Is, with the same code and text.
func (f Failure) Err() error {
	switch f.Kind {
	case "":
		return nil
	case "errcode":
		return &wechat.Error{Op: "token", Code: f.Code, Msg: f.Msg}
	}
	for _, k := range kinds {
		if k.name != f.Kind {
			continue
		}
		if k.err == ErrOdd || k.err == ErrStands {
			return &restored{k.err, f.Msg}
		}
		return &wechat.CallError{Op: "token", Err: k.err, Detail: f.Msg}
	}
	return errors.New(f.Msg)
}

// restored is an error of this package that was stored, in its own words.
type restored struct {
	kind error
	text string
}

func (e *restored) Error() string { return e.text }
func (e *restored) Unwrap() error { return e.kind }

// State is what a page shows of a keeper.
type State struct {
	Healthy      bool // a token is valid and the last fetch went well
	Refreshing   bool
	Unsaved      bool      // the store failed: after a restart the token would be fetched anew
	FetchedAt    time.Time // of the token that is served; zero when there is none
	ExpiresAt    time.Time
	FailingSince time.Time // zero unless the last fetch failed
	NextAttempt  time.Time // no fetch before, except for a rejected token or by hand
	LastErr      error     // of the last fetch
	ForcedLeft   int       // refreshes by hand left today
	NextForce    time.Time // no refresh by hand before; zero when one may be made
}

// State returns the present state. Before the first Token or Run it is empty.
func (k *Keeper) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, c := k.options.Now(), k.current.Load()
	k.forget(now)
	s := State{
		Healthy:      c.valid(now) && k.trouble.err == nil,
		Refreshing:   k.fetch != nil,
		Unsaved:      k.disk.behind.Load(),
		FailingSince: k.trouble.since,
		NextAttempt:  k.trouble.next,
		LastErr:      k.trouble.err,
		ForcedLeft:   max(0, forceDaily-len(k.forced)),
	}
	if pause, ok := errors.AsType[*Pause](k.mayForce(now)); ok {
		s.NextForce = pause.Until
	}
	if c != nil {
		s.FetchedAt, s.ExpiresAt = c.FetchedAt, c.ExpiresAt
		if c.lookAt.After(s.NextAttempt) {
			s.NextAttempt = c.lookAt
		}
	}
	return s
}
