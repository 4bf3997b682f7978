package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// carrying is a console whose alias recharged carries 充值成功通知 of both kinds, and the order of a business server
// that knows the template message alone.
func carrying(t *testing.T) (c *webtest.Console, old, successor string, s *webtest.Server, order map[string]any) {
	t.Helper()
	c, successor, s = subscribed(t)
	b, app := c.As(store.Operator), c.App()
	ids := b.KeywordsOf("AT0016")
	old = c.AddTemplate(b, "AT0016", ids[3], ids[1], ids[5]) // 交易单号, 充值金额, 备注
	c.Remember(store.Actor{}, store.Template{App: app.ID, Kind: kind.Subscribe.Name(), TemplateID: successor, Title: "充值成功通知",
		Type: wechat.OneTime, Content: "交易单号:{{character_string1.DATA}}\n充值金额:{{amount3.DATA}}\n"})
	webtest.Must(t, c.Store.SetAlias(t.Context(), store.Actor{}, app.ID, old, "recharged"))
	webtest.Must(t, c.Store.Carry(t.Context(), store.Actor{Name: "ann"}, app.ID, account.Carried{
		TemplateID: old, Successor: successor, From: map[string]string{"character_string1": "keyword1", "amount3": "keyword2"},
	}))
	return c, old, successor, s, map[string]any{
		"key": "one", "touser": webtest.Customer, "alias": "recharged", "page": "pages/order", "emphasis_keyword": "充值金额",
		"data": map[string]any{"交易单号": map[string]string{"value": "NO.1", "color": "#173177"}, "keyword2": "¥12.3", "备注": "再见"},
	}
}

// allowed has the customer say yes to a template, at WeChat and in the ledger.
func allowed(c *webtest.Console, s *webtest.Server, template, tap string) {
	c.T.Helper()
	webtest.Must(c.T, c.Sandbox.Allow(c.App().AppID, webtest.Customer, false, template))
	report(s, map[string]string{template: "accept"}, tap)
}

type carriedAnswer struct {
	sendAnswer
	Kind       string
	TemplateID string `json:"template_id"`
	Consent    *struct{ Left int }
}

func TestAnAliasOfBothKindsTakesTheConsentFirstAndThenTheRight(t *testing.T) {
	t.Parallel()
	c, old, successor, s, o := carrying(t)
	form := s.Has(c, ledger.Form)
	allowed(c, s, successor, "tap1")
	var got carriedAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(changed(o, "form_id", form))).Into(&got)
	if got.Outcome != dispatch.Sent || got.Kind != "subscribe" || got.TemplateID != successor || got.Consent == nil || got.Consent.Left != 0 || got.Right != nil {
		t.Fatalf("%+v", got)
	}
	m := c.Sandbox.Messages(c.App().AppID, webtest.Customer)[0]
	if fmt.Sprint(m.Fields) != "[{交易单号 NO.1 } {充值金额 ¥12.3 }]" || m.Page != "pages/order" {
		t.Errorf("%+v", m)
	}
	var again, next carriedAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(changed(o, "form_id", form))).Into(&again)
	if !again.Replayed || again.ID != got.ID || again.Kind != "subscribe" {
		t.Errorf("%+v", again)
	}
	// The consent is used up: the form still allows a template message, whole as it ever was.
	s.Post("/api/v1/sends", webtest.AsJSON(changed(changed(o, "key", "two"), "lang", "en_US"))).Into(&next)
	if next.Outcome != dispatch.Sent || next.Kind != "template" || next.TemplateID != old || next.Right == nil || next.Right.ID != form {
		t.Fatalf("%+v", next)
	}
	m = c.Sandbox.Messages(c.App().AppID, webtest.Customer)[0]
	if fmt.Sprint(m.Fields) != "[{交易单号 NO.1 #173177} {充值金额 ¥12.3 } {备注 再见 }]" || m.Emphasis != 1 {
		t.Errorf("%+v", m)
	}
	o["key"] = "three"
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusConflict, "consent_none")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(o, "form_id", form))).Refused(http.StatusConflict, "right_ended")
	if len(c.Sends()) != 2 {
		t.Errorf("%d sends", len(c.Sends()))
	}
	// Who names the template itself gets that one.
	allowed(c, s, successor, "tap2")
	o = changed(changed(o, "alias", nil), "template_id", old)
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusConflict, "right_none")
}

func TestAValueThatTheSuccessorRefusesIsNamedAsTheServerNamesIt(t *testing.T) {
	t.Parallel()
	c, _, successor, s, o := carrying(t)
	s.Has(c, ledger.Form)
	allowed(c, s, successor, "tap1")
	o["data"] = map[string]any{"交易单号": "单号一", "keyword2": "很多钱", "充值金额": "¥1"}
	a := s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusUnprocessableEntity, "checks_failed")
	for _, want := range []string{
		`"check":"types","state":"failed","why":"refused","place":"data.character_string1","said":"交易单号"`,
		`"why":"twice","place":"data.amount3"`,
		`"why":"refused","place":"data.amount3"`,
	} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("%s lacks %s", a.Body, want)
		}
	}
	o["data"] = map[string]any{"交易单号": "NO.1", "keyword2": "¥1", "商品": "x"}
	a = s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusUnprocessableEntity, "checks_failed")
	if !strings.Contains(a.Body, `"check":"keywords","state":"failed","why":"unknown","place":"data.商品"`) {
		t.Error(a.Body)
	}
	// A server that has learnt the successor's keys may use them.
	o["data"] = map[string]any{"character_string1": "NO.2", "keyword2": "¥1", "交易单号": "旧的"}
	var got carriedAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&got)
	if got.Outcome != dispatch.Sent || len(c.Sends()) != 1 {
		t.Errorf("%+v, %d sends", got, len(c.Sends()))
	}
}

func TestTheAPIShowsWhatAnAliasCarries(t *testing.T) {
	t.Parallel()
	c, old, successor, s, o := carrying(t)
	type named struct {
		Alias, Kind string
		TemplateID  string            `json:"template_id"`
		KeywordMap  map[string]string `json:"keyword_map"`
		Successor   *struct {
			Kind       string
			TemplateID string            `json:"template_id"`
			KeywordMap map[string]string `json:"keyword_map"`
		}
	}
	var one named
	var all struct{ Templates []named }
	s.Get("/api/v1/templates/recharged").Into(&one)
	s.Get("/api/v1/templates").Into(&all)
	if len(all.Templates) != 1 || fmt.Sprint(all.Templates[0].Successor.KeywordMap) != fmt.Sprint(one.Successor.KeywordMap) {
		t.Fatalf("%+v", all)
	}
	if one.TemplateID != old || one.Kind != "template" || one.Successor.TemplateID != successor ||
		fmt.Sprint(one.Successor.KeywordMap) != "map[交易单号:character_string1 充值金额:amount3]" {
		t.Errorf("%+v", one)
	}
	if got := consents(s); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	allowed(c, s, successor, "tap1")
	if got := consents(s); len(got) != 1 || got[0].Alias != "recharged" {
		t.Errorf("%+v", got)
	}
	// Once the old one is deleted the alias stands for the successor, and the server still says what it said.
	c.As(store.Operator).Post("/templates/"+old+"/delete", url.Values{"title": {"充值成功通知"}})
	one = named{}
	s.Get("/api/v1/templates/recharged").Into(&one)
	if one.TemplateID != successor || one.Kind != "subscribe" || one.Alias != "recharged" || one.Successor != nil {
		t.Errorf("%+v", one)
	}
	var got carriedAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&got)
	if got.Outcome != dispatch.Sent || got.TemplateID != successor {
		t.Errorf("%+v", got)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(changed(o, "key", "two"))).Refused(http.StatusConflict, "consent_none")
}

func TestARestoredTemplateStaysCarried(t *testing.T) {
	t.Parallel()
	c, old, successor, s, o := carrying(t)
	b := c.As(store.Operator)
	b.Post("/templates/"+old+"/delete", url.Values{"title": {"充值成功通知"}})
	b.Post("/templates/"+old+"/restore", nil)
	allowed(c, s, successor, "tap1")
	var got carriedAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&got)
	if got.Outcome != dispatch.Sent || got.Kind != "subscribe" {
		t.Fatalf("%+v", got)
	}
	var one struct{ Kind string }
	if s.Get("/api/v1/templates/recharged").Into(&one); one.Kind != "template" {
		t.Errorf("%+v", one)
	}
}
