package push

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// The events that tell something here (订阅消息, 事件推送; 违规处罚通知). Others are answered and dropped.
const (
	popupEvent  = "subscribe_msg_popup_event"
	changeEvent = "subscribe_msg_change_event"
	sentEvent   = "subscribe_msg_sent_event"
	punishEvent = "wxa_punish_event"
)

// by is who the activity log names for what WeChat told.
var by = store.Actor{Name: "wechat"}

// take stores what a message tells. A message that tells nothing is no error.
func (p *Push) take(ctx context.Context, a *account.Account, m node) error {
	seconds, err := strconv.ParseInt(m.text("CreateTime"), 10, 64)
	if err != nil || seconds <= 0 || m.text("MsgType") != "event" {
		return nil
	}
	e := event{m, m.text("Event"), m.text("FromUserName"), time.Unix(seconds, 0)}
	switch e.name {
	case popupEvent, changeEvent:
		return p.answers(ctx, a, e)
	case sentEvent:
		return p.receipts(ctx, a, e)
	case punishEvent:
		return p.penalty(ctx, a, e)
	}
	return nil
}

// event is one that was pushed. at is WeChat's CreateTime.
type event struct {
	node
	name, openID string
	at           time.Time
}

// maxID is how long an id may be that is kept: WeChat's have up to 43 characters.
const maxID = 64

// maxItems is how many items of an event are looked at: a popup asks for 5 templates at most.
const maxItems = 20

// items are those of the event that are about templates which the account has. WeChat is asked where one is not known.
func (e event) items(ctx context.Context, a *account.Account) ([]node, map[string]wechat.Template, error) {
	if !isID(e.openID) {
		return nil, nil, nil
	}
	items := e.all("List")
	items = slices.DeleteFunc(items[:min(len(items), maxItems)], func(i node) bool { return !isID(i.text("TemplateId")) })
	if len(items) == 0 {
		return nil, nil, nil
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.text("TemplateId")
	}
	known, err := a.Of(kind.Subscribe).Among(ctx, ids)
	items = slices.DeleteFunc(items, func(i node) bool { return known[i.text("TemplateId")].ID == "" })
	return items, known, err
}

// isID tells whether s can be an openid or the id of a template.
func isID(s string) bool {
	return s != "" && len(s) <= maxID && strings.Trim(s, inEcho) == ""
}

// answers takes what a user said in a popup, or in the mini program's settings. A repeat is the same event of the same
// time: no message holds anything else that tells two apart (assumed).
func (p *Push) answers(ctx context.Context, a *account.Account, e event) error {
	items, known, err := e.items(ctx, a)
	if err != nil {
		return err
	}
	var answers []ledger.Answer
	for _, item := range items {
		what := said(e.name, item.text("SubscribeStatusString"))
		if what == "" {
			continue
		}
		id := item.text("TemplateId")
		answers = append(answers, ledger.Answer{
			OpenID: e.openID, TemplateID: id, What: what, Source: ledger.FromEvent, When: e.at,
			Ref: e.name + ":" + strconv.FormatInt(e.at.Unix(), 10), Long: known[id].Type == wechat.LongTerm,
		})
	}
	if len(answers) == 0 {
		return nil
	}
	_, err = p.Store.ReportAnswers(ctx, by, a.App.ID, answers)
	return err
}

// said is what a status means. A no in a popup takes nothing of what was given before; in the settings it does
// (assumed).
func said(event, status string) string {
	switch {
	case event == popupEvent && status == "accept":
		return ledger.Accept
	case event == popupEvent && status == "reject":
		return ledger.Declined
	case event == changeEvent && status == "reject":
		return ledger.Reject
	}
	return ""
}

// receipts takes what became of messages after WeChat had taken them.
func (p *Push) receipts(ctx context.Context, a *account.Account, e event) error {
	items, _, err := e.items(ctx, a)
	if err != nil {
		return err
	}
	var all []store.MessageReceipt
	for _, item := range items {
		code, bad := strconv.Atoi(item.text("ErrorCode"))
		if msgID := item.text("MsgID"); bad == nil && isID(msgID) {
			all = append(all, store.MessageReceipt{
				MsgID: msgID, TemplateID: item.text("TemplateId"), OpenID: e.openID, ErrCode: code,
				Status: short(item.text("ErrorStatus")), SaidAt: e.at,
			})
		}
	}
	return p.Store.KeepReceipts(ctx, a.App.ID, all)
}

// maxText is how much is kept of a text that WeChat wrote, in bytes.
const maxText = 4000

func short(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}
