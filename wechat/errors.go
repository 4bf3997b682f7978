package wechat

import (
	"errors"
	"fmt"
	"slices"
)

// Error is WeChat's own answer that a call failed. Compare it with errors.Is and the
// sentinels below; a code without a sentinel is told by Code and Msg.
type Error struct {
	Op   string // the call, such as "template/add"
	Code int    // errcode
	Msg  string // errmsg, whole: WeChat's support asks for the rid at its end
}

// What WeChat's codes mean to us (spec/README).
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
)

// kinds is the table of spec/README: which sentinel a code belongs to.
var kinds = map[int]error{
	-1:    ErrBusy,
	40001: ErrToken, 40014: ErrToken, 42001: ErrToken,
	40002: ErrGrantType,
	40003: ErrOpenID,
	40013: ErrAppID,
	40037: ErrTemplateID,
	40097: ErrArgs,
	40125: ErrAppSecret,
	40164: ErrIP,
	40243: ErrFrozen,
	41001: ErrTokenMissing,
	41028: ErrFormID,
	41029: ErrFormUsed,
	41030: ErrPage,
	41031: ErrPenalty, 41032: ErrPenalty, 41034: ErrPenalty, 41035: ErrPenalty, 43106: ErrPenalty,
	43002: ErrMethod,
	44002: ErrEmptyBody,
	45009: ErrQuota,
	45011: ErrFrequency,
	45026: ErrTemplateLimit,
	45109: ErrRetired, 48009: ErrRetired,
	47001: ErrData,
	48001: ErrUnauthorized, 48004: ErrUnauthorized,
}

// Codes returns every errcode that has a sentinel, ascending.
func Codes() []int {
	codes := make([]int, 0, len(kinds))
	for code := range kinds {
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
	kind, known := kinds[e.Code]
	return known && kind == target
}

// IsFailure reports whether err is WeChat's answer that a call failed, or the lack of an answer.
func IsFailure(err error) bool {
	if _, ok := errors.AsType[*Error](err); ok {
		return true
	}
	_, ok := errors.AsType[*CallError](err)
	return ok
}
