package token

import (
	"errors"

	"muban/wechat"
)

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
