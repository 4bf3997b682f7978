package pages_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// writeMessage is a message with everything filled in but sent by nobody yet.
func writeMessage(c *webtest.Console, b *webtest.Browser) *webtest.Page {
	c.T.Helper()
	return c.Prepare(b, openTemplate(c, b), func(form url.Values) {
		form["v"] = []string{"广州", "拿铁"}
		form["c"] = []string{"#173177", ""}
		form.Set("e", "2")
		form.Set("page", "pages/order?id=1")
	})
}

// stillWritten fails the test unless everything of written is in place; the right, unless it is of no more use.
func stillWritten(c *webtest.Console, p *webtest.Page, rightID string) {
	p.T.Helper()
	if rightID != "" && rightOf(c, rightID).State(c.Clock.Now()) != ledger.Usable {
		rightID = ""
	}
	form := webtest.Controls(p.Doc.Find(`form[action$="/send"]`))
	if form["v"][0] != "广州" || form["v"][1] != "拿铁" || form["c"][0] != "#173177" || form.Get("e") != "2" || form.Get("page") != "pages/order?id=1" || form.Get("form_id") != rightID || len(form.Get("touser")) != 28 {
		p.T.Fatalf("what was typed is lost: %v", form)
	}
}

func rightIDOn(p *webtest.Page) string { return p.Doc.Find("#form_id").AttrOr("value", "") }

func TestAHundredClicksAreOneSend(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	form, target := webtest.Controls(p.Doc.Find(`form[action$="/send"]`)), "/templates/"+templateIDOn(p)+"/send"
	ends := make([]string, 100)
	var all sync.WaitGroup
	for i := range ends {
		all.Go(func() { ends[i] = b.Stopping().Post(target, form).Header.Get("Location") })
	}
	all.Wait()
	for i, end := range ends {
		if end != ends[0] || !strings.HasPrefix(end, "/templates/"+templateIDOn(p)+"?send=") {
			t.Fatalf("click %d leads to %q, the first to %q", i, end, ends[0])
		}
	}
	if c.Calls("/send") != 1 || len(c.Sends()) != 1 || len(c.Sandbox.Messages("", "")) != 1 {
		t.Fatalf("%d calls, %d rows, %d messages", c.Calls("/send"), len(c.Sends()), len(c.Sandbox.Messages("", "")))
	}
	stillWritten(c, b.Get(ends[0]).Expect(http.StatusOK, "outcome.sent"), rightIDOn(p))
}

func TestOneKeyForAnotherMessageIsRefusedWithTheFormIntact(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	other := b.Submit(p, webtest.SendButton, func(form url.Values) { form["v"] = []string{"广州", "美式"} })
	other.Expect(http.StatusConflict, "template.key_reused")
	if got := other.Doc.Find("#v-1").Text(); got != "美式" || c.Calls("/send") != 1 || len(c.Sends()) != 1 {
		t.Fatalf("%q, %d calls, %d rows", got, c.Calls("/send"), len(c.Sends()))
	}
	// Pressing again is a decision, and the page has a new key for it.
	b.Submit(other, webtest.SendButton, nil).Expect(http.StatusUnprocessableEntity, "check.right.ended_spent")
	other = c.Prepare(b, other, nil)
	b.Submit(other, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
}

func TestASendNeedsItsKey(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	for _, key := range []string{"", strings.Repeat("k", 129)} {
		b.Submit(p, webtest.SendButton, func(form url.Values) { form.Set("key", key) }).Answers(http.StatusBadRequest)
	}
	if c.Calls("/send") != 0 {
		t.Fatal("it was sent all the same")
	}
}

// A lost answer, and the twin where it did not arrive: from here both look alike.
func TestASendWhoseAnswerIsLostIsUnknownAndNeverRepeated(t *testing.T) {
	t.Parallel()
	for drop, arrived := range map[string]int{"after": 1, "before": 0} {
		c := webtest.NewConsole(t)
		b := c.As(store.Operator)
		form := writeMessage(c, b)
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: drop, Times: 3}))
		p := b.Submit(form, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.unknown").Expect(http.StatusOK, "reason.no_answer.next")
		stillWritten(c, p, rightIDOn(form))
		again := b.Submit(form, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.unknown") // the same key
		b.Get(again.Path)
		if c.Calls("/send") != 1 || len(c.Sends()) != 1 || len(c.Sandbox.Messages("", "")) != arrived {
			t.Fatalf("%s: %d calls, %d rows, %d messages", drop, c.Calls("/send"), len(c.Sends()), len(c.Sandbox.Messages("", "")))
		}
		b.Get("/sends/1").Expect(http.StatusOK, "sends.no_answer").Expect(http.StatusOK, "reason.no_answer.cause")
		if tag := b.Get("/sends").Text("tbody .tag"); tag != "Outcome unknown" {
			t.Errorf("%s: listed as %q", drop, tag)
		}
	}
}

func TestARejectedTokenIsReplacedOnceAndTheSendGoesOut(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	fetched := c.Calls("/token")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(40001)}))
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	if c.Calls("/send") != 2 || c.Calls("/token") != fetched+1 || len(c.Sends()) != 1 {
		t.Fatalf("%d sends, %d tokens, %d rows", c.Calls("/send"), c.Calls("/token")-fetched, len(c.Sends()))
	}
}

// Every errcode of the table has its cause and its next step, in both languages.
func TestEveryErrcodeIsExplainedWithEverythingStillInPlace(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Hasten() // some codes are asked for again
	form := writeMessage(c, b)
	for _, n := range append(wechat.Codes(), 99999) {
		form = c.Prepare(b, form, nil) // some codes close the right
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(n), Times: 99}))
		p := b.Submit(form, webtest.SendButton, func(form url.Values) { form.Set("key", "key of "+strconv.Itoa(n)) })
		c.Sandbox.ClearFaults()
		stillWritten(c, p.Shows(http.StatusOK, "errcode "+strconv.Itoa(n)), rightIDOn(form))
		for _, lang := range []string{"en", "zh"} {
			banner := b.Speaking(lang).Get(p.Path).Doc.Find("main .banner").First()
			if lines := banner.Find("p").Length(); n != 99999 && lines != 4 || strings.Contains(banner.Text(), "[") && !strings.Contains(banner.Text(), "hint: [") {
				t.Errorf("%d in %s: %d lines: %s", n, lang, lines, strings.Join(strings.Fields(banner.Text()), " "))
			}
		}
		if n == 99999 && !p.Says(".banner", "outcome.unlisted") {
			t.Errorf("%s", p.Text(".banner"))
		}
		if !strings.Contains(p.Text(".banner .wrap"), "rid: ") {
			t.Errorf("%d: errmsg %q", n, p.Text(".banner .wrap"))
		}
	}
}

// sendersOn are who sent what a page of the history lists.
func sendersOn(p *webtest.Page) (all []string) {
	for _, cell := range p.Doc.Find(".rows-narrow tbody td:nth-child(5)").EachIter() {
		all = append(all, strings.TrimSpace(cell.Contents().First().Text()))
	}
	return all
}

func TestSendsAreListedNewestFirstWithWhoAndHow(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator, qa := c.As(store.Operator), c.As(store.QA)
	p := writeMessage(c, operator)
	operator.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	qa.Submit(c.Prepare(qa, qa.Get("/templates/"+templateIDOn(p)), nil), webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41029)}))
	operator.Submit(writeMessage(c, operator), webtest.SendButton, nil).Shows(http.StatusOK, "41029")

	list := operator.Get("/sends").Expect(http.StatusOK, "pager.range", "From", 1, "To", 3, "Total", 3)
	webtest.Same(t, sendersOn(list), []string{"operator", "qa", "operator"})
	if tags := list.Text("tbody .tag"); !strings.Contains(tags, "Refused 41029Sent Sent") {
		t.Fatalf("%s", tags)
	}
	webtest.Same(t, sendersOn(operator.Get("/sends?outcome=refused")), []string{"operator"})
	webtest.Same(t, sendersOn(operator.Get("/sends?openid="+sandbox.OpenIDFor(c.App().AppID, "qa"))), []string{"qa"})
	webtest.Same(t, sendersOn(operator.Get("/sends?count=1&offset=1")), []string{"qa"})
	operator.Get("/sends?outcome=nonsense").Answers(http.StatusBadRequest)
	for _, id := range []string{"0", "4", "-1", "x", "1e0", "99999999999999999999"} {
		operator.Get("/sends/"+id).Expect(http.StatusNotFound, "failure.not_found.title")
	}

	one := qa.Get("/sends/1").Expect(http.StatusOK, "sends.number", "ID", 1)
	facts := one.Text("dl.facts")
	for _, want := range []string{"operator", templateIDOn(p), rightIDOn(p), sandbox.OpenIDFor(c.App().AppID, "operator"), " ms", "errcode0", "errmsgok", "购买成功通知"} {
		if !strings.Contains(facts, want) {
			t.Errorf("%q is missing in %s", want, facts)
		}
	}
	shown := strings.NewReplacer("OPENID", c.Sends()[2].OpenID, "FORM_ID", rightIDOn(p)).Replace(requestOn(operator, p))
	if one.Doc.Find("pre.code").Text() != shown {
		t.Errorf("the request is %s", one.Doc.Find("pre.code").Text())
	}
	webtest.Same(t, one.OnCard(), []string{"物品名称=拿铁", "购买地点=广州"})
}

func TestASendIsRepeatedFromItsRecordWithEverythingFilledIn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	again := b.Get(b.Get("/sends/1").Doc.Find(`a[href*="again="]`).AttrOr("href", ""))
	stillWritten(c, again, "") // the form's one send is used; another right is picked
	if again.Has("#went > *") || again.Doc.Find("[name=key]").AttrOr("value", "") == p.Doc.Find("[name=key]").AttrOr("value", "") {
		t.Fatal("the page tells of the old send, or has its key")
	}
	stillWritten(c, b.Submit(again, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent"), "")
	if len(c.Sends()) != 2 {
		t.Fatalf("%d rows", len(c.Sends()))
	}
	other := openTemplate(c, b)
	if p := b.Get("/templates/" + templateIDOn(other) + "?again=1"); p.Status != http.StatusNotFound {
		t.Errorf("a send of another template prefills: %d", p.Status)
	}
}

// The record outlives the page that was left: WeChat's answer is not lost with
// the browser.
func TestASendIsRecordedThoughTheBrowserIsGone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Delay: sandbox.Duration(150 * time.Millisecond)}))
	gone := *b.Client
	gone.Timeout = 50 * time.Millisecond
	r, err := http.NewRequest(http.MethodPost, c.URL+"/templates/"+templateIDOn(p)+"/send", strings.NewReader(webtest.Controls(p.Doc.Find(`form[action$="/send"]`)).Encode()))
	webtest.Must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.URL)
	if res, err := gone.Do(r); err == nil {
		res.Body.Close()
		t.Fatal("the browser got an answer")
	}
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent") // the second click waits for the first one's outcome
	if c.Calls("/send") != 1 || c.Sends()[0].Outcome != "sent" {
		t.Fatalf("%d calls, %+v", c.Calls("/send"), c.Sends())
	}
}
