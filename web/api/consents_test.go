package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/web/webtest"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// consentAnswer is what the API says of one template to one user.
type consentAnswer struct {
	TemplateID string `json:"template_id"`
	Alias      string
	Kind       string
	Left       int
	Refused    bool
	Counted    bool
	Known      bool
	Error      struct{ Code, Message string }
}

// subscribed is a console whose account has a subscribe template: 充值成功通知 with an order number and an amount.
func subscribed(t *testing.T) (c *webtest.Console, template string, s *webtest.Server) {
	t.Helper()
	c = webtest.NewConsole(t)
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值后通知")
	webtest.Must(t, err)
	return c, template, c.Caller("rights", "send")
}

func report(s *webtest.Server, results map[string]string, id string) (answers []consentAnswer) {
	var got struct{ Results []consentAnswer }
	s.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": webtest.Customer, "results": results, "id": id})).Into(&got)
	return got.Results
}

func consents(s *webtest.Server) (all []consentAnswer) {
	var got struct {
		OpenID    string
		Templates []consentAnswer
	}
	s.Get("/api/v1/consents?openid=" + webtest.Customer).Into(&got)
	return got.Templates
}

func recharged(template, key string) map[string]any {
	return map[string]any{"key": key, "touser": webtest.Customer, "template_id": template, "page": "pages/order",
		"data": map[string]string{"交易单号": "NO.1", "amount3": "¥12.3"}, "miniprogram_state": "trial", "lang": "en_US"}
}

func TestFault69_WhatAPopupAnsweredIsReportedAsItIsAndOnce(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	results := map[string]string{template: "accept", "errMsg": "requestSubscribeMessage:ok"}
	first, again := report(s, results, "tap1"), report(s, results, "tap1")
	if len(first) != 1 || !first[0].Counted || first[0].Left != 1 || again[0].Counted || !again[0].Known || again[0].Left != 1 {
		t.Errorf("%+v, then %+v", first, again)
	}
	report(s, results, "tap2")
	report(s, map[string]string{template: "filter"}, "tap3")
	want := consentAnswer{TemplateID: template, Kind: "once", Left: 2}
	if got := consents(s); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
	report(s, map[string]string{template: "reject"}, "tap4")
	if got := consents(s); got[0].Left != 0 || !got[0].Refused {
		t.Errorf("after a reject: %+v", got)
	}
	report(s, results, "tap5")
	report(s, map[string]string{template: "reject"}, "tap4")
	if got := consents(s); got[0].Left != 1 || got[0].Refused {
		t.Errorf("after an accept: %+v", got)
	}
	if n := len(c.Activities(store.ActConsentReport)); n != 7 {
		t.Errorf("%d acts", n)
	}
}

func TestAReportThatCannotBeTakenSaysWhy(t *testing.T) {
	t.Parallel()
	_, template, s := subscribed(t)
	ok := map[string]string{template: "accept"}
	for name, c := range map[string]struct {
		body any
		code string
	}{
		"no openid":       {map[string]any{"results": ok}, "openid_form"},
		"no results":      {map[string]any{"openid": webtest.Customer, "results": map[string]string{"errMsg": "ok"}}, "consents_empty"},
		"another word":    {map[string]any{"openid": webtest.Customer, "results": map[string]string{template: "yes"}}, "consent_answer"},
		"no template":     {map[string]any{"openid": webtest.Customer, "results": map[string]string{"x": "accept"}}, "consent_template"},
		"a very long id":  {map[string]any{"openid": webtest.Customer, "results": ok, "id": strings.Repeat("a", 129)}, "consents_id"},
		"another moment":  {map[string]any{"openid": webtest.Customer, "results": ok, "moment": "later"}, "consents_moment"},
		"from the future": {map[string]any{"openid": webtest.Customer, "results": ok, "when": "2199-01-01T00:00:00Z"}, "consent_future"},
	} {
		t.Run(name, func(t *testing.T) {
			s.Post("/api/v1/consents", webtest.AsJSON(c.body)).Refused(http.StatusUnprocessableEntity, c.code)
		})
	}
	s.Post("/api/v1/consents", `{"openid":"`+webtest.Customer+`","result":{}}`).Refused(http.StatusBadRequest, "bad_json")
	s.Post("/api/v1/consents", `{"appid":"wx0000000000000009","openid":"`+webtest.Customer+`"}`).Refused(http.StatusNotFound, "app_unknown")
	s.Get("/api/v1/consents?openid=x").Refused(http.StatusUnprocessableEntity, "openid_form")
	mixed := report(s, map[string]string{template: "accept", "x": "accept"}, "tap")
	if len(mixed) != 2 || !mixed[0].Counted && !mixed[1].Counted || mixed[0].Error.Code == "" && mixed[1].Error.Code == "" {
		t.Errorf("%+v", mixed)
	}
}

// What beside the templates stands in an answer, clients write in their own ways; it takes no template's yes away.
func TestFault69_WhatAClientWritesBesideTheTemplatesIsPassedOver(t *testing.T) {
	t.Parallel()
	_, template, s := subscribed(t)
	post := func(results string) *webtest.APIAnswer {
		return s.Post("/api/v1/consents", `{"openid":"`+webtest.Customer+`","results":`+results+`}`)
	}
	for n, beside := range []string{`"errCode":0`, `"errMsg":null,"errCode":"0"`, `"errCode":{"x":[1]},"errMsg":5`} {
		post(`{"` + template + `":"accept",` + beside + `}`).Into(&struct{}{})
		if got := consents(s); got[0].Left != n+1 {
			t.Errorf("%s: %+v", beside, got)
		}
	}
	post(`{"errMsg":"requestSubscribeMessage:fail","errCode":20004}`).Refused(http.StatusUnprocessableEntity, "consents_empty")
	for _, odd := range []string{`{"` + template + `":0}`, `{"` + template + `":["accept"]}`, `["` + template + `"]`, `"accept"`} {
		post(odd).Refused(http.StatusBadRequest, "bad_json")
	}
}

// One body is what one popup answered: each template in it stands for itself, and a repeat of its id changes nothing,
// whatever it says.
func TestFault69_OnePopupsAnswersCountTemplateByTemplateAndOnce(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	other, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "250", []int{23, 52}, "取餐")
	webtest.Must(t, err)
	sound, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "1458", []int{1, 2}, "发货")
	webtest.Must(t, err)
	results := map[string]string{template: "accept", other: "reject", sound: "acceptWithAudio", "gone": "accept", "errMsg": "requestSubscribeMessage:ok"}
	byID := func(answers []consentAnswer) map[string]consentAnswer {
		all := map[string]consentAnswer{}
		for _, a := range answers {
			all[a.TemplateID] = a
		}
		return all
	}
	got := byID(report(s, results, "tap"))
	if len(got) != 4 || !got[template].Counted || got[other].Counted || !got[sound].Counted || got["gone"].Error.Code != "consent_template" {
		t.Errorf("%+v", got)
	}
	for id, a := range byID(report(s, map[string]string{template: "reject", other: "accept", sound: "accept"}, "tap")) {
		if !a.Known || a.Counted {
			t.Errorf("%s is not known: %+v", id, a)
		}
	}
	now := byID(consents(s))
	if now[template].Left != 1 || now[other].Left != 0 || !now[other].Refused || now[sound].Left != 1 || len(now) != 3 {
		t.Errorf("%+v", now)
	}
	// What was said before a newer no revives nothing, and a no that is older takes nothing.
	at := func(answer string, minutes int, id string) {
		s.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": webtest.Customer, "id": id, "results": map[string]string{other: answer},
			"when": c.Clock.Now().Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)})).Into(&struct{}{})
	}
	at("accept", -30, "older")
	if left := byID(consents(s))[other]; left.Left != 0 || !left.Refused {
		t.Errorf("an older accept revives: %+v", left)
	}
	report(s, map[string]string{other: "accept"}, "newer")
	at("ban", -20, "older no")
	if left := byID(consents(s))[other]; left.Left != 1 || left.Refused {
		t.Errorf("an older no takes: %+v", left)
	}
	if a := s.Get("/api/v1/consents?openid=" + webtest.StrangerID); !strings.Contains(a.Body, `"templates":[]`) {
		t.Errorf("%s", a.Body)
	}
	for name, body := range map[string]string{
		"a template twice":  `{"openid":"` + webtest.Customer + `","results":{"` + template + `":"accept","` + template + `":"reject"}}`,
		"results as a list": `{"openid":"` + webtest.Customer + `","results":["` + template + `"]}`,
		"a number":          `{"openid":"` + webtest.Customer + `","results":{"` + template + `":1}}`,
		"two bodies":        `{"openid":"` + webtest.Customer + `","results":{"` + template + `":"accept"}}{}`,
		"a list of taps":    `[{"openid":"` + webtest.Customer + `","results":{"` + template + `":"accept"}}]`,
		"another case":      `{"OpenID":"` + webtest.Customer + `","results":{"` + template + `":"accept"}}`,
	} {
		t.Run(name, func(t *testing.T) { s.Post("/api/v1/consents", body).Refused(http.StatusBadRequest, "bad_json") })
	}
	many := map[string]string{}
	for i := range 21 {
		many[fmt.Sprint("t", i)] = "accept"
	}
	s.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": webtest.Customer, "results": many})).
		Refused(http.StatusRequestEntityTooLarge, "consents_many")
	c.Caller("send").Get("/api/v1/consents?openid="+webtest.Customer).Refused(http.StatusForbidden, "scope_missing")
	if left := byID(consents(s))[template].Left; left != 1 {
		t.Errorf("%d left", left)
	}
}

// Many servers report one popup at the same moment.
func TestFault69_OneTapThatIsReportedAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	_, template, s := subscribed(t)
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() { report(s, map[string]string{template: "accept"}, fmt.Sprint("tap", i%3)) })
	}
	wait.Wait()
	if left := consents(s)[0].Left; left != 3 {
		t.Errorf("%d left of three taps", left)
	}
}

func TestABusinessServerSendsASubscribeMessageUnderAConsent(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "one"))).Refused(http.StatusConflict, "consent_none")
	webtest.Must(t, c.Sandbox.Allow(c.App().AppID, webtest.Customer, false, template))
	report(s, map[string]string{template: "accept"}, "tap1")
	var got struct {
		sendAnswer
		MsgID   string `json:"msgid"`
		Consent struct {
			Kind string
			Left int
		}
	}
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "one"))).Into(&got)
	if got.Outcome != dispatch.Sent || got.Right != nil || got.Consent.Kind != "once" || got.Consent.Left != 0 {
		t.Fatalf("%+v", got)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "one"))).Into(&got)
	if !got.Replayed || len(c.Sandbox.Messages(c.App().AppID, webtest.Customer)) != 1 {
		t.Errorf("%+v", got)
	}
	sent := c.Sends()[0]
	if sent.Kind != "subscribe" || !strings.Contains(string(sent.Request), `"miniprogram_state":"trial","lang":"en_US"`) || strings.Contains(string(sent.Request), "form_id") {
		t.Errorf("%s %s", sent.Kind, sent.Request)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "two"))).Refused(http.StatusConflict, "consent_none")
}

func TestFault71_A43101EmptiesTheConsentAndA47003LeavesIt(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	report(s, map[string]string{template: "accept"}, "tap1") // of which the simulated WeChat knows nothing
	report(s, map[string]string{template: "accept"}, "tap2")
	var got sendAnswer
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/message/subscribe/send", Times: 1, ErrCode: new(47003)}))
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "one"))).Into(&got)
	if left := consents(s)[0].Left; got.ErrCode != 47003 || left != 2 {
		t.Errorf("%+v, %d left", got, left)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "two"))).Into(&got)
	if left := consents(s)[0]; got.ErrCode != 43101 || left.Left != 0 {
		t.Errorf("%+v, %+v", got, left)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "three"))).Refused(http.StatusConflict, "consent_none")
}

func TestAnUnknownOutcomeHoldsTheConsent(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	webtest.Must(t, c.Sandbox.Allow(c.App().AppID, webtest.Customer, false, template))
	report(s, map[string]string{template: "accept"}, "tap1")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/message/subscribe/send", Times: 1, Drop: "after"}))
	var got sendAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "one"))).Into(&got)
	if got.Outcome != dispatch.Unknown || consents(s)[0].Left != 0 {
		t.Errorf("%+v, %+v", got, consents(s))
	}
	s.Post("/api/v1/sends", webtest.AsJSON(recharged(template, "two"))).Refused(http.StatusConflict, "consent_none")
}

func TestAValueThatDoesNotFitItsTypeIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	report(s, map[string]string{template: "accept"}, "tap1")
	for name, change := range map[string]func(map[string]any){
		"an amount in words":  func(o map[string]any) { o["data"] = map[string]string{"交易单号": "NO.1", "amount3": "十二元"} },
		"no amount":           func(o map[string]any) { o["data"] = map[string]string{"交易单号": "NO.1"} },
		"an unknown state":    func(o map[string]any) { o["miniprogram_state"] = "beta" },
		"an unknown language": func(o map[string]any) { o["lang"] = "zh" },
	} {
		o := recharged(template, name)
		change(o)
		a := s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusUnprocessableEntity, "checks_failed")
		if !strings.Contains(a.Body, `"state":"failed"`) {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	o := recharged(template, "form")
	o["form_id"] = "form1"
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusUnprocessableEntity, "send_foreign")
	if n := len(c.Sends()); n != 0 {
		t.Errorf("%d sends", n)
	}
}

func TestAnAliasOfASubscribeTemplateSendsIt(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	app := c.App()
	c.Remember(store.Actor{}, store.Template{App: app.ID, Kind: "subscribe", TemplateID: template, Title: "充值成功通知", Type: 2,
		Content: "交易单号:{{character_string1.DATA}}\n充值金额:{{amount3.DATA}}\n"})
	webtest.Must(t, c.Store.SetAlias(t.Context(), store.Actor{}, app.ID, template, "recharged"))
	var named struct {
		Kind       string
		KeywordMap map[string]string `json:"keyword_map"`
	}
	s.Get("/api/v1/templates/recharged").Into(&named)
	if named.Kind != "subscribe" || fmt.Sprint(named.KeywordMap) != "map[交易单号:character_string1 充值金额:amount3]" {
		t.Errorf("%+v", named)
	}
	webtest.Must(t, c.Sandbox.Allow(app.AppID, webtest.Customer, false, template))
	report(s, map[string]string{template: "accept"}, "tap1")
	if got := consents(s); got[0].Alias != "recharged" {
		t.Errorf("%+v", got)
	}
	o := recharged("", "one")
	delete(o, "template_id")
	o["alias"] = "recharged"
	var got sendAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&got)
	if got.Outcome != dispatch.Sent {
		t.Errorf("%+v", got)
	}
}

func TestARestoredBackupHoldsConsentsUntilSomebodyConfirms(t *testing.T) {
	t.Parallel()
	c, template, s := subscribed(t)
	report(s, map[string]string{template: "accept"}, "tap1")
	again := c.Restored()
	_, _, err := again.Store.PeekAllowance(t.Context(), store.Send{App: c.App().ID, Kind: "subscribe", OpenID: webtest.Customer, TemplateID: template})
	if refusal, ok := err.(*ledger.Refusal); !ok || refusal.Reason != ledger.Restored {
		t.Errorf("%v", err)
	}
	for _, lang := range text.Languages {
		if said := text.RefusalText(text.LoadTexts().In(lang), err.(*ledger.Refusal)); said == "" {
			t.Errorf("%s says nothing", lang)
		}
	}
}
