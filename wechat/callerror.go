package wechat

import (
	"errors"
	"strings"
	"unicode"
)

// CallError is a call that got no usable answer from WeChat.
type CallError struct {
	Op     string // the call, such as "send"
	Kind   error  // one of the sentinels below
	Detail string // for a person; holds no query, token or secret
	Status int    // the HTTP status with ErrStatus and ErrRedirect, else 0
	cause  error  // context.Canceled or context.DeadlineExceeded, where one of them ended the call
}

// The kinds of CallError.
var (
	ErrUnreachable = errors.New("wechat: not reached, nothing was sent")
	ErrNoAnswer    = errors.New("wechat: connection lost before the answer")
	ErrTimeout     = errors.New("wechat: no answer in time")
	ErrRedirect    = errors.New("wechat: redirect refused")
	ErrStatus      = errors.New("wechat: HTTP status is not 200")
	ErrNotJSON     = errors.New("wechat: not an answer of WeChat's")
	ErrTooLarge    = errors.New("wechat: answer too large")
)

// What AddConfirmed found out after it lost the answer of template/add.
var (
	ErrNotAdded       = errors.New("wechat: template was not added")
	ErrOutcomeUnknown = errors.New("wechat: unknown whether the template was added")
)

func (e *CallError) Error() string {
	text := "wechat: " + e.Op + ": " + strings.TrimPrefix(e.Kind.Error(), "wechat: ")
	if e.Detail == "" {
		return text
	}
	return text + ": " + oneLine(e.Detail)
}

func (e *CallError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// noToken is a call that was not made, or was rejected, for want of an access token.
// It hides from Uncertain that fetching the token may have failed half way.
type noToken struct {
	op       string
	rejected error // WeChat's rejection of the last token; nil when there was none to try
	err      error // why there is no other
}

func (e *noToken) Error() string {
	return "wechat: " + e.op + ": no access token: " + e.err.Error()
}

func (e *noToken) Unwrap() []error {
	if e.rejected == nil {
		return []error{e.err}
	}
	return []error{e.rejected, e.err}
}

// Uncertain reports whether the call that answered err may have taken effect all the
// same. A send or an addition that is uncertain must not simply be repeated.
func Uncertain(err error) bool {
	var without *noToken
	var call *CallError
	switch {
	case errors.Is(err, ErrNotAdded):
		return false
	case errors.Is(err, ErrOutcomeUnknown):
		return true
	case errors.As(err, &without):
		return false
	case errors.Is(err, ErrBusy): // spec/README: safe to repeat for reads, so not for writes
		return true
	case errors.As(err, &call):
		return call.uncertain()
	}
	return false
}

func (e *CallError) uncertain() bool {
	switch e.Kind {
	case ErrNoAnswer, ErrTimeout, ErrNotJSON, ErrTooLarge:
		return true
	case ErrStatus: // a 4xx is a refusal; anything else says nothing about the call
		return e.Status < 400 || e.Status > 499
	}
	return false
}

// oneLine keeps text from elsewhere from forging lines where an error is logged.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
