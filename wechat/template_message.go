package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SendPath is where programs send template messages, and SubscribeSendPath where they send subscribe messages.
const (
	SendPath          = "/cgi-bin/message/wxopen/template/send"
	SubscribeSendPath = "/cgi-bin/message/subscribe/send"
)

var send = endpoint{"send", SendPath}

// Send sends one message (发送模板消息) and uses up one send of the right in FormID. An
// error that is Uncertain leaves open whether it was used: do not send again.
func (c *Client) Send(ctx context.Context, m Message) error {
	return c.postBody(ctx, send, m.appendJSON(make([]byte, 0, 512)), &answer{})
}

// emphasisSuffix follows the key in emphasis_keyword only.
const emphasisSuffix = ".DATA"

// MarshalJSON gives the body of send in the documentation's order, the data in theirs.
// <, > and & stand as they are, unless the result passes through json.Marshal, which
// escapes them to the same meaning.
func (m Message) MarshalJSON() ([]byte, error) { return m.appendJSON(nil), nil }

// Pretty is the body of send indented by two spaces, for a person.
func (m Message) Pretty() string { return indented(m.appendJSON(nil)) }

func indented(raw []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		panic("wechat: appendJSON made no JSON: " + err.Error())
	}
	return b.String()
}

func (m Message) appendJSON(b []byte) []byte {
	b = appendMember(append(b, '{'), "touser", m.ToUser)
	b = appendMember(append(b, ','), "template_id", m.TemplateID)
	if m.Page != "" {
		b = appendMember(append(b, ','), "page", m.Page)
	}
	b = appendMember(append(b, ','), "form_id", m.FormID)
	b = appendData(b, m.Data)
	if m.Emphasis != "" {
		key := strings.TrimSuffix(m.Emphasis, emphasisSuffix)
		b = appendMember(append(b, ','), "emphasis_keyword", key+emphasisSuffix)
	}
	return append(b, '}')
}

func appendData(b []byte, data []Datum) []byte {
	b = append(b, `,"data":{`...)
	for i, d := range data {
		if i > 0 {
			b = append(b, ',')
		}
		b = d.appendJSON(b)
	}
	return append(b, '}')
}

func (d Datum) appendJSON(b []byte) []byte {
	b = append(appendString(b, d.Key), ':', '{')
	b = appendMember(b, "value", d.Value)
	if d.Color != "" {
		b = appendMember(append(b, ','), "color", d.Color)
	}
	return append(b, '}')
}

func appendMember(b []byte, name, value string) []byte {
	return appendString(append(appendString(b, name), ':'), value)
}

// appendString differs from json.Marshal in that it leaves <, > and & alone.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r < ' ':
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// UnmarshalJSON reads the body of a send of either kind back, the data in their order. A value may
// be a number, as some SDKs send it.
func (m *Message) UnmarshalJSON(raw []byte) error {
	var body struct {
		ToUser     string `json:"touser"`
		TemplateID string `json:"template_id"`
		Page       string `json:"page"`
		FormID     string `json:"form_id"`
		Data       data   `json:"data"`
		Emphasis   string `json:"emphasis_keyword"`
		State      string `json:"miniprogram_state"`
		Lang       string `json:"lang"`
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return err
	}
	*m = Message{
		ToUser: body.ToUser, TemplateID: body.TemplateID, Page: body.Page, FormID: body.FormID,
		Data: body.Data, Emphasis: strings.TrimSuffix(body.Emphasis, emphasisSuffix),
		State: body.State, Lang: body.Lang,
	}
	return nil
}

// data is read member by member, because a map would lose the order.
type data []Datum

func (d *data) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return errors.New("wechat: data is not an object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var entry struct {
			Value text   `json:"value"`
			Color string `json:"color"`
		}
		if err := dec.Decode(&entry); err != nil {
			return fmt.Errorf("wechat: data %q: %w", key, err)
		}
		*d = append(*d, Datum{Key: key.(string), Value: string(entry.Value), Color: entry.Color})
	}
	return nil
}

// text reads "5" and 5.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var n json.Number // keeps the digits as they were written
	if raw[0] != '"' {
		err := json.Unmarshal(raw, &n)
		*t = text(n)
		return err
	}
	return json.Unmarshal(raw, (*string)(t))
}
