package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// sendTo sends values to openID under a new form, and answers the page it ends on.
func sendTo(c *webtest.Console, b *webtest.Browser, template, openID string, values ...string) *webtest.Page {
	c.T.Helper()
	form := messageTo(c, b, template, openID)
	form["v"] = values
	return b.Post("/templates/"+template+"/send", form)
}

// listedOn are the numbers of the sends on a page of the history.
func listedOn(p *webtest.Page) string {
	var ids []string
	for _, a := range p.Doc.Find(`.rows-narrow tbody a.go`).EachIter() {
		ids = append(ids, strings.TrimPrefix(a.AttrOr("href", ""), "/sends/"))
	}
	return strings.Join(ids, " ")
}

func TestTheHistoryIsFilteredSearchedAndCounted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, qa := c.As(store.Operator), c.As(store.QA)
	one, two := c.AddTemplate(b, "AT0002", "3", "5"), c.AddTemplate(b, "AT0009", "1")
	own := sandbox.OpenIDFor(c.App().AppID, "qa")
	sendTo(c, b, one, webtest.StrangerID, "广州 100%", "拿_铁").Expect(http.StatusOK, "outcome.sent")
	sendTo(c, qa, two, own, "<b>\"A\\b\"</b>").Expect(http.StatusOK, "outcome.sent")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41030)}))
	sendTo(c, b, one, webtest.StrangerID, "上海", "=1+1").Shows(http.StatusOK, "errcode 41030")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: "after"}))
	sendTo(c, b, two, webtest.StrangerID, "北京").Expect(http.StatusOK, "outcome.unknown")

	today := c.Clock.Now().In(time.FixedZone("", 8*3600))
	for query, want := range map[string]string{
		"":                                    "4 3 2 1",
		"outcome=sent":                        "2 1",
		"outcome=unknown":                     "4",
		"outcome=undecided":                   "4",
		"errcode=41030":                       "3",
		"template=" + two:                     "4 2",
		"openid=" + own:                       "2",
		"person=qa":                           "2",
		"right=" + c.Sends()[0].FormID:        "4",
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
		p := b.Get("/sends?" + query)
		if got := listedOn(p); got != want || p.Status != http.StatusOK {
			t.Errorf("%q: %d, %q, want %q", query, p.Status, got, want)
		}
		var ids []string
		for _, line := range fileOf(b.Get(p.Doc.Find(`a[href^="/sends.csv"]`).AttrOr("href", ""))) {
			ids = append(ids, line[0])
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q: the file has %q, want %q", query, got, want)
		}
	}
	for query, says := range map[string]webtest.Wording{
		"errcode=x":     webtest.Word("problem.number", "Field", "errcode", "Value", "x"),
		"from=2018-5-1": webtest.Word("sends.bad_day", "Value", "2018-5-1"), "to=tomorrow": webtest.Word("sends.bad_day", "Value", "tomorrow"),
	} {
		b.Get("/sends?"+query).Tells(http.StatusUnprocessableEntity, says)
		b.Get("/sends.csv?" + query).Answers(http.StatusBadRequest)
	}

	p := b.Get("/sends")
	p.Expect(http.StatusOK, "sends.quota", "Used", 4, "Max", "1,000,000")
	if got := b.Get("/").Doc.Find("#strip progress").Last().AttrOr("value", ""); got != "4" {
		t.Errorf("the overview's meter shows %q", got)
	}
	if got := cellsOf(p.Doc.Find("#sends-chart tbody tr").First())[1:]; !slices.Equal(got, []string{"2", "1", "1"}) {
		t.Errorf("today's counts are %v", got)
	}
	if got := p.Text(".split"); !strings.Contains(got, "Sent 2") || !strings.Contains(got, "41030") {
		t.Errorf("%s", got)
	}
	counted := p.Doc.Find(".split a, .bars li:last-child a")
	if counted.Length() != 5 {
		t.Errorf("%d lines are filters", counted.Length())
	}
	for _, link := range counted.EachIter() {
		if listedOn(b.Get(link.AttrOr("href", ""))) == "" {
			t.Errorf("%s leads to nothing", link.Text())
		}
	}
}

func TestFault37_AFileOfSendsHoldsNoFormula(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	template := c.AddTemplate(b, "AT0002", "3", "5")
	sendTo(c, b, template, webtest.StrangerID, "=HYPERLINK(1)", "咖啡").Expect(http.StatusOK, "outcome.sent")
	line := fileOf(b.Get("/sends.csv"))[0]
	if got := line[len(line)-1]; got != "'=HYPERLINK(1) | 咖啡" {
		t.Errorf("%q", got)
	}
	if line[6] != "sent" || line[7] != "0" || line[14] != "operator" {
		t.Errorf("%q", line)
	}
}

func TestWhatIsTypedInAFilterIsStillThere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Get("/sends?q=%3Cb%3E&outcome=refused&errcode=41028&openid=x&person=qa&from=2018-05-01&to=2018-05-15")
	if form := webtest.Controls(p.Doc.Find("form.filters")); form.Get("q") != "<b>" || form.Get("outcome") != "refused" || form.Get("errcode") != "41028" || form.Get("openid") != "x" || form.Get("person") != "qa" || form.Get("from") != "2018-05-01" || form.Get("to") != "2018-05-15" {
		t.Errorf("%v", form)
	}
	if !p.Has("details.more[open]") || b.Get("/sends?q=x").Has("details.more[open]") {
		t.Error("the filters that are set are folded away, or those that are not are open")
	}
}
