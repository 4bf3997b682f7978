package pages_test

import (
	"net/http"
	"net/url"
	"strconv"
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

// A value is counted as WeChat counts, and what is too long for its type is cut when somebody presses, not before.
func TestAValueIsCountedAtItsFieldAndShortenedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "250", []int{20, 17, 14, 9, 5}, "取餐提醒")
	webtest.Must(t, err)
	const family = "👨‍👩‍👧"
	values := []string{strings.Repeat("字", 18) + family + "末", "阿卜杜拉·买买提·艾合买提", "2019-10-01～2019-10-02", "86-0766", "¥12.50"}
	for _, role := range []store.Role{store.Operator, store.ProductManager, store.QA} {
		b := c.As(role)
		p := b.Get("/templates/" + template + "?" + url.Values{"v": values}.Encode()).Answers(http.StatusOK)
		for i, want := range []string{"24 / 20", "13 / 10", "", "7 / 17", "2 / 10"} {
			if got := p.Text("#count-" + strconv.Itoa(i)); got != want || p.Has("#count-"+strconv.Itoa(i)+".past") != (i < 2) {
				t.Errorf("as %s value %d counts %q, want %q", role, i, got, want)
			}
		}
		if got := p.Doc.Find("#v-0").Text(); got != values[0] {
			t.Errorf("as %s the value was changed unasked: %q", role, got)
		}
		if p.Has("#mend-3") || p.Has("#mend-4") || !p.Says("#mend-0", "template.shorten", "Count", 20) || !p.Says("#mend-1", "template.shorten", "Count", 10) || !p.Says("#mend-2", "template.write", "Value", "2019-10-01~2019-10-02") {
			t.Errorf("as %s the buttons are %q", role, p.Text("[id^=mend-]"))
		}
		for i, want := range []string{strings.Repeat("字", 18), "阿卜杜拉·买买提·艾", "2019-10-01~2019-10-02"} {
			p = b.Submit(p, "#mend-"+strconv.Itoa(i), nil).Answers(http.StatusOK)
			if got := p.Doc.Find("#v-" + strconv.Itoa(i)).Text(); got != want || p.Has("#mend-"+strconv.Itoa(i)) {
				t.Errorf("as %s value %d is %q, want %q", role, i, got, want)
			}
		}
		if p.Has(".vals .problem") || p.Doc.Find("#v-3").Text() != values[3] {
			t.Errorf("as %s: %s", role, p.Text(".vals .problem"))
		}
	}
	if len(c.Sends()) != 0 {
		t.Error("a message went out")
	}
}

// What asks for a suggestion that there is none of changes nothing.
func TestASuggestionThatIsNotThereChangesNothing(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Operator)
	for _, do := range []string{"mend:", "mend:0", "mend:9", "mend:-1", "mend:x", "mend:1"} {
		form := url.Values{"v": {"NO.1", "１２x"}, "do": {do}}
		p := b.Post("/templates/"+template+"/preview", form).Answers(http.StatusOK)
		if got := []string{p.Doc.Find("#v-0").Text(), p.Doc.Find("#v-1").Text()}; got[0] != "NO.1" || got[1] != "１２x" {
			t.Errorf("%s: %q", do, got)
		}
		if part := b.Fragment("/templates/"+template+"/preview", form); part.Has("textarea") {
			t.Errorf("%s: a field is drawn anew", do)
		}
	}
	if part := b.Fragment("/templates/"+template+"/preview", url.Values{"v": {"NO.1", "１２"}, "do": {"mend:1"}}); part.Doc.Find("textarea").Text() != "12" {
		t.Errorf("the field is drawn as %q", part.Doc.Find("textarea").Text())
	}
}

// Everybody stands there with what they said; who sends to themselves alone has nobody else to choose.
func TestTheRecipientsStandWithTheirConsents(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Operator)
	said := map[string]string{"oAllowsTwice": "sends.may_follow", "oRefused": "consents.state_refused", "oNobodyAsked": "consents.nothing"}
	var answers []ledger.Answer
	for openID := range said {
		openID += strings.Repeat("0", 28-len(openID))
		b.Post("/settings/testers", url.Values{"name": {openID[1:5]}, "touser": {openID}}).Expect(http.StatusOK, "done.tester_added")
		answer := func(what, ref string) {
			answers = append(answers, ledger.Answer{OpenID: openID, TemplateID: template, What: what, Source: ledger.FromPage, Ref: ref})
		}
		switch openID[:4] {
		case "oAll":
			answer(ledger.Accept, "page:1")
			answer(ledger.Accept, "page:2")
		case "oRef":
			answer(ledger.Accept, "page:1")
			answer(ledger.Reject, "page:2")
		}
	}
	_, err := c.Store.ReportAnswers(t.Context(), store.Actor{}, c.App().ID, answers)
	webtest.Must(t, err)
	p := b.Get("/templates/" + template)
	for openID, id := range said {
		if tag := `label:has([value^="` + openID + `"])`; !p.Says(tag, id, "Count", 2) {
			t.Errorf("%s stands there with %q", openID, p.Text(tag))
		}
	}
	if !p.Says("#send-button", "template.consent_and_send") {
		t.Errorf("the button says %q", p.Text("#send-button"))
	}
	qa := c.As(store.QA)
	own := qa.Get("/templates/" + template)
	if own.Doc.Find("[name=touser]").Length() != 1 || own.Has("[name=other]") {
		t.Errorf("QA chooses among %s", own.Text("#people"))
	}
	refused := qa.Submit(own, webtest.SendButton, func(form url.Values) { form.Set("touser", webtest.Customer) })
	if refused.Status != http.StatusUnprocessableEntity || len(c.Sends()) != 0 || len(c.Activities(store.ActSendRefused)) != 1 {
		t.Errorf("QA sends to somebody else: %d", refused.Status)
	}
	qa.Submit(own, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
}

// Elsewhere than in the sandbox a user has to be asked: the button waits, and the way to ask is beside it.
func TestWithoutAConsentThePageLeadsToAskingForOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	app := c.AddApp("wx0123456789abcdef")
	b := c.As(store.Operator).In(app)
	template := c.AddTemplate(b, "755", "1", "3")
	p := b.Get("/templates/" + template + "?" + url.Values{"touser": {webtest.Customer}, "v": {"NO.1", "12"}}.Encode())
	if !p.Has("#send-button[aria-disabled]") || !p.Says("#right-state", "allowance.no_consent") || !p.Has(`#right-state a[href*="/templates/ask?t="]`) {
		t.Errorf("the bar says %q", p.Text("#test-send"))
	}
	b.Submit(p, webtest.SendButton, nil).Answers(http.StatusUnprocessableEntity)
	if len(c.Sends()) != 0 {
		t.Error("a message went out")
	}
}

// What WeChat refuses to add is said with its cause and the next step, and the same combination with where it is.
func TestASubscribeTemplateThatWeChatRefusesToAddSaysWhyAndWhatNext(t *testing.T) {
	t.Parallel()
	c, template := subscribeTemplate(t)
	b := c.As(store.Administrator)
	add := url.Values{"k": {"3", "1"}, "scene": {"充值之后告知"}, "do": {"account"}}
	before := len(b.Get("/templates?kind=subscribe").Doc.Find("tbody tr").Nodes)
	same := b.Post("/library/755", add).Expect(http.StatusBadGateway, "errcode.200022.cause").Expect(http.StatusBadGateway, "errcode.200022.next")
	if there := same.Doc.Find(`.banner a[href="` + "/templates/" + template + `"]`); !webtest.Says(t, there.Text(), "en", "outcome.same") {
		t.Errorf("nothing leads to the template that is there: %s", same.Text(".banner"))
	}
	webtest.Same(t, same.Chosen(), b.Get("/library/755?k=3&k=1").Chosen())
	b.Inject("/wxaapi/newtmpl/addtemplate", "errcode", "43106", "1")
	add.Set("k", "5")
	add.Add("k", "1")
	banned := b.Post("/library/755", add).Expect(http.StatusBadGateway, "errcode.43106.cause").Expect(http.StatusBadGateway, "errcode.43106.next")
	record := b.Get(banned.Doc.Find(`.banner a[href^="/compliance"]`).AttrOr("href", "")).Answers(http.StatusOK)
	if record.Doc.Find("#record [name=kind] option[selected]").AttrOr("value", "") != "subscribe" || len(b.Get("/templates?kind=subscribe").Doc.Find("tbody tr").Nodes) != before {
		t.Errorf("the penalty is recorded for %s, or something was added", record.Doc.Find("#record [name=kind] option[selected]").AttrOr("value", ""))
	}
}
