package dispatch

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

func (s *Send) record(err error, took time.Duration) {
	s.Duration = took
	s.Outcome, s.ErrCode, s.ErrMsg, s.Reason = Judge(err)
}

// Reasons are what can go wrong before or instead of WeChat's answer.
var Reasons = []string{
	"unreachable", "no_answer", "timeout", "redirect", "status", "not_json", "too_large",
	"canceled", "interrupted", "not_added", "add_unknown", "internal",
}

// Judge says how a call to WeChat that answered err ended: the outcome, the
// errcode and errmsg where WeChat gave them, else the reason (one of Reasons).
func Judge(err error) (outcome string, code int, msg, reason string) {
	if err == nil {
		return Sent, 0, "ok", ""
	}
	if answer, ok := errors.AsType[*wechat.Error](err); ok && !errors.Is(err, kind.ErrNotAdded) && !errors.Is(err, kind.ErrUnknown) {
		return Refused, answer.Code, answer.Msg, ""
	}
	outcome = Refused
	if wechat.Uncertain(err) {
		outcome = Unknown
	}
	return outcome, 0, err.Error(), reasonOf(err)
}

func reasonOf(err error) string {
	for _, k := range []struct {
		is     error
		reason string
	}{
		{kind.ErrNotAdded, "not_added"},
		{kind.ErrUnknown, "add_unknown"},
		{wechat.ErrUnreachable, "unreachable"},
		{wechat.ErrNoAnswer, "no_answer"},
		{wechat.ErrTimeout, "timeout"},
		{wechat.ErrRedirect, "redirect"},
		{wechat.ErrStatus, "status"},
		{wechat.ErrNotJSON, "not_json"},
		{wechat.ErrTooLarge, "too_large"},
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "timeout"},
	} {
		if errors.Is(err, k.is) {
			return k.reason
		}
	}
	return "internal"
}
