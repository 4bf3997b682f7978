package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"muban/store"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// lost is a send whose answer was lost after WeChat had accepted it.
func (c *console) lost(b *browser) *page {
	c.t.Helper()
	form := c.written(b)
	must(c.t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Drop: "after"}))
	return b.submit(form, "#test-send button.primary", nil).expect(http.StatusOK, "Outcome unknown")
}

func (c *console) right(id string) ledger.Right {
	c.t.Helper()
	r, err := c.store.Right(c.t.Context(), c.app().ID, id)
	must(c.t, err)
	return r
}

// faults.md 18
func TestFault18_ALostAnswerHoldsTheRightUntilAPersonDecides(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct{ state, said, effect string }{
		"yes": {ledger.EndSpent, "Decided: it arrived", "one send of it is used"},
		"no":  {ledger.Usable, "Decided: it did not arrive", "its send is free again"},
	} {
		c := newConsole(t)
		b := c.as(store.Operator)
		p := c.lost(b)
		p.expect(http.StatusOK, "Did this message arrive?").expect(http.StatusOK, "The send is free again for another message")
		id := p.rightID()
		if got := c.right(id).State(c.clock.Now()); got != ledger.Held {
			t.Fatalf("the right is %s", got)
		}
		list := b.get("/sends").expect(http.StatusOK, "WeChat's answer to 1 send never came")
		b.get("/sends?outcome=undecided").expect(http.StatusOK, "1–1 of 1")
		one := b.get(list.doc.Find("tr.waiting a.button").AttrOr("href", "")).expect(http.StatusOK, "one send of it is held")
		done := b.submit(one, `button[value="`+answer+`"]`, nil).expect(http.StatusOK, "Your decision is noted").
			expect(http.StatusOK, want.said).expect(http.StatusOK, want.effect).expect(http.StatusOK, "said operator")
		if done.has("#decide") {
			t.Error("it is asked again")
		}
		if got := c.right(id).State(c.clock.Now()); got != want.state {
			t.Errorf("the right is %s, want %s", got, want.state)
		}
		if got := c.activities(store.ActSendDecide); len(got) != 1 || got[0].PersonName != "operator" {
			t.Errorf("%+v", got)
		}
		if b.get("/sends").has("tr.waiting") {
			t.Error("it still waits")
		}
		b.get("/sends").expect(http.StatusOK, "Outcome unknown "+want.said) // the outcome stays what it was
		other := map[string]string{"yes": "no", "no": "yes"}[answer]
		b.post("/sends/1/decide", url.Values{"arrived": {other}}).expect(http.StatusOK, "Somebody has just decided")
		if got := c.right(id).State(c.clock.Now()); got != want.state || c.calls("/send") != 1 {
			t.Errorf("a second decision made the right %s", got)
		}
	}
}

func TestWhoSentItMayDecideAndOtherQAMayNot(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator, qa := c.as(store.Operator), c.as(store.QA)
	c.lost(operator)
	p := qa.get("/sends/1").expect(http.StatusOK, "Whoever sent it (operator) or an operator decides")
	if p.has("#decide button") || qa.get("/sends").has("tr.waiting a.button") {
		t.Error("QA is offered to decide a colleague's send")
	}
	qa.post("/sends/1/decide", url.Values{"arrived": {"yes"}}).expect(http.StatusForbidden, "")
	if !c.sends()[0].Undecided() {
		t.Fatal("it is decided all the same")
	}
	form := qa.submit(qa.get("/templates/"+c.sends()[0].TemplateID), "button[value=form]", nil)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Drop: "after"}))
	qa.submit(form, "#test-send button.primary", nil).expect(http.StatusOK, "Did this message arrive?")
	qa.submit(qa.get("/sends/2"), `button[value="no"]`, nil).expect(http.StatusOK, "Your decision is noted")
}

func TestADecisionNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.lost(b)
	for _, form := range []url.Values{{}, {"arrived": {"perhaps"}}, {"arrived": {""}}} {
		b.post("/sends/1/decide", form).expect(http.StatusBadRequest, "")
	}
	b.post("/sends/9/decide", url.Values{"arrived": {"yes"}}).expect(http.StatusNotFound, "")
	sent := b.submit(c.written(b), "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	if sent.has("#decide") {
		t.Error("a known outcome is asked about")
	}
	b.post("/sends/2/decide", url.Values{"arrived": {"no"}}).expect(http.StatusOK, "Somebody has just decided")
	if got := c.sends()[0]; got.Decision != "" || got.Outcome != "sent" {
		t.Errorf("%+v", got)
	}
}

// faults.md 17
func TestFault17_TwoPeopleOneRight(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	one, two := c.as(store.Operator), c.as(store.Administrator)
	p := c.lost(one) // one's send holds the right
	other := two.submit(two.get("/templates/"+p.id()), "#test-send button.primary", func(form url.Values) {
		form.Set("touser", sandbox.OpenIDFor(c.app().AppID, "operator"))
		form.Set("form_id", p.rightID())
	})
	other.expect(http.StatusUnprocessableEntity, "a send of operator holds this id")
	link := other.doc.Find(`#preflight a[href^="/sends?"]`).AttrOr("href", "")
	if two.get(link).expect(http.StatusOK, "1–1 of 1"); c.calls("/send") != 1 || len(c.sends()) != 1 {
		t.Errorf("%d calls, %d rows", c.calls("/send"), len(c.sends()))
	}
	if got := other.doc.Find("#form_id").AttrOr("value", ""); got != p.rightID() {
		t.Errorf("what was typed is lost: %q", got)
	}
}

// faults.md 17
func TestFault17_OfManyAtOnceOneWinsAndTheOthersAreTold(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := c.written(b)
	form, target := controls(p.doc.Find(`form[action$="/send"]`)), "/templates/"+p.id()+"/send"
	ends := make([]*page, 20)
	var all sync.WaitGroup
	for i := range ends {
		all.Go(func() { ends[i] = b.post(target, with(form, "key", fmt.Sprint("of ", i))) })
	}
	all.Wait()
	won := 0
	for i, end := range ends {
		said := end.text("#form_id-problem")
		switch {
		case end.status == http.StatusOK && strings.Contains(end.text(".banner"), "Sent"):
			won++
		case end.status != http.StatusConflict && end.status != http.StatusUnprocessableEntity,
			!strings.Contains(said, "a send of operator holds this id") && !strings.Contains(said, "all sends of this id are used"):
			t.Errorf("%d: %d, %q", i, end.status, said)
		}
	}
	if won != 1 || c.calls("/send") != 1 || len(c.sends()) != 1 {
		t.Errorf("%d won, %d calls, %d rows", won, c.calls("/send"), len(c.sends()))
	}
}

// No page changes or removes what was recorded.
func TestSendsCanNeitherBeEditedNorDeleted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, route := range c.routes() {
		if route.Method != http.MethodGet && strings.HasPrefix(route.Path, "/sends") && route.Path != "/sends/{id}/decide" {
			t.Errorf("%s changes the record", route.Pattern)
		}
	}
}
