package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keptMessages is how many messages of an app are kept; older ones are forgotten.
const keptMessages = 500

// Delivered is a message in a user's 服务通知.
type Delivered struct {
	ID         int              `json:"id"`
	Kind       string           `json:"kind"` // KindTemplate or KindSubscribe
	AppID      string           `json:"appid"`
	OpenID     string           `json:"openid"`
	TemplateID string           `json:"template_id"`
	Title      string           `json:"title"`
	Page       string           `json:"page"`
	FormID     string           `json:"form_id,omitempty"`
	Fields     []DeliveredField `json:"fields"`   // of the template, all of them; none when no data came (空模板)
	Emphasis   int              `json:"emphasis"` // index into Fields, or -1
	State      string           `json:"miniprogram_state,omitempty"`
	Lang       string           `json:"lang,omitempty"`
	MsgID      string           `json:"msgid,omitempty"` // of a subscribe message
	At         time.Time        `json:"at"`
}

// The kinds of a message.
const (
	KindTemplate  = "template"
	KindSubscribe = "subscribe"
)

// DeliveredField is one line of a message.
type DeliveredField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Color string `json:"color"`
}

type sendRequest struct {
	ToUser, TemplateID, Page, FormID text
	Data                             data
	Emphasis                         text
}

func (q *sendRequest) UnmarshalJSON(raw []byte) error {
	return exact(raw,
		field{"touser", &q.ToUser}, field{"template_id", &q.TemplateID}, field{"page", &q.Page},
		field{"form_id", &q.FormID}, field{"data", &q.Data}, field{"emphasis_keyword", &q.Emphasis})
}

// send is 发送模板消息. A refused message spends nothing of its right. Which of several
// faults is answered is assumed: recipient, template, page, then the right.
func (s *Server) send(app *app, q sendRequest) any {
	at, now := app.template(string(q.TemplateID)), s.now()
	switch {
	case !validOpenID(string(q.ToUser)):
		return s.refuse(codeOpenID)
	case at < 0:
		return s.refuse(codeTemplateID)
	case !plausiblePage(string(q.Page)):
		return s.refuse(codePage)
	}
	if code := app.use(string(q.FormID), string(q.ToUser), now); code != 0 {
		return s.refuse(code)
	}
	s.state.LastID++
	app.deliver(Delivered{
		ID: s.state.LastID, Kind: KindTemplate, AppID: app.ID, OpenID: string(q.ToUser), TemplateID: string(q.TemplateID),
		Title: app.Templates[at].Title, Page: string(q.Page), FormID: string(q.FormID), At: now,
	}.with(app.Templates[at].Names, q))
	return ok()
}

// with fills in the lines. A keyword the template does not have is ignored, one that is
// missing is shown empty, an emphasis on none of them enlarges nothing (all assumed).
func (d Delivered) with(names []string, q sendRequest) Delivered {
	d.Emphasis = -1
	if len(q.Data) == 0 {
		return d
	}
	for i, name := range names {
		key := "keyword" + strconv.Itoa(i+1)
		value := q.Data[key]
		d.Fields = append(d.Fields, DeliveredField{name, string(value.Value), string(value.Color)})
		if string(q.Emphasis) == key+".DATA" {
			d.Emphasis = i
		}
	}
	return d
}

func (a *app) deliver(d Delivered) {
	a.Delivered = append(a.Delivered, d)
	if len(a.Delivered) > keptMessages {
		a.Delivered = a.Delivered[1:]
	}
}

// Messages are those delivered to a user of an app, newest first; to all of its users
// where openID is empty, and of all apps where appID is.
func (s *Server) Messages(appID, openID string) []Delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	messages := []Delivered{}
	for id, app := range s.state.Apps {
		if appID != "" && id != appID {
			continue
		}
		for _, d := range app.Delivered {
			if openID == "" || d.OpenID == openID {
				d.Kind = cmp.Or(d.Kind, KindTemplate)              // snapshots did not always tell it
				d.Fields = append([]DeliveredField{}, d.Fields...) // [] in JSON when there are none
				messages = append(messages, d)
			}
		}
	}
	slices.SortFunc(messages, func(a, b Delivered) int { return b.ID - a.ID })
	return messages
}

// plausiblePage accepts any path that a mini program could have, since nobody told the
// simulator which it has. A leading slash has answered 41030.
func plausiblePage(page string) bool {
	path, query, _ := strings.Cut(page, "?")
	if page == "" {
		return true
	}
	if path == "" || path[0] == '/' || len(page) > 1024 || strings.ContainsFunc(query, blank) {
		return false
	}
	return isBase64URL(strings.ReplaceAll(path, "/", "_"))
}

func blank(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u3000' }

type datum struct {
	Value text
	Color text // deprecated 2018-05-15, but carried along
}

func (d *datum) UnmarshalJSON(raw []byte) error {
	return exact(raw, field{"value", &d.Value}, field{"color", &d.Color})
}

// data is an object of keywords. PHP writes an empty one as []; null is empty too.
type data map[string]datum

func (d *data) UnmarshalJSON(raw []byte) error {
	if raw[0] == '[' {
		if len(bytes.TrimSpace(raw[1:len(raw)-1])) > 0 {
			return errNotAnObject
		}
		return nil
	}
	return json.Unmarshal(raw, (*map[string]datum)(d))
}
