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

// at is where a builder's page is, without the states that can be undone.
func at(p *webtest.Page) string {
	path, _, _ := strings.Cut(p.Path, "u=")
	return strings.TrimRight(path, "?&")
}

func TestACombinationIsBuiltByFormPostsAloneAndEndsInAnAddress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	p := b.Get("/library/AT0002").Expect(http.StatusOK, "builder.empty")
	for _, add := range []string{"add:3", "add:5", "add:4"} {
		p = b.Press(p, add)
	}
	if at(p) != "/library/AT0002?k=3&k=5&k=4" {
		t.Fatalf("at %s", p.Path)
	}
	webtest.Same(t, p.Chosen(), []string{"购买地点", "物品名称", "购买时间"})
	webtest.Same(t, p.OnCard(), []string{"购买地点=TIT造舰厂", "物品名称=咖啡", "购买时间=2016年6月6日"})
	for _, step := range [][2]string{
		{"down:3", "k=5&k=3&k=4"}, {"up:4", "k=5&k=4&k=3"}, {"emphasis:4", "e=2&k=5&k=4&k=3"}, {"up:4", "e=1&k=4&k=5&k=3"},
		{"remove:5", "e=1&k=4&k=3"}, {"emphasis:4", "k=4&k=3"}, {"remove:3", "k=4"}, {"add:3", "k=4&k=3"}, {"emphasis:3", "e=2&k=4&k=3"},
	} {
		if p = b.Press(p, step[0]); at(p) != "/library/AT0002?"+step[1] {
			t.Fatalf("%s: at %s, want %s", step[0], p.Path, step[1])
		}
	}
	webtest.Same(t, p.OnCard(), []string{"购买地点=TIT造舰厂", "购买时间=2016年6月6日"})
	colleague := c.As(store.QA).Get(p.Path)
	webtest.Same(t, colleague.OnCard(), p.OnCard())
	if p.Text("#place-keywords") != "2 / 10" || c.Calls("/add") != 0 {
		t.Fatalf("%q", p.Text("#place-keywords"))
	}
	if p = b.Press(p, "remove:3"); at(p) != "/library/AT0002?k=4" {
		t.Fatalf("removing the enlarged keyword leads to %s", p.Path)
	}
}

func TestAKeywordMovesToAnyPlace(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	for do, want := range map[string]string{
		"move:3:3": "4 5 3", "move:5:1": "5 3 4", "move:4:99": "3 5 4", "move:4:-99": "4 3 5", "move:3:1": "3 4 5",
		"add:4:1": "3 4 5", "up:3": "3 4 5", "down:5": "3 4 5", "add:4": "3 4 5", "remove:77": "3 4 5",
	} {
		p := b.Post("/library/AT0002", url.Values{"k": {"3", "4", "5"}, "do": {do}}).Answers(http.StatusOK)
		u, err := url.Parse(p.Path)
		webtest.Must(t, err)
		if got := strings.Join(u.Query()["k"], " "); got != want {
			t.Errorf("%s: %s, want %s", do, got, want)
		}
	}
	for _, do := range []string{"fly:3", "move:3", "move:3:x", "up", "up:x", "add:", "add:5:x"} {
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
	if p.Path != "/library/AT0002?k=5&q=+tit+" || p.Text("#chips li button span") != "购买地点" {
		t.Fatalf("%s: %s", p.Path, p.Text("#chips"))
	}
	webtest.Same(t, p.Chosen(), []string{"物品名称"})
	if p := b.Get("/library/AT0002?q=zzzz"); !p.Is("#chips", "builder.no_match") {
		t.Errorf("%s", p.Text("#chips"))
	}
	for text, want := range map[string]string{"wpmc": "物品名称", "goumaididian": "购买地点", "咖": "物品名称", "2016年": "购买时间"} { // as the library finds titles
		if p := b.Get("/library/AT0002?" + url.Values{"q": {text}}.Encode()); p.Text("#chips li button span") != want || !p.Has("#chips mark") {
			t.Errorf("%s finds %s", text, p.Text("#chips"))
		}
	}
}

func TestAtTheMaximumTheOtherKeywordsWaitAndSayWhy(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	title, ids := busy(t)
	b := c.As(store.Operator)
	ten := b.Get("/library/" + title + "?k=" + strings.Join(ids[:10], "&k="))
	if ten.Text("#place-keywords") != "10 / 10" || !ten.Says("#order", "builder.full", "Max", 10) || !ten.Says("#part-order-label", "builder.chosen_short", "Count", 10, "Max", 10) {
		t.Fatalf("%s", ten.Text("#order"))
	}
	if !ten.Says("#why-full", "builder.full_why") || ten.Has("#chips button[aria-pressed=false]:not([disabled])") || ten.Has("#chips .used[disabled]") {
		t.Error("a keyword can be added all the same, or none be taken out")
	}
	if nine := b.Press(ten, "remove:"+ids[0]); nine.Has("#why-full") || nine.Has("#chips [disabled]") || nine.Text("#place-keywords") != "9 / 10" {
		t.Errorf("%s", nine.Text("#order header"))
	}
	eleven := b.Post("/library/"+title, url.Values{"k": ids[:10], "do": {"add:" + ids[10]}}) // an old page
	if eleven.Text("#place-keywords") != "11 / 10" || !eleven.Has("#preview .sum .bad") || !eleven.Says("#after-acts", "builder.too_many", "Count", 1, "Max", 10) {
		t.Fatalf("%s", eleven.Text("#preview"))
	}
	for _, do := range []string{"save", "account", "review"} {
		if !eleven.Has(`button[value="`+do+`"][disabled]`) && do != "review" {
			t.Errorf("%s is offered", do)
		}
		p := b.Post("/library/"+title, url.Values{"k": ids[:11], "do": {do}}).Expect(http.StatusUnprocessableEntity, "builder.need_keywords", "Count", 11, "Max", 10)
		if len(p.Chosen()) != 11 {
			t.Errorf("%s lost some: %v", do, p.Chosen())
		}
		b.Post("/library/"+title, url.Values{"do": {do}}).Expect(http.StatusUnprocessableEntity, "builder.need_keywords", "Count", 0)
	}
	// What was said of a refusal goes with the next act.
	if next := b.Fragment("/library/"+title, url.Values{"k": ids[:11], "do": {"remove:" + ids[0]}}); !next.Has("#problem[hidden]") || next.Text("#place-keywords") != "10 / 10" {
		t.Errorf("%s", next.Text("#problem"))
	}
	if c.Calls("/add") != 0 {
		t.Fatal("WeChat was asked all the same")
	}
}

func TestNothingIsRedBeforeAnythingWasChosen(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.As(store.Operator).Get("/library/AT0009").Expect(http.StatusOK, "builder.empty")
	if p.Has("#builder .bad, #builder .error, #builder .bad-text, .banner, .says, details.sum") || !p.Says("#preview .sum", "builder.check_later") || !p.Says("#after-acts", "builder.first", "Count", 1) {
		t.Errorf("%s", p.Text("main"))
	}
	for _, do := range []string{"undo", "save", "account"} {
		if n := p.Doc.Find(`button[form=builder][value="` + do + `"][disabled]`).Length(); n != 2 {
			t.Errorf("%s: %d of 2 buttons wait", do, n)
		}
	}
	for _, rule := range []string{"2-1", "2-2", "2-3", "2-4", "2-5"} {
		if !p.Has(`.rules-brief a[href="#rule-`+rule+`"]`) || !p.Has(`dialog#rule-`+rule+` .good li`) || !p.Has(`dialog#rule-`+rule+` .bad li`) || p.Text(`#rule-`+rule+` blockquote`) == "" {
			t.Errorf("clause %s is not told in full", rule)
		}
	}
}

// What is said of several keywords is said once, at the first of them; the others point there.
func TestAlikeKeywordsAreOneFindingInTheirRows(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	names := map[string]string{}
	for _, k := range b.Get("/library/AT0009").Doc.Find("#chips button").EachIter() {
		names[strings.TrimSpace(k.Find("span").Text())] = strings.TrimPrefix(k.AttrOr("value", ""), "add:")
	}
	p := b.Get("/library/AT0009?k=" + names["订单编号"] + "&k=" + names["商品名称"] + "&k=" + names["单号"] + "&k=" + names["订单号码"])
	if first := p.Text("#place-keywords-0 .says"); !strings.Contains(first, "“单号”, “订单号码”") || !p.Has(`#place-keywords-0 .says a[href="#rule-2-2"]`) {
		t.Errorf("the first says %q", first)
	}
	for _, row := range []string{"2", "3"} {
		if !p.Is("#place-keywords-"+row+" .says", "builder.like_first", "N", 1, "Name", "订单编号") || p.Has("#place-keywords-"+row+" .says a") {
			t.Errorf("row %s says %q", row, p.Text("#place-keywords-"+row+" .says"))
		}
	}
	if p.Has("#place-keywords-1 .says") || !p.Says("details.sum summary", "builder.count_note", "Count", 1) || p.Doc.Find("details.sum li").Length() != 1 {
		t.Errorf("%s", p.Text("details.sum"))
	}
	if !p.Says("details.sum li", "builder.all_alike") || p.Doc.Find(`details.sum a[href="#place-keywords-0"]`).Length() != 1 || p.Text("#rule-2-2-here li code") != "keyword1keyword3keyword4" {
		t.Errorf("%s; %s", p.Text("details.sum li"), p.Text("#rule-2-2-here"))
	}
	fine := b.Get("/library/AT0009?k=" + names["商品名称"])
	if !fine.Says("#preview .sum.ok", "findings.none") || fine.Text("#rule-2-2-here") != "" {
		t.Errorf("%s", fine.Text("#preview"))
	}
}

func TestActsAreUndoneOneByOne(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	p := b.Get("/library/AT0002")
	was := []string{at(p)}
	for _, do := range []string{"add:3", "add:5", "emphasis:5", "up:5", "remove:3"} {
		p = b.Press(p, do)
		was = append(was, at(p))
	}
	p = b.Press(p, "up:5") // changes nothing, so there is nothing to undo
	for i := len(was) - 2; i >= 0; i-- {
		if p = b.Press(p, "undo"); at(p) != was[i] {
			t.Errorf("undone to %s, want %s", p.Path, was[i])
		}
	}
	if !p.Has(`button[value="undo"][disabled]`) {
		t.Error("there is still something to undo")
	}
	form := url.Values{"k": {"3"}}
	for range 30 { // the form has more room than an address, and no more than it needs
		p := b.Fragment("/library/AT0002", url.Values{"k": form["k"], "u": form["u"], "do": {"emphasis:3"}})
		if strings.Contains(p.Header.Get("X-URL"), "u=") {
			t.Fatalf("the address to be shared is %s", p.Header.Get("X-URL"))
		}
		form = url.Values{}
		for _, el := range p.Doc.Find("#order input").EachIter() {
			form.Add(el.AttrOr("name", ""), el.AttrOr("value", ""))
		}
	}
	if len(form["u"]) != 20 {
		t.Errorf("%d states are kept", len(form["u"]))
	}
	for _, odd := range []string{"x", "3-x", "3*y", "-", "*"} {
		b.Post("/library/AT0002", url.Values{"k": {"3"}, "do": {"copy:" + odd}}).Expect(http.StatusBadRequest, "failure.bad_request.title")
		b.Get("/library/AT0002?" + url.Values{"u": {odd}}.Encode()).Answers(http.StatusOK)
	}
}

func TestACombinationInUseIsTakenOverWhole(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	other, hidden := c.AddApp("wx0000000000000002"), c.AddApp("wx0000000000000003")
	template := c.AddTemplate(b, "AT9901", "2", "1")
	b.SendTest(template).Expect(http.StatusOK, "outcome.sent")
	b.Post("/library/AT9901", url.Values{"k": {"2", "1"}, "do": {"save"}}) // the same is offered once
	b.Post("/library/AT9901", url.Values{"k": {"1"}, "do": {"save"}})
	for i, use := range []store.Template{
		{App: other.ID, KeywordIDs: []int{2}}, {App: hidden.ID, KeywordIDs: []int{1, 2}}, {App: other.ID, KeywordIDs: []int{77}},
	} {
		use.TemplateID, use.TitleID = "tpl-"+strconv.Itoa(i), "AT9901"
		c.Remember(store.Actor{}, use)
	}
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, store.AppRoles{hidden.ID: store.None}))
	b = c.As(store.Operator)
	p := b.Get("/library/AT9901")
	var offered []string
	for _, el := range p.Doc.Find(".uses-of button").EachIter() {
		offered = append(offered, el.AttrOr("value", ""))
	}
	if len(offered) != 3 || offered[0] != "copy:2-1" || offered[1] != "copy:2" || offered[2] != "copy:1" || !p.Says(".uses-of", "builder.use_sends", "Count", 1) {
		t.Fatalf("%v: %s", offered, p.Text(".uses-of"))
	}
	taken := b.Press(p, "copy:2-1")
	if webtest.Same(t, taken.Chosen(), []string{"行囊重量", "取经人"}); taken.Has(".uses-of") {
		t.Error("more is offered once something is chosen")
	}
	if back := b.Press(taken, "undo"); len(back.Chosen()) != 0 || !back.Has(".uses-of") {
		t.Errorf("%s", back.Path)
	}
	if p := c.As(store.ProductManager).Get("/library/AT9902"); p.Has(".uses-of") {
		t.Error("a panel without a combination")
	}
}

// Who may neither draft nor add reads, and has something to try.
func TestQAReadsATitleAndGoesOnToATest(t *testing.T) {
	t.Parallel()
	c, operator := webtest.Journeyed(t)
	template := c.AddTemplate(operator, "AT9901", "2", "1")
	b := c.As(store.QA)
	p := b.Get("/library/AT9901").Expect(http.StatusOK, "builder.to_read")
	if p.Has("#order button, #chips button, button[form=builder], .says") || p.Text("#chips em") == "" {
		t.Errorf("%s", p.Text("main"))
	}
	if to := p.Doc.Find("#order a.primary").AttrOr("href", ""); to != "/templates/"+template {
		t.Errorf("the green button leads to %s", to)
	}
	webtest.Same(t, p.OnCard(), []string{"行囊重量=三十斤", "取经人=玄奘法师"})
	shared := b.Get("/library/AT9901?k=1&e=1")
	if webtest.Same(t, shared.Chosen(), []string{"取经人"}); shared.Has("#order .tools, .grip") || !shared.Has("#order a.primary") {
		t.Errorf("%s", shared.Text("#order"))
	}
	b.Get("/library/AT9902").Expect(http.StatusOK, "builder.read_unused")
	for _, do := range []string{"save", "review", "account"} {
		b.Post("/library/AT9901", url.Values{"k": {"1"}, "do": {do}}).Expect(http.StatusForbidden, "failure.forbidden.title")
	}
}

func TestAProductManagerHandsACombinationInWithOneClick(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	p := b.Get("/library/AT0002?k=3&k=5")
	if p.Has(`button[value="account"]`) || !p.Has(`button.primary[value="review"]`) || c.As(store.Operator).Get(p.Path).Has(`button[value="review"]`) {
		t.Fatal("not the product manager's green button")
	}
	sent := b.Press(p, "review").Answers(http.StatusOK)
	if d, err := c.Store.Draft(t.Context(), c.App().ID, 1); err != nil || d.State != "review" || len(d.Keywords) != 2 || !strings.HasPrefix(sent.Path, "/drafts/1") {
		t.Fatalf("%+v, %v at %s", d, err, sent.Path)
	}
	again := b.Post("/library/AT0002", url.Values{"k": {"3"}, "draft": {"1"}, "version": {"9"}, "do": {"review"}}).
		Expect(http.StatusConflict, "builder.conflict", "Draft", 1)
	if webtest.Same(t, again.Chosen(), []string{"购买地点"}); !again.Has(`button[value="save_new"]`) {
		t.Error("the combination cannot be kept")
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
	if strings.Contains(p.Body, "<html") || p.Has("main, nav, title, [name=q], [type=radio]") || !p.Has("#chips") || !p.Has("#order") || !p.Has("#preview") {
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
