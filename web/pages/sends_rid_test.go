package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

const subscribeSendPath = "/cgi-bin/message/subscribe/send"

// refusedOf sends a subscribe message that WeChat refuses, and answers the page that tells of it.
func refusedOf(t *testing.T, c *webtest.Console, b *webtest.Browser, template string) *webtest.Page {
	t.Helper()
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: subscribeSendPath, ErrCode: new(43101), Times: 1}))
	return b.Submit(b.Get("/templates/"+template), webtest.SendButton, nil).Expect(http.StatusOK, "outcome.refused")
}

func why(p *webtest.Page) string { return p.Doc.Find(`a[href*="/sends/rids/"]`).AttrOr("href", "") }

func TestWhatWeChatSawOfARefusedSendIsAsked(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Operator)
	bar := refusedOf(t, c, b, template)
	page := b.Get("/sends/1")
	if why(bar) == "" || why(bar) != why(page) {
		t.Fatalf("the send's bar leads to %q, its page to %q", why(bar), why(page))
	}
	p := b.Get(why(page)).Expect(http.StatusOK, "rid.title").Tells(http.StatusOK, webtest.Word("errcode.43101.cause"))
	for selector, want := range map[string]string{
		"#body": template, "#answer": "43101", ".facts": "127.0.0.1", ".facts code": "access_token=", ".crumbs": "1",
	} {
		if !strings.Contains(p.Text(selector), want) {
			t.Errorf("%s is %q, want %q in it", selector, p.Text(selector), want)
		}
	}
	if leaked := webtest.Leaked(p.Body); leaked != "" || p.Has(`main .banner a[href*="/sends/rids/"]`) {
		t.Errorf("the page shows %q, or asks again for itself", leaked)
	}
	c.NothingLeaked()

	c.Sandbox.Advance(8 * 24 * time.Hour)
	b.Get(why(page)).Tells(http.StatusNotFound, webtest.Word("errcode.76001.cause"))
	b.Get("/sends/rids/61725984-6126f6f9-040f19c4").Tells(http.StatusNotFound, webtest.Word("errcode.76003.next"))
	for _, rid := range []string{"x", "61725984", "61725984-6126f6f9-040f19c4%20", "61725984-6126f6f9-040f19cg"} {
		b.Get("/sends/rids/"+rid).Expect(http.StatusNotFound, "failure.not_found.title")
	}
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/openapi/rid/get", Status: 502, Times: 9}))
	b.Get(why(page)).Expect(http.StatusBadGateway, "failure.wechat.title")
}

// Who sends to themselves alone sees what WeChat saw of that, and of nothing that went to others.
func TestQAAsksForTheirOwnCallsAlone(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	others := why(refusedOf(t, c, c.As(store.Operator), template))
	qa := c.As(store.QA)
	qa.Get(others).Expect(http.StatusForbidden, "failure.forbidden.title")
	own := why(refusedOf(t, c, qa, template))
	qa.Get(own).Expect(http.StatusOK, "rid.title")
	if pm := c.As(store.ProductManager).Get(own); pm.Status != http.StatusForbidden {
		t.Errorf("a product manager is answered %d", pm.Status)
	}
}

// The key in a text that WeChat has cut is named as the page names it, and its field is marked.
func TestTheValueThatWeChatDidNotTakeIsNamed(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: subscribeSendPath, Body: `{"errcode":47003,"errmsg":"argument invalid! data.amount3.value inv rid: 61725984-6126f6f9-040f19c4"}`, Times: 1}))
	b := c.As(store.Operator)
	p := b.Submit(b.Get("/templates/"+template), webtest.SendButton, nil).Expect(http.StatusOK, "outcome.refused")
	if !p.Says("#v-1-problem", "template.refused_value") || p.Has("#v-0-problem .problem") {
		t.Errorf("at the fields stands %q", p.Text(".onvalue"))
	}
	for _, page := range []*webtest.Page{p, b.Get("/sends/1")} {
		if !strings.Contains(page.Text("main .banner"), "充值金额 amount3") {
			t.Errorf("it says %q", page.Text("main .banner"))
		}
	}
}

// What WeChat answers to a subscribe message, and what becomes of the consent.
func TestFaultsOfSubscribeSendsAreExplainedOnTheTemplatesPage(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Operator)
	_, err := c.Store.ReportAnswers(t.Context(), store.Actor{}, c.App().ID, []ledger.Answer{
		{OpenID: webtest.Customer, TemplateID: template, What: ledger.Accept, Source: ledger.FromPage, Ref: "page:1"},
		{OpenID: webtest.Customer, TemplateID: template, What: ledger.Accept, Source: ledger.FromPage, Ref: "page:2"},
	})
	webtest.Must(t, err)
	left := func() (n, held int) {
		all, err := c.Store.ConsentsOf(t.Context(), c.App().ID, webtest.Customer)
		webtest.Must(t, err)
		return all[0].Left, all[0].Held
	}
	send := func(f sandbox.Fault) *webtest.Page {
		f.Path = subscribeSendPath
		webtest.Must(t, c.Sandbox.AddFault(f))
		return b.Submit(b.Get("/templates/"+template), webtest.SendButton, func(form url.Values) { form.Set("touser", webtest.Customer) }).
			Answers(http.StatusOK)
	}
	for _, code := range []int{43108, 43107, 45168, 40037} {
		if p := send(sandbox.Fault{ErrCode: new(code), Times: 9}); !p.Has("#went .bad") || !p.Has("#send-button") {
			t.Errorf("%d: %s", code, p.Text("#went"))
		}
		c.Sandbox.ClearFaults()
		if n, held := left(); n != 2 || held != 0 {
			t.Errorf("%d: %d consents are left, %d held", code, n, held)
		}
	}
	if p := send(sandbox.Fault{Drop: "after", Times: 1}); !p.Has("#went .warn") || !p.Has("#send-button[disabled]") {
		t.Errorf("an answer that is lost: %s", p.Text("#went"))
	}
	if n, held := left(); n != 1 || held != 1 {
		t.Errorf("after it %d consents are left, %d held", n, held)
	}
	send(sandbox.Fault{ErrCode: new(43101), Times: 1})
	if n, held := left(); n != 0 || held != 1 {
		t.Errorf("after 43101 %d consents are left, %d held", n, held)
	}
}
