package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// sendAnswer is what the API says of a send.
type sendAnswer struct {
	ID             int64
	Outcome        string
	ErrCode        int
	ErrMsg, Reason string
	Attempts       int
	Replayed       bool
	Right          *rightAnswer
}

// order is a send of AT0002 with two of its keywords, by their names.
func order(c *console, template, key string) map[string]any {
	return map[string]any{
		"appid": c.app().AppID, "key": key, "touser": customer, "template_id": template, "page": "pages/order?id=1",
		"data": map[string]any{"购买地点": map[string]string{"value": "TIT造舰厂", "color": "#173177"}, "keyword2": "2016年6月6日"}, "emphasis_keyword": "购买地点",
	}
}

// changed is order with one member different, or gone where v is nil.
func changed(o map[string]any, member string, v any) map[string]any {
	other := map[string]any{}
	for k, old := range o {
		other[k] = old
	}
	if other[member] = v; v == nil {
		delete(other, member)
	}
	return other
}

// shop is a console with a template of two keywords, and a server that may report and send.
func shop(t *testing.T) (c *console, template string, s *server) {
	t.Helper()
	c = newConsole(t)
	template = c.addTemplate(c.as(store.Operator), "AT0002", "3", "4")
	return c, template, c.caller("rights", "send")
}

// has gives the customer a right in the simulated WeChat and reports it.
func (s *server) has(c *console, kind string) string {
	s.t.Helper()
	make := c.sandbox.SubmitForm
	if kind == ledger.Payment {
		make = c.sandbox.Pay
	}
	id, err := make(c.app().AppID, customer)
	must(s.t, err)
	s.post("/api/v1/rights", asJSON(map[string]string{"openid": customer, "kind": kind, "id": id})).into(&struct{}{})
	return id
}

func TestABusinessServerSendsUnderTheOldestRightOfTheOpenID(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	first, second := s.has(c, ledger.Form), s.has(c, ledger.Form)
	c.clock.Advance(time.Second)
	for i, id := range []string{first, second} {
		var got sendAnswer
		s.post("/api/v1/sends", asJSON(order(c, template, fmt.Sprint("order", i)))).into(&got)
		if got.Outcome != dispatch.Sent || got.Right.ID != id || got.Right.State != ledger.EndSpent || got.Replayed || got.Attempts != 1 {
			t.Fatalf("%+v under %+v, want %s", got, got.Right, id)
		}
	}
	m := c.sandbox.Messages(c.app().AppID, customer)[0]
	if fmt.Sprint(m.Fields) != "[{购买地点 TIT造舰厂 #173177} {购买时间 2016年6月6日 }]" || m.Emphasis != 0 || m.Page != "pages/order?id=1" {
		t.Errorf("delivered %+v", m)
	}
	s.post("/api/v1/sends", asJSON(order(c, template, "order9"))).refused(http.StatusConflict, "right_none")
	if c.calls("/send") != 2 || len(c.sends()) != 2 {
		t.Errorf("%d calls, %d rows", c.calls("/send"), len(c.sends()))
	}
}

func TestFault16_OneKeyIsOneSendHoweverOftenItIsAskedFor(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Payment)
	o := order(c, template, "order1")
	var all sync.WaitGroup
	answers := make([]sendAnswer, 100)
	for i := range answers {
		all.Go(func() { s.post("/api/v1/sends", asJSON(o)).into(&answers[i]) })
	}
	all.Wait()
	firsts := 0
	for _, a := range answers {
		if a.ID != answers[0].ID || a.Outcome != dispatch.Sent {
			t.Fatalf("%+v", a)
		}
		if !a.Replayed {
			firsts++
		}
	}
	if firsts != 1 || c.calls("/send") != 1 {
		t.Fatalf("%d firsts, %d calls", firsts, c.calls("/send"))
	}
	// Seven days later the key still answers, though the template is gone by now.
	must(t, func() error { _, _, err := c.store.KeepRights(context.Background()); return err }())
	c.clock.Advance(7*24*time.Hour + time.Minute)
	c.as(store.Operator).post("/templates/"+template+"/delete", nil)
	var again sendAnswer
	s.post("/api/v1/sends", asJSON(o)).into(&again)
	if !again.Replayed || again.ID != answers[0].ID || c.calls("/send") != 1 {
		t.Fatalf("%+v", again)
	}
	for _, other := range []map[string]any{changed(o, "page", nil), changed(o, "touser", strings.ToUpper(customer)), changed(o, "data", map[string]any{"keyword1": "a", "keyword2": "b"})} {
		s.post("/api/v1/sends", asJSON(other)).refused(http.StatusConflict, "key_reused")
	}
}

func TestTheOrderOfMembersIsNoOtherBody(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Payment)
	var first, again sendAnswer
	s.post("/api/v1/sends", `{"key":"k","touser":"`+customer+`","template_id":"`+template+`","data":{"keyword1":{"value":"a"},"keyword2":{"value":"b"}}}`).into(&first)
	s.post("/api/v1/sends", `{"data":{"keyword2":{"value":"b"},"keyword1":{"value":"a"}},"template_id":"`+template+`","touser":"`+customer+`","key":"k"}`).into(&again)
	if !again.Replayed || again.ID != first.ID {
		t.Fatalf("%+v", again)
	}
}

func TestWhatWouldBeRefusedIsNotSentAndEveryCheckIsAnswered(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	id := s.has(c, ledger.Form)
	good := order(c, template, "k")
	for why, o := range map[string]map[string]any{
		"keywords unknown": changed(good, "data", map[string]any{"keyword1": "a", "keyword2": "b", "商品": "c"}),
		"keywords missing": changed(good, "data", map[string]any{"keyword1": "a"}),
		"page slash":       changed(good, "page", "/pages/order"),
		"emphasis unknown": changed(good, "emphasis_keyword", "keyword9.DATA"),
		"openid form":      changed(good, "touser", "me"),
	} {
		a := s.post("/api/v1/sends", asJSON(o)).refused(http.StatusUnprocessableEntity, "checks_failed")
		id, reason, _ := strings.Cut(why, " ")
		if !strings.Contains(a.body, `"check":"`+id+`","state":"failed","why":"`+reason+`"`) || strings.Contains(a.body, "[check.") {
			t.Errorf("%s: %s", why, a.body)
		}
	}
	s.post("/api/v1/sends", asJSON(changed(good, "form_id", "the formId is a mock one"))).refused(http.StatusConflict, "right_mock")
	s.post("/api/v1/sends", asJSON(changed(good, "template_id", "x"))).refused(http.StatusNotFound, "template_unknown")
	s.post("/api/v1/sends", asJSON(changed(good, "key", ""))).refused(http.StatusUnprocessableEntity, "send_key")
	s.post("/api/v1/sends", asJSON(changed(good, "template_id", nil))).refused(http.StatusUnprocessableEntity, "send_template")
	s.post("/api/v1/sends", asJSON(changed(good, "data", map[string]any{"keyword1": []int{1}}))).refused(http.StatusBadRequest, "bad_json")
	if r, err := c.store.Right(t.Context(), c.app().ID, id); err != nil || r.State(c.clock.Now()) != ledger.Usable || c.calls("/send") != 0 || len(c.sends()) != 0 {
		t.Fatalf("%+v, %d calls, %d rows, %v", r, c.calls("/send"), len(c.sends()), err)
	}
}

// What WeChat says is in the answer; that it was asked is what the status says.
func TestWeChatsRefusalIsAnOutcome(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	for code, state := range map[int]string{45009: ledger.Usable, 41029: ledger.EndUsedUp} {
		id := s.has(c, ledger.Form)
		must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Times: 1, ErrCode: &code}))
		var got sendAnswer
		s.post("/api/v1/sends", asJSON(changed(order(c, template, fmt.Sprint(code)), "form_id", id))).into(&got)
		if got.Outcome != dispatch.Refused || got.ErrCode != code || got.ErrMsg == "" || got.Right.State != state {
			t.Errorf("%+v %+v", got, got.Right)
		}
	}
}

func TestFault18_ALostAnswerIsUnknownAndTheKeyRepeatsNothing(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Form)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Times: 1, Drop: "after"}))
	for i := range 2 {
		var got sendAnswer
		s.post("/api/v1/sends", asJSON(order(c, template, "k"))).into(&got)
		if got.Outcome != dispatch.Unknown || got.Reason != "no_answer" || got.Right.State != ledger.Held || got.Replayed != (i == 1) {
			t.Fatalf("%+v %+v", got, got.Right)
		}
	}
	s.post("/api/v1/sends", asJSON(order(c, template, "another"))).refused(http.StatusConflict, "right_none")
	if c.calls("/send") != 1 || len(c.sandbox.Messages("", "")) != 1 {
		t.Errorf("%d calls", c.calls("/send"))
	}
}

func TestWithoutATokenTheCallerIsToldToComeBack(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Form)
	code := 40125
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Times: 100, ErrCode: &code}))
	c.as(store.Operator).get("/templates/" + template) // the list is known for a minute
	c.clock.Advance(3 * time.Hour)
	a := s.post("/api/v1/sends", asJSON(order(c, template, "k")))
	if a.status != http.StatusServiceUnavailable && a.status != http.StatusBadGateway {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if len(c.sends()) != 0 {
		t.Error("it was recorded all the same")
	}
}

func TestAnAliasNamesTheTemplate(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, s := c.as(store.Operator), c.caller("rights", "send")
	template := c.addTemplate(b, "AT0002", "3", "4")
	must(t, c.store.SetAlias(t.Context(), store.Actor{}, c.app().ID, template, "order-paid"))
	s.has(c, ledger.Payment)
	o := changed(changed(order(c, template, "k"), "template_id", nil), "alias", "order-paid")
	var first, again sendAnswer
	s.post("/api/v1/sends", asJSON(o)).into(&first)
	template = c.addTemplate(b, "AT0002", "4", "3") // the alias moves on; the order is the same
	must(t, c.store.MoveAlias(t.Context(), store.Actor{}, c.app().ID, "order-paid", template))
	s.post("/api/v1/sends", asJSON(o)).into(&again)
	if first.Outcome != dispatch.Sent || !again.Replayed || again.ID != first.ID {
		t.Fatalf("%+v, %+v", first, again)
	}
	s.post("/api/v1/sends", asJSON(changed(changed(o, "alias", "nobody"), "key", "k2"))).refused(http.StatusNotFound, "alias_unknown")
	s.post("/api/v1/sends", asJSON(changed(o, "template_id", template))).refused(http.StatusUnprocessableEntity, "send_template")
}

func TestAKeyThatMayNotSendSendsNothing(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Form)
	c.caller("rights", "token").post("/api/v1/sends", asJSON(order(c, template, "k"))).refused(http.StatusForbidden, "scope_missing")
	s.post("/api/v1/sends", asJSON(changed(order(c, template, "k"), "appid", "wx0000000000000000"))).refused(http.StatusNotFound, "app_unknown")
	if c.calls("/send") != 0 {
		t.Error("it was sent all the same")
	}
}
