package dispatch_test

import (
	"testing"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
)

func TestEveryEndOfACallIsJudged(t *testing.T) {
	for _, c := range []struct {
		err             error
		outcome, reason string
		code            int
	}{
		{nil, dispatch.Sent, "", 0},
		{&wechat.Error{Op: "send", Code: 41028, Msg: "invalid form id"}, dispatch.Refused, "", 41028},
		{&wechat.Error{Op: "send", Code: 99999, Msg: "unheard of"}, dispatch.Refused, "", 99999},
		{&wechat.CallError{Op: "send", Err: wechat.ErrUnreachable}, dispatch.Refused, "unreachable", 0},
		{&wechat.CallError{Op: "send", Err: wechat.ErrRedirect, Status: 302}, dispatch.Refused, "redirect", 0},
		{&wechat.CallError{Op: "send", Err: wechat.ErrNoAnswer}, dispatch.Unknown, "no_answer", 0},
		{&wechat.CallError{Op: "send", Err: wechat.ErrTimeout}, dispatch.Unknown, "timeout", 0},
		{&wechat.CallError{Op: "send", Err: wechat.ErrStatus, Status: 502}, dispatch.Unknown, "status", 0},
		{&wechat.CallError{Op: "send", Err: wechat.ErrNotJSON}, dispatch.Unknown, "not_json", 0},
		{kind.ErrNotAdded, dispatch.Refused, "not_added", 0},
		{kind.ErrUnknown, dispatch.Unknown, "add_unknown", 0},
	} {
		outcome, code, _, reason := dispatch.Judge(c.err)
		if outcome != c.outcome || code != c.code || reason != c.reason {
			t.Errorf("%v: %s %d %s, want %s %d %s", c.err, outcome, code, reason, c.outcome, c.code, c.reason)
		}
	}
}
