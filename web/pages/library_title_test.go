package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

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
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	p := b.Get("/library/AT0002").Expect(http.StatusOK, "builder.empty")
	for _, add := range []string{"add:3", "add:5", "add:4"} {
		p = b.Press(p, add)
	}
	if p.Path != "/library/AT0002?k=3&k=5&k=4" {
		t.Fatalf("at %s", p.Path)
	}
	webtest.Same(t, p.Chosen(), []string{"购买地点", "物品名称", "购买时间"})
	webtest.Same(t, p.OnCard(), []string{"购买地点=TIT造舰厂", "物品名称=咖啡", "购买时间=2016年6月6日"})
	for _, step := range [][2]string{
		{"down:3", "k=5&k=3&k=4"}, {"up:4", "k=5&k=4&k=3"}, {"emphasis:4", "e=2&k=5&k=4&k=3"}, {"up:4", "e=1&k=4&k=5&k=3"},
		{"remove:5", "e=1&k=4&k=3"}, {"emphasis:4", "k=4&k=3"}, {"remove:3", "k=4"}, {"add:3", "k=4&k=3"}, {"emphasis:3", "e=2&k=4&k=3"},
	} {
		if p = b.Press(p, step[0]); p.Path != "/library/AT0002?"+step[1] {
			t.Fatalf("%s: at %s, want %s", step[0], p.Path, step[1])
		}
	}
	webtest.Same(t, p.OnCard(), []string{"购买地点=TIT造舰厂", "购买时间=2016年6月6日"})
	colleague := c.As(store.QA).Get(p.Path)
	webtest.Same(t, colleague.OnCard(), p.OnCard())
	if p.Text("#place-keywords") != "2 / 10" || c.Calls("/add") != 0 {
		t.Fatalf("%q", p.Text("#place-keywords"))
	}
	if p = b.Press(p, "remove:3"); p.Path != "/library/AT0002?k=4" {
		t.Fatalf("removing the enlarged keyword leads to %s", p.Path)
	}
}

func TestAKeywordMovesToAnyPlace(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	for do, want := range map[string]string{
		"move:3:3": "4 5 3", "move:5:1": "5 3 4", "move:4:99": "3 5 4", "move:4:-99": "4 3 5", "move:3:1": "3 4 5",
		"up:3": "3 4 5", "down:5": "3 4 5", "add:4": "3 4 5", "remove:77": "3 4 5",
	} {
		p := b.Post("/library/AT0002", url.Values{"k": {"3", "4", "5"}, "do": {do}}).Answers(http.StatusOK)
		u, err := url.Parse(p.Path)
		webtest.Must(t, err)
		if got := strings.Join(u.Query()["k"], " "); got != want {
			t.Errorf("%s: %s, want %s", do, got, want)
		}
	}
	for _, do := range []string{"fly:3", "move:3", "move:3:x", "up", "up:x", "add:"} {
		b.Post("/library/AT0002", url.Values{"k": {"3"}, "do": {do}}).Expect(http.StatusBadRequest, "failure.bad_request.title")
	}
}

func TestEnterInTheFilterNarrowsAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	p := b.Get("/library/AT0002?k=5")
	if first := p.Doc.Find("#builder button").First(); first.AttrOr("value", "") != "check" {
		t.Fatalf("Enter presses %q", first.AttrOr("value", ""))
	}
	p = b.Submit(p, `#builder button[value=filter]`, func(form url.Values) { form.Set("q", " tit ") })
	if p.Path != "/library/AT0002?k=5&q=+tit+" || p.Text("#chips li:not([hidden]) button span") != "购买地点" {
		t.Fatalf("%s: %s", p.Path, p.Text("#chips"))
	}
	webtest.Same(t, p.Chosen(), []string{"物品名称"})
	if p := b.Get("/library/AT0002?q=nothing"); !p.Is("#chips li:not([hidden])", "builder.no_match") {
		t.Errorf("%s", p.Text("#chips li:not([hidden])"))
	}
}

func TestTheEleventhKeywordIsAFinding(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	title, ids := busy(t)
	b := c.As(store.Operator)
	ten := b.Get("/library/" + title + "?k=" + strings.Join(ids[:10], "&k="))
	if ten.Text("#place-keywords") != "10 / 10" || !ten.Says("#order", "builder.full") {
		t.Fatalf("%s", ten.Text("#order"))
	}
	eleven := b.Press(ten, "add:"+ids[10])
	if eleven.Text("#place-keywords") != "11 / 10" || !strings.Contains(eleven.Text(".findings .error"), "10") {
		t.Fatalf("findings: %s", eleven.Text(".findings"))
	}
	for _, do := range []string{"save", "account"} {
		p := b.Press(eleven, do).Expect(http.StatusUnprocessableEntity, "builder.need_keywords", "Count", 11)
		if len(p.Chosen()) != 11 {
			t.Errorf("%s lost some: %v", do, p.Chosen())
		}
	}
	for _, do := range []string{"save", "account"} {
		b.Press(b.Get("/library/"+title), do).Expect(http.StatusUnprocessableEntity, "builder.need_keywords", "Count", 0)
	}
	if c.Calls("/add") != 0 {
		t.Fatal("WeChat was asked all the same")
	}
}

func TestAKeywordThatTheTitleDoesNotHaveIsNamedAndNeverAdded(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	_, others := busy(t)
	foreign := others[slices.IndexFunc(others, func(id string) bool { return !slices.Contains([]string{"3", "4", "5"}, id) })]
	b := c.As(store.Operator)
	for _, unknown := range []string{"99999", "0", "-3", foreign} {
		p := b.Get("/library/AT0002?k=3&k="+unknown+"&k=4").Expect(http.StatusOK, "builder.unknown_keyword", "ID", unknown)
		webtest.Same(t, p.Chosen(), []string{"购买地点", "购买时间"})
		b.Post("/library/AT0002", url.Values{"k": {"3"}, "do": {"add:" + unknown}}).Expect(http.StatusOK, "builder.unknown_keyword", "ID", unknown)
		for _, do := range []string{"save", "account"} {
			p := b.Post("/library/AT0002", url.Values{"k": {"3", unknown}, "do": {do}}).
				Expect(http.StatusUnprocessableEntity, "builder.unknown_keyword", "ID", unknown)
			webtest.Same(t, p.Chosen(), []string{"购买地点"})
		}
	}
	b.Get("/library/AT0002?k=x&k=3").Expect(http.StatusOK, "problem.number", "Value", "x")
	b.Post("/library/AT0002", url.Values{"k": {"x", "3"}, "do": {"account"}}).Expect(http.StatusUnprocessableEntity, "problem.number", "Value", "x")
	if _, n, err := c.Store.Drafts(context.Background(), store.DraftFilter{App: c.App().ID}); c.Calls("/add") != 0 || n != 0 || err != nil {
		t.Fatalf("%d drafts (%v), %d calls of add", n, err, c.Calls("/add"))
	}
}

// The parts that a live check replaces: never the page, nothing written, and the
// address to put into the bar.
func TestALiveCheckGetsPartsAndTheAddress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	b.Get("/library/AT0002")
	before := c.Still()
	p := b.Fragment("/library/AT0002", url.Values{"k": {"3"}, "do": {"add:5"}, "q": {"TIT"}})
	if p.Status != http.StatusOK || p.Header.Get("X-URL") != "/library/AT0002?k=3&k=5&q=TIT" {
		t.Fatalf("%d, X-URL %q", p.Status, p.Header.Get("X-URL"))
	}
	if strings.Contains(p.Body, "<html") || p.Has("main, nav, title, [name=q]") || !p.Has("#chips") || !p.Has("#order") || !p.Has("#preview") {
		t.Fatalf("not the parts: %s", p.Body)
	}
	webtest.Same(t, p.Chosen(), []string{"购买地点", "物品名称"})
	if p := b.Fragment("/library/AT0002", url.Values{"k": {"3"}, "do": {"fly:3"}}); p.Status != http.StatusBadRequest {
		t.Errorf("%d", p.Status)
	}
	if p := c.Visitor().Fragment("/library/AT0002", url.Values{"do": {"add:3"}}); p.Status != http.StatusUnauthorized || p.Body != "" {
		t.Errorf("a stranger's fragment: %d %q", p.Status, p.Body)
	}
	if c.Content() != before {
		t.Fatal("a live check has written something")
	}
}

func TestASecondClickAddsNoSecondTemplate(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator := c.As(store.Operator)
	page := operator.Get("/library/AT0002?k=3&k=4")
	first, second := operator.Submit(page, "button[value=account]", nil), operator.Submit(page, "button[value=account]", nil)
	if first.Path != second.Path || c.Calls("/template/add") != 1 {
		t.Errorf("%s, then %s; %d calls", first.Path, second.Path, c.Calls("/template/add"))
	}
	again := operator.Submit(operator.Get("/library/AT0002?k=3&k=4"), "button[value=account]", nil)
	if again.Path == first.Path {
		t.Error("the same combination could not be added again from a new page")
	}
}
