package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/sandbox"
)

const sendPath = "/cgi-bin/message/wxopen/template/send"

// writeMessage is a message with everything filled in but sent by nobody yet.
func writeMessage(c *console, b *browser) *page {
	c.t.Helper()
	return b.submit(openTemplate(c, b), "button[value=form]", func(form url.Values) {
		form["v"] = []string{"广州", "拿铁"}
		form["c"] = []string{"#173177", ""}
		form.Set("e", "2")
		form.Set("page", "pages/order?id=1")
	})
}

// stillWritten fails the test unless everything of written is in place.
func stillWritten(p *page, rightID string) {
	p.t.Helper()
	form := controls(p.doc.Find(`form[action$="/send"]`))
	if form["v"][0] != "广州" || form["v"][1] != "拿铁" || form["c"][0] != "#173177" || form.Get("e") != "2" || form.Get("page") != "pages/order?id=1" || form.Get("form_id") != rightID || len(form.Get("touser")) != 28 {
		p.t.Fatalf("what was typed is lost: %v", form)
	}
}

func rightIDOn(p *page) string { return p.doc.Find("#form_id").AttrOr("value", "") }

func TestAHundredClicksAreOneSend(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	form, target := controls(p.doc.Find(`form[action$="/send"]`)), "/templates/"+templateIDOn(p)+"/send"
	ends := make([]string, 100)
	var all sync.WaitGroup
	for i := range ends {
		all.Go(func() { ends[i] = b.stopping().post(target, form).header.Get("Location") })
	}
	all.Wait()
	for i, end := range ends {
		if end != ends[0] || !strings.HasPrefix(end, "/templates/"+templateIDOn(p)+"?send=") {
			t.Fatalf("click %d leads to %q, the first to %q", i, end, ends[0])
		}
	}
	if c.calls("/send") != 1 || len(c.sends()) != 1 || len(c.sandbox.Messages("", "")) != 1 {
		t.Fatalf("%d calls, %d rows, %d messages", c.calls("/send"), len(c.sends()), len(c.sandbox.Messages("", "")))
	}
	stillWritten(b.get(ends[0]).expect(http.StatusOK, "Sent"), rightIDOn(p))
}

func TestOneKeyForAnotherMessageIsRefusedWithTheFormIntact(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	other := b.submit(p, "#test-send button.primary", func(form url.Values) { form["v"] = []string{"广州", "美式"} })
	other.expect(http.StatusConflict, "This page was already sent once and has changed since")
	if got := other.doc.Find("#v-1").Text(); got != "美式" || c.calls("/send") != 1 || len(c.sends()) != 1 {
		t.Fatalf("%q, %d calls, %d rows", got, c.calls("/send"), len(c.sends()))
	}
	// Pressing again is a decision, and the page has a new key for it.
	b.submit(other, "#test-send button.primary", nil).expect(http.StatusUnprocessableEntity, "all sends of this id are used")
	other = b.submit(other, "button[value=form]", nil)
	b.submit(other, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
}

func TestASendNeedsItsKey(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	for _, key := range []string{"", strings.Repeat("k", 129)} {
		b.submit(p, "#test-send button.primary", func(form url.Values) { form.Set("key", key) }).expect(http.StatusBadRequest, "")
	}
	if c.calls("/send") != 0 {
		t.Fatal("it was sent all the same")
	}
}

// faults.md 18, and the twin where it did not arrive: from here both look alike.
func TestASendWhoseAnswerIsLostIsUnknownAndNeverRepeated(t *testing.T) {
	t.Parallel()
	for drop, arrived := range map[string]int{"after": 1, "before": 0} {
		c := newConsole(t)
		b := c.as(store.Operator)
		form := writeMessage(c, b)
		must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Drop: drop, Times: 3}))
		p := b.submit(form, "#test-send button.primary", nil).expect(http.StatusOK, "Outcome unknown").expect(http.StatusOK, "It is not repeated by itself")
		stillWritten(p, rightIDOn(form))
		again := b.submit(form, "#test-send button.primary", nil).expect(http.StatusOK, "Outcome unknown") // the same key
		b.get(again.path)
		if c.calls("/send") != 1 || len(c.sends()) != 1 || len(c.sandbox.Messages("", "")) != arrived {
			t.Fatalf("%s: %d calls, %d rows, %d messages", drop, c.calls("/send"), len(c.sends()), len(c.sandbox.Messages("", "")))
		}
		b.get("/sends/1").expect(http.StatusOK, "None came").expect(http.StatusOK, "whether it took effect is not known")
		if tag := b.get("/sends").text("tbody .tag"); tag != "Outcome unknown" {
			t.Errorf("%s: listed as %q", drop, tag)
		}
	}
}

func TestARejectedTokenIsReplacedOnceAndTheSendGoesOut(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	fetched := c.calls("/token")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: new(40001)}))
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	if c.calls("/send") != 2 || c.calls("/token") != fetched+1 || len(c.sends()) != 1 {
		t.Fatalf("%d sends, %d tokens, %d rows", c.calls("/send"), c.calls("/token")-fetched, len(c.sends()))
	}
}

// Every errcode of the table has its cause and its next step, in both languages.
func TestEveryErrcodeIsExplainedWithEverythingStillInPlace(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	form := writeMessage(c, b)
	for _, n := range append(wechat.Codes(), 99999) {
		form = b.submit(form, "button[value=form]", nil) // some codes close the right
		must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: new(n), Times: 2}))
		p := b.submit(form, "#test-send button.primary", func(form url.Values) { form.Set("key", "key of "+strconv.Itoa(n)) })
		c.sandbox.ClearFaults()
		stillWritten(p.expect(http.StatusOK, "errcode "+strconv.Itoa(n)), rightIDOn(form))
		for _, lang := range []string{"en", "zh"} {
			banner := b.speaking(lang).get(p.path).doc.Find("main .banner").First()
			if lines := banner.Find("p").Length(); n != 99999 && lines != 4 || strings.Contains(banner.Text(), "[") && !strings.Contains(banner.Text(), "hint: [") {
				t.Errorf("%d in %s: %d lines: %s", n, lang, lines, strings.Join(strings.Fields(banner.Text()), " "))
			}
		}
		if n == 99999 && !strings.Contains(p.text(".banner"), "This errcode is not in our table") {
			t.Errorf("%s", p.text(".banner"))
		}
		if !strings.Contains(p.text(".banner .wrap"), "rid: ") {
			t.Errorf("%d: errmsg %q", n, p.text(".banner .wrap"))
		}
	}
}

func TestSendsAreListedNewestFirstWithWhoAndHow(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator, qa := c.as(store.Operator), c.as(store.QA)
	p := writeMessage(c, operator)
	operator.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	qa.submit(qa.submit(qa.get("/templates/"+templateIDOn(p)), "button[value=form]", nil), "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: new(41029)}))
	operator.submit(writeMessage(c, operator), "#test-send button.primary", nil).expect(http.StatusOK, "41029")

	list := operator.get("/sends").expect(http.StatusOK, "1–3 of 3")
	same(t, column(list, "5"), []string{"operator", "qa", "operator"})
	if tags := list.text("tbody .tag"); !strings.Contains(tags, "Refused 41029Sent Sent") {
		t.Fatalf("%s", tags)
	}
	same(t, column(operator.get("/sends?outcome=refused"), "5"), []string{"operator"})
	same(t, column(operator.get("/sends?openid="+sandbox.OpenIDFor(c.app().AppID, "qa")), "5"), []string{"qa"})
	same(t, column(operator.get("/sends?count=1&offset=1"), "5"), []string{"qa"})
	operator.get("/sends?outcome=nonsense").expect(http.StatusBadRequest, "")
	for _, id := range []string{"0", "4", "-1", "x", "1e0", "99999999999999999999"} {
		operator.get("/sends/"+id).expect(http.StatusNotFound, "There is no such page")
	}

	one := qa.get("/sends/1").expect(http.StatusOK, "Send 1")
	facts := one.text("dl.facts")
	for _, want := range []string{"operator", templateIDOn(p), rightIDOn(p), sandbox.OpenIDFor(c.app().AppID, "operator"), " ms", "errcode0", "errmsgok", "购买成功通知"} {
		if !strings.Contains(facts, want) {
			t.Errorf("%q is missing in %s", want, facts)
		}
	}
	if one.doc.Find("pre.code").Text() != p.doc.Find("#request").Text() {
		t.Errorf("the request is %s", one.doc.Find("pre.code").Text())
	}
	same(t, one.onCard(), []string{"物品名称=拿铁", "购买地点=广州"})
}

func TestASendIsRepeatedFromItsRecordWithEverythingFilledIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	again := b.get(b.get("/sends/1").doc.Find(`a[href*="again="]`).AttrOr("href", ""))
	stillWritten(again, "") // the form's one send is used; another right is picked
	if again.has(".banner") || again.doc.Find("[name=key]").AttrOr("value", "") == p.doc.Find("[name=key]").AttrOr("value", "") {
		t.Fatal("the page tells of the old send, or has its key")
	}
	stillWritten(b.submit(again, "#test-send button.primary", nil).
		expect(http.StatusUnprocessableEntity, "this openid has no usable right"), "")
	fresh := b.submit(again, "button[value=form]", nil)
	b.submit(fresh, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	if len(c.sends()) != 2 {
		t.Fatalf("%d rows", len(c.sends()))
	}
	other := openTemplate(c, b)
	if p := b.get("/templates/" + templateIDOn(other) + "?again=1"); p.status != http.StatusNotFound {
		t.Errorf("a send of another template prefills: %d", p.status)
	}
}

// The record outlives the page that was left: WeChat's answer is not lost with
// the browser.
func TestASendIsRecordedThoughTheBrowserIsGone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := writeMessage(c, b)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Delay: sandbox.Duration(150 * time.Millisecond)}))
	gone := *b.http
	gone.Timeout = 50 * time.Millisecond
	r, err := http.NewRequest(http.MethodPost, c.URL+"/templates/"+templateIDOn(p)+"/send", strings.NewReader(controls(p.doc.Find(`form[action$="/send"]`)).Encode()))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.URL)
	if res, err := gone.Do(r); err == nil {
		res.Body.Close()
		t.Fatal("the browser got an answer")
	}
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent") // the second click waits for the first one's outcome
	if c.calls("/send") != 1 || c.sends()[0].Outcome != "sent" {
		t.Fatalf("%d calls, %+v", c.calls("/send"), c.sends())
	}
}
