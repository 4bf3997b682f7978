package wechat

import (
	"context"
	"regexp"
)

// States are the editions of the mini program that a subscribe message can open; WeChat takes formal where
// none is named.
var States = []string{"developer", "trial", "formal"}

// Langs are the languages of the frame around a subscribe message; WeChat takes zh_CN where none is named.
var Langs = []string{"zh_CN", "en_US", "zh_HK", "zh_TW"}

var subscribeSend = endpoint{"subscribe/send", SubscribeSendPath}

// SubscribeSend sends one subscribe message and uses up one consent of its reader to the template. An error that
// is Uncertain leaves open whether it did: do not send again. The msgid is that of the message's
// subscribe_msg_sent_event, and "" where WeChat does not tell one.
func (c *Client) SubscribeSend(ctx context.Context, m Message) (msgID string, err error) {
	var a sentMessage
	err = c.postBody(ctx, subscribeSend, SubscribeMessage(m).appendJSON(make([]byte, 0, 512)), &a)
	return string(a.MsgID), err
}

// sentMessage keeps the digits of a msgid as they are: it has 64 bits.
type sentMessage struct {
	answer
	MsgID text `json:"msgid"`
}

// SubscribeMessage is a Message whose JSON is the body of subscribe/send.
type SubscribeMessage Message

// MarshalJSON gives the body in the documentation's order, the data in theirs; it escapes as that of a Message.
func (m SubscribeMessage) MarshalJSON() ([]byte, error) { return m.appendJSON(nil), nil }

// Pretty is the body indented by two spaces, for a person.
func (m SubscribeMessage) Pretty() string { return indented(m.appendJSON(nil)) }

func (m SubscribeMessage) appendJSON(b []byte) []byte {
	b = appendMember(append(b, '{'), "touser", m.ToUser)
	b = appendMember(append(b, ','), "template_id", m.TemplateID)
	if m.Page != "" {
		b = appendMember(append(b, ','), "page", m.Page)
	}
	b = appendData(b, m.Data)
	if m.State != "" {
		b = appendMember(append(b, ','), "miniprogram_state", m.State)
	}
	if m.Lang != "" {
		b = appendMember(append(b, ','), "lang", m.Lang)
	}
	return append(b, '}')
}

var refusedKey = regexp.MustCompile(`data\.([a-z_]+[0-9]+)\.`)

// RefusedKey is the key whose value an errmsg of 47003 is about, such as "thing4", or "". WeChat names the first
// bad one only, and mostly cuts the text after about 30 characters.
func RefusedKey(errmsg string) string {
	if m := refusedKey.FindStringSubmatch(errmsg); m != nil {
		return m[1]
	}
	return ""
}
