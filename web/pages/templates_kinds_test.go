package pages_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// bothKinds is an app with a template of each kind, and another app in which one may act as well.
func bothKinds(t *testing.T) (c *webtest.Console, b *webtest.Browser, subscribe string, other store.App, there *sandbox.Server) {
	t.Helper()
	c = webtest.NewConsole(t)
	b = c.As(store.Operator)
	there = sandbox.New(sandbox.Options{Now: c.Clock.Now})
	there.AddApp("wx0000000000000002", "secret")
	other = c.AddAppOn(there, "wx0000000000000002", "secret")
	b.In(c.App())
	c.AddTemplate(b, "AT0002", "3", "4")
	added := b.Post("/library/755", url.Values{"k": {"3", "1"}, "scene": {"充值之后告知"}, "do": {"account"}}).Answers(http.StatusOK)
	_, subscribe, _ = strings.Cut(added.Path, "/templates/")
	subscribe, _, _ = strings.Cut(subscribe, "?")
	return c, b, subscribe, other, there
}

func TestTemplatesAreComparedWithThoseOfTheirKind(t *testing.T) {
	t.Parallel()
	_, b, _, other, _ := bothKinds(t)
	with := "/templates/compare?with=" + strconv.FormatInt(other.ID, 10)
	if rows := pairsOf(b.Get(with)); len(rows) != 1 || !strings.Contains(rows[0][1], "购买成功通知") || rows[0][2] != "" {
		t.Errorf("%v", rows)
	}
	p := b.Get(with + "&kind=subscribe")
	if rows := pairsOf(p); len(rows) != 1 || !strings.Contains(rows[0][1], "充值成功通知") {
		t.Errorf("%v", rows)
	}
	same := b.Submit(p, "form.filters", nil) // a change of the filter stays with the kind
	if rows := pairsOf(same); len(rows) != 1 || !strings.Contains(rows[0][1], "充值成功通知") {
		t.Errorf("%v", rows)
	}
}

func TestASubscribeTemplateIsCopiedWithItsSceneWhereItsCategoryIs(t *testing.T) {
	t.Parallel()
	c, b, subscribe, other, there := bothKinds(t)
	at := "/templates/copy?to=there&with=" + strconv.FormatInt(other.ID, 10) + "&template=" + subscribe
	webtest.Must(t, there.SetCategories(other.AppID, []string{"900"}))
	page := b.Get(at).Expect(http.StatusOK, "copying.category", "App", other.Name)
	if page.Has("[name=do]") {
		t.Error("it can be copied where its title is not")
	}
	webtest.Must(t, there.SetCategories(other.AppID, nil))
	c.Clock.Advance(15 * 60 * 1e9) // what was read of the library is not kept so long
	page = b.Get(at).Answers(http.StatusOK)
	if got := page.Doc.Find(".rows code").Map(func(_ int, el *goquery.Selection) string { return el.Text() }); page.Text("#scene") != "充值之后告知" || strings.Join(got, " ") != "amount3 character_string1" {
		t.Fatalf("%q, %v: %s", page.Text("#scene"), got, page.Text("main"))
	}
	draft := b.Submit(page, "[value=draft]", nil).Answers(http.StatusOK)
	drafts, _, err := c.Store.Drafts(t.Context(), store.DraftFilter{App: other.ID})
	if err != nil || len(drafts) != 1 || drafts[0].TitleID != "755" || drafts[0].Scenario != "充值之后告知" || drafts[0].Keywords[0].ID != 3 {
		t.Errorf("%+v, %v", drafts, err)
	}
	if rows := pairsOf(draft); len(rows) != 1 || !strings.Contains(rows[0][1], "充值成功通知") {
		t.Errorf("it leads to the comparison of another kind: %v", rows)
	}
	b.Submit(b.Get(at), "[value=add]", nil).Expect(http.StatusOK, "done.template_copied")
	known, err := c.Store.Templates(t.Context(), other.ID)
	if err != nil || len(known) != 1 || known[0].Scene != "充值之后告知" || known[0].Kind != "subscribe" || known[0].Type != 2 || !slices.Equal(known[0].KeywordIDs, []int{3, 1}) {
		t.Errorf("%+v, %v", known, err)
	}
	if rows := pairsOf(b.Get("/templates/compare?kind=subscribe&with=" + strconv.FormatInt(other.ID, 10))); len(rows) != 1 || rows[0][1] != rows[0][2] {
		t.Errorf("%v", rows)
	}
}

// What one account exports, another imports, of either kind.
func TestAnExportOfEachKindIsImported(t *testing.T) {
	t.Parallel()
	c, b, _, other, _ := bothKinds(t)
	there := c.As(store.ProductManager).In(other)
	for kind, want := range map[string]store.Draft{
		"template":  {TitleID: "AT0002"},
		"subscribe": {TitleID: "755", Scenario: "充值之后告知"},
	} {
		file := b.Get("/templates/export?format=csv&kind=" + kind).Answers(http.StatusOK).Body
		cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
		webtest.Must(t, err)
		at := func(column string) string {
			if i := slices.Index(cells[0], column); i >= 0 {
				return cells[1][i]
			}
			t.Errorf("%s: no column %s in %v", kind, column, cells[0])
			return ""
		}
		if at("kind") != kind || at("title_id") != want.TitleID || at("scene") != want.Scenario || at("keyword_ids") == "" {
			t.Errorf("%v", cells)
		}
		p := there.Post("/templates/import", url.Values{"text": {file}, "do": {"check"}}).Answers(http.StatusOK)
		made := there.Submit(p, "[value=make]", nil).Expect(http.StatusOK, "import.made", "Count", 1)
		drafts, _, err := c.Store.Drafts(t.Context(), store.DraftFilter{App: other.ID, Count: 1})
		if err != nil || len(drafts) == 0 || drafts[0].TitleID != want.TitleID || drafts[0].Scenario != want.Scenario || len(drafts[0].Keywords) != 2 {
			t.Errorf("%s: %+v, %v, %s", kind, drafts, err, made.Text("main"))
		}
	}
	var file struct {
		Kind      string
		Templates []struct {
			Kind       string
			TitleID    string `json:"title_id"`
			KeywordIDs []int  `json:"keyword_ids"`
			Scene      string
			Type       int
		}
	}
	webtest.Must(t, json.Unmarshal([]byte(b.Get("/templates/export?format=json&kind=subscribe").Body), &file))
	if x := file.Templates[0]; file.Kind != "subscribe" || x.Kind != "subscribe" || x.TitleID != "755" || !slices.Equal(x.KeywordIDs, []int{3, 1}) || x.Scene != "充值之后告知" || x.Type != 2 {
		t.Errorf("%+v", file)
	}
}

func TestAnImportKnowsBothKinds(t *testing.T) {
	t.Parallel()
	c, b, _, _, _ := bothKinds(t)
	file := "kind,title_id,title,keywords,scene\n" +
		"subscribe,755,充值成功通知,账户余额;充值金额,充值之后\n" +
		"模板消息,AT0002,,购买地点;购买时间,\n" +
		",755,,1;4,\n" + // the number of a title tells the kind
		"订阅消息,AT0002,,1;2,\n" +
		",755,,1,\n" + // too few
		",755,,1;3;4;5;6;7,\n" + // too many
		",755,,1;5,一二三四五六七八九十一二三四五六\n" + // 16 characters
		"公众号,755,,3;4,\n"
	p := b.Post("/templates/import", url.Values{"text": {file}, "do": {"check"}}).Answers(http.StatusOK)
	rows := p.Doc.Find("#report tbody tr")
	for i, id := range []string{"", "", "", "import_problem.other_kind", "import_problem.few_keywords", "import_problem.many_keywords",
		"import_problem.long_scene", "import_problem.unknown_kind"} {
		if row := rows.Eq(i); (row.Find(".problem").Length() > 0) != (id != "") || id != "" && !webtest.Says(t, row.Text(), "en", id) {
			t.Errorf("line %d: %s", i+2, row.Text())
		}
	}
	b.Submit(p, "[value=make]", nil).Expect(http.StatusOK, "import.made", "Count", 3)
	drafts, _, err := c.Store.Drafts(t.Context(), store.DraftFilter{App: c.App().ID})
	if err != nil || len(drafts) != 3 {
		t.Fatalf("%+v, %v", drafts, err)
	}
	for i, want := range []string{"755", "AT0002", "755"} {
		if got := drafts[len(drafts)-1-i]; got.TitleID != want {
			t.Errorf("%d: %+v", i, got)
		}
	}
}

// AT0016 and 755 are called the same.
func TestNamesakesOfBothKindsAreToldApart(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	old, subscribe := c.AddTemplate(b, "AT0016", "1", "2"), c.AddTemplate(b, "755", "1", "3")
	b.SendTest(old)
	b.SendTest(subscribe)
	webtest.Must(t, c.Sandbox.Allow(c.App().AppID, webtest.Customer, false, subscribe))
	_, err := c.Store.ReportAnswers(t.Context(), store.Actor{}, c.App().ID, []ledger.Answer{
		{OpenID: webtest.Customer, TemplateID: subscribe, What: ledger.Accept, Source: ledger.FromPage, Ref: "page:1"},
	})
	webtest.Must(t, err)
	found := b.Get("/find?q=" + url.QueryEscape("充值成功通知"))
	for href, isSubscribe := range map[string]bool{"/templates/" + old: false, "/templates/" + subscribe: true, "/sends/1": false, "/sends/2": true} {
		if item := `main li:has(a[href="` + href + `"])`; !found.Has(item) || found.Says(item, "kind.subscribe") != isSubscribe {
			t.Errorf("%s: %q", href, found.Text(item))
		}
	}
	for id, k := range map[string]string{old: "", subscribe: "?kind=subscribe"} {
		p := b.Get("/templates/" + id + "/delete")
		if crumb := p.Doc.Find(".crumbs a").First().AttrOr("href", ""); crumb != "/templates"+k {
			t.Errorf("back to %s", crumb)
		}
		if p.Says("dl.facts", "ask.reach", "Count", 1) != (id == subscribe) {
			t.Errorf("what depends on it: %s", p.Text("dl.facts"))
		}
	}
	// One alias names one of them.
	named := func(id string) *webtest.Page {
		return b.Submit(b.Get("/templates/"+id+"/story"), `form[action$="/alias"] button`, func(form url.Values) { form.Set("alias", "recharged") })
	}
	named(old).Answers(http.StatusOK)
	if p := named(subscribe); p.Status == http.StatusOK || b.Get("/templates/"+subscribe).Has(".tag:contains(recharged)") {
		t.Errorf("the alias names both: %d", p.Status)
	}
	// The one that is deleted is restored as what it was.
	gone := b.Submit(b.Get("/templates/"+subscribe+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "充值成功通知") })
	if list := gone.Answers(http.StatusOK); !strings.HasPrefix(list.Path, "/templates?") || b.Get("/templates").Doc.Find("tbody tr").Length() != 1 {
		t.Errorf("after a deletion at %s", list.Path)
	}
	if crumb := b.Get("/templates/"+subscribe).Doc.Find(".crumbs a").First().AttrOr("href", ""); crumb != "/templates?kind=subscribe" {
		t.Errorf("from one that is gone back to %s", crumb)
	}
}
