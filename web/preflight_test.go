package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// checks are the states of a page's preflight by the names of its checks.
func (p *page) checks() map[string]string {
	states := map[string]string{}
	for _, li := range p.doc.Find("#preflight .check").EachIter() {
		class := li.AttrOr("class", "")
		states[li.Find("strong").Text()] = class[strings.Index(class, "check-")+len("check-"):]
	}
	return states
}

func TestAMessageIsLookedAtBeforeARightIsSpent(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	ready := c.written(b).expect(http.StatusOK, "All 10 checks pass")
	for name, state := range ready.checks() {
		if state != "ok" {
			t.Errorf("%s is %s", name, state)
		}
	}
	for what, try := range map[string]struct {
		fill        func(form url.Values)
		check, says string
	}{
		"a page with a slash": {func(f url.Values) { f.Set("page", "/pages/x") }, "Page", "no leading /"},
		"a mock form_id":      {func(f url.Values) { f.Set("form_id", "the formId is a mock one") }, "Right", "submit the form on a real phone"}, // faults.md 22
		"somebody else's":     {func(f url.Values) { f.Set("touser", strangerID) }, "Right", "this id is known as another openid’s"},
		"no right":            {func(f url.Values) { f.Set("touser", strangerID); f.Set("form_id", "") }, "Right", "this openid has no usable right"},
		"a short openid":      {func(f url.Values) { f.Set("touser", "o123") }, "Recipient", "an openid is 28 letters"},
	} {
		p := b.submit(ready, `button[formaction$="/preview"]`, try.fill)
		if got := p.checks()[try.check]; got != "failed" || !strings.Contains(p.text("#preflight"), try.says) {
			t.Errorf("%s: %s in %s", what, got, p.text("#preflight"))
		}
		live := b.fragment("/templates/"+ready.id()+"/preview", controls(p.doc.Find(`form[action$="/send"]`)))
		if live.text("#preflight") != p.text("#preflight") {
			t.Errorf("%s: the live check says %s", what, live.text("#preflight"))
		}
		sent := b.submit(p, "#test-send button.primary", nil)
		if sent.status != http.StatusUnprocessableEntity || c.calls("/send") != 0 || len(c.sends()) != 0 {
			t.Errorf("%s: %d, and %d calls", what, sent.status, c.calls("/send"))
		}
	}
	if got := c.right(ready.rightID()); got.Used+got.Held != 0 {
		t.Errorf("a right was spent: %+v", got)
	}
	warned := b.submit(ready, `button[formaction$="/preview"]`, func(f url.Values) { f["v"] = []string{"", "拿铁"} })
	warned.expect(http.StatusOK, "It can be sent, but look at 1 thing first").expect(http.StatusOK, "keyword1 (购买地点) is empty")
	b.submit(warned, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
}

func TestTheRightThatEndsFirstIsPickedWhereNoneIsNamed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	page := c.template(b)
	for range 2 { // two forms, the older one first
		b.post("/sandbox/right", url.Values{"openid": {strangerID}, "kind": {"form"}})
		c.clock.Advance(time.Minute)
	}
	rights, _, err := c.store.Rights(t.Context(), store.RightFilter{App: c.app().ID, State: ledger.Usable})
	must(t, err)
	p := b.submit(page, `button[formaction$="/preview"]`, func(form url.Values) { form.Set("touser", strangerID) })
	p.expect(http.StatusOK, "This openid has 2 usable sends").expect(http.StatusOK, "Left empty, this one is taken: "+rights[0].ID)
	p = b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent").expect(http.StatusOK, "This openid has 1 usable send")
	if got := c.sends()[0].FormID; got != rights[0].ID {
		t.Errorf("%s was taken, not %s", got, rights[0].ID)
	}
	if p.rightID() != "" { // it was left empty, so it stays so, and the next one is taken
		t.Errorf("the field holds %q", p.rightID())
	}
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	if got := c.sends()[0].FormID; got != rights[1].ID || len(c.sandbox.Messages("", strangerID)) != 2 {
		t.Errorf("%s was taken, not %s", got, rights[1].ID)
	}
	b.submit(p, "#test-send button.primary", func(form url.Values) { form.Set("key", "a third") }).
		expect(http.StatusUnprocessableEntity, "this openid has no usable right")
}

// A form_id that nobody reported is taken into the ledger when it is sent under.
func TestATypedRightIsLearnedAndGuardedFromThenOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	page := c.template(b)
	id, err := c.sandbox.SubmitForm(c.app().AppID, strangerID)
	must(t, err)
	fill := func(form url.Values) { form.Set("touser", strangerID); form.Set("form_id", id) }
	p := b.submit(page, `button[formaction$="/preview"]`, fill).expect(http.StatusOK, "nobody reported this id yet")
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	if got := c.right(id); got.Closed != ledger.EndSpent || got.OpenID != strangerID {
		t.Errorf("%+v", got)
	}
}

// faults.md 21
func TestFault21_APaymentOfAMomentAgoIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.hasten()
	b := c.as(store.Operator)
	p := b.submit(c.template(b), "button[value=payment]", nil)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: code(41028), Times: 1}))
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "Sent")
	if got := c.sends()[0]; got.Attempts != 2 || got.Outcome != "sent" {
		t.Errorf("%+v", got)
	}
	b.get("/sends/1").expect(http.StatusOK, "2 calls, until the payment worked")
	// One send, but WeChat's quota counts calls.
	sends := b.get("/sends").expect(http.StatusOK, "2 of 1,000,000 calls today")
	if got := cellsOf(sends.doc.Find("#sends-chart tbody tr").First())[1]; got != "1" {
		t.Errorf("%s sends are counted", got)
	}
}

// A form_id that WeChat refuses is not tried again, and never picked again.
func TestFault21_ARefusedFormIsClosed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := c.written(b)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: code(41028)}))
	b.submit(p, "#test-send button.primary", nil).expect(http.StatusOK, "errcode 41028")
	b.get("/sends/1").expect(http.StatusOK, "it is closed and will not be picked again")
	if got := c.right(p.rightID()); got.Closed != ledger.EndInvalid || c.calls("/send") != 1 {
		t.Errorf("%+v after %d calls", got, c.calls("/send"))
	}
}

// Whoever leaves before the answer finds it later; until then the page looks again by itself.
func TestASendUnderWaySaysSo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.report(c.paymentOf(strangerID, "wx20261121now", 0))
	_, _, err := c.store.BeginSend(t.Context(), store.Actor{Name: "operator"}, store.Send{
		App: c.app().ID, Key: "k", OpenID: strangerID, FormID: "wx20261121now", Request: []byte(`{"touser":"` + strangerID + `","data":{}}`),
	})
	must(t, err)
	p := b.get("/sends/1").expect(http.StatusOK, "WeChat has not answered yet").expect(http.StatusOK, "one send of it is held")
	if p.header.Get("Refresh") == "" || b.get("/sends").header.Get("Refresh") != "" {
		t.Error("the page does not look again, or one does where somebody types")
	}
	b.get("/sends?outcome=pending").expect(http.StatusOK, "1–1 of 1")
}
