package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

func TestASentMessageIsDelivered(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		m := message{ToUser: ming, Template: w.template(), Page: "pages/order?id=1&from=消息", FormID: w.form(ming), Emphasis: "keyword2.DATA"}
		m.Data = map[string]any{
			"keyword2": map[string]any{"value": "一<b>杯</b>\n咖啡", "color": "#173177"},
			"keyword1": map[string]any{"value": 12.5},
			"keyword9": map[string]any{"value": "ignored"},
		}
		w.works(w.send(m))
		got := w.Messages(sandbox.DefaultAppID, ming)
		if len(got) != 1 {
			t.Fatalf("%d messages", len(got))
		}
		want := `{1 template wx00000000sandbox1 ` + ming + ` ` + m.Template + ` 购买成功通知 pages/order?id=1&from=消息 ` + m.FormID +
			" [{购买地点 12.5 } {物品名称 一<b>杯</b>\n咖啡 #173177}] 1    2018-06-06 10:30:00 +0800 +0800}"
		if s := strings.Replace(fmt.Sprint(got[0]), " +0800 }", " +0800 +0800}", 1); s != want {
			t.Errorf("%s\nwant %s", s, want)
		}
		if others := w.Messages(sandbox.DefaultAppID, hong); len(others) != 0 {
			t.Errorf("another user got %v", others)
		}
	})
}

func TestAMessageMayBeEmpty(t *testing.T) { // 不填则下发空模板
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		id := w.template()
		for _, data := range []string{``, `"data":null,`, `"data":{},`, `"data":[],`, `"data":[ ],`} {
			w.works(w.call(sendPath, `{`+data+`"touser":"`+ming+`","template_id":"`+id+`","form_id":"`+w.form(ming)+`","page":""}`))
			if d := w.Messages("", ming)[0]; len(d.Fields) != 0 || d.Emphasis != -1 {
				t.Errorf("%s: %v", data, d)
			}
		}
		_, raw, _ := w.request("GET", "/sandbox/messages", "")
		if n := strings.Count(raw, `"fields":[],`); n != 5 {
			t.Errorf("%d of 5 messages with an empty list of fields: %s", n, raw)
		}
	})
}

func TestAMissingValueIsShownEmpty(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	data := map[string]any{"keyword2": map[string]any{"value": nil, "color": nil}}
	w.works(w.send(message{ToUser: ming, Template: w.template(), FormID: w.form(ming), Data: data, Emphasis: "keyword1"}))
	d := w.Messages("", ming)[0]
	if fmt.Sprint(d.Fields) != "[{购买地点  } {物品名称  }]" || d.Emphasis != -1 {
		t.Errorf("%q, emphasis %d", d.Fields, d.Emphasis)
	}
}

func TestEachBadMessageHasItsErrcodeAndSpendsNothing(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		good := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
		with := func(change func(*message)) message {
			m := good
			change(&m)
			return m
		}
		for code, bad := range map[int][]message{
			40003: {with(func(m *message) { m.ToUser = "" }), with(func(m *message) { m.ToUser = ming[1:] }), with(func(m *message) { m.ToUser = ming[1:] + "!" })},
			40037: {with(func(m *message) { m.Template = "" }), with(func(m *message) { m.Template = strings.ToLower(m.Template) })},
			41028: {
				with(func(m *message) { m.FormID = "" }), with(func(m *message) { m.FormID = "the formId is a mock one" }),
				with(func(m *message) { m.ToUser = hong }), with(func(m *message) { m.FormID = "1513244848493" }),
			},
			47001: {with(func(m *message) { m.Data = "x" }), with(func(m *message) { m.Data = map[string]any{"keyword1": "x"} }), with(func(m *message) { m.Data = []int{1} })},
		} {
			for _, m := range bad {
				w.refused(code, w.send(m))
			}
		}
		w.works(w.send(good))
	})
}

func TestAPageIsAnyRelativePath(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
	for _, bad := range []string{
		"/pages/index", "https://example.com/", "pages/in dex", "//evil", "?foo=bar", "pages/index?a=b c", "pages/index\n", "页面/首页",
		"javascript:alert(1)", strings.Repeat("p", 1025),
	} {
		m.Page = bad
		w.refused(41030, w.send(m))
	}
	for _, good := range []any{"", nil, "index", "index?foo=bar", "pages/order-detail/order_detail?id=12&x=%20#top"} {
		m.Page, m.FormID = good, w.form(ming)
		w.works(w.send(m))
	}
}

func TestADeletedTemplateCannotBeSent(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	m := message{ToUser: ming, Template: w.template(), FormID: w.form(ming)}
	w.works(w.call(deletePath, `{"template_id":"`+m.Template+`"}`))
	w.refused(40037, w.send(m))
}

func TestTheQuotaIsOfAnAppAndDay(t *testing.T) {
	w := inProcess(t, sandbox.Options{DailyQuota: 2})
	m := message{ToUser: ming, Template: w.template(), FormID: w.payment(ming)}
	w.works(w.send(m))
	w.refused(41028, w.send(message{ToUser: ming, Template: m.Template, FormID: "nonsense"})) // a refused call is a call
	w.refused(45009, w.send(m))
	w.AddApp("wx00000000sandbox2", "another")
	w.Advance(13*time.Hour + 29*time.Minute + 59*time.Second) // 23:59:59 in Shanghai
	w.token = ""
	w.refused(45009, w.send(m))
	w.Advance(time.Second)
	w.works(w.send(m))
}

func TestOldMessagesAreForgotten(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	id := w.template()
	for range 510 {
		w.works(w.send(message{ToUser: ming, Template: id, FormID: w.form(ming)}))
	}
	got := w.Messages(sandbox.DefaultAppID, "")
	if len(got) != 500 || got[0].ID != 510 || got[499].ID != 11 {
		t.Errorf("%d messages from %d to %d", len(got), got[0].ID, got[len(got)-1].ID)
	}
}
