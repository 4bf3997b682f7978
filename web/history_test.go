package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/sandbox"
)

// sendTo sends values to openID under a new form, and answers the page it ends on.
func sendTo(c *console, b *browser, template, openID string, values ...string) *page {
	c.t.Helper()
	form := messageTo(c, b, template, openID)
	form["v"] = values
	return b.post("/templates/"+template+"/send", form)
}

// listedOn are the numbers of the sends on a page of the history.
func listedOn(p *page) string {
	var ids []string
	for _, a := range p.doc.Find(`main > table tbody td:first-child a`).EachIter() {
		ids = append(ids, strings.TrimPrefix(a.AttrOr("href", ""), "/sends/"))
	}
	return strings.Join(ids, " ")
}

func TestTheHistoryIsFilteredSearchedAndCounted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, qa := c.as(store.Operator), c.as(store.QA)
	one, two := c.addTemplate(b, "AT0002", "3", "5"), c.addTemplate(b, "AT0009", "1")
	own := sandbox.OpenIDFor(c.app().AppID, "qa")
	sendTo(c, b, one, strangerID, "广州 100%", "拿_铁").expect(http.StatusOK, "Sent")
	sendTo(c, qa, two, own, "<b>\"A\\b\"</b>").expect(http.StatusOK, "Sent")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: new(41030)}))
	sendTo(c, b, one, strangerID, "上海", "=1+1").expect(http.StatusOK, "errcode 41030")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, Drop: "after"}))
	sendTo(c, b, two, strangerID, "北京").expect(http.StatusOK, "Outcome unknown")

	today := c.clock.Now().In(time.FixedZone("", 8*3600))
	for query, want := range map[string]string{
		"":                                    "4 3 2 1",
		"outcome=sent":                        "2 1",
		"outcome=unknown":                     "4",
		"outcome=undecided":                   "4",
		"errcode=41030":                       "3",
		"template=" + two:                     "4 2",
		"openid=" + own:                       "2",
		"person=qa":                           "2",
		"right=" + c.sends()[0].FormID:        "4",
		"from=" + today.Format(time.DateOnly): "4 3 2 1",
		"to=" + today.Format(time.DateOnly):   "4 3 2 1",
		"to=2018-05-15":                       "",
		"from=2038-01-01":                     "",
		"q=海":                                 "3", // one character
		"q=广州":                                "1",
		"q=" + url.QueryEscape("%"):           "1",
		"q=_":                                 "1",
		"q=" + url.QueryEscape(`"a\B"`):       "2",
		"q=" + url.QueryEscape("</b>"):        "2",
		"q=keyword1":                          "", // values alone are searched
		"q=value":                             "",
		"outcome=refused&person=operator":     "3",
		"q=" + url.QueryEscape("广") + "&errcode=0": "1",
	} {
		p := b.get("/sends?" + query)
		if got := listedOn(p); got != want || p.status != http.StatusOK {
			t.Errorf("%q: %d, %q, want %q", query, p.status, got, want)
		}
		var ids []string
		for _, line := range fileOf(b.get(p.doc.Find(`a[href^="/sends.csv"]`).AttrOr("href", ""))) {
			ids = append(ids, line[0])
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q: the file has %q, want %q", query, got, want)
		}
	}
	for query, says := range map[string]string{"errcode=x": "errcode must be a whole number, not “x”", "from=2018-5-1": "A day is written 2018-05-15, not “2018-5-1”", "to=tomorrow": "not “tomorrow”"} {
		b.get("/sends?"+query).expect(http.StatusUnprocessableEntity, says)
		b.get("/sends.csv?"+query).expect(http.StatusBadRequest, "")
	}

	p := b.get("/sends")
	p.expect(http.StatusOK, "4 of 1,000,000 calls today")
	if got := p.doc.Find("meter#quota").AttrOr("value", ""); got != "4" {
		t.Errorf("the meter shows %q", got)
	}
	if got := cellsOf(p.doc.Find("#sends-chart tbody tr").First())[1:]; !slices.Equal(got, []string{"2", "1", "1"}) {
		t.Errorf("today's counts are %v", got)
	}
	if got := p.text(".shares"); !strings.Contains(got, "Sent 2") || !strings.Contains(got, "errcode 41030") {
		t.Errorf("%s", got)
	}
	counted := p.doc.Find(".shares a")
	for _, link := range counted.EachIter() {
		if listedOn(b.get(link.AttrOr("href", ""))) == "" {
			t.Errorf("%s leads to nothing", link.Text())
		}
	}
}

func TestFault37_AFileOfSendsHoldsNoFormula(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	template := c.addTemplate(b, "AT0002", "3", "5")
	sendTo(c, b, template, strangerID, "=HYPERLINK(1)", "咖啡").expect(http.StatusOK, "Sent")
	line := fileOf(b.get("/sends.csv"))[0]
	if got := line[len(line)-1]; got != "'=HYPERLINK(1) | 咖啡" {
		t.Errorf("%q", got)
	}
	if line[6] != "sent" || line[7] != "0" || line[14] != "operator" {
		t.Errorf("%q", line)
	}
}

func TestWhatIsTypedInAFilterIsStillThere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.get("/sends?q=%3Cb%3E&outcome=refused&errcode=41028&openid=x&person=qa&from=2018-05-01&to=2018-05-15")
	if form := controls(p.doc.Find("form.filters")); form.Get("q") != "<b>" || form.Get("outcome") != "refused" || form.Get("errcode") != "41028" || form.Get("openid") != "x" || form.Get("person") != "qa" || form.Get("from") != "2018-05-01" || form.Get("to") != "2018-05-15" {
		t.Errorf("%v", form)
	}
	if !p.has("details.more[open]") || b.get("/sends?q=x").has("details.more[open]") {
		t.Error("the filters that are set are folded away, or those that are not are open")
	}
}
