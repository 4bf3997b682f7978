package sandbox

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The events of subscribe messages (订阅消息, 事件推送).
const (
	popupEvent  = "subscribe_msg_popup_event"
	changeEvent = "subscribe_msg_change_event"
	sentEvent   = "subscribe_msg_sent_event"
	punishEvent = "wxa_punish_event"
)

// wrappers are the elements around the items of an event in XML.
var wrappers = map[string]string{
	popupEvent: "SubscribeMsgPopupEvent", changeEvent: "SubscribeMsgChangeEvent", sentEvent: "SubscribeMsgSentEvent",
}

// message is an event as it is pushed.
type message struct {
	to, from string
	at       time.Time
	event    string
	items    []item
	more     [][2]string // further fields, of other events
	other    bool        // see TakeOtherSide
}

// item is what an event says of one template. All values are quoted, as in WeChat's samples.
type item struct {
	TemplateID  string `json:"TemplateId"`
	Status      string `json:"SubscribeStatusString,omitempty"`
	Scene       string `json:"PopupScene,omitempty"`
	MsgID       string `json:"MsgID,omitempty"`
	ErrorCode   string `json:"ErrorCode,omitempty"`
	ErrorStatus string `json:"ErrorStatus,omitempty"`
}

// originalID is the id that WeChat gives an account beside its AppID.
func originalID(appID string) string {
	return "gh_" + hex.EncodeToString([]byte(letters(appID)))[:12]
}

// json has no wrapper: one item is an object, several are an array (订阅消息, 事件推送).
func (m message) json() []byte {
	at := strconv.FormatInt(m.at.Unix(), 10)
	if m.other {
		at = `"` + at + `"`
	}
	b := fmt.Appendf(nil, `{"ToUserName":%s,"FromUserName":%s,"CreateTime":%s,"MsgType":"event","Event":%s`,
		encode(m.to), encode(m.from), at, encode(m.event))
	var list any = m.items
	switch {
	case m.other:
		var loose []any
		for _, i := range m.items {
			loose = append(loose, i.loose())
		}
		list = loose
	case len(m.items) == 1:
		list = m.items[0]
	}
	if len(m.items) > 0 {
		b = append(append(b, `,"List":`...), encode(list)...)
	}
	for _, f := range m.more {
		b = fmt.Appendf(b, ",%s:%s", encode(f[0]), encode(f[1]))
	}
	return append(b, '}')
}

func (m message) xml() []byte {
	var b strings.Builder
	b.WriteString("<xml>" + element("ToUserName", m.to) + element("FromUserName", m.from) +
		"<CreateTime>" + strconv.FormatInt(m.at.Unix(), 10) + "</CreateTime>" +
		element("MsgType", "event") + element("Event", m.event))
	if wrapper := wrappers[m.event]; wrapper != "" {
		b.WriteString("<" + wrapper + ">")
		for _, i := range m.items {
			b.WriteString("<List>" + element("TemplateId", i.TemplateID) + element("SubscribeStatusString", i.Status) +
				bare("PopupScene", i.Scene) + bare("MsgID", i.MsgID) + bare("ErrorCode", i.ErrorCode) +
				element("ErrorStatus", i.ErrorStatus) + "</List>")
		}
		b.WriteString("</" + wrapper + ">")
	}
	for _, f := range m.more {
		b.WriteString(element(f[0], f[1]))
	}
	return []byte(b.String() + "</xml>")
}

func element(name, value string) string {
	if value == "" {
		return ""
	}
	return "<" + name + "><![CDATA[" + strings.ReplaceAll(value, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">"
}

// bare is an element of digits.
func bare(name, digits string) string {
	if digits == "" {
		return ""
	}
	return "<" + name + ">" + digits + "</" + name + ">"
}

// signature is that of the sorted parts (消息推送, 验证消息).
func signature(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// signed is the query of a push. Its time is that of the machines, not the simulated one: a console that looks at it
// compares it with its own. The caller holds the lock.
func (s *Server) signed(p Push) url.Values {
	timestamp := strconv.FormatInt(s.o.Now().Unix(), 10)
	random := s.mint("nonce")
	nonce := strconv.FormatUint(uint64(binary.BigEndian.Uint32(random[:])), 10)
	return url.Values{
		"signature": {signature(p.Token, timestamp, nonce)}, "timestamp": {timestamp}, "nonce": {nonce},
	}
}

// sealed is the body and the query of one try.
func (s *Server) sealed(e pushing, to Push) (body []byte, query url.Values) {
	s.mu.Lock()
	query = s.signed(to)
	random := s.mint("seal")
	s.mu.Unlock()
	if body = e.message.json(); to.Format == XML {
		body = e.message.xml()
	}
	if e.openID != "" {
		query.Set("openid", e.openID)
	}
	if to.Mode == Plain {
		return body, query
	}
	cipherText := encrypted(to, e.appID, random[:16], body)
	query.Set("encrypt_type", "aes")
	query.Set("msg_signature", signature(to.Token, query.Get("timestamp"), query.Get("nonce"), cipherText))
	return envelope(to, e.message.to, body, cipherText), query
}

// envelope is the body with what is encrypted; in the compatible mode the plain fields stand before it.
func envelope(p Push, to string, body []byte, cipherText string) []byte {
	head, tail := `{"ToUserName":`+string(encode(to)), `,"Encrypt":"`+cipherText+`"}`
	if p.Format == XML {
		head, tail = "<xml>"+element("ToUserName", to), element("Encrypt", cipherText)+"</xml>"
	}
	if p.Mode == Compat {
		head = strings.TrimSuffix(strings.TrimSuffix(string(body), "}"), "</xml>")
	}
	return []byte(head + tail)
}

// padTo is the block that messages are filled up to; AES's own would be 16 (消息推送, 加解密).
const padTo = 32

// encrypted is AES-256-CBC of 16 random bytes, the length, the message and the AppID, in base64.
func encrypted(p Push, appID string, random, body []byte) string {
	key, err := p.key()
	if err != nil {
		panic("sandbox: a push that was not checked: " + err.Error())
	}
	plain := binary.BigEndian.AppendUint32(slices.Clone(random), uint32(len(body)))
	plain = append(append(plain, body...), appID...)
	pad := padTo - len(plain)%padTo
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}
