package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestThePhoneShowsWhatAnOpenIDWasSent(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	b.Get("/sandbox").Expect(http.StatusOK, "sandbox.no_messages")
	for _, value := range []string{"first", "second"} {
		p = b.Submit(p, webtest.SendButton, func(form url.Values) { form.Set("touser", webtest.StrangerID); form["v"] = []string{value, "咖啡"} }).
			Expect(http.StatusOK, "outcome.sent")
	}
	phone := b.Submit(b.Get("/sandbox"), ".rest form.acts button", func(form url.Values) { form.Set("openid", webtest.StrangerID) })
	if phone.Path != "/sandbox?openid="+webtest.StrangerID || phone.Doc.Find(".device .card").Length() != 2 {
		t.Fatalf("%s: %s", phone.Path, phone.Text(".device"))
	}
	webtest.Same(t, phone.OnCard(), []string{"购买地点=second", "物品名称=咖啡"}) // the newest first, which is drawn at the bottom
	if phone.Doc.Find(`.owners tr:has([aria-current]) code`).Text() != webtest.StrangerID || !phone.Says(".rest", "sandbox.until_none") {
		t.Errorf("%s", phone.Text(".rest"))
	}
	if own := b.Get("/sandbox"); own.Doc.Find(".device .card").Length() != 0 || own.Doc.Find(`.owners tr:has([aria-current]) code`).Text() != sandbox.OpenIDFor(c.App().AppID, "operator") {
		t.Error("another phone shows them as well")
	}
	for _, bad := range []string{"x", "oStranger_0123456789-ABCDEF", webtest.StrangerID + "%20", "<script>"} {
		b.Get("/sandbox?openid="+bad).Expect(http.StatusUnprocessableEntity, "problem.openid")
	}
}

// List, chat and page are three addresses of one phone, and what is done beside it leaves it where it is.
func TestThePhoneHasAListAChatAndAPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	send := func(page string) {
		b.Submit(p, webtest.SendButton, func(form url.Values) { form.Set("page", page); form.Set("key", "of "+page) }).Expect(http.StatusOK, "outcome.sent")
	}
	send("pages/order/detail?id=%E4%B8%80&from=notice&x")
	send("")
	follow := func(at *webtest.Page, selector string) *webtest.Page {
		t.Helper()
		return b.Get(at.Doc.Find(selector).AttrOr("href", "nowhere")).Answers(http.StatusOK)
	}
	list := b.Get("/sandbox?at=list")
	if list.Text(".pic b") != "未读 2" || !list.Has(".notice") {
		t.Errorf("%s", list.Text(".device"))
	}
	chat := follow(list, ".notice")
	if cards := chat.Doc.Find(".card"); cards.Length() != 2 || cards.Find("a").Length() != 1 {
		t.Errorf("%d cards, and taps on %d lead somewhere", cards.Length(), cards.Find("a").Length())
	}
	if seen := follow(chat, ".wx a"); seen.Has(".notice") || seen.Has(".pic b") {
		t.Error("what was looked at is new still")
	}
	mini := follow(chat, ".card a")
	var got []string
	for _, row := range mini.Doc.Find(".mini tr").EachIter() {
		got = append(got, row.Find("th").Text()+"="+row.Find("td").Text())
	}
	if want := []string{"id=一", "from=notice", "x="}; mini.Text(".path") != "pages/order/detail" || strings.Join(got[:3], " ") != strings.Join(want, " ") {
		t.Errorf("%s with %q", mini.Text(".path"), got)
	}
	made := b.Submit(mini, ".mini button", nil).Expect(http.StatusOK, "sandbox.made")
	if made.Text(".path") != mini.Text(".path") {
		t.Errorf("the form leads to %s", made.Path)
	}
	made = b.Submit(made, `#clock button`, nil).Expect(http.StatusOK, "done.clock_moved")
	if !made.Has(".mini") || !made.Has("#clock[open]") {
		t.Errorf("the clock leads to %s", made.Path)
	}
	if back := follow(made, ".wx a"); back.Doc.Find(".card").Length() != 2 {
		t.Errorf("back is %s", back.Path)
	}
	home := follow(list, ".talks li:last-child a")
	if !home.Has(".mini button") || home.Has(".path") {
		t.Errorf("%s", home.Text(".device"))
	}
	for _, odd := range []string{"?at=nowhere", "?at=page&message=x", "?at=page&message=99999", "?seen=-1&at=list", "?seen=99999999999999999999&at=list"} {
		b.Get("/sandbox" + odd).Answers(http.StatusOK)
	}
}

func TestAFormAndAPaymentAreMadeOnThePhone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	page := b.Get("/sandbox?openid=" + webtest.StrangerID)
	for kind, prefix := range map[string]string{"form": "", "payment": "wx"} {
		p := b.Submit(page, `form[action$="/sandbox/right"] button[value=`+kind+`]`, nil).Expect(http.StatusOK, "sandbox.made")
		if made := p.Text("p[role=status] code"); len(made) < 28 || !strings.HasPrefix(made, prefix) || p.Doc.Find(`.owners tr:has([aria-current]) code`).Text() != webtest.StrangerID {
			t.Errorf("%s: %q", kind, made)
		}
	}
	webtest.Same(t, c.Sandbox.OpenIDs(c.App().AppID), []string{webtest.StrangerID})
	b.Post("/sandbox/right", url.Values{"openid": {"x"}, "kind": {"form"}}).Expect(http.StatusUnprocessableEntity, "problem.openid")
	b.Post("/sandbox/right", url.Values{"openid": {webtest.StrangerID}, "kind": {"gift"}}).Answers(http.StatusBadRequest)
}

// The phone says what its owner allows of subscribe messages too: yes in the popup, no in the settings.
func TestConsentsAreGivenAndTakenBackOnThePhone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	once, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值后通知")
	webtest.Must(t, err)
	b := c.As(store.Operator)
	b.Get("/templates?kind=subscribe")
	phone := "/sandbox?openid=" + webtest.StrangerID
	said := func(p *webtest.Page, id string, args ...any) {
		t.Helper()
		if !p.Says("#phone-consents td.muted", id, args...) {
			t.Errorf("%s, want %s", p.Text("#phone-consents"), id)
		}
	}
	answer := func(what string) *webtest.Page {
		t.Helper()
		return b.Submit(b.Get(phone), `#phone-consents button[value=`+what+`]`, nil).Answers(http.StatusOK)
	}
	said(b.Get(phone), "sandbox.consent_none")
	said(answer("accept"), "sandbox.left", "Count", 1)
	p := answer("accept")
	said(p, "sandbox.left", "Count", 2)
	if got := p.Text(`.owners tr:has([aria-current])`); !strings.Contains(got, "2") {
		t.Errorf("whose phone: %s", got)
	}
	said(answer("reject"), "sandbox.consent_refused")
	said(answer("accept"), "sandbox.left", "Count", 1)
	for _, bad := range []url.Values{
		{"openid": {webtest.StrangerID}, "template": {once}, "answer": {"ban"}},
		{"openid": {webtest.StrangerID}, "template": {"nobody's"}, "answer": {"accept"}},
	} {
		b.Post("/sandbox/consent", bad).Answers(http.StatusBadRequest)
	}
	b.Post("/sandbox/consent", url.Values{"openid": {"x"}, "template": {once}, "answer": {"accept"}}).
		Expect(http.StatusUnprocessableEntity, "problem.openid")
	if got := c.Sandbox.Consents(c.App().AppID, webtest.StrangerID); len(got) != 1 || got[0].Left != 1 || got[0].Refused {
		t.Errorf("%+v", got)
	}
}

// What is simulated can be made to fail, of both kinds of message.
func TestEveryCallOfTheSimulationCanBeMadeToFail(t *testing.T) {
	t.Parallel()
	p := webtest.NewConsole(t).As(store.Operator).Get("/sandbox")
	for _, path := range sandbox.Paths() {
		if !p.Has(`select#path option[value="` + path + `"]`) {
			t.Errorf("%s is not offered", path)
		}
	}
}

func TestTheSimulatedClockMovesAndRightsExpire(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	moved := b.Submit(b.Get("/sandbox"), `button[value="24h"]`, nil).Expect(http.StatusOK, "done.clock_moved").Expect(http.StatusOK, "sandbox.ahead", "Hours", 24)
	b.Submit(moved, `button[value="168h"]`, nil).Expect(http.StatusOK, "sandbox.ahead", "Hours", 192)
	b.Submit(p, webtest.SendButton, nil).Shows(http.StatusOK, "errcode 41028").Expect(http.StatusOK, "errcode.41028.cause")
	for _, bad := range []string{"", "x", "-1h", "0s", "9000h", "1"} {
		b.Post("/sandbox/clock", url.Values{"advance": {bad}}).Expect(http.StatusBadRequest, "failure.bad_request.title")
	}
	if ahead := c.Sandbox.Ahead(); ahead != 192*time.Hour {
		t.Fatalf("%v ahead", ahead)
	}
	if got := c.Activities("sandbox.clock"); len(got) != 2 || got[0].PersonName != "operator" {
		t.Errorf("%+v", got)
	}
}

func TestEveryKindOfFaultIsSetListedMetAndCleared(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for _, fault := range []struct{ kind, value, listed, met string }{
		{"errcode", "45011", "errcode 45011", "errcode.45011.cause"},
		{"status", "502", "HTTP 502", "reason.status.cause"},
		{"body", "<html>proxy</html>", "body <html>proxy</html>", "reason.not_json.cause"},
		{"drop_before", "", "drop before", "reason.no_answer.cause"},
		{"drop_after", "", "drop after", "reason.no_answer.cause"},
		{"delay", "1ms", "delay 1ms", "outcome.sent"},
	} {
		form := writeMessage(c, b)
		p := b.Inject(webtest.SendPath, fault.kind, fault.value, "1").Expect(http.StatusOK, "done.fault_added")
		if got := p.Text(".faults li"); got != webtest.SendPath+" "+fault.listed+" ×1" {
			t.Errorf("%s: listed as %q", fault.kind, got)
		}
		stillWritten(c, b.Submit(form, webtest.SendButton, nil).Expect(http.StatusOK, fault.met), rightIDOn(form))
		if p := b.Get("/sandbox"); p.Has(".faults") {
			t.Errorf("%s: it is there still: %s", fault.kind, p.Text(".faults"))
		}
	}
	p := b.Inject("/cgi-bin/wxopen/template/list", "errcode", "-1", "1000").Shows(http.StatusOK, "×1000")
	b.Get("/templates").Expect(http.StatusOK, "templates.stale")
	b.Submit(p, `form[action$="/sandbox/faults/clear"] button`, nil).Expect(http.StatusOK, "done.faults_cleared")
	b.Get("/templates").Expect(http.StatusOK, "templates.used", "Max", 25)
}

func TestAFaultThatCannotBeIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	for _, bad := range []struct{ kind, value, times, field string }{
		{"errcode", "x", "1", "value"}, {"errcode", "0", "1", "value"}, {"errcode", "", "1", "value"}, {"errcode", "1.5", "1", "value"},
		{"status", "99", "1", "value"}, {"status", "600", "1", "value"}, {"status", "teapot", "1", "value"},
		{"delay", "2", "1", "value"}, {"delay", "-1s", "1", "value"}, {"delay", "2m", "1", "value"}, {"body", "", "1", "value"},
		{"body", strings.Repeat("x", 2001), "1", "value"},
		{"errcode", "-1", "0", "times"}, {"errcode", "-1", "1001", "times"}, {"errcode", "-1", "x", "times"}, {"flood", "1", "1", "kind"},
	} {
		p := b.Inject(webtest.SendPath, bad.kind, bad.value, bad.times)
		if p.Status != http.StatusUnprocessableEntity || p.Text("#"+bad.field+"-problem") == "" {
			t.Errorf("%+v: %d, %s", bad, p.Status, p.Text(".banner"))
		}
		if p.Doc.Find("#value").AttrOr("value", "") != bad.value {
			t.Errorf("%+v: what was typed is lost", bad)
		}
	}
	b.Inject("/cgi-bin/nowhere", "errcode", "-1", "1").Answers(http.StatusBadRequest)
	if got := c.Sandbox.Faults(); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestAResetEmptiesTheSandboxAndKeepsTheRecords(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	b.SendTest(templateIDOn(p)).Expect(http.StatusOK, "outcome.sent")
	c.Sandbox.Advance(time.Hour)
	b.Submit(b.Get("/sandbox"), "#reset button", func(form url.Values) { form.Set("name", c.App().Name) }).Expect(http.StatusOK, "done.sandbox_reset").Expect(http.StatusOK, "sandbox.no_messages")
	b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 0, "Max", 25)
	b.Get("/templates/"+templateIDOn(p)).Expect(http.StatusOK, "gone.elsewhere")
	b.Get("/sends/1").Shows(http.StatusOK, templateIDOn(p))
	if c.Sandbox.Ahead() != 0 || len(c.Activities("sandbox.reset")) != 1 {
		t.Fatalf("%v ahead", c.Sandbox.Ahead())
	}
}

// What others may be at work with is not emptied by a stray click, nor by who may not delete.
func TestFault67_AResetNeedsThePermissionToDeleteAndTheNameTyped(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	template := c.AddTemplate(b, "AT0002")
	for _, typed := range []string{"", " ", c.App().Name + "x", c.App().AppID, strings.TrimSuffix(c.App().Name, "序")} {
		p := b.Post("/sandbox/reset", url.Values{"name": {typed}})
		if p.Status != http.StatusUnprocessableEntity || p.Text("#name-problem") == "" {
			t.Errorf("%q: %d", typed, p.Status)
		}
		if got := p.Doc.Find("#name").AttrOr("value", ""); got != typed {
			t.Errorf("%q became %q", typed, got)
		}
	}
	for _, role := range []store.Role{store.ProductManager, store.QA} {
		other := c.As(role)
		if other.Get("/sandbox").Doc.Find("#reset").Length() != 0 {
			t.Errorf("%s is offered the reset", role)
		}
		if p := other.Post("/sandbox/reset", url.Values{"name": {c.App().Name}}); p.Status != http.StatusForbidden {
			t.Errorf("%s: %d", role, p.Status)
		}
	}
	if b.Get("/templates/"+template).Status != http.StatusOK || len(c.Activities("sandbox.reset")) != 0 {
		t.Error("the sandbox was emptied")
	}
}
