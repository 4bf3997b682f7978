package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/ui"
	"muban/web/webtest"
	"muban/wechat/alert"
	"muban/wechat/ledger"
	"muban/wechat/penalty"
	"muban/wechat/sandbox"
)

// beijing is a time as the form of a penalty takes it.
func beijing(t time.Time) string { return t.In(ui.Beijing).Format(ui.MomentLayout) }

// punish records a penalty of this step that began an hour ago.
func punish(c *webtest.Console, b *webtest.Browser, step string) *webtest.Page {
	c.T.Helper()
	return b.Submit(b.Get("/compliance"), "#record .primary", func(f url.Values) {
		f.Set("step", step)
		f.Set("rule", "market")
		f.Set("from", beijing(c.Clock.Now().Add(-time.Hour)))
		f.Set("letter", "您的模板消息涉及营销")
	})
}

func TestWithoutPenaltiesTheLadderBeginsAtItsFirstStep(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.As(store.Operator).Get("/compliance").Expect(http.StatusOK, "compliance.free")
	if got := p.Text(".ladder [aria-current]"); !strings.Contains(got, "Violation 1") {
		t.Errorf("next: %q", got)
	}
	if got := webtest.Controls(p.Doc.Find(`#record form`)).Get("step"); got != "1" {
		t.Errorf("the form proposes step %s", got)
	}
}

func TestABanStopsAddingAndSaysUntilWhenAndThenEnds(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	punish(c, b, "2").Expect(http.StatusOK, "done.violation_recorded")
	until := ui.BeijingTime(c.Clock.Now().Add(7*24*time.Hour - time.Hour))
	b.Get("/compliance").Expect(http.StatusOK, "compliance.banned_days", "Until", until)
	b.Get("/").Expect(http.StatusOK, "compliance.banned_days", "Until", until)
	if raised, err := c.Store.RaisedAlerts(t.Context()); err != nil || len(raised) != 1 || raised[0].Cause != alert.Penalty {
		t.Fatalf("alerts: %+v (%v)", raised, err)
	}

	k := b.KeywordsOf("AT0002")[:2]
	add := url.Values{"k": k, "do": {"account"}, "key": {"key-of-the-form"}}
	b.Post("/library/AT0002", add).Expect(http.StatusConflict, "compliance.banned_days", "Until", until)
	if n := c.Calls("/template/add"); n != 0 {
		t.Fatalf("%d templates were added during the ban", n)
	}
	c.Clock.Advance(7*24*time.Hour - time.Hour)
	b = c.As(store.Administrator)
	b.Get("/compliance").Expect(http.StatusOK, "compliance.free")
	c.KeepHouse()
	if raised, err := c.Store.RaisedAlerts(t.Context()); err != nil || len(raised) != 0 {
		t.Fatalf("alerts after its end: %+v (%v)", raised, err)
	}
	b.Post("/library/AT0002", add).Expect(http.StatusOK, "done.template_added")
}

func TestOnePenaltyIsToldOnceOnAPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	f := c.Fill(b)
	punish(c, b, "2")
	for _, path := range []string{"/", "/compliance", "/templates", "/sends", "/templates/" + f.Template} {
		if p := b.Get(path); p.Doc.Find("main .banner.bad").Length() != 1 {
			t.Errorf("%s: %d banners: %q", path, p.Doc.Find("main .banner.bad").Length(), p.Text("main .banner"))
		}
	}
	p := b.Post("/library/AT0002", url.Values{"k": b.KeywordsOf("AT0002")[:2], "do": {"account"}, "key": {"key-of-the-form"}})
	if told := p.Doc.Find("main .banner.bad"); told.Length() != 1 || p.Status != http.StatusConflict {
		t.Errorf("a refused addition: %d with %d banners: %q", p.Status, told.Length(), told.Text())
	}
}

func TestEachViolationIsOneStepUpTheLadder(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for _, step := range []string{"1", "2", "3", "4"} {
		form := webtest.Controls(b.Get("/compliance").Doc.Find("#record form"))
		if got := form.Get("step"); got != step {
			t.Fatalf("the form proposes step %s, want %s", got, step)
		}
		punish(c, b, form.Get("step")).Expect(http.StatusOK, "done.violation_recorded")
	}
	b.Get("/compliance").Expect(http.StatusOK, "compliance.banned_forever")
	c.Clock.Advance(6 * 24 * time.Hour)
	if p := c.As(store.Operator).Get("/compliance"); p.Has(".ladder [aria-current]") || !p.Says("main", "compliance.banned_forever") {
		t.Errorf("after the last step: %s", p.Text(".ladder"))
	}
}

func TestAnAppealThatIsGrantedOpensTheAPIAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	punish(c, b, "2")
	p := b.Submit(b.Get("/compliance"), `article button[value="appealed"]`, func(f url.Values) { f.Set("text", "这是交易通知") })
	p.Expect(http.StatusOK, "done.violation_noted").Shows(http.StatusOK, "这是交易通知").Expect(http.StatusOK, "compliance.banned_days")
	p = b.Submit(p, `article button[value="lifted"]`, nil).Expect(http.StatusOK, "compliance.free")
	if got := p.Text(".ladder [aria-current]"); !strings.Contains(got, "Violation 1") {
		t.Errorf("a lifted penalty still counts: %q", got)
	}
}

func TestAStepOfAnAppealThatIsNoLongerPossibleIsRefusedWithItsText(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	punish(c, b, "2")
	before := b.Get("/compliance")
	b.Submit(before, `article button[value="mistaken"]`, nil)
	p := b.Submit(before, `article button[value="appealed"]`, func(f url.Values) { f.Set("text", "写了很久的申诉") })
	p.Expect(http.StatusConflict, "compliance.not_now")
	if got := p.Text("article textarea"); got != "写了很久的申诉" {
		t.Errorf("the text is lost: %q", got)
	}
	b.Submit(b.Get("/compliance"), `article button[value=""]`, nil).Expect(http.StatusUnprocessableEntity, "compliance.need_note")
}

func TestAPenaltyIsRecordedOnceHoweverOftenItsFormIsSent(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	form := b.Get("/compliance")
	for i := range 3 {
		p := b.Submit(form, "#record .primary", nil)
		if i > 0 {
			p.Expect(http.StatusConflict, "compliance.meanwhile")
		}
	}
	all, err := c.Store.Violations(t.Context(), c.App().ID)
	webtest.Must(t, err)
	if len(all) != 1 {
		t.Errorf("%d penalties", len(all))
	}
}

func TestAPenaltysFormIsRefusedAtItsFieldsWithNothingLost(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	ahead := beijing(c.Clock.Now().Add(48 * time.Hour))
	for _, f := range []struct {
		field, value, step string
		want               webtest.Wording
	}{
		{"from", "2018-02-30T08:30", "2", webtest.Word("problem.moment")},
		{"from", "yesterday", "2", webtest.Word("problem.moment")},
		{"from", ahead, "2", webtest.Word("compliance.from_future")},
		{"until", "2000-01-01T00:00", "2", webtest.Word("compliance.until_early")},
		{"until", ahead, "1", webtest.Word("compliance.until_none")},
		{"until", ahead, "4", webtest.Word("compliance.until_none")},
		{"step", "5", "5", webtest.Word("problem.max_number", "Param", 4)},
		{"rule", "nonsense", "2", webtest.Word("problem.oneof", "Value", "nonsense")},
	} {
		p := b.Submit(b.Get("/compliance"), "#record .primary", func(v url.Values) {
			v.Set("step", f.step)
			v.Set("letter", "信的原文")
			v.Set(f.field, f.value)
		})
		p.Tells(http.StatusUnprocessableEntity, f.want)
		form := webtest.Controls(p.Doc.Find("#record form"))
		if form.Get("letter") != "信的原文" || f.field != "rule" && f.field != "step" && form.Get(f.field) != f.value {
			t.Errorf("%s: the form holds %v", f.value, form)
		}
	}
}

func TestAnErrcodeOfAPenaltyLeadsToRecordingIt(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	template := c.AddTemplate(c.As(store.Administrator), "AT0002")
	for _, code := range penalty.Codes[:4] { // the others are of adding, and of subscribe messages
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: &code}))
		p := b.SendTest(template)
		if href := p.Doc.Find(`main a[href^="/compliance?code="]`).AttrOr("href", ""); href == "" {
			t.Fatalf("errcode %d leads nowhere:\n%s", code, p.Text("main"))
		}
	}
	p := b.Get("/compliance").Expect(http.StatusOK, "compliance.unrecorded")
	if got := webtest.Controls(p.Doc.Find("#record form")).Get("template"); got != template {
		t.Errorf("the form names template %q", got)
	}
	c.Clock.Advance(time.Minute)
	punish(c, b, "2")
	if p := b.Get("/compliance"); p.Says("main", "compliance.unrecorded") || p.Says("main", "compliance.from_code") {
		t.Error("it is recorded by now")
	}
	qa := c.As(store.QA).SendTest(template)
	if qa.Has(`a[href^="/compliance"]`) {
		t.Error("QA is led to a page that they may not see")
	}
}

func TestAPenaltyOfOneKindLeavesTheOtherAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	subscribe := c.AddTemplate(b, "755", "1", "3")
	record := func(change func(url.Values)) *webtest.Page {
		return b.Submit(b.Get("/compliance"), "#record form button.primary", func(form url.Values) {
			form.Set("rule", "market")
			form.Set("step", "2")
			change(form)
		})
	}
	record(func(form url.Values) { form.Set("kind", "subscribe") }).Expect(http.StatusUnprocessableEntity, "compliance.need_until")
	until := c.Clock.Now().Add(48 * time.Hour).In(ui.Beijing).Format(ui.MomentLayout)
	record(func(form url.Values) { // its template tells the kind
		form.Set("template", subscribe)
		form.Set("until", until)
	}).Expect(http.StatusOK, "done.violation_recorded")
	p := b.Get("/compliance")
	if p.Has(".ladder .reached") || !p.Says("#violation-1", "kind.subscribe") {
		t.Errorf("the ladder is that of template messages: %s", p.Text("main"))
	}
	b.Get("/").Expect(http.StatusOK, "kind.subscribe")
	b.SendTest(subscribe)
	if n := len(c.Sends()); n != 0 {
		t.Errorf("%d sends of the kind that is banned", n)
	}
	if p := b.Post("/library/755", url.Values{"k": {"1", "4"}, "scene": {"x"}, "do": {"account"}}); p.Status != http.StatusConflict {
		t.Errorf("added: %d", p.Status)
	}
	b.SendTest(c.AddTemplate(b, "AT0002")).Expect(http.StatusOK, "outcome.sent")
}

func TestABanStopsRestoringToo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	template := c.AddTemplate(b, "AT0002")
	webtest.Must(t, c.Elsewhere(c.App()).DeleteTemplate(t.Context(), template))
	punish(c, b, "2")
	added := c.Calls("/template/add")
	b.Post("/templates/"+template+"/restore", url.Values{}).Expect(http.StatusConflict, "compliance.banned_days")
	if n := c.Calls("/template/add"); n != added {
		t.Errorf("%d templates were added during the ban", n-added)
	}
}

func TestABanStopsSendsFromThePageAndFromServersAndSpendsNoRight(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Form)
	b := c.As(store.Administrator)
	punish(c, b, "2")
	s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k"))).Refused(http.StatusUnprocessableEntity, "checks_failed")
	p := b.SendTest(template)
	if until := ui.BeijingTime(c.Clock.Now().Add(7*24*time.Hour - time.Hour)); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the page answers %d, banned until %s", p.Status, until)
	}
	if n := c.Calls("/template/send"); n != 0 {
		t.Fatalf("%d messages were sent during the ban", n)
	}
	if n, err := c.Store.UsableSends(t.Context(), c.App().ID); err != nil || n < 1 {
		t.Errorf("%d rights are left (%v)", n, err)
	}
}
