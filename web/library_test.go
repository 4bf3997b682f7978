package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

// titles is how many the simulated library has: those of the documentation's day
// at the least.
var titles = len(sandbox.Library(sandbox.DefaultSeed))

func of(from, to int) string { return fmt.Sprintf("%d–%d of %d", from, to, titles) }

// column are the texts of one column of the page's list.
func (p *page) column(n string) []string {
	var all []string
	for _, el := range p.doc.Find("table.list tbody td:nth-child(" + n + ")").EachIter() {
		all = append(all, strings.TrimSpace(el.Text()))
	}
	return all
}

func TestTheLibraryShowsTwentyTitlesAPage(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.ProductManager)
	if titles < 599 {
		t.Fatalf("%d titles", titles)
	}
	p := b.get("/library").expect(http.StatusOK, of(1, 20))
	if ids := p.column("1"); len(ids) != 20 || ids[0] != "AT0002" || p.column("2")[0] != "购买成功通知" {
		t.Fatalf("%v", ids)
	}
	if p.has("a[rel=prev]") || p.has("a[rel=first]") {
		t.Error("the first page leads back")
	}
	next := b.get(p.doc.Find("a[rel=next]").AttrOr("href", "")).expect(http.StatusOK, of(21, 40))
	if next.path != "/library?count=20&offset=20" || next.column("1")[0] == p.column("1")[0] {
		t.Fatalf("next is %s", next.path)
	}
	start := (titles - 1) / 20 * 20
	last := b.get(next.doc.Find("a[rel=last]").AttrOr("href", "")).expect(http.StatusOK, of(start+1, titles))
	if len(last.column("1")) != titles-start || last.has("a[rel=next]") || last.has("a[rel=last]") {
		t.Errorf("the last page has %d rows", len(last.column("1")))
	}
	if back := b.get(last.doc.Find("a[rel=prev]").AttrOr("href", "")); back.path != fmt.Sprintf("/library?count=20&offset=%d", start-20) {
		t.Errorf("previous is %s", back.path)
	}
	if first := b.get(last.doc.Find("a[rel=first]").AttrOr("href", "")); first.path != "/library?count=20&offset=0" {
		t.Errorf("first is %s", first.path)
	}
}

func TestOffsetAndCountAreSetByHand(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.QA)
	p := b.submit(b.get("/library"), "form.filters button", func(form url.Values) {
		form.Set("offset", "7")
		form.Set("count", "3")
	}).expect(http.StatusOK, of(8, 10))
	if p.path != "/library?count=3&offset=7" || len(p.column("1")) != 3 {
		t.Fatalf("%s: %v", p.path, p.column("1"))
	}
	if prev := p.doc.Find("a[rel=prev]").AttrOr("href", ""); prev != "/library?count=3&offset=4" {
		t.Errorf("previous is %s", prev)
	}
	near := b.get("/library?offset=1&count=20")
	if prev := near.doc.Find("a[rel=prev]").AttrOr("href", ""); prev != "/library?count=20&offset=0" {
		t.Errorf("previous of the second title is %s", prev)
	}
	b.get("/library?count=1").expect(http.StatusOK, of(1, 1))
	b.get(fmt.Sprintf("/library?count=20&offset=%d", titles-1)).expect(http.StatusOK, of(titles, titles))
}

func TestABadOffsetOrCountIsSaidAndNotRepaired(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	for query, want := range map[string]string{
		"count=0": "count must be a whole number from 1 to 20, not “0”", "count=21": "from 1 to 20, not “21”", "count=-1": "not “-1”",
		"count=x": "not “x”", "count=1e1": "not “1e1”", "count=99999999999999999999": "not “99999999999999999999”",
		"offset=-1": "offset must be a whole number, 0 or more, not “-1”", "offset=x": "not “x”", "offset=1.5": "not “1.5”",
		"count=<b>": "not “<b>”",
	} {
		for _, path := range []string{"/library", "/templates", "/drafts", "/sends"} {
			p := b.get(path+"?"+query).expect(http.StatusUnprocessableEntity, want)
			if p.header.Get("Etag") != "" {
				t.Errorf("%s?%s may be kept", path, query)
			}
		}
	}
	b.get("/library?count=0&offset=-1").expect(http.StatusUnprocessableEntity, "2 things need mending")
	b.speaking("zh").get("/library?count=21").expect(http.StatusUnprocessableEntity, "1 到 20")
	b.get("/library?count=%C2%A0"+strings.Repeat("9", 200)).expect(http.StatusUnprocessableEntity, "…”")
	if c.calls("library/list") > 2 {
		t.Errorf("WeChat was asked %d times", c.calls("library/list"))
	}
}

func TestPastTheEndTheLibrarySaysSo(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.QA)
	for _, offset := range []string{strconv.Itoa(titles), strconv.Itoa(titles + 1), "9223372036854775807"} {
		p := b.get("/library?offset="+offset).expect(http.StatusOK, "This offset is past the last entry")
		if !p.has("a[rel=first]") || p.has("a[rel=next]") || len(p.column("1")) != 0 {
			t.Errorf("offset %s: %s", offset, p.text("main"))
		}
	}
}

func TestATitleThatWeChatDoesNotKnowIsNotFound(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.ProductManager)
	for _, id := range []string{"AT9999999", "at0002", "..%2f..%2fsecret", "%00", "a%20b"} {
		if p := b.get("/library/" + id); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", id, p.status)
		}
		if p := b.post("/library/"+id, url.Values{"do": {"check"}}); p.status != http.StatusNotFound {
			t.Errorf("POST %s: %d", id, p.status)
		}
	}
}

func TestALibraryPageIsNeverTheOneOfBefore(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	other := c.addApp("wx0000000000000002")
	before := b.get("/library").body
	differs := func(what string, b *browser, path string, want string) {
		t.Helper()
		p := b.get(path)
		if p.status != http.StatusOK || p.body == before || !strings.Contains(p.body, want) {
			t.Errorf("%s: %d", what, p.status)
		}
	}
	differs("another offset", b, "/library?offset=20", "21–40")
	differs("another count", b, "/library?count=5", "1–5")
	differs("another person", c.as(store.Administrator), "/library", ">administrator<")
	differs("another language", b.speaking("zh"), "/library", "模板库")
	differs("a message", b, "/library?done=draft_saved", "The draft is saved")
	b.post("/preferences", url.Values{"theme": {"dark"}})
	differs("another theme", b, "/library", `data-theme="dark"`)
	b.post("/preferences", url.Values{"theme": {"auto"}})
	b.in(other)
	differs("another app", b, "/library", `selected>`+other.Name)
	b.in(c.app())
	c.addApp("wx0000000000000003")
	differs("an app more in the switcher", b, "/library", "wx0000000000000003")
	before = b.get("/library").body
	must(t, c.store.SetRole(context.Background(), store.Actor{}, c.person(store.Operator).ID, store.Administrator))
	differs("another role", b, "/library", "/settings/apps")
	b.post("/sandbox/reset", nil)
	b.get("/library").expect(http.StatusOK, of(1, 20))
}
