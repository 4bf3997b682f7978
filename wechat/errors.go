package wechat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Error is WeChat's own answer that a call failed. Compare it with errors.Is and the
// sentinels below; a code without a sentinel is told by Code and Msg.
type Error struct {
	Op   string // the call, such as "template/add"
	Code int    // errcode
	Msg  string // errmsg, whole: WeChat's support asks for the rid at its end

	TemplateID string // of ErrSame: the template that is there already, "" where WeChat does not tell
}

// What WeChat's codes mean to us, by its documentation and the sources of public SDKs.
var (
	ErrBusy          = errors.New("wechat: system busy")
	ErrToken         = errors.New("wechat: access token rejected")
	ErrTokenMissing  = errors.New("wechat: access token missing")
	ErrGrantType     = errors.New("wechat: invalid grant_type")
	ErrOpenID        = errors.New("wechat: invalid openid")
	ErrAppID         = errors.New("wechat: invalid appid")
	ErrAppSecret     = errors.New("wechat: invalid appsecret")
	ErrIP            = errors.New("wechat: address not in the IP whitelist")
	ErrFrozen        = errors.New("wechat: appsecret frozen")
	ErrArgs          = errors.New("wechat: invalid arguments")
	ErrTemplateID    = errors.New("wechat: invalid template_id")
	ErrFormID        = errors.New("wechat: invalid form_id")
	ErrFormUsed      = errors.New("wechat: form_id used up")
	ErrPage          = errors.New("wechat: invalid page")
	ErrPenalty       = errors.New("wechat: penalty in force")
	ErrMethod        = errors.New("wechat: POST required")
	ErrEmptyBody     = errors.New("wechat: empty body")
	ErrQuota         = errors.New("wechat: daily quota reached")
	ErrFrequency     = errors.New("wechat: called too often")
	ErrTemplateLimit = errors.New("wechat: too many templates")
	ErrRetired       = errors.New("wechat: API retired")
	ErrData          = errors.New("wechat: body not understood")
	ErrUnauthorized  = errors.New("wechat: API not permitted to this account")
	ErrKeywords      = errors.New("wechat: keywords not of this title")
	ErrScene         = errors.New("wechat: invalid scene description")
	ErrSame          = errors.New("wechat: same template added already")
	ErrConsent       = errors.New("wechat: user refuses the message")
	ErrConcurrent    = errors.New("wechat: two calls for one openid at once")
	ErrValue         = errors.New("wechat: invalid value")
	ErrWords         = errors.New("wechat: sensitive words")
	ErrRid           = errors.New("wechat: unknown or expired rid")
	ErrPath          = errors.New("wechat: no quota of this path")
)

// sentinels are what errors.Is answers to for each code.
var sentinels = map[int]error{
	-1: ErrBusy, 20001: ErrBusy, 200001: ErrBusy,
	40001: ErrToken, 40014: ErrToken, 42001: ErrToken,
	40002: ErrGrantType,
	40003: ErrOpenID,
	40013: ErrAppID,
	40037: ErrTemplateID,
	20002: ErrArgs, 40097: ErrArgs, 200002: ErrArgs, 200014: ErrArgs, 200016: ErrArgs, 200017: ErrArgs,
	200018: ErrArgs, 200019: ErrArgs,
	40125: ErrAppSecret,
	40164: ErrIP,
	40243: ErrFrozen,
	41001: ErrTokenMissing,
	41028: ErrFormID,
	41029: ErrFormUsed,
	41030: ErrPage,
	41031: ErrPenalty, 41032: ErrPenalty, 41034: ErrPenalty, 41035: ErrPenalty, 43106: ErrPenalty,
	43107: ErrPenalty, 200011: ErrPenalty, 200013: ErrPenalty,
	404: ErrMethod, 43002: ErrMethod,
	43101: ErrConsent,
	43108: ErrConcurrent,
	44002: ErrEmptyBody,
	45009: ErrQuota,
	45011: ErrFrequency,
	45026: ErrTemplateLimit, 200012: ErrTemplateLimit,
	45103: ErrRetired, 45109: ErrRetired, 48009: ErrRetired,
	45168: ErrWords,
	40400: ErrData, 47001: ErrData,
	47003: ErrValue,
	48001: ErrUnauthorized, 48004: ErrUnauthorized, 200100: ErrUnauthorized,
	76001: ErrRid, 76003: ErrRid,
	76021: ErrPath, 76022: ErrPath,
	200020: ErrKeywords,
	200021: ErrScene,
	200022: ErrSame,
}

// Codes returns every errcode that has a sentinel, ascending.
func Codes() []int {
	codes := make([]int, 0, len(sentinels))
	for code := range sentinels {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

func (e *Error) Error() string {
	return fmt.Sprintf("wechat: %s: errcode %d: %s", e.Op, e.Code, oneLine(e.Msg))
}

// Is reports whether target is the sentinel of e's code.
func (e *Error) Is(target error) bool {
	if e.wrongSecret() {
		return target == ErrAppSecret
	}
	sentinel, known := sentinels[e.Code]
	return known && sentinel == target
}

// wrongSecret tells the 40001 that answers a request for a token: "invalid credential, access_token is
// invalid or not latest" is about the AppSecret there, for such a request has no token.
func (e *Error) wrongSecret() bool {
	return e.Code == 40001 && (e.Op == tokenGet.op || e.Op == stablePost.op)
}

// CallError is a call that got no usable answer from WeChat.
type CallError struct {
	Op     string // the call, such as "send"
	Err    error  // one of the sentinels below
	Detail string // for a person; holds no query, token or secret
	Status int    // the HTTP status with ErrStatus and ErrRedirect, else 0
	cause  error  // context.Canceled or context.DeadlineExceeded, where one of them ended the call
}

// What a CallError is about, its Err.
var (
	ErrUnreachable = errors.New("wechat: not reached, nothing was sent")
	ErrNoAnswer    = errors.New("wechat: connection lost before the answer")
	ErrTimeout     = errors.New("wechat: no answer in time")
	ErrRedirect    = errors.New("wechat: redirect refused")
	ErrStatus      = errors.New("wechat: HTTP status is not 200")
	ErrNotJSON     = errors.New("wechat: not an answer of WeChat's")
	ErrTooLarge    = errors.New("wechat: answer too large")
)

func (e *CallError) Error() string {
	text := "wechat: " + e.Op + ": " + strings.TrimPrefix(e.Err.Error(), "wechat: ")
	if e.Detail == "" {
		return text
	}
	return text + ": " + oneLine(e.Detail)
}

func (e *CallError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.cause}
}

// noToken is a call that was not made, or was rejected, for want of an access token.
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

// Uncertain says no: without a token the call did not act. It hides that fetching the token may have failed half way.
func (e *noToken) Uncertain() bool { return false }

// Uncertain reports whether the call that answered err may have taken effect all the same, as the first error
// in it says that has a method of this name. A send or an addition that is uncertain must not simply be repeated.
func Uncertain(err error) bool {
	var says interface{ Uncertain() bool }
	return errors.As(err, &says) && says.Uncertain()
}

// Uncertain is true of "system busy" alone, unless the call only reads: WeChat says that reads may be repeated.
func (e *Error) Uncertain() bool { return errors.Is(e, ErrBusy) && !reads(e.Op) }

// Uncertain tells whether the request may have reached WeChat and done something there.
func (e *CallError) Uncertain() bool {
	if reads(e.Op) {
		return false
	}
	switch e.Err {
	case ErrNoAnswer, ErrTimeout, ErrNotJSON, ErrTooLarge:
		return true
	case ErrStatus: // a 4xx is a refusal; anything else says nothing about the call
		return e.Status < 400 || e.Status > 499
	}
	return false
}

// reads tells whether a call changes nothing.
func reads(op string) bool {
	switch op {
	case libraryList.op, libraryGet.op, templateList.op,
		categories.op, subscribeTitles.op, subscribeKeywords.op, subscribeList.op, ridGet.op, quotaGet.op:
		return true
	}
	return false
}

// FetchesToken reports whether err is that of a call for an access token. It may have put an end to the last
// token, but no message and no template can have come of it.
func FetchesToken(err error) bool {
	op := ""
	if e, ok := errors.AsType[*Error](err); ok {
		op = e.Op
	} else if e, ok := errors.AsType[*CallError](err); ok {
		op = e.Op
	}
	return op == tokenGet.op || op == stablePost.op
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

// IsFailure reports whether err is WeChat's answer that a call failed, or the lack of an answer.
func IsFailure(err error) bool {
	if _, ok := errors.AsType[*Error](err); ok {
		return true
	}
	_, ok := errors.AsType[*CallError](err)
	return ok
}
