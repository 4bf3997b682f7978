package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

// press presses the builder's button that does what do says.
func (b *browser) press(p *page, do string) *page {
	b.t.Helper()
	return b.submit(p, `#builder button[value="`+do+`"]`, nil)
}

// chosen are the names of the keywords on the builder's right, in order.
func (p *page) chosen() []string {
	var names []string
	for _, el := range p.doc.Find("#order li strong").EachIter() {
		names = append(names, el.Text())
	}
	return names
}

// onCard are the lines of the newest card, name=value, the enlarged one first.
func (p *page) onCard() []string {
	var lines []string
	for _, el := range p.doc.Find(".phone .card").First().Find(".emphasis, dl > div").EachIter() {
		name, value := el.Find(".name, dt"), el.Find(".big, dd")
		lines = append(lines, strings.TrimSpace(name.Text())+"="+strings.TrimSpace(value.Text()))
	}
	return lines
}

// busy is a title with more keywords than a combination may have.
func busy(t *testing.T) (id string, keywords []string) {
	t.Helper()
	for _, title := range sandbox.Library(sandbox.DefaultSeed) {
		if len(title.Keywords) > 20 {
			for _, k := range title.Keywords {
				keywords = append(keywords, strconv.Itoa(k.ID))
			}
			return title.ID, keywords
		}
	}
	t.Fatal("no title has more than 20 keywords")
	return "", nil
}

func TestACombinationIsBuiltByFormPostsAloneAndEndsInAnAddress(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	p := b.get("/library/AT0002").expect(http.StatusOK, "No keyword chosen yet")
	for _, add := range []string{"add:3", "add:5", "add:4"} {
		p = b.press(p, add)
	}
	if p.path != "/library/AT0002?k=3&k=5&k=4" {
		t.Fatalf("at %s", p.path)
	}
	same(t, p.chosen(), []string{"购买地点", "物品名称", "购买时间"})
	same(t, p.onCard(), []string{"购买地点=TIT造舰厂", "物品名称=咖啡", "购买时间=2016年6月6日"})
	for _, step := range [][2]string{
		{"down:3", "k=5&k=3&k=4"}, {"up:4", "k=5&k=4&k=3"}, {"emphasis:4", "e=2&k=5&k=4&k=3"}, {"up:4", "e=1&k=4&k=5&k=3"},
		{"remove:5", "e=1&k=4&k=3"}, {"emphasis:4", "k=4&k=3"}, {"remove:3", "k=4"}, {"add:3", "k=4&k=3"}, {"emphasis:3", "e=2&k=4&k=3"},
	} {
		if p = b.press(p, step[0]); p.path != "/library/AT0002?"+step[1] {
			t.Fatalf("%s: at %s, want %s", step[0], p.path, step[1])
		}
	}
	same(t, p.onCard(), []string{"购买地点=TIT造舰厂", "购买时间=2016年6月6日"})
	colleague := c.as(store.QA).get(p.path)
	same(t, colleague.onCard(), p.onCard())
	if p.text("#place-keywords") != "2 / 10" || c.calls("/add") != 0 {
		t.Fatalf("%q", p.text("#place-keywords"))
	}
	if p = b.press(p, "remove:3"); p.path != "/library/AT0002?k=4" {
		t.Fatalf("removing the enlarged keyword leads to %s", p.path)
	}
}

func TestAKeywordMovesToAnyPlace(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.ProductManager)
	for do, want := range map[string]string{
		"move:3:3": "4 5 3", "move:5:1": "5 3 4", "move:4:99": "3 5 4", "move:4:-99": "4 3 5", "move:3:1": "3 4 5",
		"up:3": "3 4 5", "down:5": "3 4 5", "add:4": "3 4 5", "remove:77": "3 4 5",
	} {
		p := b.post("/library/AT0002", url.Values{"k": {"3", "4", "5"}, "do": {do}}).expect(http.StatusOK, "")
		u, err := url.Parse(p.path)
		must(t, err)
		if got := strings.Join(u.Query()["k"], " "); got != want {
			t.Errorf("%s: %s, want %s", do, got, want)
		}
	}
	for _, do := range []string{"fly:3", "move:3", "move:3:x", "up", "up:x", "add:"} {
		b.post("/library/AT0002", url.Values{"k": {"3"}, "do": {do}}).expect(http.StatusBadRequest, "The request could not be read")
	}
}

func TestEnterInTheFilterNarrowsAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.ProductManager)
	p := b.get("/library/AT0002?k=5")
	if first := p.doc.Find("#builder button").First(); first.AttrOr("value", "") != "check" {
		t.Fatalf("Enter presses %q", first.AttrOr("value", ""))
	}
	p = b.submit(p, `#builder button[value=filter]`, func(form url.Values) { form.Set("q", " tit ") })
	if p.path != "/library/AT0002?k=5&q=+tit+" || p.text("#chips li:not([hidden]) button span") != "购买地点" {
		t.Fatalf("%s: %s", p.path, p.text("#chips"))
	}
	same(t, p.chosen(), []string{"物品名称"})
	if p := b.get("/library/AT0002?q=nothing"); p.text("#chips li:not([hidden])") != "No keyword matches. Clear the filter to see all." {
		t.Errorf("%s", p.text("#chips li:not([hidden])"))
	}
}

func TestTheEleventhKeywordIsAFinding(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	title, ids := busy(t)
	b := c.as(store.Operator)
	ten := b.get("/library/" + title + "?k=" + strings.Join(ids[:10], "&k="))
	if ten.text("#place-keywords") != "10 / 10" || !strings.Contains(ten.text("#order"), "That is all 10") {
		t.Fatalf("%s", ten.text("#order"))
	}
	eleven := b.press(ten, "add:"+ids[10])
	if eleven.text("#place-keywords") != "11 / 10" || !strings.Contains(eleven.text(".findings .error"), "10") {
		t.Fatalf("findings: %s", eleven.text(".findings"))
	}
	for _, do := range []string{"save", "account"} {
		p := b.press(eleven, do).expect(http.StatusUnprocessableEntity, "Choose 1 to 10 keywords first; 11 are chosen now")
		if len(p.chosen()) != 11 {
			t.Errorf("%s lost some: %v", do, p.chosen())
		}
	}
	for _, do := range []string{"save", "account"} {
		b.press(b.get("/library/"+title), do).expect(http.StatusUnprocessableEntity, "Choose 1 to 10 keywords first; 0 are chosen now")
	}
	if c.calls("/add") != 0 {
		t.Fatal("WeChat was asked all the same")
	}
}

func TestAKeywordThatTheTitleDoesNotHaveIsNamedAndNeverAdded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	_, others := busy(t)
	foreign := others[slices.IndexFunc(others, func(id string) bool { return !slices.Contains([]string{"3", "4", "5"}, id) })]
	b := c.as(store.Operator)
	for _, unknown := range []string{"99999", "0", "-3", foreign} {
		p := b.get("/library/AT0002?k=3&k="+unknown+"&k=4").expect(http.StatusOK, "Keyword "+unknown+" is not in this title's list and was left out")
		same(t, p.chosen(), []string{"购买地点", "购买时间"})
		b.post("/library/AT0002", url.Values{"k": {"3"}, "do": {"add:" + unknown}}).expect(http.StatusOK, "Keyword "+unknown+" is not in this title's list")
		for _, do := range []string{"save", "account"} {
			p := b.post("/library/AT0002", url.Values{"k": {"3", unknown}, "do": {do}}).
				expect(http.StatusUnprocessableEntity, "Keyword "+unknown+" is not in this title's list")
			same(t, p.chosen(), []string{"购买地点"})
		}
	}
	b.get("/library/AT0002?k=x&k=3").expect(http.StatusOK, "must be a whole number, not “x”")
	b.post("/library/AT0002", url.Values{"k": {"x", "3"}, "do": {"account"}}).expect(http.StatusUnprocessableEntity, "must be a whole number, not “x”")
	if _, n, err := c.store.Drafts(context.Background(), store.DraftFilter{App: c.app().ID}); c.calls("/add") != 0 || n != 0 || err != nil {
		t.Fatalf("%d drafts (%v), %d calls of add", n, err, c.calls("/add"))
	}
}

// The parts that a live check replaces: never the page, nothing written, and the
// address to put into the bar.
func TestALiveCheckGetsPartsAndTheAddress(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	b.get("/library/AT0002")
	before := c.still()
	p := b.fragment("/library/AT0002", url.Values{"k": {"3"}, "do": {"add:5"}, "q": {"TIT"}})
	if p.status != http.StatusOK || p.header.Get("X-URL") != "/library/AT0002?k=3&k=5&q=TIT" {
		t.Fatalf("%d, X-URL %q", p.status, p.header.Get("X-URL"))
	}
	if strings.Contains(p.body, "<html") || p.has("main, nav, title, [name=q]") || !p.has("#chips") || !p.has("#order") || !p.has("#preview") {
		t.Fatalf("not the parts: %s", p.body)
	}
	same(t, p.chosen(), []string{"购买地点", "物品名称"})
	if p := b.fragment("/library/AT0002", url.Values{"k": {"3"}, "do": {"fly:3"}}); p.status != http.StatusBadRequest {
		t.Errorf("%d", p.status)
	}
	if p := c.visitor().fragment("/library/AT0002", url.Values{"do": {"add:3"}}); p.status != http.StatusUnauthorized || p.body != "" {
		t.Errorf("a stranger's fragment: %d %q", p.status, p.body)
	}
	if c.content() != before {
		t.Fatal("a live check has written something")
	}
}

func TestASecondClickAddsNoSecondTemplate(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator := c.as(store.Operator)
	page := operator.get("/library/AT0002?k=3&k=4")
	first, second := operator.submit(page, "button[value=account]", nil), operator.submit(page, "button[value=account]", nil)
	if first.path != second.path || c.calls("/template/add") != 1 {
		t.Errorf("%s, then %s; %d calls", first.path, second.path, c.calls("/template/add"))
	}
	again := operator.submit(operator.get("/library/AT0002?k=3&k=4"), "button[value=account]", nil)
	if again.path == first.path {
		t.Error("the same combination could not be added again from a new page")
	}
}
