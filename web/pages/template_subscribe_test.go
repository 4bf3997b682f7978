package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
)

// subscribeTemplate is a console whose account has 充值成功通知 with an order number and an amount.
func subscribeTemplate(t *testing.T) (c *webtest.Console, template string) {
	t.Helper()
	c = webtest.NewConsole(t)
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值后通知")
	webtest.Must(t, err)
	return c, template
}

// In the sandbox one click has the user say yes and sends.
func TestASubscribeMessageIsWrittenAndSentOnItsTemplatesPage(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Operator)
	list := b.Get("/templates?kind=subscribe")
	if !strings.Contains(list.Text("tbody"), "充值成功通知") || strings.Contains(b.Get("/templates").Text("main"), "充值成功通知") {
		t.Fatalf("the lists are not of their kinds: %s", list.Text("tbody"))
	}
	page := b.Get("/templates/" + template)
	if page.Has("[name=c]") || page.Has("[name=e]") || page.Has("[name=form_id]") || !page.Has("select[name=state]") || !page.Has("select[name=frame]") || page.Doc.Find("textarea[name=v]").Length() != 2 {
		t.Fatal("the form is not that of a subscribe message")
	}
	send := func(values []string, more func(url.Values)) *webtest.Page {
		return b.Submit(b.Get("/templates/"+template), webtest.SendButton, func(form url.Values) {
			form["v"] = values
			form.Set("touser", webtest.Customer)
			form.Set("state", "trial")
			if more != nil {
				more(form)
			}
		})
	}
	if p := send([]string{"北京", "12"}, nil); p.Status != http.StatusUnprocessableEntity || p.Text("#v-0-problem") == "" || len(c.Sends()) != 0 {
		t.Errorf("a value of another type: %d %s", p.Status, p.Text(".problem"))
	}
	send([]string{"NO.1", "¥12.3"}, nil).Expect(http.StatusOK, "outcome.sent")
	sent := c.Sends()[0]
	if sent.Kind != "subscribe" || !strings.Contains(string(sent.Request), `"miniprogram_state":"trial"`) || len(c.Sandbox.Messages(c.App().AppID, webtest.Customer)) != 1 {
		t.Errorf("%s %s", sent.Kind, sent.Request)
	}
	all, err := c.Store.ConsentsOf(t.Context(), c.App().ID, webtest.Customer)
	if err != nil || len(all) != 1 || all[0].Left != 0 || all[0].Used != 1 || all[0].Held != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	b.Get("/sends/1").Answers(http.StatusOK)
}

func TestAKnownConsentIsSpentBeforeTheSandboxMakesOne(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	_, err := c.Store.ReportAnswers(t.Context(), store.Actor{}, c.App().ID, []ledger.Answer{
		{OpenID: webtest.Customer, TemplateID: template, What: ledger.Accept, Source: ledger.FromPage, Ref: "page:1"},
		{OpenID: webtest.Customer, TemplateID: template, What: ledger.Accept, Source: ledger.FromPage, Ref: "page:2"},
	})
	webtest.Must(t, err)
	b := c.As(store.Operator)
	page := b.Get("/templates/" + template + "?" + url.Values{"touser": {webtest.Customer}, "v": {"NO.1", "12"}}.Encode())
	if !page.Says("#right-state", "allowance.consents", "Count", 2) {
		t.Errorf("the page says %q", page.Text("#right-state"))
	}
}

// Templates of one kind are no drift of the other.
func TestEachKindOfTemplateIsAdoptedForItself(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Operator)
	b.Post("/templates/adopt?kind=subscribe", url.Values{"all": {"true"}}).Expect(http.StatusOK, "done.adopted")
	known, err := c.Store.Template(t.Context(), c.App().ID, template)
	if err != nil || known.Kind != "subscribe" || known.Type != 2 {
		t.Fatalf("%+v, %v", known, err)
	}
	b.Post("/templates/adopt", url.Values{"all": {"true"}})
	if known, err = c.Store.Template(t.Context(), c.App().ID, template); err != nil || known.Deleted() {
		t.Errorf("%+v, %v", known, err)
	}
}
