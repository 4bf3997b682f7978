package pages_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

func TestTheLogShowsWhoDidWhatToWhatAndFromWhere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	c.As(store.ProductManager).Post("/drafts/new", url.Values{"title": {"预约成功通知"}, "do": {"save"}}).Expect(http.StatusOK, "done.draft_saved")
	p := b.Get("/activity").Expect(http.StatusOK, "act.draft.add")
	row := p.Doc.Find("tbody tr").First()
	for _, want := range []string{"product_manager", "127.0.0.1", "预约成功通知"} {
		if !strings.Contains(row.Text(), want) {
			t.Errorf("no %q in %q", want, row.Text())
		}
	}
	if href := row.Find("a").AttrOr("href", ""); href != "/drafts/1" {
		t.Errorf("the object leads to %q", href)
	}
}

func TestTheLogIsFilteredByPersonActObjectAndDay(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	c.AddTemplate(b, "AT0002")
	c.As(store.ProductManager).Post("/drafts/new", url.Values{"title": {"预约成功通知"}, "do": {"save"}})
	qa := strconv.FormatInt(c.Person(store.ProductManager).ID, 10)
	for query, want := range map[string]string{
		"act=draft.add": "draft:1", "person=" + qa: "draft:1", "object=draft%3A": "draft:1", "act=template.add": "template:",
	} {
		rows := b.Get("/activity?" + query).Doc.Find("tbody tr")
		if rows.Length() != 1 || !strings.HasPrefix(rows.AttrOr("data-object", ""), want) {
			t.Errorf("%s: %d rows: %q", query, rows.Length(), rows.Text())
		}
	}
	today := c.Clock.Now().UTC().Add(8 * time.Hour)
	for query, some := range map[string]bool{
		"from=" + today.Format(time.DateOnly): true, "until=" + today.Format(time.DateOnly): true,
		"from=" + today.AddDate(0, 0, 1).Format(time.DateOnly): false, "until=" + today.AddDate(0, 0, -1).Format(time.DateOnly): false,
	} {
		if got := b.Get("/activity?all=true&"+query).Doc.Find("tbody tr").Length() > 0; got != some {
			t.Errorf("%s: lines %t", query, got)
		}
	}
	for query, want := range map[string]webtest.Wording{
		"from=tomorrow": webtest.Word("problem.datetime"), "act=nonsense": webtest.Word("problem.oneof", "Value", "nonsense"), "person=x": webtest.Word("problem.number"),
	} {
		p := b.Get("/activity?" + query)
		if !p.Says("main", want.ID, want.Args...) || p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, p.Status, p.Text(".banner"))
		}
	}
}

func TestTheLogAsAFileHoldsEveryLineAndNoFormula(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	for i := range 600 { // more than the file reads at a time
		webtest.Must(t, c.Store.Record(t.Context(), store.Actor{Name: "=1+1"}, c.App().ID, "draft.comment", "draft:"+strconv.Itoa(i), ""))
	}
	p := b.Get("/activity/export?act=draft.comment")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	webtest.Must(t, err)
	if len(lines) != 601 || lines[1][2] != "'=1+1" || lines[1][6] != "draft:599" || lines[600][6] != "draft:0" {
		t.Fatalf("%d lines, the first %q", len(lines), lines[1])
	}
}

func TestTheLogNeverHoldsASecret(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	s.Says(webtest.TokenPath, `{"access_token":"`+webtest.CanaryToken+`","expires_in":7200}`)
	b := c.As(store.Administrator)
	b.Submit(b.Get("/settings/apps"), "button.primary", webtest.FillApp(s.URL, webtest.CanarySecret))
	p := b.Get("/activity?all=true&count=20")
	if what := webtest.Leaked(p.Body + b.Get("/activity/export?all=true").Body); what != "" || !strings.Contains(p.Body, "app:2") {
		t.Errorf("leaked %q, or the app is not there", what)
	}
}

func TestTheLogOfPeopleLeavesOutWhatProgramsDid(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	c.Caller("rights").Post("/api/v1/rights", `{"openid":"`+webtest.StrangerID+`","id":"f1"}`).Into(&map[string]any{})
	saveDraft(b, "3", "4")
	all, people := b.Get("/activity?all=true"), b.Get("/activity?all=true&person=-1")
	if !all.Says("tbody", "act.right.report") || !all.Says("tbody", "act.draft.add") {
		t.Errorf("everything is %q", all.Text("tbody"))
	}
	if people.Says("tbody", "act.right.report") || !people.Says("tbody", "act.draft.add") {
		t.Errorf("what people did is %q", people.Text("tbody"))
	}
	for _, row := range fileOf(b.Get("/activity/export?all=true&person=-1")) {
		if row[5] == store.ActRightReport {
			t.Errorf("the file has %v", row)
		}
	}
}
