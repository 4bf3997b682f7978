package sandbox

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/wechat"
	"muban/wechat/values"
)

// maxArgument is where WeChat cuts what it says of a value. That it is always so is assumed; one text of 32
// characters was seen.
const maxArgument = 30

// emptyUntil is about when "is emtpy" became "is empty".
var emptyUntil = time.Date(2020, 8, 1, 0, 0, 0, 0, shanghai)

type subscribeSend struct {
	ToUser, TemplateID, Page, State, Lang text
	Data                                  subscribeData
}

func (q *subscribeSend) UnmarshalJSON(raw []byte) error {
	return exact(raw,
		field{"touser", &q.ToUser}, field{"template_id", &q.TemplateID}, field{"page", &q.Page},
		field{"miniprogram_state", &q.State}, field{"lang", &q.Lang}, field{"data", &q.Data})
}

// subscribeData is the values by key. Data that is no object has none, an entry that is no object has no value: the
// answer is that of a missing one.
type subscribeData map[string]subscribeValue

type subscribeValue struct {
	text   text
	number bool // written as a number
}

func (d *subscribeData) UnmarshalJSON(raw []byte) error {
	var entries map[string]json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		return nil
	}
	*d = subscribeData{}
	for key, entry := range entries {
		var v subscribeValue
		if exact(entry, field{"value", &v}) == nil { // a color beside it is passed over
			(*d)[key] = v
		}
	}
	return nil
}

func (v *subscribeValue) UnmarshalJSON(raw []byte) error {
	v.number = raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
	return v.text.UnmarshalJSON(raw)
}

// enter marks that a subscribe message is under way to an openid until leave is called. alone is false where
// another one is: WeChat refuses the second with 43108.
func (s *Server) enter(c call) (leave func(), alone bool) {
	if c.path != pathSubscribeSend {
		return func() {}, true
	}
	var to text
	_ = exact(c.body, field{"touser", &to}) // what cannot be read is refused later
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.owners[c.param("access_token")]
	if app == nil {
		return func() {}, true
	}
	key := app.ID + " " + string(to)
	if s.sending[key] {
		return func() {}, false
	}
	s.sending[key] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sending, key)
	}, true
}

// together refuses a message while another one is under way to the same openid.
func (s *Server) together() reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return weChatReply(s.refuse(codeConcurrent))
}

// sendSubscribe reads a body that is not UTF-8 with ? in its place, as values seen with WeChat had it.
func (s *Server) sendSubscribe(app *app, body []byte) any {
	body = bytes.ToValidUTF8(body, []byte("?"))
	return decoded(s, body, func(q subscribeSend) any { return s.deliverSubscribe(app, q) })
}

// deliverSubscribe is 发送订阅消息. A refused message uses up no consent. 43101 comes before 47003, by one source;
// the rest of the order is assumed.
func (s *Server) deliverSubscribe(app *app, q subscribeSend) any {
	at := app.subscribeTemplate(string(q.TemplateID))
	state, lang := string(q.State), string(q.Lang)
	switch {
	case !validOpenID(string(q.ToUser)):
		return s.refuse(codeOpenID)
	case at < 0 || len(app.SubscribeTemplates[at].Keywords) == 0: // a card is sent otherwise
		return s.refuse(codeTemplateID)
	case !plausiblePage(strings.TrimPrefix(string(q.Page), "/")) && !s.state.Other: // a leading slash is tolerated
		return s.refuse(codePage)
	case state != "" && !slices.Contains(wechat.States, state), lang != "" && !slices.Contains(wechat.Langs, lang):
		return s.refuse(codeArgs) // assumed
	}
	t, c := app.SubscribeTemplates[at], app.Consents[keyOf(string(q.ToUser), string(q.TemplateID))]
	if !c.allows() {
		return s.refuse(codeNoConsent)
	}
	if key, what := s.misfit(t, q.Data); key != "" {
		argument := "data." + key + ".value " + what
		if !s.state.Other {
			argument = argument[:min(len(argument), maxArgument)]
		}
		return s.refuseWith(codeValue, "argument invalid! "+argument)
	}
	c.use()
	id := s.mintMsgID()
	app.deliver(s.received(app, t, q, id))
	s.push(app, string(q.ToUser), sentEvent, s.now(), []item{
		{TemplateID: t.ID, MsgID: strconv.FormatInt(id, 10), ErrorCode: "0", ErrorStatus: "success"},
	})
	if s.state.Other {
		return ok()
	}
	return struct {
		status
		MsgID int64 `json:"msgid"`
	}{ok(), id}
}

// misfit is the first keyword without a good value, in the template's order, and what WeChat says of it.
func (s *Server) misfit(t subscribeTemplate, data subscribeData) (key, what string) {
	for _, k := range t.Keywords {
		key := s.key(k)
		v := data[key]
		switch {
		case v.text == "" && s.now().Before(emptyUntil):
			return key, "is emtpy"
		case v.text == "":
			return key, "is empty"
		case v.number && k.Rule == "amount": // 656887888.00 as a number was refused
			return key, "invalid"
		case !values.Check(k.Rule, string(v.text), k.Values).OK():
			return key, "invalid"
		}
	}
	return "", ""
}

// mintMsgID makes a number of 19 digits that JavaScript cannot hold, as real ones are.
func (s *Server) mintMsgID() int64 {
	random := s.mint("msgid")
	return int64(binary.BigEndian.Uint64(random[:])>>2 | 1<<61)
}

// received is the message as its reader sees it. The state and the language are those of WeChat's defaults where
// none is named.
func (s *Server) received(app *app, t subscribeTemplate, q subscribeSend, id int64) Delivered {
	s.state.LastID++
	d := Delivered{
		ID: s.state.LastID, Kind: KindSubscribe, AppID: app.ID, OpenID: string(q.ToUser), TemplateID: t.ID,
		Title: t.Title, Page: string(q.Page), Emphasis: -1, State: "formal", Lang: "zh_CN",
		MsgID: strconv.FormatInt(id, 10), At: s.now(),
	}
	if q.State != "" {
		d.State = string(q.State)
	}
	if q.Lang != "" {
		d.Lang = string(q.Lang)
	}
	for _, k := range t.Keywords {
		d.Fields = append(d.Fields, DeliveredField{Name: k.Name, Value: string(q.Data[s.key(k)].text)})
	}
	return d
}
