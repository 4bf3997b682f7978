package alert

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"muban/wechat"
)

// Make is what kind of receiver a channel leads to.
type Make string

// The makes: a program of one's own, and the group robots of three chats.
const (
	Webhook  Make = "webhook"
	WeCom    Make = "wecom"    // 企业微信
	Feishu   Make = "feishu"   // 飞书, Lark
	DingTalk Make = "dingtalk" // 钉钉
)

// Makes lists them all.
func Makes() []Make { return []Make{WeCom, Feishu, DingTalk, Webhook} }

// Channel is where notices go. Many receivers take a key in the address, so it is as secret as the secret.
type Channel struct {
	ID        int64
	Make      Make
	Name      string  // what people call it, such as a group's name
	Apps      []int64 // whose notices it gets; none: those of every app
	Topics    []Topic // of which kinds
	URL       wechat.Secret
	Secret    wechat.Secret // that deliveries are signed with; "" where the make has none, or it is not switched on there
	UpdatedAt time.Time
}

// Takes tells whether the channel is told of a change in an app.
func (c Channel) Takes(app int64, change Change) bool {
	return (len(c.Apps) == 0 || slices.Contains(c.Apps, app)) && slices.Contains(c.Topics, change.Topic())
}

// MakeOf is whose robots live at an address: Webhook where it is none of those that are known.
func MakeOf(address string) Make {
	u, err := url.Parse(address)
	if err != nil {
		return Webhook
	}
	switch u.Hostname() {
	case "qyapi.weixin.qq.com":
		return WeCom
	case "open.feishu.cn", "open.larksuite.com":
		return Feishu
	case "oapi.dingtalk.com":
		return DingTalk
	}
	return Webhook
}

// HasKey tells whether an address holds what says which robot of its make is meant.
func (m Make) HasKey(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch m {
	case WeCom:
		return u.Query().Get("key") != ""
	case DingTalk:
		return u.Query().Get("access_token") != ""
	case Feishu:
		_, key, ok := strings.Cut(u.Path, "/hook/")
		return ok && key != ""
	}
	return true
}

// Signs tells whether deliveries to the make can be signed, and whether they have to be.
func (m Make) Signs() (can, must bool) { return m != WeCom, m == Webhook }
