package pages_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/ui"
	"muban/web/webtest"
	"muban/wechat/ledger"
)

func TestSendsSayWhatToDoWhereNothingWasSentOrFound(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Get("/sends").Expect(http.StatusOK, "sends.none").Expect(http.StatusOK, "sends.go_test")
	if bars := p.Doc.Find(".bars > li"); bars.Length() != 30 || bars.Find("rect").Length() != 0 || !p.Has(".ygrid") {
		t.Errorf("an empty chart has %d bars", bars.Length())
	}
	c.Days(actorOf(c, store.Operator), "tpl", 1, 1, 0, 0)
	p = b.Get("/sends?q=%E6%B5%B7&outcome=refused").Expect(http.StatusOK, "sends.no_match")
	if got := p.Text(".empty"); !strings.Contains(got, "海") || !strings.Contains(got, "Refused") {
		t.Errorf("the filters are not named: %q", got)
	}
	if listedOn(b.Get(p.Doc.Find(".empty a").AttrOr("href", ""))) != "1" {
		t.Error("the filters are not cleared")
	}
}

func TestTheChartOfSendsCanBeOfAWeekAndOfOneDaysHours(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Days(actorOf(c, store.Operator), "tpl", 70, 3, 1, 0)
	for span, want := range map[string]struct {
		bars int
		sent string
	}{"": {30, "90"}, "7": {7, "21"}, "hours": {24, "3"}} {
		p := b.Get("/sends?span=" + span)
		if n := p.Doc.Find(".bars > li").Length(); n != want.bars {
			t.Errorf("%q: %d bars", span, n)
		}
		if got := p.Text(".split li:first-child .num:not(.hint)"); got != want.sent {
			t.Errorf("%q: %s were sent, want %s", span, got, want.sent)
		}
		if got := p.Text(".big"); got != "75.0%" {
			t.Errorf("%q: the rate is %s", span, got)
		}
		if rows := p.Doc.Find("#sends-chart tbody tr").Length(); rows != want.bars {
			t.Errorf("%q: the table has %d rows", span, rows)
		}
	}
	b.Get("/sends").Expect(http.StatusOK, "sends.before_30", "Rate", "75.0%")
	b.Get("/sends?span=x").Answers(http.StatusBadRequest)
	yesterday := (ledger.DayOf(c.Clock.Now()) - 1).Start().Format(time.DateOnly)
	p := b.Get("/sends?span=hours&from=" + yesterday + "&to=" + yesterday)
	if hour := p.Doc.Find(`.bars li:has(rect)`); hour.Length() != 1 || p.Text("#range") != "1–4 of 4" {
		t.Errorf("yesterday's hours: %d with sends, %s", hour.Length(), p.Text("#range"))
	}
	day := b.Get("/sends?from=" + yesterday + "&to=" + yesterday)
	if current := day.Doc.Find(".bars a[aria-current]"); current.Length() != 1 || current.Parent().Next().Length() != 1 {
		t.Error("the day that is listed is not marked in the chart")
	}
}

// Both kinds of message, in an app whose own are template messages.
func TestSendsAreListedChartedAndExportedByTheirKind(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	b.SendTest(c.AddTemplate(b, "755", "1", "3")).Expect(http.StatusOK, "outcome.sent")
	c.Days(actorOf(c, store.Operator), "tpl", 1, 2, 0, 1)
	for address, want := range map[string][]string{ // listed, sent today by the chart's split and by the hour, waiting, in the file
		"/sends": {"4 3 2", "2", "1", "3"}, "/sends?kind=template": {"4 3 2", "2", "1", "3"}, "/sends?kind=nonsense": {"4 3 2", "2", "1", "3"},
		"/sends?kind=subscribe": {"1", "1", "", "1"}, "/sends?kind=all": {"4 3 2 1", "3", "1", "4"},
	} {
		p := b.Get(address)
		_, query, _ := strings.Cut(address, "?")
		hours := b.Get("/sends?span=hours&" + query)
		const sent = ".split li:first-child .num:not(.hint)"
		got := []string{listedOn(p), p.Text(sent), p.Text("a.pick b"), strconv.Itoa(len(fileOf(b.Get(p.Doc.Find(`a[href^="/sends.csv"]`).AttrOr("href", "")))))}
		if webtest.Same(t, got, want); hours.Text(sent) != want[1] {
			t.Errorf("%s: %s by the hour", address, hours.Text(sent))
		}
		if current := p.Doc.Find("nav.tabs [aria-current]"); current.Length() != 1 || p.Has(`form.filters [name=kind]`) != (current.AttrOr("href", "") != "/sends") {
			t.Errorf("%s: the tab %q, and what is filtered further does not stay with the kind", address, current.Text())
		}
		bar := p.Doc.Find(".bars a").Last().AttrOr("href", "")
		if listedOn(b.Get(bar)) != want[0] || listedOn(b.Get(p.Doc.Find(".split a").First().AttrOr("href", ""))) == "" {
			t.Errorf("%s: a bar leads to %s", address, bar)
		}
	}
	// What is not about one kind leads to every one.
	if all := b.Get("/").Doc.Find(`#sending .bars a`).Last().AttrOr("href", ""); listedOn(b.Get(all)) != "4 3 2 1" {
		t.Errorf("the overview leads to %s", all)
	}
	if listedOn(b.Get(ui.SendsOfURL(c.Sends()[len(c.Sends())-1].TemplateID))) != "1" || listedOn(b.Get("/sends/1")) != "" {
		t.Error("the sends of a subscribe template are not found")
	}
	if crumb := b.Get("/sends/1").Doc.Find(".crumbs a").AttrOr("href", ""); listedOn(b.Get(crumb)) != "1" {
		t.Errorf("from a send back to %s", crumb)
	}
}

func TestSendsNameTestersAndKeys(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	b := c.As(store.Operator)
	b.Post("/settings/testers", map[string][]string{"name": {"小王"}, "touser": {webtest.Customer}}).Expect(http.StatusOK, "done.tester_added")
	s.Has(c, ledger.Payment)
	c.Hasten()
	s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k1"))).Into(&struct{}{})
	p := b.Get("/sends").Shows(http.StatusOK, "小王")
	if got := sendersOn(p); len(got) != 1 || got[0] != "orders" || strings.Contains(p.Text("main"), "api_key:") {
		t.Errorf("sent by %v", got)
	}
	if got := p.Text("tbody .r2 .hint"); !webtest.Says(t, got, "en", "sends.may_follow", "Count", 2) {
		t.Errorf("beside the recipient: %q", got)
	}
	by := p.Doc.Find(`#person option:contains("orders")`).AttrOr("value", "")
	if listedOn(b.Get("/sends?person="+by)) != "1" || listedOn(b.Get("/sends?person=operator")) != "" {
		t.Errorf("by the key %q nothing is found", by)
	}
	one := b.Get("/sends/1")
	if facts := one.Text("dl.facts"); !strings.Contains(facts, "orders") || !strings.Contains(facts, "小王") || strings.Contains(facts, "api_key:") {
		t.Errorf("%s", facts)
	}
	if got := one.Text("dl.facts time"); len(got) < len("2026-11-29 14:46:09") {
		t.Errorf("the times have no seconds: %q", got)
	}
}

func TestQAListsAndCountsTheirOwnSendsAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	qa := c.As(store.QA)
	template := c.AddTemplate(c.As(store.Operator), "AT0002", "3")
	c.Days(actorOf(c, store.Operator), template, 2, 5, 0, 1)
	qa.Get("/sends").Expect(http.StatusOK, "sends.none")
	c.Days(actorOf(c, store.QA), template, 2, 2, 1, 0)
	p := qa.Get("/sends")
	if got := p.Text("#range"); got != "1–6 of 6" {
		t.Errorf("listed: %s", got)
	}
	if got := p.Text(".split .num:not(.hint)"); got != "4220" {
		t.Errorf("counted: %s", got)
	}
	if p.Has("#person") || p.Has("tr.waiting") || p.Doc.Find(".rows-narrow thead th").Length() != 4 {
		t.Error("QA is shown who else sends")
	}
	if file := fileOf(qa.Get("/sends.csv")); len(file) != 6 {
		t.Errorf("the file has %d sends", len(file))
	}
	if hours := qa.Get("/sends?span=hours").Text(".split li:first-child .num:not(.hint)"); hours != "2" {
		t.Errorf("today's hours have %s", hours)
	}
}

// Deciding comes before anything else: sending again may deliver a message twice.
func TestAnUnknownSendIsDecidedBeforeItIsSentAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	lose(c, b)
	p := b.Get("/sends/1")
	if p.Doc.Find("main #decide, main a[href*=again]").First().AttrOr("id", "") != "decide" || p.Has("main a.primary") {
		t.Errorf("before the decision: %q", p.Text("main .primary"))
	}
	webtest.Must(t, c.Store.DecideSend(t.Context(), actorOf(c, store.Operator), c.App().ID, 1, true))
	if again := b.Get("/sends/1").Doc.Find("main a.primary"); !strings.Contains(again.AttrOr("href", ""), "again=1") {
		t.Error("once it is decided nothing leads on")
	}
}
