package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/sandbox"
)

func TestThePhoneShowsWhatAnOpenIDWasSent(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := openTemplate(c, b)
	b.get("/sandbox").expect(http.StatusOK, "This phone has not received a message yet")
	for _, value := range []string{"first", "second"} {
		p = b.submit(p, "button[value=form]", func(form url.Values) { form.Set("touser", strangerID); form["v"] = []string{value, "咖啡"} })
		p = b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	}
	phone := b.submit(b.get("/sandbox"), "form.filters button", func(form url.Values) { form.Set("openid", strangerID) })
	if phone.path != "/sandbox?openid="+strangerID || phone.doc.Find(".phone .card").Length() != 2 {
		t.Fatalf("%s: %s", phone.path, phone.text(".phone"))
	}
	same(t, phone.onCard(), []string{"购买地点=second", "物品名称=咖啡"}) // the newest on top
	if !phone.has(`#openids option[value="` + strangerID + `"]`) {
		t.Error("the openid is not offered")
	}
	if own := b.get("/sandbox"); own.doc.Find(".phone .card").Length() != 0 || own.doc.Find("#openid").AttrOr("value", "") != sandbox.OpenIDFor(c.app().AppID, "operator") {
		t.Error("another phone shows them as well")
	}
	for _, bad := range []string{"x", "oStranger_0123456789-ABCDEF", strangerID + "%20", "<script>"} {
		b.get("/sandbox?openid="+bad).expect(http.StatusUnprocessableEntity, "An openid is 28 letters")
	}
}

func TestAFormAndAPaymentAreMadeOnThePhone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	page := b.get("/sandbox?openid=" + strangerID)
	for kind, prefix := range map[string]string{"form": "", "payment": "wx"} {
		p := b.submit(page, `form[action$="/sandbox/right"] button[value=`+kind+`]`, nil).expect(http.StatusOK, "Made:")
		if made := p.text("p[role=status] code"); len(made) < 28 || !strings.HasPrefix(made, prefix) || p.doc.Find("#openid").AttrOr("value", "") != strangerID {
			t.Errorf("%s: %q", kind, made)
		}
	}
	same(t, c.sandbox.OpenIDs(c.app().AppID), []string{strangerID})
	b.post("/sandbox/right", url.Values{"openid": {"x"}, "kind": {"form"}}).expect(http.StatusUnprocessableEntity, "An openid is 28 letters")
	b.post("/sandbox/right", url.Values{"openid": {strangerID}, "kind": {"gift"}}).expect(http.StatusBadRequest, "")
}

func TestTheSimulatedClockMovesAndRightsExpire(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	moved := b.submit(b.get("/sandbox"), `button[value="24h"]`, nil).expect(http.StatusOK, "The simulated clock has moved").expect(http.StatusOK, "24 h ahead")
	b.submit(moved, `button[value="168h"]`, nil).expect(http.StatusOK, "192 h ahead")
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "errcode 41028").expect(http.StatusOK, "older than 7 days")
	for _, bad := range []string{"", "x", "-1h", "0s", "9000h", "1"} {
		b.post("/sandbox/clock", url.Values{"advance": {bad}}).expect(http.StatusBadRequest, "The request could not be read")
	}
	if ahead := c.sandbox.Ahead(); ahead != 192*time.Hour {
		t.Fatalf("%v ahead", ahead)
	}
	if got := c.activities("sandbox.clock"); len(got) != 2 || got[0].PersonName != "operator" {
		t.Errorf("%+v", got)
	}
}

// inject fills in the form of faults.
func (b *browser) inject(path, kind, value, times string) *page {
	b.t.Helper()
	return b.submit(b.get("/sandbox"), `form[action$="/sandbox/fault"] button`, func(form url.Values) {
		form.Set("path", path)
		form.Set("kind", kind)
		form.Set("value", value)
		form.Set("times", times)
	})
}

func TestEveryKindOfFaultIsSetListedMetAndCleared(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	for _, fault := range []struct{ kind, value, listed, met string }{
		{"errcode", "45011", "errcode 45011", "Too many calls in a short time"},
		{"status", "502", "HTTP 502", "a status other than 200"},
		{"body", "<html>proxy</html>", "body <html>proxy</html>", "The answer was not JSON"},
		{"drop_before", "", "drop before", "the connection was lost before the answer"},
		{"drop_after", "", "drop after", "the connection was lost before the answer"},
		{"delay", "1ms", "delay 1ms", ""},
	} {
		form := writeMessage(c, b)
		p := b.inject(sendPath, fault.kind, fault.value, "1").expect(http.StatusOK, "The fault is set")
		if got := p.text(".faults li"); got != sendPath+" "+fault.listed+" ×1" {
			t.Errorf("%s: listed as %q", fault.kind, got)
		}
		stillWritten(b.submit(form, "#test-send button.primary", nil).expect(http.StatusOK, fault.met), rightIDOn(form))
		if p := b.get("/sandbox"); p.has(".faults") {
			t.Errorf("%s: it is there still: %s", fault.kind, p.text(".faults"))
		}
	}
	p := b.inject("/cgi-bin/wxopen/template/list", "errcode", "-1", "1000").expect(http.StatusOK, "×1000")
	b.get("/").expect(http.StatusOK, "WeChat could not be asked just now")
	b.submit(p, `form[action$="/sandbox/faults/clear"] button`, nil).expect(http.StatusOK, "The faults are cleared")
	b.get("/").expect(http.StatusOK, "of 25 used")
}

func TestAFaultThatCannotBeIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	for _, bad := range []struct{ kind, value, times, field string }{
		{"errcode", "x", "1", "value"}, {"errcode", "0", "1", "value"}, {"errcode", "", "1", "value"}, {"errcode", "1.5", "1", "value"},
		{"status", "99", "1", "value"}, {"status", "600", "1", "value"}, {"status", "teapot", "1", "value"},
		{"delay", "2", "1", "value"}, {"delay", "-1s", "1", "value"}, {"delay", "2m", "1", "value"}, {"body", "", "1", "value"},
		{"body", strings.Repeat("x", 2001), "1", "value"},
		{"errcode", "-1", "0", "times"}, {"errcode", "-1", "1001", "times"}, {"errcode", "-1", "x", "times"}, {"flood", "1", "1", "kind"},
	} {
		p := b.inject(sendPath, bad.kind, bad.value, bad.times)
		if p.status != http.StatusUnprocessableEntity || p.text("#"+bad.field+"-problem") == "" {
			t.Errorf("%+v: %d, %s", bad, p.status, p.text(".banner"))
		}
		if p.doc.Find("#value").AttrOr("value", "") != bad.value {
			t.Errorf("%+v: what was typed is lost", bad)
		}
	}
	b.inject("/cgi-bin/nowhere", "errcode", "-1", "1").expect(http.StatusBadRequest, "")
	if got := c.sandbox.Faults(); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestAResetEmptiesTheSandboxAndKeepsTheRecords(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := openTemplate(c, b)
	b.sendTest(templateIDOn(p)).expect(http.StatusOK, "Sent")
	c.sandbox.Advance(time.Hour)
	b.submit(b.get("/sandbox"), "button.danger", nil).expect(http.StatusOK, "The sandbox is back at its beginning").expect(http.StatusOK, "has not received a message")
	b.get("/templates").expect(http.StatusOK, "0 of 25 used")
	b.get("/templates/"+templateIDOn(p)).expect(http.StatusOK, "it was deleted elsewhere")
	b.get("/sends/1").expect(http.StatusOK, templateIDOn(p))
	if c.sandbox.Ahead() != 0 || len(c.activities("sandbox.reset")) != 1 {
		t.Fatalf("%v ahead", c.sandbox.Ahead())
	}
}
