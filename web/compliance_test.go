package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/ui"
	"muban/wechat/alert"
	"muban/wechat/ledger"
	"muban/wechat/penalty"
	"muban/wechat/sandbox"
)

// beijing is a time as the form of a penalty takes it.
func beijing(t time.Time) string { return t.In(ui.Beijing).Format(ui.MomentLayout) }

// punish records a penalty of this step that began an hour ago.
func (c *console) punish(b *browser, step string) *page {
	c.t.Helper()
	return b.submit(b.get("/compliance"), "#record .primary", func(f url.Values) {
		f.Set("step", step)
		f.Set("rule", "market")
		f.Set("from", beijing(c.clock.Now().Add(-time.Hour)))
		f.Set("letter", "您的模板消息涉及营销")
	})
}

func TestWithoutPenaltiesTheLadderBeginsAtItsFirstStep(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.as(store.Operator).get("/compliance").expect(http.StatusOK, "No penalty is in force")
	if got := p.text(".ladder [aria-current]"); !strings.Contains(got, "Violation 1") {
		t.Errorf("next: %q", got)
	}
	if got := controls(p.doc.Find(`#record form`)).Get("step"); got != "1" {
		t.Errorf("the form proposes step %s", got)
	}
}

func TestABanStopsAddingAndSaysUntilWhenAndThenEnds(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	c.punish(b, "2").expect(http.StatusOK, "The penalty is recorded")
	until := ui.BeijingTime(c.clock.Now().Add(7*24*time.Hour - time.Hour))
	b.get("/compliance").expect(http.StatusOK, "The API is closed until "+until)
	b.get("/").expect(http.StatusOK, "The API is closed until "+until)
	if raised, err := c.store.RaisedAlerts(t.Context()); err != nil || len(raised) != 1 || raised[0].Cause != alert.Penalty {
		t.Fatalf("alerts: %+v (%v)", raised, err)
	}

	k := b.keywordsOf("AT0002")[:2]
	add := url.Values{"k": k, "do": {"account"}, "key": {"key-of-the-form"}}
	b.post("/library/AT0002", add).expect(http.StatusConflict, "The API is closed until "+until)
	if n := c.calls("/template/add"); n != 0 {
		t.Fatalf("%d templates were added during the ban", n)
	}
	c.clock.Advance(7*24*time.Hour - time.Hour)
	b = c.as(store.Administrator)
	b.get("/compliance").expect(http.StatusOK, "No penalty is in force")
	c.keepHouse()
	if raised, err := c.store.RaisedAlerts(t.Context()); err != nil || len(raised) != 0 {
		t.Fatalf("alerts after its end: %+v (%v)", raised, err)
	}
	b.post("/library/AT0002", add).expect(http.StatusOK, "The template is in the account")
}

func TestEachViolationIsOneStepUpTheLadder(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	for _, step := range []string{"1", "2", "3", "4"} {
		form := controls(b.get("/compliance").doc.Find("#record form"))
		if got := form.Get("step"); got != step {
			t.Fatalf("the form proposes step %s, want %s", got, step)
		}
		c.punish(b, form.Get("step")).expect(http.StatusOK, "The penalty is recorded")
	}
	b.get("/compliance").expect(http.StatusOK, "The API is closed for good")
	c.clock.Advance(6 * 24 * time.Hour)
	if p := c.as(store.Operator).get("/compliance"); p.has(".ladder [aria-current]") || !strings.Contains(p.text("main"), "The API is closed for good") {
		t.Errorf("after the last step: %s", p.text(".ladder"))
	}
}

func TestAnAppealThatIsGrantedOpensTheAPIAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.punish(b, "2")
	p := b.submit(b.get("/compliance"), `article button[value="appealed"]`, func(f url.Values) { f.Set("text", "这是交易通知") })
	p.expect(http.StatusOK, "Noted").expect(http.StatusOK, "这是交易通知").expect(http.StatusOK, "The API is closed until")
	p = b.submit(p, `article button[value="lifted"]`, nil).expect(http.StatusOK, "No penalty is in force")
	if got := p.text(".ladder [aria-current]"); !strings.Contains(got, "Violation 1") {
		t.Errorf("a lifted penalty still counts: %q", got)
	}
}

func TestAStepOfAnAppealThatIsNoLongerPossibleIsRefusedWithItsText(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.punish(b, "2")
	before := b.get("/compliance")
	b.submit(before, `article button[value="mistaken"]`, nil)
	p := b.submit(before, `article button[value="appealed"]`, func(f url.Values) { f.Set("text", "写了很久的申诉") })
	p.expect(http.StatusConflict, "this step was not taken")
	if got := p.text("article textarea"); got != "写了很久的申诉" {
		t.Errorf("the text is lost: %q", got)
	}
	b.submit(b.get("/compliance"), `article button[value=""]`, nil).expect(http.StatusUnprocessableEntity, "The remark must not be empty")
}

func TestAPenaltyIsRecordedOnceHoweverOftenItsFormIsSent(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	form := b.get("/compliance")
	for i := range 3 {
		p := b.submit(form, "#record .primary", nil)
		if i > 0 {
			p.expect(http.StatusConflict, "this form was sent already")
		}
	}
	all, err := c.store.Violations(t.Context(), c.app().ID)
	must(t, err)
	if len(all) != 1 {
		t.Errorf("%d penalties", len(all))
	}
}

func TestAPenaltysFormIsRefusedAtItsFieldsWithNothingLost(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	ahead := beijing(c.clock.Now().Add(48 * time.Hour))
	for _, f := range []struct {
		field, value, step, want string
	}{
		{"from", "2018-02-30T08:30", "2", "the date has to exist"},
		{"from", "yesterday", "2", "the date has to exist"},
		{"from", ahead, "2", "cannot be more than a day ahead"},
		{"until", "2000-01-01T00:00", "2", "has to be after the beginning"},
		{"until", ahead, "1", "A warning has no term"},
		{"until", ahead, "4", "A warning has no term"},
		{"step", "5", "5", "may be at most 4"},
		{"rule", "nonsense", "2", "cannot be “nonsense”"},
	} {
		p := b.submit(b.get("/compliance"), "#record .primary", func(v url.Values) {
			v.Set("step", f.step)
			v.Set("letter", "信的原文")
			v.Set(f.field, f.value)
		})
		p.expect(http.StatusUnprocessableEntity, f.want)
		form := controls(p.doc.Find("#record form"))
		if form.Get("letter") != "信的原文" || f.field != "rule" && f.field != "step" && form.Get(f.field) != f.value {
			t.Errorf("%s: the form holds %v", f.value, form)
		}
	}
}

func TestAnErrcodeOfAPenaltyLeadsToRecordingIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	template := c.addTemplate(c.as(store.Administrator), "AT0002")
	for _, code := range penalty.Codes[:4] { // the fifth is of template/add
		must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: &code}))
		p := b.sendTest(template)
		if href := p.doc.Find(`main a[href^="/compliance?code="]`).AttrOr("href", ""); href == "" {
			t.Fatalf("errcode %d leads nowhere:\n%s", code, p.text("main"))
		}
	}
	p := b.get("/compliance").expect(http.StatusOK, "so a penalty is in force, but none is recorded here")
	if got := controls(p.doc.Find("#record form")).Get("template"); got != template {
		t.Errorf("the form names template %q", got)
	}
	c.clock.Advance(time.Minute)
	c.punish(b, "2")
	if got := b.get("/compliance").text("main"); strings.Contains(got, "none is recorded") {
		t.Error("it is recorded by now")
	}
	qa := c.as(store.QA).sendTest(template)
	if qa.has(`a[href^="/compliance"]`) {
		t.Error("QA is led to a page that they may not see")
	}
}

func TestABanStopsRestoringToo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	template := c.addTemplate(b, "AT0002")
	must(t, c.elsewhere(c.app()).DeleteTemplate(t.Context(), template))
	c.punish(b, "2")
	added := c.calls("/template/add")
	b.post("/templates/"+template+"/restore", url.Values{}).expect(http.StatusConflict, "The API is closed until")
	if n := c.calls("/template/add"); n != added {
		t.Errorf("%d templates were added during the ban", n-added)
	}
}

func TestABanStopsSendsFromThePageAndFromServersAndSpendsNoRight(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Form)
	b := c.as(store.Administrator)
	c.punish(b, "2")
	s.post("/api/v1/sends", asJSON(order(c, template, "k"))).refused(http.StatusUnprocessableEntity, "checks_failed")
	p := b.sendTest(template)
	if until := ui.BeijingTime(c.clock.Now().Add(7*24*time.Hour - time.Hour)); p.status != http.StatusUnprocessableEntity {
		t.Errorf("the page answers %d, banned until %s", p.status, until)
	}
	if n := c.calls("/template/send"); n != 0 {
		t.Fatalf("%d messages were sent during the ban", n)
	}
	if n, err := c.store.UsableSends(t.Context(), c.app().ID); err != nil || n < 1 {
		t.Errorf("%d rights are left (%v)", n, err)
	}
}
