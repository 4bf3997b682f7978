package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

// sound is a proposal that no rule minds; faulty one that they mind in every
// field, with empty rows between the keywords.
var (
	sound = url.Values{
		"title": {"疫苗接种安排通知"}, "name": {"接种时间", "接种地点"}, "example": {"2018年1月1日", "朝阳区卫生院"},
		"scenario": {"预约之后告知时间和地点"},
	}
	faulty = url.Values{
		"title": {"幼儿园请假审批！通知"}, "name": {"", "购买时间", "", "购买时间", "内容", "活动名称！"},
		"example": {"", "咖啡", "", "2018年1月1日", "", "周年庆"}, "scenario": {"一行\n两行"},
	}
)

// typed fills a form with those values.
func typed(values url.Values) func(url.Values) {
	return func(form url.Values) {
		for name, list := range values {
			form[name] = list
		}
	}
}

// propose saves a proposal and answers its page.
func propose(b *webtest.Browser, values url.Values) *webtest.Page {
	b.T.Helper()
	p := b.Submit(b.Get("/drafts/new"), "button[value=save]", typed(values))
	return p.Expect(http.StatusOK, "done.draft_saved")
}

// findingsOn are the place and the rule of every finding on the page.
func findingsOn(p *webtest.Page) []string {
	var all []string
	for _, el := range p.Doc.Find(".findings .finding, .paper .found:not(.reason)").EachIter() {
		href := el.Find("a.rule").AttrOr("href", "")
		rule := strings.ReplaceAll(strings.TrimPrefix(href, "#rule-"), "-", ".")
		if p.Has("main") && !p.Has("dialog"+href) {
			p.T.Errorf("no drawer of the rule %s", rule)
		}
		all = append(all, el.Find("a.there").AttrOr("href", "#"+el.Closest("li[id]").AttrOr("id", ""))+" "+rule)
	}
	return all
}

func TestEveryFieldOfAProposalIsCheckedByTheScriptAndByTheButtonAlike(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	saved := propose(b, sound)
	webtest.Same(t, findingsOn(saved), nil)
	before := c.Still()
	for _, form := range []*webtest.Page{b.Get("/drafts/new"), editDraft(b, saved)} {
		live := b.Fragment(strings.TrimSuffix(pathOnly(form), "/edit"), faulty)
		if live.Status != http.StatusOK || strings.Contains(live.Body, "<html") || live.Has("form, input, main") || !live.Has("#preview") {
			t.Fatalf("%d, not the preview alone: %s", live.Status, live.Body)
		}
		plain := b.Submit(form, "button[value=check]", typed(faulty)).Expect(http.StatusOK, "findings.error")
		for _, p := range []*webtest.Page{live, plain} {
			webtest.Same(t, findingsOn(p), []string{
				"#place-title 1.4", "#place-keywords-1 2.4", "#place-keywords-3 2.1", "#place-keywords-4 2.5",
				"#place-keywords-4 2.4", "#place-keywords-5 2.3",
			})
		}
		if !strings.Contains(plain.Text(".findings"), "the same as keyword 2,") {
			t.Errorf("the other keyword is not counted as its row: %s", plain.Text(".findings"))
		}
		if got := webtest.Controls(plain.Doc.Find("form[data-guard]")); strings.Join(got["name"][:6], "|") != "|购买时间||购买时间|内容|活动名称！" || got.Get("scenario") != "一行\n两行" {
			t.Errorf("what was typed is lost: %v", got)
		}
	}
	if c.Content() != before {
		t.Fatal("a check has written something")
	}
}

func TestASuggestionForAProposalIsTakenOverWithOneClickAndNothingElseChanges(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).As(store.ProductManager)
	page := b.Submit(b.Get("/drafts/new"), "button[value=check]", typed(faulty))
	for value, change := range map[string]func(url.Values){
		"apply:title:幼儿园请假审批通知":               func(f url.Values) { f.Set("title", "幼儿园请假审批通知") },
		"apply:keywords[1].example:2016年6月6日": func(f url.Values) { f["example"][1] = "2016年6月6日 12:30" },
		"apply:keywords[5].name:活动名称":         func(f url.Values) { f["name"][5] = "活动名称" },
	} {
		want := webtest.Controls(page.Doc.Find("form[data-guard]"))
		change(want)
		p := b.Submit(page, `button.apply[value^="`+value+`"]`, nil).Answers(http.StatusOK)
		if got := webtest.Controls(p.Doc.Find("form[data-guard]")); got.Encode() != want.Encode() || p.Has(`button[value^="`+value+`"]`) {
			t.Errorf("%s: %v", value, got)
		}
	}
	for _, value := range []string{"apply:", "apply:title", "apply:keywords[99].name:x", "apply:keywords[-1].name:x", "apply:keywords[1].id:x", "apply:version:7", "fly"} {
		form := webtest.With(faulty, "do", value)
		if p := b.Post("/drafts/new", form); p.Status != http.StatusOK || p.Doc.Find("#name-1").AttrOr("value", "") != "购买时间" {
			t.Errorf("%s: %d", value, p.Status)
		}
	}
}

func TestAProposalNeedsATitleAndKeepsTheRestOfARefusedOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	for title, problem := range map[string]webtest.Wording{
		"": webtest.Word("problem.required"), " \u3000": webtest.Word("problem.said"), strings.Repeat("通", 65): webtest.Word("problem.max", "Param", 64),
	} {
		p := b.Submit(b.Get("/drafts/new"), "button[value=save]", typed(webtest.With(faulty, "title", title))).Answers(http.StatusUnprocessableEntity)
		if !p.Says("#title-problem", problem.ID, problem.Args...) || p.Doc.Find("#example-5").AttrOr("value", "") != "周年庆" {
			t.Errorf("%q: %s", title, p.Text("main"))
		}
	}
	if n := len(c.Activities(store.ActDraftAdd)); n != 0 {
		t.Fatalf("%d were saved", n)
	}
}

// Both see what the other has written, and nobody's words are lost.
func TestWhoSavesAProposalSecondIsToldFieldByFieldAndSavesAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	first, second := c.As(store.ProductManager), c.As(store.Operator)
	draft := editDraft(first, propose(first, sound))
	first.Submit(draft, "button[value=save]", func(f url.Values) { f["name"][1], f["scenario"] = "接种医院", []string{"甲的场景"} })
	mine := func(f url.Values) {
		f["title"], f["name"][0], f["example"][1], f["name"][3] = []string{"疫苗预约成功通知"}, "预约时间", "乙卫生院", "预约人"
	}
	p := second.Submit(draft, "button[value=save]", mine).Expect(http.StatusConflict, "drafts.conflict")
	webtest.Same(t, shownOn(p, ".changes tbody tr"), []string{
		"Title 疫苗接种安排通知 疫苗预约成功通知", "Keyword 1 接种时间 预约时间", "Keyword 2 接种医院 接种地点",
		"Example of keyword 2 朝阳区卫生院 乙卫生院", "Keyword 3 (empty) 预约人", "Service scenario 甲的场景 预约之后告知时间和地点",
	})
	want, got := webtest.Controls(draft.Doc.Find("form[data-guard]")), webtest.Controls(p.Doc.Find("form[data-guard]"))
	mine(want)
	want.Set("version", "2")
	if got.Encode() != want.Encode() || first.Get("/drafts/1").Text("h1 > [lang]") != "疫苗接种安排通知" {
		t.Fatalf("what was typed is lost, or has overwritten the other's: %v", got)
	}
	again := second.Submit(p, "button[value=save]", nil).Expect(http.StatusOK, "done.draft_saved")
	webtest.Same(t, again.OnCard(), []string{"预约时间=2018年1月1日", "接种地点=乙卫生院", "预约人="})
}

func TestAProposalThatWasDeletedMeanwhileIsSavedAsANewOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	draft := editDraft(b, propose(b, sound))
	stepDraft(b, b.Get("/drafts/1"), "delete")
	p := b.Submit(draft, "button[value=save]", func(f url.Values) { f.Set("title", "疫苗预约成功通知") }).Expect(http.StatusConflict, "drafts.gone")
	p = b.Submit(p, "button[value=save]", nil).Expect(http.StatusOK, "done.draft_saved")
	if pathOnly(p) != "/drafts/2" || p.Text("h1 > [lang]") != "疫苗预约成功通知" {
		t.Fatalf("%s at %s", p.Text("h1"), p.Path)
	}
	b.Get("/drafts/1").Expect(http.StatusOK, "drafts.deleted")
}

// ofMany is a proposal with n keywords; unfinished one with halves of rows.
func ofMany(n int) url.Values {
	values := url.Values{"title": {"长表通知"}}
	for i := range n {
		values["name"] = append(values["name"], "名"+strconv.Itoa(i))
		values["example"] = append(values["example"], "例"+strconv.Itoa(i))
	}
	return values
}

func unfinished() url.Values {
	return url.Values{"title": {"未完通知"}, "name": {"", "没有示例", ""}, "example": {"", "", "没有名称"}}
}

// danglingOn are the links of a page to places that it does not have.
func danglingOn(p *webtest.Page) []string {
	var all []string
	for _, el := range p.Doc.Find(`main a[href^="#"]`).EachIter() {
		if href := el.AttrOr("href", ""); p.Doc.Find(`[id="`+href[1:]+`"]`).Length() != 1 {
			all = append(all, href)
		}
	}
	return all
}

func TestEveryFindingOfADraftLeadsToItsPlaceOnThePage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	crowded := webtest.With(ofMany(40), "example", strings.Split(strings.Repeat("咖啡 ", 40), " ")...)
	short := webtest.With(unfinished(), "example", "", "", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k") // more examples than names
	_, err := c.Store.AddDraft(context.Background(), store.Actor{}, store.Draft{App: c.App().ID, TitleID: "AT0002", Title: "购买成功通知"})
	webtest.Must(t, err)
	pages := map[string]*webtest.Page{
		"an empty combination":   b.Get("/drafts/1"),
		"a doubled keyword":      saveDraft(b, "5", "5"),
		"a builder without any":  b.Get("/library/AT0002"),
		"eleven in the builder":  b.Get("/library/AT0002?k=3&k=4&k=5&k=3&k=4&k=5&k=3&k=4&k=5&k=3&k=4"),
		"a saved proposal":       propose(b, faulty),
		"as QA sees it":          c.As(store.QA).Get("/drafts/3"),
		"a title alone":          b.Submit(b.Get("/drafts/new"), "button[value=check]", typed(url.Values{"title": {"优惠活动"}})),
		"a refused title":        b.Submit(b.Get("/drafts/new"), "button[value=save]", typed(webtest.With(faulty, "title", ""))),
		"forty keywords":         b.Post("/drafts/new", crowded),
		"more examples than ...": b.Post("/drafts/new", short),
	}
	for what, p := range pages {
		found := len(findingsOn(p)) + p.Doc.Find("details.sum li").Length()
		if found == 0 && !strings.HasPrefix(what, "a builder") || danglingOn(p) != nil {
			t.Errorf("%s: %d findings, these lead nowhere: %v", what, found, danglingOn(p))
		}
	}
	asking := b.Get("/drafts/new")
	asking.Doc.Find("#preview").ReplaceWithSelection(b.Fragment("/drafts/new", faulty).Doc.Find("#preview"))
	if len(findingsOn(asking)) == 0 || danglingOn(asking) != nil {
		t.Errorf("live: %v of %v lead nowhere", danglingOn(asking), findingsOn(asking))
	}
}
