package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
)

func TestTheLogShowsWhoDidWhatToWhatAndFromWhere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	c.as(store.ProductManager).post("/drafts/new", url.Values{"title": {"预约成功通知"}, "do": {"save"}}).expect(http.StatusOK, "The draft is saved")
	p := b.get("/activity").expect(http.StatusOK, "Made a draft")
	row := p.doc.Find("tbody tr").First()
	for _, want := range []string{"product_manager", "127.0.0.1", "draft:1"} {
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
	c := newConsole(t)
	b := c.as(store.Administrator)
	c.addTemplate(b, "AT0002")
	c.as(store.ProductManager).post("/drafts/new", url.Values{"title": {"预约成功通知"}, "do": {"save"}})
	qa := strconv.FormatInt(c.person(store.ProductManager).ID, 10)
	for query, want := range map[string]string{
		"act=draft.add": "draft:1", "person=" + qa: "draft:1", "object=draft%3A": "draft:1", "act=template.add": "template:",
	} {
		rows := b.get("/activity?" + query).doc.Find("tbody tr")
		if rows.Length() != 1 || !strings.Contains(rows.Text(), want) {
			t.Errorf("%s: %d rows: %q", query, rows.Length(), rows.Text())
		}
	}
	today := c.clock.Now().UTC().Add(8 * time.Hour)
	for query, some := range map[string]bool{
		"from=" + today.Format(time.DateOnly): true, "until=" + today.Format(time.DateOnly): true,
		"from=" + today.AddDate(0, 0, 1).Format(time.DateOnly): false, "until=" + today.AddDate(0, 0, -1).Format(time.DateOnly): false,
	} {
		if got := b.get("/activity?all=true&"+query).doc.Find("tbody tr").Length() > 0; got != some {
			t.Errorf("%s: lines %t", query, got)
		}
	}
	for query, want := range map[string]string{"from=tomorrow": "is a date like 2018-05-04", "act=nonsense": "cannot be “nonsense”", "person=x": "must be a whole number"} {
		p := b.get("/activity?" + query)
		if !strings.Contains(p.text("main"), want) || p.status != http.StatusUnprocessableEntity && p.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, p.status, p.text(".banner"))
		}
	}
}

func TestTheLogAsAFileHoldsEveryLineAndNoFormula(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	for i := range 600 { // more than the file reads at a time
		must(t, c.store.Record(t.Context(), store.Actor{Name: "=1+1"}, c.app().ID, "draft.comment", "draft:"+strconv.Itoa(i), ""))
	}
	p := b.get("/activity/export?act=draft.comment")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\ufeff"))).ReadAll()
	must(t, err)
	if len(lines) != 601 || lines[1][2] != "'=1+1" || lines[1][6] != "draft:599" || lines[600][6] != "draft:0" {
		t.Fatalf("%d lines, the first %q", len(lines), lines[1])
	}
}

func TestTheLogNeverHoldsASecret(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	s.says(tokenPath, `{"access_token":"`+canaryToken+`","expires_in":7200}`)
	b := c.as(store.Administrator)
	b.submit(b.get("/settings/apps"), "button.primary", fillApp(s.URL, canarySecret))
	p := b.get("/activity?all=true&count=20")
	if what := leaked(p.body + b.get("/activity/export?all=true").body); what != "" || !strings.Contains(p.body, "app:2") {
		t.Errorf("leaked %q, or the app is not there", what)
	}
}

func TestTheLogOfPeopleLeavesOutWhatProgramsDid(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	c.caller("rights").post("/api/v1/rights", `{"openid":"`+strangerID+`","id":"f1"}`).into(&map[string]any{})
	saveDraft(b, "3", "4")
	all, people := b.get("/activity?all=true").text("tbody"), b.get("/activity?all=true&person=-1").text("tbody")
	if !strings.Contains(all, "Reported rights") || !strings.Contains(all, "Made a draft") {
		t.Errorf("everything is %q", all)
	}
	if strings.Contains(people, "Reported rights") || !strings.Contains(people, "Made a draft") {
		t.Errorf("what people did is %q", people)
	}
	for _, row := range fileOf(b.get("/activity/export?all=true&person=-1")) {
		if row[5] == store.ActRightReport {
			t.Errorf("the file has %v", row)
		}
	}
}
