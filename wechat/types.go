// Package wechat is the client of WeChat's API for the messages of mini programs, template
// messages and subscribe messages: its calls, their types and their errors. It knows no
// database and no screen.
package wechat

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
)

// DefaultBase is WeChat's own host. The base is a setting of each app
// (QQ mini programs and simulators answer elsewhere).
const DefaultBase = "https://api.weixin.qq.com"

// Limits that the documentation states. The number of templates is from practice.
const (
	MaxCount      = 20                 // records a page of library/list and template/list
	MaxKeywords   = 10                 // keywords in one combination
	MaxTemplates  = 25                 // templates in one account; one more answers 45026
	FormSends     = 1                  // messages one submitted form allows (下发条件说明 2)
	PaymentSends  = 3                  // messages one payment allows (下发条件说明 1; some older copies say 1)
	RightLifetime = 7 * 24 * time.Hour // for how long a form or a payment allows them
	DailyQuota    = 1_000_000          // sends an account and day before 45009
)

// Title is one entry of a title library: AT0002 购买成功通知 of template messages, tid 99 付款成功通知 of
// subscribe messages. The latter alone have a type and categories.
type Title struct {
	ID, Text   string
	Keywords   []Keyword // nil in a list: lists do not tell them
	Type       int       `json:",omitempty"` // OneTime or LongTerm
	Categories []string  `json:",omitempty"` // ids; a list tells one of them
}

// Keyword is one keyword under a library title.
type Keyword struct {
	ID            int
	Name, Example string
	Rule          string `json:",omitempty"` // of a subscribe message: the type of its values, such as "thing"
}

// TitlePage is one page of the library and the number of titles in the whole of it.
type TitlePage struct {
	Titles []Title
	Total  int
}

// Template is a template of the account, as template/list and gettemplate give it. Only the latter tells a
// type, and the values of keywords that take listed ones.
type Template struct {
	ID, Title, Content, Example string
	Type                        int    `json:",omitempty"`
	Enums                       []Enum `json:",omitempty"`

	Kind string `json:"-"` // of message: WeChat does not tell it, the call that it answered does; "" where that is not known
}

// Equal reports whether WeChat says the same of both.
func (t Template) Equal(u Template) bool {
	same := func(a, b Enum) bool { return a.Key == b.Key && slices.Equal(a.Values, b.Values) }
	return t.ID == u.ID && t.Title == u.Title && t.Content == u.Content && t.Example == u.Example && t.Type == u.Type &&
		slices.EqualFunc(t.Enums, u.Enums, same)
}

// Enum says which values a keyword of a subscribe template takes.
type Enum struct {
	Key    string // "enum_string2"; WeChat writes "enum2" for it in places
	Values []string
}

// Field is one line of a template: where a value goes.
type Field struct{ Key, Name, Example string } // Key "keyword1", "thing4" in a subscribe message

// Datum is the value for one field of a message.
type Datum struct{ Key, Value, Color string } // Key "keyword1", Color "" or "#173177"

// Message is the body of a send. As a SubscribeMessage it has no FormID, no Emphasis and no colours.
type Message struct {
	ToUser, TemplateID, Page, FormID string
	Data                             []Datum // in the order that the body shall have
	Emphasis                         string  // "" or the key of the enlarged field: "keyword1"
	State                            string  // of the mini program that a subscribe message opens: one of States, or ""
	Lang                             string  // of a subscribe message's frame: one of Langs, or ""
}

// redacted stands in for every Secret that is printed, logged or marshalled.
const redacted = "[redacted]"

// Secret is an AppSecret or an access token. Both travel in query strings, so
// everything that prints one by accident must print nothing of it.
//
// fmt cannot call methods on unexported struct fields: keep a Secret in an exported
// field, or give the type that holds it a Format of its own. Not a key of a map that is
// marshalled: encoding/json writes keys as they are.
type Secret string

// Reveal returns the secret itself; the only way to get at it short of a conversion.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format covers the verbs that pass String by, such as %x and %d.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
