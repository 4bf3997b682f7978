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
	return b.Submit(form, "#test-send button.primary", nil).Expect(http.StatusOK, "Outcome unknown")
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
		"yes": {ledger.EndSpent, "Decided: it arrived", "one send of it is used"},
		"no":  {ledger.Usable, "Decided: it did not arrive", "its send is free again"},
	} {
		c := webtest.NewConsole(t)
		b := c.As(store.Operator)
		p := lose(c, b)
		p.Expect(http.StatusOK, "Did this message arrive?").Expect(http.StatusOK, "The send is free again for another message")
		id := rightIDOn(p)
		if got := rightOf(c, id).State(c.Clock.Now()); got != ledger.Held {
			t.Fatalf("the right is %s", got)
		}
		list := b.Get("/sends").Expect(http.StatusOK, "WeChat's answer to 1 send never came")
		b.Get("/sends?outcome=undecided").Expect(http.StatusOK, "1–1 of 1")
		one := b.Get(list.Doc.Find("tr.waiting a.button").AttrOr("href", "")).Expect(http.StatusOK, "one send of it is held")
		done := b.Submit(one, `button[value="`+answer+`"]`, nil).Expect(http.StatusOK, "Your decision is noted").
			Expect(http.StatusOK, want.said).Expect(http.StatusOK, want.effect).Expect(http.StatusOK, "said operator")
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
		b.Get("/sends").Expect(http.StatusOK, "Outcome unknown "+want.said) // the outcome stays what it was
		other := map[string]string{"yes": "no", "no": "yes"}[answer]
		b.Post("/sends/1/decide", url.Values{"arrived": {other}}).Expect(http.StatusOK, "Somebody has just decided")
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
	p := qa.Get("/sends/1").Expect(http.StatusOK, "Whoever sent it (operator) or an operator decides")
	if p.Has("#decide button") || qa.Get("/sends").Has("tr.waiting a.button") {
		t.Error("QA is offered to decide a colleague's send")
	}
	qa.Post("/sends/1/decide", url.Values{"arrived": {"yes"}}).Expect(http.StatusForbidden, "")
	if !c.Sends()[0].Undecided() {
		t.Fatal("it is decided all the same")
	}
	form := qa.Submit(qa.Get("/templates/"+c.Sends()[0].TemplateID), "button[value=form]", nil)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: "after"}))
	qa.Submit(form, "#test-send button.primary", nil).Expect(http.StatusOK, "Did this message arrive?")
	qa.Submit(qa.Get("/sends/2"), `button[value="no"]`, nil).Expect(http.StatusOK, "Your decision is noted")
}

func TestADecisionNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	lose(c, b)
	for _, form := range []url.Values{{}, {"arrived": {"perhaps"}}, {"arrived": {""}}} {
		b.Post("/sends/1/decide", form).Expect(http.StatusBadRequest, "")
	}
	b.Post("/sends/9/decide", url.Values{"arrived": {"yes"}}).Expect(http.StatusNotFound, "")
	sent := b.Submit(writeMessage(c, b), "#test-send button.primary", nil).Expect(http.StatusOK, "Sent")
	if sent.Has("#decide") {
		t.Error("a known outcome is asked about")
	}
	b.Post("/sends/2/decide", url.Values{"arrived": {"no"}}).Expect(http.StatusOK, "Somebody has just decided")
	if got := c.Sends()[0]; got.Decision != "" || got.Outcome != "sent" {
		t.Errorf("%+v", got)
	}
}

func TestFault17_TwoPeopleOneRight(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	one, two := c.As(store.Operator), c.As(store.Administrator)
	p := lose(c, one) // one's send holds the right
	other := two.Submit(two.Get("/templates/"+templateIDOn(p)), "#test-send button.primary", func(form url.Values) {
		form.Set("touser", sandbox.OpenIDFor(c.App().AppID, "operator"))
		form.Set("form_id", rightIDOn(p))
	})
	other.Expect(http.StatusUnprocessableEntity, "a send of operator holds this id")
	link := other.Doc.Find(`#preflight a[href^="/sends?"]`).AttrOr("href", "")
	if two.Get(link).Expect(http.StatusOK, "1–1 of 1"); c.Calls("/send") != 1 || len(c.Sends()) != 1 {
		t.Errorf("%d calls, %d rows", c.Calls("/send"), len(c.Sends()))
	}
	if got := other.Doc.Find("#form_id").AttrOr("value", ""); got != rightIDOn(p) {
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
		case end.Status == http.StatusOK && strings.Contains(end.Text(".banner"), "Sent"):
			won++
		case end.Status != http.StatusConflict && end.Status != http.StatusUnprocessableEntity,
			!strings.Contains(said, "a send of operator holds this id") && !strings.Contains(said, "all sends of this id are used"):
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
