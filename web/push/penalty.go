package push

import (
	"context"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/wechat/account"
)

// penalty keeps a penalty that WeChat tells of, for a person to record: it says before what a call would be refused
// with 43106 or 43107 for.
func (p *Push) penalty(ctx context.Context, a *account.Account, e event) error {
	id := e.text("punish_id")
	if id == "" {
		id = strconv.FormatInt(e.at.Unix(), 10)
	}
	if appID := e.text("appid"); !isID(id) || appID != "" && appID != a.App.AppID {
		return nil
	}
	n := store.PenaltyNotice{
		App: a.App.ID, PunishID: id, Warning: e.text("event_type") == "1", At: e.at,
		Reason: short(e.text("illegal_reason")), Content: short(e.text("illegal_content")), Rule: short(e.text("rule_name")),
		RuleURL: address(e.text("rule_url")), GuideURL: address(e.text("adjust_guide_url")),
	}
	if seconds, err := strconv.ParseInt(e.text("punish_time"), 10, 64); err == nil && seconds > 0 {
		n.At = time.Unix(seconds, 0)
	}
	if detail, err := parse([]byte(e.text("detail"))); err == nil { // JSON in a text
		functions := append(detail.all("banned_function_names"), detail.all("warned_function_names")...)
		for _, f := range functions[:min(len(functions), maxItems)] {
			n.Functions = append(n.Functions, short(f.value))
		}
		for _, name := range []string{"banned_days", "warned_ban_days"} {
			if days, err := strconv.Atoi(detail.text(name)); err == nil && n.Days == 0 {
				n.Days = min(max(days, 0), maxDays)
			}
		}
	}
	return p.Store.KeepPenaltyNotice(ctx, by, n)
}

// maxDays bounds what is shown: longer is for ever.
const maxDays = 36500

// address is a web address, or "".
func address(s string) string {
	if len(s) <= 1000 && strings.HasPrefix(s, "https://") {
		return s
	}
	return ""
}
