package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// lose is a send whose answer was lost after WeChat had accepted it.
func lose(c *webtest.Console, b *webtest.Browser) *webtest.Page {
	c.T.Helper()
	form := writeMessage(c, b)
	webtest.Must(c.T, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: "after"}))
	return b.Submit(form, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.unknown")
}

func rightOf(c *webtest.Console, id string) ledger.Right {
	c.T.Helper()
	r, err := c.Store.Right(c.T.Context(), c.App().ID, id)
	webtest.Must(c.T, err)
	return r
}

func TestFault18_ALostAnswerHoldsTheRightUntilAPersonDecides(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct{ state, said, effect string }{
		"yes": {ledger.EndSpent, "decision.arrived", "sends.right_used"},
		"no":  {ledger.Usable, "decision.not_arrived", "sends.right_released"},
	} {
		c := webtest.NewConsole(t)
		b := c.As(store.Operator)
		p := lose(c, b)
		if p.Has(webtest.SendButton+":not([disabled])") || p.Has(webtest.SendButton+".primary") {
			t.Error("the page offers to send it once more")
		}
		b.Get(p.Doc.Find("#went a").AttrOr("href", "")).Expect(http.StatusOK, "decide.title").Expect(http.StatusOK, "decide.not_arrived_then")
		id := c.Sends()[0].FormID
		if got := rightOf(c, id).State(c.Clock.Now()); got != ledger.Held {
			t.Fatalf("the right is %s", got)
		}
		list := b.Get("/sends").Expect(http.StatusOK, "sends.undecided", "Count", 1)
		b.Get("/sends?outcome=undecided").Expect(http.StatusOK, "pager.range", "From", 1, "To", 1, "Total", 1)
		one := b.Get(list.Doc.Find("tr.waiting a.button").AttrOr("href", "")).Expect(http.StatusOK, "sends.right_held")
		done := b.Submit(one, `button[value="`+answer+`"]`, nil).Expect(http.StatusOK, "done.send_decided").
			Expect(http.StatusOK, want.said).Expect(http.StatusOK, want.effect).Expect(http.StatusOK, "decide.by", "Name", "operator")
		if done.Has("#decide") {
			t.Error("it is asked again")
		}
		if got := rightOf(c, id).State(c.Clock.Now()); got != want.state {
			t.Errorf("the right is %s, want %s", got, want.state)
		}
		if got := c.Activities(store.ActSendDecide); len(got) != 1 || got[0].PersonName != "operator" {
			t.Errorf("%+v", got)
		}
		if b.Get("/sends").Has("tr.waiting") {
			t.Error("it still waits")
		}
		b.Get("/sends").Expect(http.StatusOK, "outcome.unknown").Expect(http.StatusOK, want.said) // the outcome stays what it was
		other := map[string]string{"yes": "no", "no": "yes"}[answer]
		b.Post("/sends/1/decide", url.Values{"arrived": {other}}).Expect(http.StatusOK, "done.decided_before")
		if got := rightOf(c, id).State(c.Clock.Now()); got != want.state || c.Calls("/send") != 1 {
			t.Errorf("a second decision made the right %s", got)
		}
	}
}

func TestWhoSentItMayDecideAndOtherQAMayNot(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator, qa := c.As(store.Operator), c.As(store.QA)
	lose(c, operator)
	p := qa.Get("/sends/1").Expect(http.StatusOK, "decide.not_yours", "Name", "operator")
	if p.Has("#decide button") || qa.Get("/sends").Has("tr.waiting a.button") {
		t.Error("QA is offered to decide a colleague's send")
	}
	qa.Post("/sends/1/decide", url.Values{"arrived": {"yes"}}).Answers(http.StatusForbidden)
	if !c.Sends()[0].Undecided() {
		t.Fatal("it is decided all the same")
	}
	form := c.Prepare(qa, qa.Get("/templates/"+c.Sends()[0].TemplateID), nil)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: "after"}))
	qa.Submit(form, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.unknown")
	qa.Get("/sends/2").Expect(http.StatusOK, "decide.title")
	qa.Submit(qa.Get("/sends/2"), `button[value="no"]`, nil).Expect(http.StatusOK, "done.send_decided")
}

func TestADecisionNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	lose(c, b)
	for _, form := range []url.Values{{}, {"arrived": {"perhaps"}}, {"arrived": {""}}} {
		b.Post("/sends/1/decide", form).Answers(http.StatusBadRequest)
	}
	b.Post("/sends/9/decide", url.Values{"arrived": {"yes"}}).Answers(http.StatusNotFound)
	sent := b.Submit(writeMessage(c, b), webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	if sent.Has("#decide") {
		t.Error("a known outcome is asked about")
	}
	b.Post("/sends/2/decide", url.Values{"arrived": {"no"}}).Expect(http.StatusOK, "done.decided_before")
	if got := c.Sends()[0]; got.Decision != "" || got.Outcome != "sent" {
		t.Errorf("%+v", got)
	}
}

func TestFault17_TwoPeopleOneRight(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	one, two := c.As(store.Operator), c.As(store.Administrator)
	p := lose(c, one) // one's send holds the right
	other := two.Submit(two.Get("/templates/"+templateIDOn(p)), webtest.SendButton, func(form url.Values) {
		form.Set("touser", sandbox.OpenIDFor(c.App().AppID, "operator"))
		form.Set("form_id", c.Sends()[0].FormID)
	})
	other.Expect(http.StatusUnprocessableEntity, "check.right.held", "Holder", "operator")
	link := other.Doc.Find(`#preflight a[href^="/sends?"]`).AttrOr("href", "")
	if two.Get(link).Expect(http.StatusOK, "pager.range", "From", 1, "To", 1, "Total", 1); c.Calls("/send") != 1 || len(c.Sends()) != 1 {
		t.Errorf("%d calls, %d rows", c.Calls("/send"), len(c.Sends()))
	}
	if got := other.Doc.Find("#form_id").AttrOr("value", ""); got != c.Sends()[0].FormID {
		t.Errorf("what was typed is lost: %q", got)
	}
}

func TestFault17_OfManyAtOnceOneWinsAndTheOthersAreTold(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	form, target := webtest.Controls(p.Doc.Find(`form[action$="/send"]`)), "/templates/"+templateIDOn(p)+"/send"
	ends := make([]*webtest.Page, 20)
	var all sync.WaitGroup
	for i := range ends {
		all.Go(func() { ends[i] = b.Post(target, webtest.With(form, "key", fmt.Sprint("of ", i))) })
	}
	all.Wait()
	won := 0
	for i, end := range ends {
		said := end.Text("#form_id-problem")
		switch {
		case end.Status == http.StatusOK && end.Says("#went", "outcome.sent"):
			won++
		case end.Status != http.StatusConflict && end.Status != http.StatusUnprocessableEntity,
			!end.Says("#form_id-problem", "check.right.held", "Holder", "operator") && !end.Says("#form_id-problem", "check.right.ended_spent"):
			t.Errorf("%d: %d, %q", i, end.Status, said)
		}
	}
	if won != 1 || c.Calls("/send") != 1 || len(c.Sends()) != 1 {
		t.Errorf("%d won, %d calls, %d rows", won, c.Calls("/send"), len(c.Sends()))
	}
}

// No page changes or removes what was recorded.
func TestSendsCanNeitherBeEditedNorDeleted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, route := range c.Routes() {
		if route.Method != http.MethodGet && strings.HasPrefix(route.Path, "/sends") && route.Path != "/sends/{id}/decide" {
			t.Errorf("%s changes the record", route.Pattern)
		}
	}
}
