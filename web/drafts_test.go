package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
)

// saveDraft saves a combination of AT0002 and answers the draft's page.
func (b *browser) saveDraft(keywords ...string) *page {
	b.t.Helper()
	p := b.press(b.get("/library/AT0002?k="+strings.Join(keywords, "&k=")), "save")
	return p.expect(http.StatusOK, "The draft is saved")
}

// reopen follows the draft's link into the builder.
func (b *browser) reopen(draft *page) *page {
	b.t.Helper()
	return b.get(draft.doc.Find(`a[href^="/library/AT"]`).AttrOr("href", ""))
}

// bare is the page's address without the query.
func (p *page) bare() string {
	path, _, _ := strings.Cut(p.path, "?")
	return path
}

// shown are the texts that selector finds, one space between words and cells.
func (p *page) shown(selector string) []string {
	var all []string
	for _, el := range p.doc.Find(selector).EachIter() {
		parts := []string{el.Text()}
		if el.Is("tr") {
			parts = el.Children().Map(func(_ int, cell *goquery.Selection) string { return cell.Text() })
		}
		all = append(all, strings.Join(strings.Fields(strings.Join(parts, " ")), " "))
	}
	return all
}

func TestADraftOfACombinationIsSavedReopenedAndSavedAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	draft := b.saveDraft("5", "3")
	if draft.bare() != "/drafts/1" || draft.text("h1") != "购买成功通知" {
		t.Fatalf("%s at %s", draft.text("h1"), draft.path)
	}
	same(t, draft.onCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂"})
	open := b.reopen(draft).expect(http.StatusOK, "Continues draft 1")
	same(t, open.chosen(), []string{"物品名称", "购买地点"})
	again := b.press(b.press(open, "add:4"), "save").expect(http.StatusOK, "The draft is saved")
	same(t, again.onCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂", "购买时间=2016年6月6日"})
	same(t, b.get("/drafts").shown("tbody tr td:nth-child(3)"), []string{"物品名称 · 购买地点 · 购买时间"})
}

func TestWhoSavesACombinationSecondMaySaveItAsANewDraft(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	first, second := c.as(store.ProductManager), c.as(store.Operator)
	draft := first.saveDraft("5")
	mine, theirs := first.reopen(draft), second.reopen(draft)
	first.press(first.press(mine, "add:3"), "save").expect(http.StatusOK, "The draft is saved")
	p := second.press(second.press(theirs, "add:4"), "save").expect(http.StatusConflict, "was changed by somebody else while you worked on it")
	same(t, p.chosen(), []string{"物品名称", "购买时间"})
	p = second.press(p, "save_new").expect(http.StatusOK, "The draft is saved")
	same(t, p.onCard(), []string{"物品名称=咖啡", "购买时间=2016年6月6日"})
	same(t, first.get("/drafts/1").onCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂"})
}

func TestACombinationWhoseDraftWasDeletedOrAddedMeanwhileIsKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	for _, end := range []func(draft, open *page){
		func(draft, _ *page) { b.step(draft, "delete") },
		func(_, open *page) { b.press(open, "account").expect(http.StatusOK, "in the account") },
	} {
		draft := b.saveDraft("5")
		open := b.reopen(draft)
		end(draft, open)
		p := b.press(b.press(open, "add:4"), "save").expect(http.StatusConflict, "was not overwritten")
		same(t, p.chosen(), []string{"物品名称", "购买时间"})
		b.press(p, "save_new").expect(http.StatusOK, "The draft is saved")
	}
}

func TestAnAddedDraftLeadsToItsTemplate(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	template := b.press(b.reopen(b.saveDraft("3", "5")), "account").expect(http.StatusOK, "from draft 1")
	p := b.get("/drafts/1").expect(http.StatusOK, "Added")
	if p.doc.Find(`a[href^="/templates/"]`).AttrOr("href", "") != template.bare() {
		t.Fatalf("%s does not lead to %s", p.text("main"), template.path)
	}
	if p.has(`a[href^="/library/AT"]`) {
		t.Error("it can be opened in the builder still")
	}
}

// A clone has the words, not what became of them.
func TestACloneBeginsAnewAndADeletedDraftComesBackAsItWas(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	pm, b := c.as(store.ProductManager), c.as(store.Operator)
	draft := pm.step(pm.propose(sound), "review")
	b.judge(b.get("/drafts/1"), "rejected", map[string]string{"title": "不清"})
	clone := b.step(b.get("/drafts/1"), "clone")
	if clone.has(".reason") || !strings.Contains(clone.text(".head"), "operator") || clone.text("#scenario") != draft.text("#scenario") {
		t.Errorf("%s", clone.text("main"))
	}
	same(t, clone.onCard(), draft.onCard())
	gone := pm.step(pm.get("/drafts/1"), "delete").expect(http.StatusOK, "This draft is deleted")
	same(t, b.get("/drafts").shown("tbody .id"), []string{"2"})
	back := pm.step(gone, "restore").expect(http.StatusOK, "The draft is restored")
	if back.text(".head .tag") != "Rejected" || !back.has("#place-title .reason") {
		t.Errorf("%s", back.text("main"))
	}
}

func TestDraftsAreFoundByStateAuthorTextAppAndDeletion(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, other := c.as(store.Operator), c.addApp("wx0000000000000002")
	c.as(store.ProductManager).saveDraft("5")
	b.step(b.propose(sound), "review")
	b.propose(with(with(faulty, "title", "100%请假审批"), "scenario", "门诊")) // of errors and warnings
	b.step(b.propose(with(sound, "title", "已删除通知")), "delete")
	b.in(other).propose(with(sound, "title", "别的小程序通知"))
	b.in(c.app())
	author := b.get("/drafts").doc.Find(`#author option:contains("product_manager")`).AttrOr("value", "")
	for query, want := range map[string]string{
		"": "100%请假审批|疫苗接种安排通知|购买成功通知", "state=review": "疫苗接种安排通知", "state=added": "", "author=" + author: "购买成功通知",
		"q=" + url.QueryEscape("审批"): "100%请假审批", "q=%25": "100%请假审批", "q=" + url.QueryEscape("门诊"): "100%请假审批", "q=_": "",
		"deleted=1": "已删除通知", "apps=all": "100%请假审批|别的小程序通知|疫苗接种安排通知|购买成功通知", "deleted=1&state=review": "",
	} {
		got := b.get("/drafts?" + query).shown("tbody td:nth-child(2) a")
		if slices.Sort(got); strings.Join(got, "|") != want {
			t.Errorf("?%s: %v, want %s", query, got, want)
		}
	}
	for _, query := range []string{"state=nonsense", "author=x", "author=1%27"} {
		b.get("/drafts?"+query).expect(http.StatusBadRequest, "")
	}
	list := b.get("/drafts?state=draft&count=1")
	if list.text("#range") != "1–1 of 2" || list.doc.Find("a[rel=next]").AttrOr("href", "") != inApp(c.app(), "/drafts?count=1&offset=1&state=draft") {
		t.Errorf("%s", list.text("#range"))
	}
	same(t, b.get("/drafts").shown("tbody td:nth-child(5)"), []string{"5 errors 2 warnings", "Fine", "Fine"})
	elsewhere := b.get(b.get("/drafts?apps=all").doc.Find(`tbody a[href$="/drafts/5"]`).AttrOr("href", "")).expect(http.StatusOK, "别的小程序通知")
	if elsewhere.path != inApp(other, "/drafts/5") || elsewhere.text("select[name=app] [selected]") != other.Name {
		t.Errorf("at %s of %s", elsewhere.path, elsewhere.text("select[name=app] [selected]"))
	}
}

// faults.md 27
func TestADraftOfAnotherAppIsNotFoundWhateverIsAsked(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	b.propose(sound)
	b.saveDraft("5")
	b.in(c.addApp("wx0000000000000002"))
	before := c.still()
	for _, id := range []string{"1", "2", "3", "0", "-1", "x", "9223372036854775808"} {
		for _, route := range c.routes() {
			path := strings.Replace(route.Path, "{id}", id, 1)
			if !strings.HasPrefix(route.Path, "/drafts/{id}") {
				continue
			}
			form := url.Values{"title": {"通知"}, "version": {"1"}, "kind": {"letter"}, "where": {"title"}, "reason": {"不行"}, "text": {"好"}}
			for _, do := range []string{"save", "check", "review", "withdraw", "submitted", "clone", "delete", "restore"} {
				if got := c.asked(b, route.Method, path, with(form, "do", do)); got.status != http.StatusNotFound {
					t.Errorf("%s %s %s: %d", route.Method, path, do, got.status)
				}
			}
		}
	}
	for _, do := range []string{"save", "account"} {
		b.post("/library/AT0002", url.Values{"k": {"5"}, "draft": {"2"}, "version": {"1"}, "do": {do}}).expect(http.StatusNotFound, "")
	}
	_, n, err := c.store.Drafts(context.Background(), store.DraftFilter{AllApps: true})
	if c.content() != before || n != 2 || err != nil {
		t.Fatalf("something was done all the same: %d drafts, %v", n, err)
	}
}

// asked is the answer to a request of the browser's, by its method.
func (c *console) asked(b *browser, method, path string, form url.Values) *page {
	c.t.Helper()
	if method == http.MethodPost {
		return b.post(path, form)
	}
	return b.get(path)
}

func TestCommentsOnADraftStandInOrderAndARefusedOneIsKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	pm, b := c.as(store.ProductManager), c.as(store.QA)
	draft := pm.propose(sound)
	path := draft.bare()
	say := func(b *browser, text string) *page {
		return b.submit(b.get(path), "#desk button:not([name])", func(f url.Values) { f.Set("text", text) })
	}
	say(b, "第一句\r\n第二行").expect(http.StatusOK, "Your comment is there")
	say(pm, "第二句").expect(http.StatusOK, "Your comment is there")
	p := b.get(path)
	same(t, p.shown("#comments ~ ul strong"), []string{"qa", "product_manager"})
	said, err := c.store.Comments(context.Background(), c.app().ID, 1)
	if err != nil || said[0].Text != "第一句\n第二行" || p.doc.Find("#comments ~ ul p").First().Text() != said[0].Text {
		t.Errorf("%+v, %v", said, err)
	}
	for _, text := range []string{"", " \u3000\n", strings.Repeat("长", 4001)} {
		p := say(b, text).expect(http.StatusUnprocessableEntity, "Text")
		if p.doc.Find("#text").Text() != text || p.dangling() != nil {
			t.Errorf("%.20q is lost, or %v leads nowhere", text, p.dangling())
		}
	}
	open := b.get(path)
	pm.step(draft, "delete")
	p = b.submit(open, "#desk button:not([name])", func(f url.Values) { f.Set("text", "太迟") }).expect(http.StatusConflict, "This draft is deleted")
	if p.text("#text") != "太迟" || len(p.shown("#comments ~ ul li")) != 2 {
		t.Errorf("%s", p.text("#desk"))
	}
}

func TestTheSheetOfADraftHoldsEveryFieldToCopy(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	for path, want := range map[string][]string{
		b.propose(sound).bare():        {"疫苗接种安排通知", "接种时间", "2018年1月1日", "接种地点", "朝阳区卫生院", "预约之后告知时间和地点"},
		b.saveDraft("5", "3").bare():   {"购买成功通知", "物品名称", "咖啡", "购买地点", "TIT造舰厂"},
		b.propose(ofMany(4)).bare():    {"长表通知", "名0", "例0", "名1", "例1", "名2", "例2", "名3", "例3"},
		b.propose(unfinished()).bare(): {"未完通知", "没有示例", "", "", "没有名称"},
	} {
		p := c.as(store.QA).get(path+"/sheet").expect(http.StatusOK, want[0])
		var copied []string
		for _, el := range p.doc.Find("main [data-copy]").EachIter() {
			copied = append(copied, el.AttrOr("data-copy", ""))
		}
		same(t, copied, want)
		same(t, p.shown("main td.lines"), want)
	}
}
