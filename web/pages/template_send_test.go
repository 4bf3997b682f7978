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

// checksOn are the states of a page's preflight by the names of its checks.
func checksOn(p *webtest.Page) map[string]string {
	states := map[string]string{}
	for _, li := range p.Doc.Find("#preflight .check").EachIter() {
		class := li.AttrOr("class", "")
		states[li.Find("strong").Text()] = class[strings.Index(class, "check-")+len("check-"):]
	}
	return states
}

func TestAMessageIsLookedAtBeforeARightIsSpent(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	ready := writeMessage(c, b).Expect(http.StatusOK, "preflight.overall_ok", "Count", 10)
	for name, state := range checksOn(ready) {
		if state != "ok" {
			t.Errorf("%s is %s", name, state)
		}
	}
	for what, try := range map[string]struct {
		fill        func(form url.Values)
		check, says string
	}{
		"a page with a slash": {func(f url.Values) { f.Set("page", "/pages/x") }, "Page", "check.page.slash"},
		"a mock form_id":      {func(f url.Values) { f.Set("form_id", "the formId is a mock one") }, "Send credit", "check.right.mock"},
		"somebody else's":     {func(f url.Values) { f.Set("touser", webtest.StrangerID) }, "Send credit", "check.right.foreign"},
		"a short openid":      {func(f url.Values) { f.Set("touser", "o123") }, "Recipient", "check.openid.form"},
	} {
		p := b.Submit(ready, `button[formaction$="/preview"]`, try.fill)
		if got := checksOn(p)[try.check]; got != "failed" || !p.Says("#preflight", try.says) {
			t.Errorf("%s: %s in %s", what, got, p.Text("#preflight"))
		}
		live := b.Fragment("/templates/"+templateIDOn(ready)+"/preview", webtest.Controls(p.Doc.Find(`form[action$="/send"]`)))
		if live.Text("#preflight") != p.Text("#preflight") {
			t.Errorf("%s: the live check says %s", what, live.Text("#preflight"))
		}
		sent := b.Submit(p, webtest.SendButton, nil)
		if sent.Status != http.StatusUnprocessableEntity || c.Calls("/send") != 0 || len(c.Sends()) != 0 {
			t.Errorf("%s: %d, and %d calls", what, sent.Status, c.Calls("/send"))
		}
	}
	if got := rightOf(c, rightIDOn(ready)); got.Used+got.Held != 0 {
		t.Errorf("a right was spent: %+v", got)
	}
	warned := b.Submit(ready, `button[formaction$="/preview"]`, func(f url.Values) { f["v"] = []string{"", "拿铁"} })
	warned.Expect(http.StatusOK, "preflight.overall_warning", "Count", 1).Expect(http.StatusOK, "check.keywords.empty", "Key", "keyword1", "Name", "购买地点")
	b.Submit(warned, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
}

func TestTheRightThatEndsFirstIsPickedWhereNoneIsNamed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	page := openTemplate(c, b)
	for range 2 { // two forms, the older one first
		b.Post("/sandbox/right", url.Values{"openid": {webtest.StrangerID}, "kind": {"form"}})
		c.Clock.Advance(time.Minute)
	}
	rights, _, err := c.Store.Rights(t.Context(), store.RightFilter{App: c.App().ID, State: ledger.Usable})
	webtest.Must(t, err)
	p := b.Submit(page, `button[formaction$="/preview"]`, func(form url.Values) { form.Set("touser", webtest.StrangerID) })
	p.Expect(http.StatusOK, "allowance.left_days", "Left", 2, "Count", 6)
	p = b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent").Expect(http.StatusOK, "allowance.one_days", "Count", 6)
	if got := c.Sends()[0].FormID; got != rights[0].ID {
		t.Errorf("%s was taken, not %s", got, rights[0].ID)
	}
	if rightIDOn(p) != "" { // it was left empty, so it stays so, and the next one is taken
		t.Errorf("the field holds %q", rightIDOn(p))
	}
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	if got := c.Sends()[0].FormID; got != rights[1].ID || len(c.Sandbox.Messages("", webtest.StrangerID)) != 2 {
		t.Errorf("%s was taken, not %s", got, rights[1].ID)
	}
}

// What the live check calls right is what would be sent: a value that is not taken as it was typed is not left out of
// it, and not called right.
func TestFault61_TheLiveCheckIsOfWhatWouldBeSent(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	ready := writeMessage(c, b)
	for what, try := range map[string]struct {
		name, value, check, state string
	}{
		"a colour by name":            {"c", "tomato", "Colours", "failed"},
		"a colour of three digits":    {"c", "#abc", "Colours", "failed"},
		"emphasis beyond the fields":  {"e", "17", "Enlarged keyword", "failed"},
		"emphasis that is no number":  {"e", "first", "Enlarged keyword", "skipped"},
		"a fragment behind the page":  {"page", "pages/index#x", "Page", "failed"},
		"a fragment behind the query": {"page", "pages/index?a=1#x", "Page", "failed"},
		"a very long value":           {"v", strings.Repeat("长", 2001), "Keywords", "failed"},
	} {
		fill := webtest.Controls(ready.Doc.Find(`form[action$="/send"]`))
		fill[try.name] = append([]string{try.value}, fill[try.name][min(1, len(fill[try.name])):]...)
		live := b.Fragment("/templates/"+templateIDOn(ready)+"/preview", fill)
		if got := checksOn(live)[try.check]; got != try.state {
			t.Errorf("%s: %q is %s, want %s", what, try.check, got, try.state)
		}
	}
}

// A form_id that nobody reported is taken into the ledger when it is sent under.
func TestATypedRightIsLearnedAndGuardedFromThenOn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	page := openTemplate(c, b)
	id, err := c.Sandbox.SubmitForm(c.App().AppID, webtest.StrangerID)
	webtest.Must(t, err)
	fill := func(form url.Values) { form.Set("touser", webtest.StrangerID); form.Set("form_id", id) }
	p := b.Submit(page, `button[formaction$="/preview"]`, fill).Expect(http.StatusOK, "check.right.new")
	b.Submit(p, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	if got := rightOf(c, id); got.Closed != ledger.EndSpent || got.OpenID != webtest.StrangerID {
		t.Errorf("%+v", got)
	}
}

func TestFault21_APaymentOfAMomentAgoIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Hasten()
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41028), Times: 1}))
	b.Submit(p, webtest.SendButton, func(form url.Values) { form.Set("right", ledger.Payment) }).Expect(http.StatusOK, "outcome.sent")
	if got := c.Sends()[0]; got.Attempts != 2 || got.Outcome != "sent" {
		t.Errorf("%+v", got)
	}
	b.Get("/sends/1").Expect(http.StatusOK, "sends.attempts", "Count", 2)
	// One send, but WeChat's quota counts calls.
	sends := b.Get("/sends").Expect(http.StatusOK, "sends.quota", "Used", 2, "Max", "1,000,000")
	if got := cellsOf(sends.Doc.Find("#sends-chart tbody tr").First())[1]; got != "1" {
		t.Errorf("%s sends are counted", got)
	}
}

// A form_id that WeChat refuses is not tried again, and never picked again.
func TestFault21_ARefusedFormIsClosed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := writeMessage(c, b)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41028)}))
	b.Submit(p, webtest.SendButton, nil).Shows(http.StatusOK, "errcode 41028")
	b.Get("/sends/1").Expect(http.StatusOK, "sends.right_closed")
	if got := rightOf(c, rightIDOn(p)); got.Closed != ledger.EndInvalid || c.Calls("/send") != 1 {
		t.Errorf("%+v after %d calls", got, c.Calls("/send"))
	}
}

// A send goes on when its page is left, and the outcome is found later; until then the page
// looks again by itself.
func TestASendUnderWaySaysSo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Report(c.PaymentOf(webtest.StrangerID, "wx20261121now", 0))
	_, _, err := c.Store.BeginSend(t.Context(), store.Actor{Name: "operator"}, store.Send{
		App: c.App().ID, Key: "k", OpenID: webtest.StrangerID, FormID: "wx20261121now", Request: []byte(`{"touser":"` + webtest.StrangerID + `","data":{}}`),
	})
	webtest.Must(t, err)
	p := b.Get("/sends/1").Expect(http.StatusOK, "outcome.pending_why").Expect(http.StatusOK, "sends.right_held")
	if p.Header.Get("Refresh") == "" || b.Get("/sends").Header.Get("Refresh") != "" {
		t.Error("the page does not look again, or one does where somebody types")
	}
	b.Get("/sends?outcome=pending").Expect(http.StatusOK, "pager.range", "From", 1, "To", 1, "Total", 1)
}
