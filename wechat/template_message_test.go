package wechat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"muban/wechat"
)

var documented = wechat.Message{
	ToUser: "OPENID", TemplateID: "TEMPLATE_ID", Page: "index", FormID: "FORMID",
	Data: []wechat.Datum{
		{Key: "keyword2", Value: "2015年01月05日 12:30", Color: "#173177"},
		{Key: "keyword1", Value: "339208499"},
	},
	Emphasis: "keyword1",
}

func TestAMessageIsWrittenInTheDocumentedOrder(t *testing.T) {
	want := `{"touser":"OPENID","template_id":"TEMPLATE_ID","page":"index","form_id":"FORMID",` +
		`"data":{"keyword2":{"value":"2015年01月05日 12:30","color":"#173177"},"keyword1":{"value":"339208499"}},` +
		`"emphasis_keyword":"keyword1.DATA"}`
	if got := marshal(t, documented); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := marshal(t, wechat.Message{}); got != `{"touser":"","template_id":"","form_id":"","data":{}}` {
		t.Errorf("an empty one is %s", got)
	}
}

func TestAMessageForTheScreenIsIndented(t *testing.T) {
	want := `{
  "touser": "OPENID",
  "template_id": "TEMPLATE_ID",
  "page": "index",
  "form_id": "FORMID",
  "data": {
    "keyword2": {
      "value": "2015年01月05日 12:30",
      "color": "#173177"
    },
    "keyword1": {
      "value": "339208499"
    }
  },
  "emphasis_keyword": "keyword1.DATA"
}`
	if got := documented.Pretty(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestASentMessageIsNotEscapedForHTML(t *testing.T) {
	m := wechat.Message{Page: "pages/a?x=1&y=<2>", Data: []wechat.Datum{{Key: "keyword1", Value: "\"a\\b\"\n\x01\u2028\xff"}}}
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want := `{"touser":"","template_id":"","page":"pages/a?x=1&y=<2>","form_id":"","data":{"keyword1":{"value":"\"a\\b\"\n\u0001` + "\u2028\ufffd" + `"}}}`
		if string(body) != want {
			t.Errorf("sent %s\nwant %s", body, want)
		}
		saying(`{"errcode":0}`)(w, r)
	})
	if err := newClient(t, base).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestAMessageIsReadBackInItsOrder(t *testing.T) {
	for _, m := range []wechat.Message{documented, {}, {Data: []wechat.Datum{{Key: "a"}, {Key: "a"}, {Key: ""}}}} {
		var back wechat.Message
		if err := json.Unmarshal([]byte(marshal(t, m)), &back); err != nil || !reflect.DeepEqual(m, back) {
			t.Errorf("%+v came back as %+v, %v", m, back, err)
		}
	}
}

func TestAMessageOfAnSDKIsUnderstood(t *testing.T) {
	var m wechat.Message
	err := json.Unmarshal([]byte(`{"data":{"keyword1":{"value":12.50,"color":null,"x":[]},"keyword2":{}},"touser":"o","more":1,"emphasis_keyword":"keyword2.DATA"}`), &m)
	want := wechat.Message{ToUser: "o", Data: []wechat.Datum{{Key: "keyword1", Value: "12.50"}, {Key: "keyword2"}}, Emphasis: "keyword2"}
	if err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("read %+v, %v", m, err)
	}
	for _, bad := range []string{`{"data":[]}`, `{"data":"x"}`, `{"data":{"keyword1":"x"}}`, `{"data":{"keyword1":{"value":{}}}}`, `{"touser":1}`, `[]`} {
		if json.Unmarshal([]byte(bad), &m) == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if err := json.Unmarshal([]byte(`{"data":null}`), &m); err != nil || m.Data != nil {
		t.Errorf("data of null: %v", err)
	}
}

func FuzzMessageRoundTrip(f *testing.F) {
	f.Add("o", "t", "pages/a", "f", "keyword1", "值\n", "#173177", "keyword2", "<&>", "keyword1")
	f.Add("", "", "", "", "", "", "", "", "\x00\"\\", "")
	f.Fuzz(func(t *testing.T, to, id, page, form, key1, value1, color, key2, value2, emphasis string) {
		m := wechat.Message{
			ToUser: to, TemplateID: id, Page: page, FormID: form, Emphasis: emphasis,
			Data: []wechat.Datum{{Key: key1, Value: value1, Color: color}, {Key: key2, Value: value2}},
		}
		raw, err := m.MarshalJSON()
		if err != nil || !json.Valid(raw) || !json.Valid([]byte(m.Pretty())) {
			t.Fatalf("no JSON: %s, %v", raw, err)
		}
		var back wechat.Message
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if again, _ := back.MarshalJSON(); string(again) != string(raw) {
			t.Errorf("%s\ncame back as\n%s", raw, again)
		}
		if strings.ToValidUTF8(string(raw), "") == string(raw) && strings.ToValidUTF8(value1, "") == value1 && back.Data[0].Value != value1 {
			t.Errorf("%q came back as %q", value1, back.Data[0].Value)
		}
	})
}
