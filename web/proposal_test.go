package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
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
func (b *browser) propose(values url.Values) *page {
	b.t.Helper()
	p := b.submit(b.get("/drafts/new"), "button[value=save]", typed(values))
	return p.expect(http.StatusOK, "The draft is saved")
}

// findings are the place and the rule of every finding on the page.
func (p *page) findings() []string {
	var all []string
	for _, el := range p.doc.Find(".finding a.rule").EachIter() {
		all = append(all, el.AttrOr("href", "")+" "+strings.TrimPrefix(el.Text(), "Review rule "))
	}
	return all
}

func TestEveryFieldOfAProposalIsCheckedByTheScriptAndByTheButtonAlike(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	saved := b.propose(sound)
	same(t, saved.findings(), nil)
	before := c.still()
	for _, form := range []*page{b.get("/drafts/new"), saved} {
		live := b.fragment(form.bare(), faulty)
		if live.status != http.StatusOK || strings.Contains(live.body, "<html") || live.has("form, input, main") || !live.has("#preview") {
			t.Fatalf("%d, not the preview alone: %s", live.status, live.body)
		}
		plain := b.submit(form, "button[value=check]", typed(faulty)).expect(http.StatusOK, "Would be refused")
		for _, p := range []*page{live, plain} {
			same(t, p.findings(), []string{
				"#place-title 1.4", "#place-keywords-1 2.4", "#place-keywords-3 2.1", "#place-keywords-4 2.5",
				"#place-keywords-4 2.4", "#place-keywords-5 2.3",
			})
		}
		if !strings.Contains(plain.text(".findings"), "the same as keyword 2,") {
			t.Errorf("the other keyword is not counted as its row: %s", plain.text(".findings"))
		}
		if got := controls(plain.doc.Find("form[data-guard]")); strings.Join(got["name"][:6], "|") != "|购买时间||购买时间|内容|活动名称！" || got.Get("scenario") != "一行\n两行" {
			t.Errorf("what was typed is lost: %v", got)
		}
	}
	if c.content() != before {
		t.Fatal("a check has written something")
	}
}

func TestASuggestionForAProposalIsTakenOverWithOneClickAndNothingElseChanges(t *testing.T) {
	t.Parallel()
	b := newConsole(t).as(store.ProductManager)
	page := b.submit(b.get("/drafts/new"), "button[value=check]", typed(faulty))
	for value, change := range map[string]func(url.Values){
		"apply:title:幼儿园请假审批通知":               func(f url.Values) { f.Set("title", "幼儿园请假审批通知") },
		"apply:keywords[1].example:2016年6月6日": func(f url.Values) { f["example"][1] = "2016年6月6日 12:30" },
		"apply:keywords[5].name:活动名称":         func(f url.Values) { f["name"][5] = "活动名称" },
	} {
		want := controls(page.doc.Find("form[data-guard]"))
		change(want)
		p := b.submit(page, `button.apply[value^="`+value+`"]`, nil).expect(http.StatusOK, "")
		if got := controls(p.doc.Find("form[data-guard]")); got.Encode() != want.Encode() || p.has(`button[value^="`+value+`"]`) {
			t.Errorf("%s: %v", value, got)
		}
	}
	for _, value := range []string{"apply:", "apply:title", "apply:keywords[99].name:x", "apply:keywords[-1].name:x", "apply:keywords[1].id:x", "apply:version:7", "fly"} {
		form := with(faulty, "do", value)
		if p := b.post("/drafts/new", form); p.status != http.StatusOK || p.doc.Find("#name-1").AttrOr("value", "") != "购买时间" {
			t.Errorf("%s: %d", value, p.status)
		}
	}
}

func TestAProposalNeedsATitleAndKeepsTheRestOfARefusedOne(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	for title, problem := range map[string]string{"": "must not be empty", " \u3000": "must not be blank", strings.Repeat("通", 65): "at most 64"} {
		p := b.submit(b.get("/drafts/new"), "button[value=save]", typed(with(faulty, "title", title))).expect(http.StatusUnprocessableEntity, "")
		if !strings.Contains(p.text("#title-problem"), problem) || p.doc.Find("#example-5").AttrOr("value", "") != "周年庆" {
			t.Errorf("%q: %s", title, p.text("main"))
		}
	}
	if n := len(c.activities(store.ActDraftAdd)); n != 0 {
		t.Fatalf("%d were saved", n)
	}
}

// Both see what the other has written, and nobody's words are lost.
func TestWhoSavesAProposalSecondIsToldFieldByFieldAndSavesAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	first, second := c.as(store.ProductManager), c.as(store.Operator)
	draft := first.propose(sound)
	first.submit(draft, "button[value=save]", func(f url.Values) { f["name"][1], f["scenario"] = "接种医院", []string{"甲的场景"} })
	mine := func(f url.Values) {
		f["title"], f["name"][0], f["example"][1], f["name"][3] = []string{"疫苗预约成功通知"}, "预约时间", "乙卫生院", "预约人"
	}
	p := second.submit(draft, "button[value=save]", mine).expect(http.StatusConflict, "Somebody else changed this draft while you worked on it")
	same(t, p.shown(".changes tbody tr"), []string{
		"Title 疫苗接种安排通知 疫苗预约成功通知", "Keyword 1 接种时间 预约时间", "Keyword 2 接种医院 接种地点",
		"Example of keyword 2 朝阳区卫生院 乙卫生院", "Keyword 3 (empty) 预约人", "Service scenario 甲的场景 预约之后告知时间和地点",
	})
	want, got := controls(draft.doc.Find("form[data-guard]")), controls(p.doc.Find("form[data-guard]"))
	mine(want)
	want.Set("version", "2")
	if got.Encode() != want.Encode() || first.get("/drafts/1").text("h1") != "疫苗接种安排通知" {
		t.Fatalf("what was typed is lost, or has overwritten the other's: %v", got)
	}
	again := second.submit(p, "button[value=save]", nil).expect(http.StatusOK, "The draft is saved")
	same(t, again.onCard(), []string{"预约时间=2018年1月1日", "接种地点=乙卫生院", "预约人="})
}

func TestAProposalThatWasDeletedMeanwhileIsSavedAsANewOne(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	draft := b.propose(sound)
	b.step(draft, "delete")
	p := b.submit(draft, "button[value=save]", func(f url.Values) { f.Set("title", "疫苗预约成功通知") }).expect(http.StatusConflict, "deleted this draft")
	p = b.submit(p, "button[value=save]", nil).expect(http.StatusOK, "The draft is saved")
	if p.bare() != "/drafts/2" || p.text("h1") != "疫苗预约成功通知" {
		t.Fatalf("%s at %s", p.text("h1"), p.path)
	}
	b.get("/drafts/1").expect(http.StatusOK, "This draft is deleted")
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

// dangling are the links of a page to places that it does not have.
func (p *page) dangling() []string {
	var all []string
	for _, el := range p.doc.Find(`main a[href^="#"]`).EachIter() {
		if href := el.AttrOr("href", ""); p.doc.Find(`[id="`+href[1:]+`"]`).Length() != 1 {
			all = append(all, href)
		}
	}
	return all
}

func TestEveryFindingOfADraftLeadsToItsPlaceOnThePage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	crowded := with(ofMany(40), "example", strings.Split(strings.Repeat("咖啡 ", 40), " ")...)
	short := with(unfinished(), "example", "", "", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k") // more examples than names
	_, err := c.store.AddDraft(context.Background(), store.Actor{}, store.Draft{App: c.app().ID, TitleID: "AT0002", Title: "购买成功通知"})
	must(t, err)
	pages := map[string]*page{
		"an empty combination":   b.get("/drafts/1"),
		"a doubled keyword":      b.saveDraft("5", "5"),
		"a builder without any":  b.get("/library/AT0002"),
		"eleven in the builder":  b.get("/library/AT0002?k=3&k=4&k=5&k=3&k=4&k=5&k=3&k=4&k=5&k=3&k=4"),
		"a saved proposal":       b.propose(faulty),
		"as QA sees it":          c.as(store.QA).get("/drafts/3"),
		"a title alone":          b.submit(b.get("/drafts/new"), "button[value=check]", typed(url.Values{"title": {"优惠活动"}})),
		"a refused title":        b.submit(b.get("/drafts/new"), "button[value=save]", typed(with(faulty, "title", ""))),
		"forty keywords":         b.post("/drafts/new", crowded),
		"more examples than ...": b.post("/drafts/new", short),
	}
	for what, p := range pages {
		if len(p.findings()) == 0 && !strings.HasPrefix(what, "a builder") || p.dangling() != nil {
			t.Errorf("%s: %d findings, these lead nowhere: %v", what, len(p.findings()), p.dangling())
		}
	}
	asking := b.get("/drafts/new")
	asking.doc.Find("#preview").ReplaceWithSelection(b.fragment("/drafts/new", faulty).doc.Find("#preview"))
	if len(asking.findings()) == 0 || asking.dangling() != nil {
		t.Errorf("live: %v of %v lead nowhere", asking.dangling(), asking.findings())
	}
}
