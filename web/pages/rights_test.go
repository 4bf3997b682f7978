package pages_test

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
	"muban/web/webtest"
	"muban/wechat/ledger"
)

// openIDOf is the n-th reader.
func openIDOf(n int) string { return fmt.Sprintf("oReader_%020d", n) }

const day = 24 * time.Hour

// fileOf is a CSV answer, its lines without the head.
func fileOf(p *webtest.Page) [][]string {
	p.T.Helper()
	if got := p.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
		p.T.Fatalf("%s is no file: %q", p.Path, got)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	webtest.Must(p.T, err)
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
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	b.Get("/rights").Expect(http.StatusOK, "rights.none")
	one, two := openIDOf(1), openIDOf(2)
	c.Report(webtest.FormReport(c, one, "first", 6*day+time.Hour), c.PaymentOf(one, "wx20261120first", day), webtest.FormReport(c, two, "second", 0))
	c.Report(webtest.FormReport(c, openIDOf(3), "third", 7*day-time.Second))
	c.Clock.Advance(2 * time.Second)
	p := b.Get("/rights")
	got := map[string]string{}
	for _, row := range p.Doc.Find("tbody").Last().Find("tr").EachIter() {
		cells := cellsOf(row)
		got[cells[0]] = strings.Join(cells[1:7], " ")
	}
	for openID, want := range map[string]string{one: "4 1 0 0 0 0", two: "1 0 0 0 0 0", openIDOf(3): "0 0 0 0 0 1"} {
		if got[openID] != want {
			t.Errorf("%s: %q, want %q", openID, got[openID], want)
		}
	}
	for _, query := range []string{one, "wx20261120first"} { // by whose it is, and by one of its ids
		webtest.Same(t, column(b.Get("/rights?q="+query), "1"), []string{one})
	}
	b.Get("/rights?q="+strings.ToUpper(one)).Expect(http.StatusOK, "rights.no_match")
}

func TestRightsAreListedOneByOneAndFiltered(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	one, two := openIDOf(1), openIDOf(2)
	c.Report(webtest.FormReport(c, one, "first", day), c.PaymentOf(one, "wx20261120first", 2*day), webtest.FormReport(c, two, "second", 3*day), webtest.FormReport(c, two, "gone", 7*day-time.Second))
	c.Clock.Advance(2 * time.Second)
	_, _, err := c.Store.KeepRights(t.Context())
	webtest.Must(t, err)
	for query, want := range map[string][]string{
		"":                            {"first", "wx20261120first", "second", "gone"},
		"&source=payment":             {"wx20261120first"},
		"&state=usable":               {"second", "wx20261120first", "first"}, // as they are picked
		"&state=expired":              {"gone"},
		"&state=held":                 {},
		"&q=" + two:                   {"second", "gone"},
		"&q=first":                    {"first"},
		"&q=" + one + "&source=form":  {"first"},
		"&q=nothing":                  {},
		"&count=2&offset=1":           {"wx20261120first", "second"},
		"&q=" + two + "&state=usable": {"second"},
	} {
		p := b.Get("/rights?by=right" + query)
		var got []string
		for _, id := range p.Doc.Find("tbody td:first-child code").EachIter() {
			got = append(got, id.Text())
		}
		if !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
		if query == "" || strings.Contains(query, "count") {
			continue
		}
		file := fileOf(b.Get(p.Doc.Find(`a[href^="/rights.csv"]`).AttrOr("href", "")))
		if len(file) != len(want) {
			t.Errorf("%q: the file has %v", query, file)
		}
	}
	b.Get("/rights?by=right&state=nonsense").Answers(http.StatusBadRequest)
	b.Get("/rights?by=nonsense").Answers(http.StatusBadRequest)
	b.Get("/rights?by=right&count=21").Expect(http.StatusUnprocessableEntity, "library.bad_count")
	if file := fileOf(b.Get("/rights.csv?q=wx20261120first")); len(file) != 2 { // by whose it is, as the page shows it
		t.Errorf("%v", file)
	}
	file := fileOf(b.Get("/rights.csv?q=" + one))
	if len(file) != 2 || file[0][0] != "first" && file[1][0] != "first" || !slices.Contains(file[0], one) {
		t.Errorf("%v", file)
	}
}

func TestWhoCannotBeReachedFromTomorrowOnIsNamed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Report(webtest.FormReport(c, openIDOf(99), "later", day))
	b.Get("/rights").Expect(http.StatusOK, "rights.nobody_leaves")
	for n := range 12 { // the first of them leaves first
		c.Report(webtest.FormReport(c, openIDOf(n), fmt.Sprintf("last-%02d", n), 6*day+time.Hour*time.Duration(20-n)))
	}
	c.Report(webtest.FormReport(c, openIDOf(0), "another", 0)) // can be reached after all
	p := b.Get("/rights").Expect(http.StatusOK, "rights.leaving")
	if got := p.Text("#leaving li:first-child .num"); got != "11" {
		t.Errorf("%q leave", got)
	}
	p = b.Get(p.Doc.Find("#leaving a").First().AttrOr("href", "") + "&count=8")
	if named := column(p, "1"); len(named) != 8 || named[0] != openIDOf(1) || named[7] != openIDOf(8) {
		t.Errorf("%v", named)
	}
	if named := column(b.Get(p.Doc.Find(`a[rel="next"]`).AttrOr("href", "")), "1"); len(named) != 3 || named[2] != openIDOf(11) {
		t.Errorf("then %v", named)
	}
	file := fileOf(b.Get(p.Doc.Find(`a[href$="/leaving.csv"]`).AttrOr("href", "")))
	if len(file) != 11 || file[0][0] != openIDOf(1) || file[10][0] != openIDOf(11) || file[0][1] != "1" {
		t.Errorf("%v", file)
	}
}

func TestTheFileOfWhoLeavesHasEverybody(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	reports := make([]ledger.Report, 1001)
	for n := range reports {
		reports[n] = webtest.FormReport(c, openIDOf(n), fmt.Sprintf("last-%04d", n), 6*day+time.Hour)
	}
	c.Report(reports...)
	seen := map[string]bool{}
	for _, line := range fileOf(c.As(store.Operator).Get("/rights/leaving.csv")) {
		seen[line[0]] = true
	}
	if len(seen) != len(reports) {
		t.Errorf("%d of %d", len(seen), len(reports))
	}
}

// The chart is for eyes; the table below it has the same numbers for everybody.
func TestTheChartOfRightsHasItsNumbersInATable(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Report(webtest.FormReport(c, openIDOf(1), "first", 0), webtest.FormReport(c, openIDOf(2), "second", 0))
	p := b.Get("/rights?span=past")
	plot := p.Doc.Find("#rights-chart .bars")
	if last := plot.Find("li").Last().Text(); !strings.Contains(plot.AttrOr("aria-label", ""), "30") || !strings.Contains(last, " 2 · ") {
		t.Errorf("a reader who does not see it hears %q", last)
	}
	rows := p.Doc.Find("#rights-chart tbody tr")
	if got := cellsOf(rows.First()); rows.Length() != 30 || !slices.Equal(got[1:], []string{"2", "0", "0"}) {
		t.Errorf("%d rows, today is %v", rows.Length(), got)
	}
	if n := plot.Find("rect").Length(); n != 1 {
		t.Errorf("%d bars, want today's one", n)
	}
}

// What is made by hand in the sandbox takes the way of what a business server reports.
func TestAFormOnTheSandboxPhoneIsInTheLedger(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Submit(b.Get("/sandbox?openid="+webtest.StrangerID), `form[action$="/sandbox/right"] button[value=payment]`, nil)
	made := p.Text("p[role=status] code")
	list := b.Get("/rights?by=right&q="+webtest.StrangerID).Shows(http.StatusOK, made)
	if got := list.Text("tbody .tag"); !strings.Contains(got, "Usable") {
		t.Errorf("%q", got)
	}
	list.Shows(http.StatusOK, "3 / 3")
	if n := len(c.Activities(store.ActRightReport)); n != 1 {
		t.Errorf("%d activities", n)
	}
}

func TestTheWayToReportIsShownForThisConsoleAndThisApp(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.As(store.Operator).Get("/rights/reporting").Expect(http.StatusOK, "reporting.title")
	if got := p.Text("#snippet-one"); !strings.Contains(got, "'"+c.URL+"/api/v1/rights'") || !strings.Contains(got, c.App().AppID) {
		t.Errorf("%s", got)
	}
	if !strings.Contains(p.Text("#snippet-wxml"), "report-submit") || !strings.Contains(p.Text("#snippet-js"), "e.detail.formId") {
		t.Error("the page's own code is missing")
	}
	// What is shown works: the snippet's body, with real ids in it.
	body := p.Doc.Find("#snippet-many").Text()
	body = strings.Trim(body[strings.Index(body, "-d ")+3:], "'")
	body = strings.NewReplacer(`"OPENID"`, `"`+webtest.StrangerID+`"`, "2018-05-15T12:00:00+08:00", c.Clock.Now().Format(time.RFC3339)).Replace(body)
	var answer struct{ Kept, Refused int }
	c.Caller("rights").Post("/api/v1/rights", body).Into(&answer)
	if answer.Kept != 2 || answer.Refused != 0 {
		t.Errorf("%+v", answer)
	}
}

func TestRightsOfAnotherAppAreNotShown(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Report(webtest.FormReport(c, openIDOf(1), "first", 0))
	b := c.As(store.Operator).In(c.AddApp("wx0000000000000002"))
	for _, path := range []string{"/rights", "/rights?q=first", "/rights?by=right", "/rights.csv", "/rights/leaving.csv", "/rights?by=right&q=" + openIDOf(1)} {
		if p := b.Get(path); strings.Contains(p.Text("table"), openIDOf(1)) || strings.Contains(p.Body, ">first<") || strings.HasSuffix(path, ".csv") && len(fileOf(p)) != 0 {
			t.Errorf("%s shows another app's", path)
		}
	}
}

func TestTheLedgerIsForOperators(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	template := c.AddTemplate(c.As(store.Operator), "AT0002")
	if p := c.As(store.QA).Get("/templates/" + template + "?" + url.Values{"touser": {webtest.StrangerID}}.Encode()); p.Has(`a[href^="/rights"]`) {
		t.Error("QA is led to a page that is closed to them")
	}
}

func TestAnAdministratorSaysHowLongRightsAreKept(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	c.Report(webtest.FormReport(c, openIDOf(1), "first", 0))
	page := admin.Get("/rights")
	for _, bad := range []string{"-1", "3651", "x", ""} {
		p := admin.Submit(page, `form[action$="/rights/kept"] button`, func(form url.Values) { form.Set("days", bad) })
		if p.Status != http.StatusUnprocessableEntity || !p.Has("#days-problem") {
			t.Errorf("%q: %d", bad, p.Status)
		}
	}
	admin.Submit(page, `form[action$="/rights/kept"] button`, func(form url.Values) { form.Set("days", "3") }).Expect(http.StatusOK, "done.rights_kept")
	c.As(store.Operator).Get("/rights").Expect(http.StatusOK, "rights.kept_for", "Count", 3)
	c.Clock.Advance(10*day + time.Second)
	_, pruned, err := c.Store.KeepRights(t.Context())
	webtest.Must(t, err)
	if pruned != 1 {
		t.Errorf("%d were pruned", pruned)
	}
}

func TestALongLedgerIsCountedNoFurtherAndSaysSo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	reports := make([]ledger.Report, store.LedgerCountedAtMost)
	for i := range reports {
		reports[i] = ledger.Report{Source: ledger.Form, OpenID: webtest.StrangerID, ID: fmt.Sprint("form", i)}
	}
	_, err := c.Store.ReportRights(t.Context(), store.Actor{}, c.App().ID, reports)
	webtest.Must(t, err)
	p := c.As(store.Operator).Get("/rights?by=right&offset=40").Expect(http.StatusOK, "pager.counted", "Count", "1,000")
	if p.Text("#range") != "41–60" || !p.Has("a[rel=next]") || p.Has("a[rel=last]") || strings.Contains(p.Text("main"), "-1 ") {
		t.Errorf("%q", p.Text(".pager"))
	}
}
