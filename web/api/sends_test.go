package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
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

func TestABusinessServerSendsUnderTheOldestRightOfTheOpenID(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	first, second := s.Has(c, ledger.Form), s.Has(c, ledger.Form)
	c.Clock.Advance(time.Second)
	for i, id := range []string{first, second} {
		var got sendAnswer
		s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, fmt.Sprint("order", i)))).Into(&got)
		if got.Outcome != dispatch.Sent || got.Right.ID != id || got.Right.State != ledger.EndSpent || got.Replayed || got.Attempts != 1 {
			t.Fatalf("%+v under %+v, want %s", got, got.Right, id)
		}
	}
	m := c.Sandbox.Messages(c.App().AppID, webtest.Customer)[0]
	if fmt.Sprint(m.Fields) != "[{购买地点 TIT造舰厂 #173177} {购买时间 2016年6月6日 }]" || m.Emphasis != 0 || m.Page != "pages/order?id=1" {
		t.Errorf("delivered %+v", m)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "order9"))).Refused(http.StatusConflict, "right_none")
	if c.Calls("/send") != 2 || len(c.Sends()) != 2 {
		t.Errorf("%d calls, %d rows", c.Calls("/send"), len(c.Sends()))
	}
}

func TestFault16_OneKeyIsOneSendHoweverOftenItIsAskedFor(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Payment)
	o := webtest.Order(c, template, "order1")
	var all sync.WaitGroup
	answers := make([]sendAnswer, 100)
	for i := range answers {
		all.Go(func() { s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&answers[i]) })
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
	if firsts != 1 || c.Calls("/send") != 1 {
		t.Fatalf("%d firsts, %d calls", firsts, c.Calls("/send"))
	}
	// Seven days later the key still answers, though the template is gone by now.
	webtest.Must(t, func() error { _, _, err := c.Store.KeepRights(context.Background()); return err }())
	c.Clock.Advance(7*24*time.Hour + time.Minute)
	c.As(store.Operator).Post("/templates/"+template+"/delete", nil)
	var again sendAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&again)
	if !again.Replayed || again.ID != answers[0].ID || c.Calls("/send") != 1 {
		t.Fatalf("%+v", again)
	}
	for _, other := range []map[string]any{changed(o, "page", nil), changed(o, "touser", strings.ToUpper(webtest.Customer)), changed(o, "data", map[string]any{"keyword1": "a", "keyword2": "b"})} {
		s.Post("/api/v1/sends", webtest.AsJSON(other)).Refused(http.StatusConflict, "key_reused")
	}
}

func TestTheOrderOfMembersIsNoOtherBody(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Payment)
	var first, again sendAnswer
	s.Post("/api/v1/sends", `{"key":"k","touser":"`+webtest.Customer+`","template_id":"`+template+`","data":{"keyword1":{"value":"a"},"keyword2":{"value":"b"}}}`).Into(&first)
	s.Post("/api/v1/sends", `{"data":{"keyword2":{"value":"b"},"keyword1":{"value":"a"}},"template_id":"`+template+`","touser":"`+webtest.Customer+`","key":"k"}`).Into(&again)
	if !again.Replayed || again.ID != first.ID {
		t.Fatalf("%+v", again)
	}
}

func TestWhatWouldBeRefusedIsNotSentAndEveryCheckIsAnswered(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	id := s.Has(c, ledger.Form)
	good := webtest.Order(c, template, "k")
	for why, o := range map[string]map[string]any{
		"keywords unknown": changed(good, "data", map[string]any{"keyword1": "a", "keyword2": "b", "商品": "c"}),
		"keywords missing": changed(good, "data", map[string]any{"keyword1": "a"}),
		"page slash":       changed(good, "page", "/pages/order"),
		"emphasis unknown": changed(good, "emphasis_keyword", "keyword9.DATA"),
		"openid form":      changed(good, "touser", "me"),
	} {
		a := s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusUnprocessableEntity, "checks_failed")
		id, reason, _ := strings.Cut(why, " ")
		if !strings.Contains(a.Body, `"check":"`+id+`","state":"failed","why":"`+reason+`"`) || strings.Contains(a.Body, "[check.") {
			t.Errorf("%s: %s", why, a.Body)
		}
	}
	s.Post("/api/v1/sends", webtest.AsJSON(changed(good, "form_id", "the formId is a mock one"))).Refused(http.StatusConflict, "right_mock")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(good, "template_id", "x"))).Refused(http.StatusNotFound, "template_unknown")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(good, "key", ""))).Refused(http.StatusUnprocessableEntity, "send_key")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(good, "template_id", nil))).Refused(http.StatusUnprocessableEntity, "send_template")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(good, "data", map[string]any{"keyword1": []int{1}}))).Refused(http.StatusBadRequest, "bad_json")
	if r, err := c.Store.Right(t.Context(), c.App().ID, id); err != nil || r.State(c.Clock.Now()) != ledger.Usable || c.Calls("/send") != 0 || len(c.Sends()) != 0 {
		t.Fatalf("%+v, %d calls, %d rows, %v", r, c.Calls("/send"), len(c.Sends()), err)
	}
}

// What WeChat says is in the answer; that it was asked is what the status says.
func TestWeChatsRefusalIsAnOutcome(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	for code, state := range map[int]string{45009: ledger.Usable, 41029: ledger.EndUsedUp} {
		id := s.Has(c, ledger.Form)
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Times: 1, ErrCode: &code}))
		var got sendAnswer
		s.Post("/api/v1/sends", webtest.AsJSON(changed(webtest.Order(c, template, fmt.Sprint(code)), "form_id", id))).Into(&got)
		if got.Outcome != dispatch.Refused || got.ErrCode != code || got.ErrMsg == "" || got.Right.State != state {
			t.Errorf("%+v %+v", got, got.Right)
		}
	}
}

func TestFault18_ALostAnswerIsUnknownAndTheKeyRepeatsNothing(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Form)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Times: 1, Drop: "after"}))
	for i := range 2 {
		var got sendAnswer
		s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k"))).Into(&got)
		if got.Outcome != dispatch.Unknown || got.Reason != "no_answer" || got.Right.State != ledger.Held || got.Replayed != (i == 1) {
			t.Fatalf("%+v %+v", got, got.Right)
		}
	}
	s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "another"))).Refused(http.StatusConflict, "right_none")
	if c.Calls("/send") != 1 || len(c.Sandbox.Messages("", "")) != 1 {
		t.Errorf("%d calls", c.Calls("/send"))
	}
}

func TestWithoutATokenTheCallerIsToldToComeBack(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Form)
	code := 40125
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Times: 100, ErrCode: &code}))
	c.As(store.Operator).Get("/templates/" + template) // the list is known for a minute
	c.Clock.Advance(3 * time.Hour)
	a := s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k")))
	if a.Status != http.StatusServiceUnavailable && a.Status != http.StatusBadGateway {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if len(c.Sends()) != 0 {
		t.Error("it was recorded all the same")
	}
}

func TestAnAliasNamesTheTemplate(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, s := c.As(store.Operator), c.Caller("rights", "send")
	template := c.AddTemplate(b, "AT0002", "3", "4")
	webtest.Must(t, c.Store.SetAlias(t.Context(), store.Actor{}, c.App().ID, template, "order-paid"))
	s.Has(c, ledger.Payment)
	o := changed(changed(webtest.Order(c, template, "k"), "template_id", nil), "alias", "order-paid")
	var first, again sendAnswer
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&first)
	template = c.AddTemplate(b, "AT0002", "4", "3") // the alias moves on; the order is the same
	webtest.Must(t, c.Store.MoveAlias(t.Context(), store.Actor{}, c.App().ID, "order-paid", template))
	s.Post("/api/v1/sends", webtest.AsJSON(o)).Into(&again)
	if first.Outcome != dispatch.Sent || !again.Replayed || again.ID != first.ID {
		t.Fatalf("%+v, %+v", first, again)
	}
	s.Post("/api/v1/sends", webtest.AsJSON(changed(changed(o, "alias", "nobody"), "key", "k2"))).Refused(http.StatusNotFound, "alias_unknown")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(o, "template_id", template))).Refused(http.StatusUnprocessableEntity, "send_template")
}

func TestAKeyThatMayNotSendSendsNothing(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Form)
	c.Caller("rights", "token").Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k"))).Refused(http.StatusForbidden, "scope_missing")
	s.Post("/api/v1/sends", webtest.AsJSON(changed(webtest.Order(c, template, "k"), "appid", "wx0000000000000000"))).Refused(http.StatusNotFound, "app_unknown")
	if c.Calls("/send") != 0 {
		t.Error("it was sent all the same")
	}
}
