package web_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/wechat/ledger"
)

// openIDOf is the n-th reader.
func openIDOf(n int) string { return fmt.Sprintf("oReader_%020d", n) }

// report takes rights into the ledger, as a business server does.
func (c *console) report(reports ...ledger.Report) {
	c.t.Helper()
	receipts, err := c.store.ReportRights(c.t.Context(), store.Actor{}, c.app().ID, reports)
	must(c.t, err)
	for _, r := range receipts {
		if r.Refused != nil {
			c.t.Fatalf("%+v: %v", r.Right, r.Refused)
		}
	}
}

// formOf is a form that openID submitted so long ago.
func (c *console) formOf(openID, id string, ago time.Duration) ledger.Report {
	return ledger.Report{OpenID: openID, Source: ledger.Form, ID: id, When: c.clock.Now().Add(-ago)}
}

func (c *console) paymentOf(openID, id string, ago time.Duration) ledger.Report {
	return ledger.Report{OpenID: openID, Source: ledger.Payment, ID: id, When: c.clock.Now().Add(-ago)}
}

const day = 24 * time.Hour

// file is a CSV answer, its lines without the head.
func (p *page) file() [][]string {
	p.t.Helper()
	if got := p.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
		p.t.Fatalf("%s is no file: %q", p.path, got)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\ufeff"))).ReadAll()
	must(p.t, err)
	return lines[1:]
}

// cellsOf is what a table's row says, cell by cell.
func cellsOf(row *goquery.Selection) []string {
	var all []string
	for _, cell := range row.Find("th, td").EachIter() {
		all = append(all, strings.Join(strings.Fields(cell.Text()), " "))
	}
	return all
}

func TestRightsAreAddedUpByWhoseTheyAre(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	b.get("/rights").expect(http.StatusOK, "No right was reported yet")
	one, two := openIDOf(1), openIDOf(2)
	c.report(c.formOf(one, "first", 6*day+time.Hour), c.paymentOf(one, "wx20261120first", day), c.formOf(two, "second", 0))
	c.report(c.formOf(openIDOf(3), "third", 7*day-time.Second))
	c.clock.Advance(2 * time.Second)
	p := b.get("/rights")
	got := map[string]string{}
	for _, row := range p.doc.Find("tbody").Last().Find("tr").EachIter() {
		cells := cellsOf(row)
		got[cells[0]] = strings.Join(cells[1:7], " ")
	}
	for openID, want := range map[string]string{one: "4 1 0 0 0 0", two: "1 0 0 0 0 0", openIDOf(3): "0 0 0 0 0 1"} {
		if got[openID] != want {
			t.Errorf("%s: %q, want %q", openID, got[openID], want)
		}
	}
	for _, query := range []string{one, "wx20261120first"} { // by whose it is, and by one of its ids
		same(t, b.get("/rights?q="+query).column("1"), []string{one})
	}
	b.get("/rights?q="+strings.ToUpper(one)).expect(http.StatusOK, "No right matches") // faults.md 23
}

func TestRightsAreListedOneByOneAndFiltered(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	one, two := openIDOf(1), openIDOf(2)
	c.report(c.formOf(one, "first", day), c.paymentOf(one, "wx20261120first", 2*day), c.formOf(two, "second", 3*day), c.formOf(two, "gone", 7*day-time.Second))
	c.clock.Advance(2 * time.Second)
	_, _, err := c.store.KeepRights(t.Context())
	must(t, err)
	for query, want := range map[string][]string{
		"":                            {"first", "wx20261120first", "second", "gone"},
		"&kind=payment":               {"wx20261120first"},
		"&state=usable":               {"second", "wx20261120first", "first"}, // as they are picked
		"&state=expired":              {"gone"},
		"&state=held":                 {},
		"&q=" + two:                   {"second", "gone"},
		"&q=first":                    {"first"},
		"&q=" + one + "&kind=form":    {"first"},
		"&q=nothing":                  {},
		"&count=2&offset=1":           {"wx20261120first", "second"},
		"&q=" + two + "&state=usable": {"second"},
	} {
		p := b.get("/rights?by=right" + query)
		var got []string
		for _, id := range p.doc.Find("tbody td:first-child code").EachIter() {
			got = append(got, id.Text())
		}
		if !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
		if query == "" || strings.Contains(query, "count") {
			continue
		}
		file := b.get(p.doc.Find(`a[href^="/rights.csv"]`).AttrOr("href", "")).file()
		if len(file) != len(want) {
			t.Errorf("%q: the file has %v", query, file)
		}
	}
	b.get("/rights?by=right&state=nonsense").expect(http.StatusBadRequest, "")
	b.get("/rights?by=nonsense").expect(http.StatusBadRequest, "")
	b.get("/rights?by=right&count=21").expect(http.StatusUnprocessableEntity, "count must be")
	if file := b.get("/rights.csv?q=wx20261120first").file(); len(file) != 2 { // by whose it is, as the page shows it
		t.Errorf("%v", file)
	}
	file := b.get("/rights.csv?q=" + one).file()
	if len(file) != 2 || file[0][0] != "first" && file[1][0] != "first" || !slices.Contains(file[0], one) {
		t.Errorf("%v", file)
	}
}

func TestWhoCannotBeReachedFromTomorrowOnIsNamed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.report(c.formOf(openIDOf(99), "later", day))
	b.get("/rights").expect(http.StatusOK, "Nobody loses their last right within 24 hours")
	for n := range 12 { // the first of them leaves first
		c.report(c.formOf(openIDOf(n), fmt.Sprintf("last-%02d", n), 6*day+time.Hour*time.Duration(20-n)))
	}
	c.report(c.formOf(openIDOf(0), "another", 0)) // can be reached after all
	p := b.get("/rights").expect(http.StatusOK, "Only the first to leave are named here")
	var named []string
	for _, a := range p.doc.Find(".leaving li a").EachIter() {
		named = append(named, a.Text())
	}
	if len(named) != 8 || named[0] != openIDOf(1) || named[7] != openIDOf(8) {
		t.Errorf("%v", named)
	}
	file := b.get(p.doc.Find(`.leaving a[href$=".csv"]`).AttrOr("href", "")).file()
	if len(file) != 11 || file[0][0] != openIDOf(1) || file[10][0] != openIDOf(11) || file[0][1] != "1" {
		t.Errorf("%v", file)
	}
}

func TestTheFileOfWhoLeavesHasEverybody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	reports := make([]ledger.Report, 1001)
	for n := range reports {
		reports[n] = c.formOf(openIDOf(n), fmt.Sprintf("last-%04d", n), 6*day+time.Hour)
	}
	c.report(reports...)
	seen := map[string]bool{}
	for _, line := range c.as(store.Operator).get("/rights/leaving.csv").file() {
		seen[line[0]] = true
	}
	if len(seen) != len(reports) {
		t.Errorf("%d of %d", len(seen), len(reports))
	}
}

// The chart is for eyes; the table below it has the same numbers for everybody.
func TestTheChartOfRightsHasItsNumbersInATable(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.report(c.formOf(openIDOf(1), "first", 0), c.formOf(openIDOf(2), "second", 0))
	p := b.get("/rights")
	about := p.text("#rights-chart-about")
	plot := p.doc.Find("svg[role=img]")
	if plot.AttrOr("aria-labelledby", "") != "rights-chart-title rights-chart-about" || !strings.Contains(about, "2 rights were reported, 0 sends were used") {
		t.Errorf("a reader who does not see it hears %q", about)
	}
	rows := p.doc.Find("#rights-chart tbody tr")
	if got := cellsOf(rows.First()); rows.Length() != 30 || !slices.Equal(got[1:], []string{"2", "0", "0"}) {
		t.Errorf("%d rows, today is %v", rows.Length(), got)
	}
	if n := plot.Find("rect:not(.pointed)").Length(); n != 1 {
		t.Errorf("%d bars, want today's one", n)
	}
}

// What is made by hand in the sandbox takes the way of what a business server reports.
func TestAFormOnTheSandboxPhoneIsInTheLedger(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.submit(b.get("/sandbox?openid="+strangerID), `form[action$="/sandbox/right"] button[value=payment]`, nil)
	made := p.text("p[role=status] code")
	list := b.get("/rights?by=right&q="+strangerID).expect(http.StatusOK, made)
	if got := list.text("tbody .tag"); !strings.Contains(got, "Usable") {
		t.Errorf("%q", got)
	}
	list.expect(http.StatusOK, "3 / 3")
	if n := len(c.activities(store.ActRightReport)); n != 1 {
		t.Errorf("%d activities", n)
	}
}

func TestTheWayToReportIsShownForThisConsoleAndThisApp(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.as(store.Operator).get("/rights/reporting").expect(http.StatusOK, "How to report rights")
	if got := p.text("#snippet-one"); !strings.Contains(got, "'"+c.URL+"/api/v1/rights'") || !strings.Contains(got, c.app().AppID) {
		t.Errorf("%s", got)
	}
	if !strings.Contains(p.text("#snippet-wxml"), "report-submit") || !strings.Contains(p.text("#snippet-js"), "e.detail.formId") {
		t.Error("the page's own code is missing")
	}
	// What is shown works: the snippet's body, with real ids in it.
	body := p.doc.Find("#snippet-many").Text()
	body = strings.Trim(body[strings.Index(body, "-d ")+3:], "'")
	body = strings.NewReplacer(`"OPENID"`, `"`+strangerID+`"`, "2018-05-15T12:00:00+08:00", c.clock.Now().Format(time.RFC3339)).Replace(body)
	var answer struct{ Kept, Refused int }
	c.caller("rights").post("/api/v1/rights", body).into(&answer)
	if answer.Kept != 2 || answer.Refused != 0 {
		t.Errorf("%+v", answer)
	}
}

func TestRightsOfAnotherAppAreNotShown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.report(c.formOf(openIDOf(1), "first", 0))
	b := c.as(store.Operator).in(c.addApp("wx0000000000000002"))
	for _, path := range []string{"/rights", "/rights?q=first", "/rights?by=right", "/rights.csv", "/rights/leaving.csv", "/rights?by=right&q=" + openIDOf(1)} {
		if p := b.get(path); strings.Contains(p.text("table"), openIDOf(1)) || strings.Contains(p.body, ">first<") || strings.HasSuffix(path, ".csv") && len(p.file()) != 0 {
			t.Errorf("%s shows another app's", path)
		}
	}
}

func TestTheLedgerIsForOperators(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	template := c.addTemplate(c.as(store.Operator), "AT0002")
	if p := c.as(store.QA).get("/templates/" + template + "?" + url.Values{"touser": {strangerID}}.Encode()); p.has(`a[href^="/rights"]`) {
		t.Error("QA is led to a page that is closed to them")
	}
}

func TestAnAdministratorSaysHowLongRightsAreKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	c.report(c.formOf(openIDOf(1), "first", 0))
	page := admin.get("/rights")
	for _, bad := range []string{"-1", "3651", "x", ""} {
		p := admin.submit(page, `form[action$="/rights/kept"] button`, func(form url.Values) { form.Set("days", bad) })
		if p.status != http.StatusUnprocessableEntity || !p.has("#days-problem") {
			t.Errorf("%q: %d", bad, p.status)
		}
	}
	admin.submit(page, `form[action$="/rights/kept"] button`, func(form url.Values) { form.Set("days", "3") }).expect(http.StatusOK, "The number of days is saved")
	c.as(store.Operator).get("/rights").expect(http.StatusOK, "leaves this list 3 days after its end")
	c.clock.Advance(10*day + time.Second)
	_, pruned, err := c.store.KeepRights(t.Context())
	must(t, err)
	if pruned != 1 {
		t.Errorf("%d were pruned", pruned)
	}
}

func TestALongLedgerIsCountedNoFurtherAndSaysSo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for batch := range 10 {
		reports := make([]ledger.Report, 1000)
		for i := range reports {
			reports[i] = ledger.Report{Source: ledger.Form, OpenID: strangerID, ID: fmt.Sprintf("form%dof%d", i, batch)}
		}
		_, err := c.store.ReportRights(t.Context(), store.Actor{}, c.app().ID, reports)
		must(t, err)
	}
	p := c.as(store.Operator).get("/rights?by=right&offset=40").expect(http.StatusOK, "10,000 or more")
	if p.text("#range") != "41–60" || !p.has("a[rel=next]") || p.has("a[rel=last]") || strings.Contains(p.text("main"), "-1 ") {
		t.Errorf("%q", p.text(".pager"))
	}
}
