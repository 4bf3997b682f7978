package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"muban/views/text"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
)

// sendOrder is the body of POST /api/v1/sends.
type sendOrder struct {
	AppID      string              `json:"appid"`
	Key        string              `json:"key"`
	ToUser     string              `json:"touser"`
	TemplateID string              `json:"template_id"` // or
	Alias      string              `json:"alias"`
	Page       string              `json:"page"`
	FormID     string              `json:"form_id"` // empty: the oldest usable one
	Data       map[string]apiDatum `json:"data"`    // by "keyword1" or by the keyword's name
	Emphasis   string              `json:"emphasis_keyword"`
}

// apiDatum reads {"value":"…","color":"#173177"}, a bare string, and a bare number
// with its digits as they are.
type apiDatum struct {
	Value json.RawMessage `json:"value"`
	Color string          `json:"color,omitempty"`
}

func (d *apiDatum) UnmarshalJSON(raw []byte) error {
	type whole apiDatum
	d.Value = slices.Clone(raw)
	if raw[0] == '{' {
		d.Value = nil
		if err := json.Unmarshal(raw, (*whole)(d)); err != nil {
			return err
		}
	}
	if len(d.Value) == 0 || !strings.ContainsRune(`"-0123456789`, rune(d.Value[0])) {
		return errors.New("json: a value of data is a string or a number")
	}
	return nil
}

// text is the value as it is shown to the user.
func (d apiDatum) text() string {
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

// templateOf is the template that an order names.
func (s *API) templateOf(ctx context.Context, v *caller, o sendOrder) (wechat.Template, error) {
	id := o.TemplateID
	if o.Alias != "" {
		named, err := s.resolve(ctx, v, o.Alias)
		if err != nil {
			return wechat.Template{}, err
		}
		id = named.TemplateID
	}
	t, err := v.account.Recall(ctx, id)
	if errors.Is(err, account.ErrNoTemplate) {
		return t, &apiError{status: http.StatusNotFound, code: "template_unknown", said: func(t *text.Text) string {
			return t.T("check.template.gone", "Template", excerpt(id))
		}}
	}
	return t, err
}

// message is the order as WeChat takes it: names of keywords become their keys,
// and the data come in the template's order. What the template does not have stays
// as it is, for the preflight to refuse by its name.
func (o sendOrder) message(t wechat.Template) wechat.Message {
	keys := keysOf(t)
	keyOf := func(name string) string { return cmp.Or(keys[name], name) }
	m := wechat.Message{ToUser: o.ToUser, TemplateID: t.ID, Page: o.Page, FormID: o.FormID}
	if o.Emphasis != "" {
		m.Emphasis = keyOf(strings.TrimSuffix(o.Emphasis, ".DATA"))
	}
	for name, d := range o.Data {
		m.Data = append(m.Data, wechat.Datum{Key: keyOf(name), Value: d.text(), Color: d.Color})
	}
	slices.SortFunc(m.Data, func(a, b wechat.Datum) int {
		return cmp.Or(cmp.Compare(len(a.Key), len(b.Key)), cmp.Compare(a.Key, b.Key)) // keyword10 after keyword9
	})
	return m
}

// keysOf finds a keyword's key by its name, of two with one name the first's, and
// by the key itself, which no name can take away.
func keysOf(t wechat.Template) map[string]string {
	keys := map[string]string{}
	for _, f := range slices.Backward(kind.Template.Fields(t)) {
		keys[f.Name] = f.Key
	}
	for _, f := range kind.Template.Fields(t) {
		keys[f.Key] = f.Key
	}
	return keys
}
