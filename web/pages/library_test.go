package pages_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// column are the texts of one column of the page's list.
func column(p *webtest.Page, n string) []string {
	var all []string
	for _, el := range p.Doc.Find("table.list tbody td:nth-child(" + n + ")").EachIter() {
		all = append(all, strings.TrimSpace(el.Text()))
	}
	return all
}

// listed are the ids of the titles on a page of the library, in order.
func listed(p *webtest.Page) []string {
	var ids []string
	for _, el := range p.Doc.Find(".titles tbody th code").EachIter() {
		ids = append(ids, strings.TrimSpace(el.Text()))
	}
	return ids
}

func TestTheLibraryShowsTwentyTitlesAPage(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	if webtest.Titles < 599 {
		t.Fatalf("%d titles", webtest.Titles)
	}
	p := b.Get("/library").Tells(http.StatusOK, webtest.Of(1, 20))
	if ids := listed(p); len(ids) != 20 || ids[0] != "AT0002" || strings.TrimSpace(p.Doc.Find(".titles .go").First().Text()) != "购买成功通知" {
		t.Fatalf("%v", ids)
	}
	if p.Has("a[rel=prev]") {
		t.Error("the first page leads back")
	}
	next := b.Get(p.Doc.Find("a[rel=next]").AttrOr("href", "")).Tells(http.StatusOK, webtest.Of(21, 40))
	if next.Path != "/library?count=20&offset=20" || listed(next)[0] == listed(p)[0] {
		t.Fatalf("next is %s", next.Path)
	}
	start := (webtest.Titles - 1) / 20 * 20
	last := b.Submit(next, ".pager form button", func(form url.Values) { form.Set("offset", strconv.Itoa(start)) }).
		Tells(http.StatusOK, webtest.Of(start+1, webtest.Titles))
	if len(listed(last)) != webtest.Titles-start || last.Has("a[rel=next]") {
		t.Errorf("the last page has %d rows", len(listed(last)))
	}
	if back := b.Get(last.Doc.Find("a[rel=prev]").AttrOr("href", "")); back.Path != fmt.Sprintf("/library?count=20&offset=%d", start-20) {
		t.Errorf("previous is %s", back.Path)
	}
}

func TestOffsetAndCountAreSetByHand(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.QA)
	p := b.Submit(b.Get("/library"), ".pager form button", func(form url.Values) {
		form.Set("offset", "7")
		form.Set("count", "3")
	}).Tells(http.StatusOK, webtest.Of(8, 10))
	if p.Path != "/library?count=3&offset=7" || len(listed(p)) != 3 {
		t.Fatalf("%s: %v", p.Path, listed(p))
	}
	if prev := p.Doc.Find("a[rel=prev]").AttrOr("href", ""); prev != "/library?count=3&offset=4" {
		t.Errorf("previous is %s", prev)
	}
	near := b.Get("/library?offset=1&count=20")
	if prev := near.Doc.Find("a[rel=prev]").AttrOr("href", ""); prev != "/library?count=20&offset=0" {
		t.Errorf("previous of the second title is %s", prev)
	}
	b.Get("/library?count=1").Tells(http.StatusOK, webtest.Of(1, 1))
	b.Get(fmt.Sprintf("/library?count=20&offset=%d", webtest.Titles-1)).Tells(http.StatusOK, webtest.Of(webtest.Titles, webtest.Titles))
}

func TestABadOffsetOrCountIsSaidAndNotRepaired(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	for _, query := range []string{
		"count=0", "count=21", "count=-1", "count=x", "count=1e1", "count=99999999999999999999", "count=<b>", "offset=-1", "offset=x", "offset=1.5",
	} {
		field, value, _ := strings.Cut(query, "=")
		want := webtest.Word("library.bad_"+field, "Value", value)
		if field == "count" {
			want.Args = append(want.Args, "Max", 20)
		}
		for _, path := range []string{"/library", "/templates", "/drafts", "/sends"} {
			p := b.Get(path+"?"+query).Tells(http.StatusUnprocessableEntity, want)
			if p.Header.Get("Etag") != "" {
				t.Errorf("%s?%s may be kept", path, query)
			}
		}
	}
	b.Get("/library?count=0&offset=-1").Expect(http.StatusUnprocessableEntity, "form.refused", "Count", 2)
	b.Speaking("zh").Get("/library?count=21").Expect(http.StatusUnprocessableEntity, "library.bad_count", "Max", 20)
	b.Get("/library?count=%C2%A0"+strings.Repeat("9", 200)).Shows(http.StatusUnprocessableEntity, "…”")
	if c.Calls("library/list") > 2 {
		t.Errorf("WeChat was asked %d times", c.Calls("library/list"))
	}
}

func TestPastTheEndTheLibrarySaysSo(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.QA)
	for _, offset := range []string{strconv.Itoa(webtest.Titles), strconv.Itoa(webtest.Titles + 1), "9223372036854775807"} {
		p := b.Get("/library?offset="+offset).Expect(http.StatusOK, "library.past_end")
		if !p.Has("a[rel=first]") || p.Has("a[rel=next]") || len(listed(p)) != 0 {
			t.Errorf("offset %s: %s", offset, p.Text("main"))
		}
	}
}

func TestATitleThatWeChatDoesNotKnowIsNotFound(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	for _, id := range []string{"AT9999999", "at0002", "..%2f..%2fsecret", "%00", "a%20b"} {
		if p := b.Get("/library/" + id); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", id, p.Status)
		}
		if p := b.Post("/library/"+id, url.Values{"do": {"check"}}); p.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", id, p.Status)
		}
	}
}

func TestALibraryPageIsNeverTheOneOfBefore(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	other := c.AddApp("wx0000000000000002")
	before := b.Get("/library").Body
	differs := func(what string, b *webtest.Browser, path string, want string) {
		t.Helper()
		p := b.Get(path)
		if p.Status != http.StatusOK || p.Body == before || !strings.Contains(p.Body, want) {
			t.Errorf("%s: %d", what, p.Status)
		}
	}
	differs("another offset", b, "/library?offset=20", "21–40")
	differs("another count", b, "/library?count=5", "1–5")
	differs("another person", c.As(store.Administrator), "/library", ">administrator<")
	differs("another language", b.Speaking("zh"), "/library", "模板库")
	differs("a message", b, "/library?done=draft_saved", webtest.Catalogue(t, "en")["done.draft_saved"]["other"])
	b.Post("/preferences", url.Values{"theme": {"dark"}})
	differs("another theme", b, "/library", `data-theme="dark"`)
	b.Post("/preferences", url.Values{"theme": {"auto"}})
	b.In(other)
	differs("another app", b, "/library", `selected>`+other.Name)
	b.In(c.App())
	c.AddApp("wx0000000000000003")
	differs("an app more in the switcher", b, "/library", "wx0000000000000003")
	before = b.Get("/library").Body
	webtest.Must(t, c.Store.SetRole(context.Background(), store.Actor{}, c.Person(store.Operator).ID, store.Administrator))
	differs("another role", b, "/library", "/settings/apps")
	b.Post("/sandbox/reset", url.Values{"name": {c.App().Name}})
	b.Get("/library").Tells(http.StatusOK, webtest.Of(1, 20))
}

// An empty answer is no end of the list, and is not kept as if it were.
func TestFault58_AnEmptyLibraryIsNotPastItsLastTitle(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/library/list", Body: `{"errcode":0,"errmsg":"ok","list":[],"total_count":0}`}))
	p := b.Get("/library").Expect(http.StatusOK, "library.none")
	if p.Says("main", "library.past_end") {
		t.Errorf("%s", p.Text("main"))
	}
	if p = b.Get(p.Doc.Find("main .empty a.button").AttrOr("href", "")); p.Doc.Find("main tbody tr").Length() != 20 {
		t.Errorf("%d titles: %s", p.Doc.Find("main tbody tr").Length(), p.Text("main"))
	}
	b.Get("/library?offset=5000").Expect(http.StatusOK, "library.past_end")
}

// The way back from a title leads to the list as it was left, with its preview, at the title.
func TestTheWayBackFromATitleLeadsToWhereItWasChosen(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	list := b.Get("/library?q=通知&suffix=通知&sort=id&count=10&offset=30")
	id := listed(list)[3]
	p := b.Get(list.Doc.Find(".titles .go").Eq(3).AttrOr("href", "")).Answers(http.StatusOK)
	keyword := p.Doc.Find("#chips button").First().AttrOr("value", "")
	p = b.Press(p, keyword) // the way back outlives what is done meanwhile
	back, err := url.Parse(p.Doc.Find(".crumbs a").AttrOr("href", ""))
	webtest.Must(t, err)
	again := b.Get(back.String()).Answers(http.StatusOK)
	webtest.Same(t, listed(again), listed(list))
	if again.Text("#peek header code") != id || !again.Has(`[id="`+back.Fragment+`"].on`) || !p.Says(".crumbs", "builder.results", "Text", "通知") {
		t.Errorf("%s", back)
	}
	if p := b.Get("/library/AT0002"); p.Doc.Find(".crumbs a").AttrOr("href", "") != "/library" {
		t.Errorf("%s", p.Text(".crumbs"))
	}
	for _, from := range []string{"%zz", "q=%3Cb%3E&x=1", "//elsewhere.example", "q=%00"} {
		b.Get("/library/AT0002?" + url.Values{"from": {from}}.Encode()).Answers(http.StatusOK).Inert()
	}
}
