package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// orderSend is POST /api/v1/sends. The status says what Muban did, the outcome
// what WeChat did: 200 with an outcome, 202 while there is none; 404, 409, 422 and
// 503 when nothing was sent.
func (a *API) orderSend(w http.ResponseWriter, r *http.Request, c *caller) error {
	var o sendOrder
	if err := readJSON(r, &o); err != nil {
		return err
	}
	if err := c.ofApp(o.AppID); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	send, said, err := a.dispatchOrder(ctx, r, c, o)
	if blocked, ok := errors.AsType[*dispatch.Blocked](err); ok {
		return a.answerBlocked(w, c, blocked, said)
	}
	if err != nil {
		return orderRefusal(err)
	}
	return a.answerSend(w, r, c, send)
}

// answerWithin bounds how long a call waits for a send to end. One that takes
// longer, because a payment has yet to settle, is "pending": it goes on, and the
// same call again asks how it ended.
const answerWithin = 15 * time.Second

// sendOrder is the body of POST /api/v1/sends.
type sendOrder struct {
	AppID      string                `json:"appid"`
	Key        string                `json:"key"`
	ToUser     string                `json:"touser"`
	TemplateID string                `json:"template_id"` // or
	Alias      string                `json:"alias"`
	Page       string                `json:"page"`
	FormID     string                `json:"form_id"` // empty: the oldest usable one
	Data       map[string]orderDatum `json:"data"`    // by "keyword1" or by the keyword's name
	Emphasis   string                `json:"emphasis_keyword"`
	State      string                `json:"miniprogram_state,omitempty"` // of a subscribe message, as is lang
	Lang       string                `json:"lang,omitempty"`
}

// orderDatum reads {"value":"…","color":"#173177"}, a bare string, and a bare number
// with its digits as they are.
type orderDatum struct {
	Value json.RawMessage `json:"value"`
	Color string          `json:"color,omitempty"`
}

func (d *orderDatum) fromJSON(n node) error {
	whole := struct {
		Value bareDatum `json:"value"`
		Color string    `json:"color"`
	}{}
	err := whole.Value.fromJSON(n)
	if _, object := n.value.([]member); object {
		err = n.fillStruct(reflect.ValueOf(&whole).Elem())
	}
	if err == nil && whole.Value == nil {
		err = n.bad("want_value")
	}
	d.Value, d.Color = json.RawMessage(whole.Value), whole.Color
	return err
}

// bareDatum is a string, or a number with its digits as they are, in JSON.
type bareDatum json.RawMessage

func (b *bareDatum) fromJSON(n node) (err error) {
	switch n.value.(type) {
	case string, json.Number:
		*b, err = json.Marshal(n.value)
		return err
	}
	return n.bad("want_value")
}

// text is the value as it is shown to the user.
func (d orderDatum) text() string {
	var s string
	if json.Unmarshal(d.Value, &s) != nil {
		return string(d.Value)
	}
	return s
}

// longestKey is how long an idempotency key may be, in bytes.
const longestKey = 128

// check finds what is wrong with an order before anything is looked up.
func (o sendOrder) check() error {
	switch {
	case o.Key == "" || len(o.Key) > longestKey:
		return refuse(http.StatusUnprocessableEntity, "send_key", "Most", longestKey)
	case (o.TemplateID == "") == (o.Alias == ""):
		return refuse(http.StatusUnprocessableEntity, "send_template")
	}
	return nil
}

// hash is the same for two orders that ask for the same, however their JSON is
// written. An alias that has moved since does not change what was asked for.
func (o sendOrder) hash() ([32]byte, error) {
	o.AppID, o.Key = "", ""
	whole, err := json.Marshal(o) // with the members of data in the order of their names
	return sha256.Sum256(whole), err
}

// dispatchOrder sends an order once. Whether its key is known comes first: the
// template of a send that is over may be gone. said is as carry answers it.
func (a *API) dispatchOrder(ctx context.Context, r *http.Request, c *caller, o sendOrder) (_ dispatch.Send,
	said map[string]string, err error) {
	send := dispatch.Send{App: c.account.App.ID, Key: o.Key}
	if send.BodyHash, err = o.hash(); err != nil {
		return send, nil, err
	}
	by := a.Store.JournalOf(c.actor(r))
	switch _, err := a.Store.SendByKey(ctx, send.App, send.Key); {
	case err == nil:
		send, err = a.Sender.Send(ctx, c.account.Sender(by), send, wechat.Message{})
		return send, nil, err
	case !errors.Is(err, store.ErrNotFound):
		return send, nil, err
	}
	if both, err := a.carriedBy(ctx, c, o); both != nil || err != nil {
		if err != nil {
			return send, nil, err
		}
		return a.carry(ctx, by, *both, send, o)
	}
	of, t, err := a.templateOf(ctx, c, o)
	if err != nil {
		return send, nil, err
	}
	m := o.message(of.Kind, t)
	if foreign := of.Kind.Foreign(m); foreign != "" {
		return send, nil, refuse(http.StatusUnprocessableEntity, "send_foreign", "Member", foreign)
	}
	send.Kind, send.Title = of.Kind.Name(), t.Title
	send, err = a.Sender.Send(ctx, of.Sender(by), send, m)
	return send, nil, err
}

// templateOf is the template that an order names, and the account of its kind.
func (a *API) templateOf(ctx context.Context, c *caller, o sendOrder) (*account.Account, wechat.Template, error) {
	id := o.TemplateID
	if o.Alias != "" {
		named, err := a.resolve(ctx, c, o.Alias)
		if err != nil {
			return nil, wechat.Template{}, err
		}
		id = named.TemplateID
	}
	of, t, err := c.account.Holder(ctx, id)
	if errors.Is(err, account.ErrNoTemplate) {
		return of, t, &failure{status: http.StatusNotFound, code: "template_unknown", said: func(t *text.Text) string {
			return t.T("check.template."+of.Kind.Unlike(id), "Template", text.Excerpt(id))
		}}
	}
	return of, t, err
}

// message is the order as WeChat takes it: names of keywords become their keys,
// and the data come in the template's order. What the template does not have stays
// as it is, for the preflight to refuse by its name.
func (o sendOrder) message(k kind.Kind, t wechat.Template) wechat.Message {
	fields := k.Fields(t)
	keys := keysOf(fields)
	keyOf := func(name string) string { return cmp.Or(keys[name], name) }
	m := wechat.Message{
		ToUser: o.ToUser, TemplateID: t.ID, Page: o.Page, FormID: o.FormID, State: o.State, Lang: o.Lang,
	}
	if o.Emphasis != "" {
		m.Emphasis = keyOf(strings.TrimSuffix(o.Emphasis, ".DATA"))
	}
	for name, d := range o.Data {
		m.Data = append(m.Data, wechat.Datum{Key: keyOf(name), Value: d.text(), Color: d.Color})
	}
	place := func(d wechat.Datum) int {
		return slices.IndexFunc(fields, func(f wechat.Field) bool { return f.Key == d.Key })
	}
	slices.SortFunc(m.Data, func(a, b wechat.Datum) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Key, b.Key))
	})
	return m
}

// keysOf finds a keyword's key by its name, of two with one name the first's, and
// by the key itself, which no name can take away.
func keysOf(fields []wechat.Field) map[string]string {
	keys := map[string]string{}
	for _, f := range slices.Backward(fields) {
		keys[f.Name] = f.Key
	}
	for _, f := range fields {
		keys[f.Key] = f.Key
	}
	return keys
}

// sendAnswer is how a send stands.
type sendAnswer struct {
	ID         int64  `json:"id"`
	Kind       string `json:"kind"` // of message, and the template: an alias may carry two
	TemplateID string `json:"template_id"`
	Outcome    string `json:"outcome"` // sent, refused, unknown or pending
	ErrCode    int    `json:"errcode"`
	ErrMsg     string `json:"errmsg"`
	Reason     string `json:"reason,omitempty"`
	Attempts   int    `json:"attempts"`
	Replayed   bool   `json:"replayed"`
	// Unrecorded says that the outcome is known and not stored yet, as on a full disk. It is kept and will be.
	Unrecorded bool       `json:"unrecorded,omitempty"`
	MsgID      string     `json:"msgid,omitempty"` // WeChat's number of a subscribe message
	Right      *rightView `json:"right,omitempty"`
	Consent    *sentUnder `json:"consent,omitempty"`
}

// sentUnder is what is left of a user's consents to a template after a send.
type sentUnder struct {
	Kind string `json:"kind"` // once or long
	Left int    `json:"left"`
}

func (a *API) answerSend(w http.ResponseWriter, r *http.Request, c *caller, x dispatch.Send) error {
	answer := sendAnswer{
		ID: x.ID, Kind: x.Kind, TemplateID: x.TemplateID, Outcome: x.Outcome, ErrCode: x.ErrCode, ErrMsg: x.ErrMsg, Reason: x.Reason,
		Attempts: x.Attempts, Replayed: x.Replayed, Unrecorded: x.Unrecorded, MsgID: x.MsgID,
	}
	if err := a.answerAllowance(r.Context(), x, &answer); err != nil {
		return err
	}
	status := http.StatusOK
	if x.Outcome == dispatch.Pending {
		status = http.StatusAccepted
	}
	writeJSON(w, status, answer)
	return nil
}

// answerAllowance adds what is left of the allowance that x went out under, unless it is pruned by now.
func (a *API) answerAllowance(ctx context.Context, x dispatch.Send, answer *sendAnswer) error {
	if x.Sort() == ledger.OfConsent {
		all, err := a.Store.ConsentsOf(ctx, x.App, x.OpenID)
		for _, left := range all {
			if left.TemplateID == x.TemplateID {
				answer.Consent = &sentUnder{termOf(left.Long), left.Left}
			}
		}
		return err
	}
	right, err := a.Store.Right(ctx, x.App, x.FormID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err == nil:
		answer.Right = a.rightView(right)
	}
	return err
}

// orderRefusal is why nothing was sent.
func orderRefusal(err error) error {
	refusal, ok := errors.AsType[*ledger.Refusal](err)
	switch {
	case ok:
		return refuseAllowance(http.StatusConflict, refusal)
	case errors.Is(err, dispatch.ErrKeyReused):
		return refuse(http.StatusConflict, "key_reused")
	}
	return err
}
