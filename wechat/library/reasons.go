package library

import (
	"errors"

	"muban/wechat"
)

// Reasons are what can keep a sync from WeChat's titles beside an errcode: the library is
// "empty" or most of it "unopened", WeChat is "unreachable", what comes back is "odd", or
// the trouble is our own, "internal".
func Reasons() []string { return []string{"empty", "unopened", "unreachable", "odd", "internal"} }

// Reason is one of Reasons, or "" where err is a refusal of WeChat's whose errcode says it all.
func Reason(err error) string {
	for _, k := range []struct {
		kind   error
		reason string
	}{
		{ErrEmpty, "empty"},
		{ErrUnopened, "unopened"},
		{wechat.ErrUnreachable, "unreachable"},
		{wechat.ErrNoAnswer, "unreachable"},
		{wechat.ErrTimeout, "unreachable"},
		{wechat.ErrRedirect, "odd"},
		{wechat.ErrStatus, "odd"},
		{wechat.ErrNotJSON, "odd"},
		{wechat.ErrTooLarge, "odd"},
	} {
		if errors.Is(err, k.kind) {
			return k.reason
		}
	}
	if _, refused := errors.AsType[*wechat.Error](err); refused {
		return ""
	}
	return "internal"
}
