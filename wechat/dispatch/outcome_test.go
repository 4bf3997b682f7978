package dispatch_test

import (
	"errors"
	"fmt"
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
		{&wechat.Error{Op: "send", Code: -1, Msg: "system error"}, dispatch.Unknown, "busy", -1}, // fault 59
		{&wechat.Error{Op: "template/del", Code: -1, Msg: "system error"}, dispatch.Unknown, "busy", -1},
		{&wechat.Error{Op: "library/list", Code: -1, Msg: "system error"}, dispatch.Refused, "", -1},
		{&wechat.Error{Op: "stable_token", Code: -1, Msg: "system error"}, dispatch.Refused, "", -1},
		{&wechat.CallError{Op: "template/list", Err: wechat.ErrTimeout}, dispatch.Refused, "read_timeout", 0},
		{&wechat.CallError{Op: "library/get", Err: wechat.ErrNoAnswer}, dispatch.Refused, "read_no_answer", 0},
		{&wechat.CallError{Op: "token", Err: wechat.ErrTimeout}, dispatch.Refused, "read_timeout", 0},
	} {
		outcome, code, _, reason := dispatch.Judge(c.err)
		if outcome != c.outcome || code != c.code || reason != c.reason {
			t.Errorf("%v: %s %d %s, want %s %d %s", c.err, outcome, code, reason, c.outcome, c.code, c.reason)
		}
	}
}

// What was found here is worded by the catalogue, in the reader's language.
func TestTheTextOfAnErrorIsNoErrmsg(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"under_way":   fmt.Errorf("account: %w", kind.ErrUnderWay),
		"timeout":     &wechat.CallError{Op: "template/send", Err: wechat.ErrTimeout, Detail: "10s"},
		"unreachable": &wechat.CallError{Op: "token", Err: wechat.ErrUnreachable, Detail: "dial tcp: connection refused"},
		"internal":    errors.New("something else"),
	} {
		if _, code, msg, reason := dispatch.Judge(err); code != 0 || msg != "" || reason != want {
			t.Errorf("%v: errcode %d, errmsg %q, reason %q", err, code, msg, reason)
		}
	}
}
