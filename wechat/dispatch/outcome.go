package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

func (s *Send) record(err error, took time.Duration) {
	s.Duration = took
	s.Outcome, s.ErrCode, s.ErrMsg, s.Reason = Judge(err)
}

// Reasons are what can go wrong before or instead of WeChat's answer, and "busy", which leaves open whether the
// call took effect. Those with "read_" are of calls that only asked.
var Reasons = []string{
	"busy", "unreachable", "no_answer", "timeout", "redirect", "status", "not_json", "too_large", "read_no_answer",
	"read_timeout", "canceled", "interrupted", "not_known_yet", "under_way", "internal",
}

// ownReasons are found here, whatever WeChat has answered.
var ownReasons = []string{"not_known_yet", "under_way"}

// Judge says how a call to WeChat that answered err ended: the outcome, the errcode and errmsg where WeChat gave
// them, and the reason (one of Reasons) where they do not say it. Unknown is for a call that may have taken effect
// and must not be repeated for that.
func Judge(err error) (outcome string, code int, msg, reason string) {
	if err == nil {
		return Sent, 0, "ok", ""
	}
	acted := wechat.Uncertain(err) && !wechat.FetchesToken(err)
	outcome = Refused
	if acted {
		outcome = Unknown
	}
	reason = reasonOf(err, acted)
	answer, ok := errors.AsType[*wechat.Error](err)
	switch {
	case !ok || slices.Contains(ownReasons, reason): // the catalogue says all there is to say of a reason
		return outcome, 0, "", reason
	case acted:
		return outcome, answer.Code, answer.Msg, "busy"
	}
	return outcome, answer.Code, answer.Msg, ""
}

func reasonOf(err error, acted bool) string {
	if _, lost := errors.AsType[*kind.Lost](err); lost {
		return "not_known_yet"
	}
	for _, k := range []struct {
		is     error
		reason string
	}{
		{kind.ErrUnderWay, "under_way"},
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
		switch {
		case !errors.Is(err, k.is):
		case !acted && (k.reason == "timeout" || k.reason == "no_answer"):
			return "read_" + k.reason
		default:
			return k.reason
		}
	}
	return "internal"
}
