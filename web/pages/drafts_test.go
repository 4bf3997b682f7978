package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
)

// saveDraft saves a combination of AT0002 and answers the draft's page.
func saveDraft(b *webtest.Browser, keywords ...string) *webtest.Page {
	b.T.Helper()
	p := b.Press(b.Get("/library/AT0002?k="+strings.Join(keywords, "&k=")), "save")
	return p.Expect(http.StatusOK, "done.draft_saved")
}

// reopenDraft follows the draft's link into the builder.
func reopenDraft(b *webtest.Browser, draft *webtest.Page) *webtest.Page {
	b.T.Helper()
	return b.Get(draft.Doc.Find(`a[href^="/library/AT"]`).AttrOr("href", ""))
}

// pathOnly is the page's address without the query.
func pathOnly(p *webtest.Page) string {
	path, _, _ := strings.Cut(p.Path, "?")
	return path
}

// shownOn are the texts that selector finds, one space between words and cells.
func shownOn(p *webtest.Page, selector string) []string {
	var all []string
	for _, el := range p.Doc.Find(selector).EachIter() {
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
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	draft := saveDraft(b, "5", "3")
	if pathOnly(draft) != "/drafts/1" || draft.Text("h1 > [lang]") != "购买成功通知" {
		t.Fatalf("%s at %s", draft.Text("h1"), draft.Path)
	}
	webtest.Same(t, draft.OnCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂"})
	open := reopenDraft(b, draft).Expect(http.StatusOK, "builder.continues", "Draft", 1)
	webtest.Same(t, open.Chosen(), []string{"物品名称", "购买地点"})
	again := b.Press(b.Press(open, "add:4"), "save").Expect(http.StatusOK, "done.draft_saved")
	webtest.Same(t, again.OnCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂", "购买时间=2016年6月6日"})
	webtest.Same(t, shownOn(b.Get("/drafts"), "tbody .hint [lang]"), []string{"物品名称 · 购买地点 · 购买时间"})
}

func TestWhoSavesACombinationSecondMaySaveItAsANewDraft(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	first, second := c.As(store.ProductManager), c.As(store.Operator)
	draft := saveDraft(first, "5")
	mine, theirs := reopenDraft(first, draft), reopenDraft(second, draft)
	first.Press(first.Press(mine, "add:3"), "save").Expect(http.StatusOK, "done.draft_saved")
	p := second.Press(second.Press(theirs, "add:4"), "save").Expect(http.StatusConflict, "builder.conflict")
	webtest.Same(t, p.Chosen(), []string{"物品名称", "购买时间"})
	p = second.Press(p, "save_new").Expect(http.StatusOK, "done.draft_saved")
	webtest.Same(t, p.OnCard(), []string{"物品名称=咖啡", "购买时间=2016年6月6日"})
	webtest.Same(t, first.Get("/drafts/1").OnCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂"})
}

func TestACombinationWhoseDraftWasDeletedOrAddedMeanwhileIsKept(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for _, end := range []func(draft, open *webtest.Page){
		func(draft, _ *webtest.Page) { stepDraft(b, draft, "delete") },
		func(_, open *webtest.Page) { b.Press(open, "account").Expect(http.StatusOK, "done.template_added") },
	} {
		draft := saveDraft(b, "5")
		open := reopenDraft(b, draft)
		end(draft, open)
		p := b.Press(b.Press(open, "add:4"), "save").Expect(http.StatusConflict, "builder.conflict")
		webtest.Same(t, p.Chosen(), []string{"物品名称", "购买时间"})
		b.Press(p, "save_new").Expect(http.StatusOK, "done.draft_saved")
	}
}

func TestAnAddedDraftLeadsToItsTemplate(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	template := b.Press(reopenDraft(b, saveDraft(b, "3", "5")), "account").Expect(http.StatusOK, "done.template_added")
	storyOf(b, templateIDOn(template)).Expect(http.StatusOK, "template.from_draft", "Draft", 1)
	p := b.Get("/drafts/1").Expect(http.StatusOK, "state.added")
	if p.Doc.Find(`a[href^="/templates/"]`).AttrOr("href", "") != pathOnly(template) {
		t.Fatalf("%s does not lead to %s", p.Text("main"), template.Path)
	}
	if p.Has(`a[href^="/library/AT"]`) {
		t.Error("it can be opened in the builder still")
	}
}

// A clone has the words, not what became of them.
func TestACloneBeginsAnewAndADeletedDraftComesBackAsItWas(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	judgeDraft(b, b.Get("/drafts/1"), "rejected", map[string]string{"title": "不清"})
	clone := stepDraft(b, b.Get("/drafts/1"), "clone")
	if clone.Has(".reason") || !strings.Contains(clone.Text(".head"), "operator") || clone.Text("#place-scenario .name") != draft.Text("#place-scenario .name") {
		t.Errorf("%s", clone.Text("main"))
	}
	webtest.Same(t, clone.OnCard(), draft.OnCard())
	gone := stepDraft(pm, pm.Get("/drafts/1"), "delete").Expect(http.StatusOK, "drafts.deleted")
	webtest.Same(t, shownOn(b.Get("/drafts"), "tbody .go"), []string{clone.Text("h1 > [lang]")})
	back := stepDraft(pm, gone, "restore").Expect(http.StatusOK, "done.draft_restored")
	if !back.Is(".head .tag", "state.rejected") || !back.Has("#place-title .reason") {
		t.Errorf("%s", back.Text("main"))
	}
}

func TestDraftsAreFoundByStateAuthorTextAppAndDeletion(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, other := c.As(store.Operator), c.AddApp("wx0000000000000002")
	saveDraft(c.As(store.ProductManager), "5")
	stepDraft(b, propose(b, sound), "review")
	propose(b, webtest.With(webtest.With(faulty, "title", "100%请假审批"), "scenario", "门诊")) // of errors and warnings
	stepDraft(b, propose(b, webtest.With(sound, "title", "已删除通知")), "delete")
	propose(b.In(other), webtest.With(sound, "title", "别的小程序通知"))
	b.In(c.App())
	author := b.Get("/drafts").Doc.Find(`#author option:contains("product_manager")`).AttrOr("value", "")
	for query, want := range map[string]string{
		"": "100%请假审批|疫苗接种安排通知|购买成功通知", "state=review": "疫苗接种安排通知", "state=added": "", "author=" + author: "购买成功通知",
		"q=" + url.QueryEscape("审批"): "100%请假审批", "q=%25": "100%请假审批", "q=" + url.QueryEscape("门诊"): "100%请假审批", "q=_": "",
		"deleted=1": "已删除通知", "apps=all": "100%请假审批|别的小程序通知|疫苗接种安排通知|购买成功通知", "deleted=1&state=review": "",
	} {
		got := shownOn(b.Get("/drafts?"+query), "tbody .go")
		if slices.Sort(got); strings.Join(got, "|") != want {
			t.Errorf("?%s: %v, want %s", query, got, want)
		}
	}
	for _, query := range []string{"state=nonsense", "author=x", "author=1%27"} {
		b.Get("/drafts?" + query).Answers(http.StatusBadRequest)
	}
	list := b.Get("/drafts?state=draft&count=1")
	if !list.Is("#range", "pager.range", "From", 1, "To", 1, "Total", 2) || list.Doc.Find("a[rel=next]").AttrOr("href", "") != webtest.InApp(c.App(), "/drafts?count=1&offset=1&state=draft") {
		t.Errorf("%s", list.Text("#range"))
	}
	webtest.Same(t, shownOn(b.Get("/drafts"), "tbody td:nth-child(3)"), []string{"5 errors 2 warnings", "Fine", "Fine"})
	elsewhere := b.Get(b.Get("/drafts?apps=all").Doc.Find(`tbody a[href$="/drafts/5"]`).AttrOr("href", "")).Shows(http.StatusOK, "别的小程序通知")
	if elsewhere.Path != webtest.InApp(other, "/drafts/5") || elsewhere.Text("select[name=app] [selected]") != other.Name {
		t.Errorf("at %s of %s", elsewhere.Path, elsewhere.Text("select[name=app] [selected]"))
	}
}

func TestADraftOfAnotherAppIsNotFoundWhateverIsAsked(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	propose(b, sound)
	saveDraft(b, "5")
	b.In(c.AddApp("wx0000000000000002"))
	before := c.Still()
	for _, id := range []string{"1", "2", "3", "0", "-1", "x", "9223372036854775808"} {
		for _, route := range c.Routes() {
			path := strings.Replace(route.Path, "{id}", id, 1)
			if !strings.HasPrefix(route.Path, "/drafts/{id}") {
				continue
			}
			form := url.Values{"title": {"通知"}, "version": {"1"}, "kind": {"letter"}, "letter": {"标题"}, "where": {"title"}, "reason": {"不行"}, "text": {"好"}}
			for _, do := range []string{"save", "send", "check", "review", "withdraw", "submitted", "unanswer", "clone", "delete", "restore"} {
				if got := askFor(c, b, route.Method, path, webtest.With(form, "do", do)); got.Status != http.StatusNotFound {
					t.Errorf("%s %s %s: %d", route.Method, path, do, got.Status)
				}
			}
		}
	}
	for _, do := range []string{"save", "account"} {
		b.Post("/library/AT0002", url.Values{"k": {"5"}, "draft": {"2"}, "version": {"1"}, "do": {do}}).Answers(http.StatusNotFound)
	}
	_, n, err := c.Store.Drafts(context.Background(), store.DraftFilter{AllApps: true})
	if c.Content() != before || n != 2 || err != nil {
		t.Fatalf("something was done all the same: %d drafts, %v", n, err)
	}
}

// askFor is the answer to a request of the browser's, by its method.
func askFor(c *webtest.Console, b *webtest.Browser, method, path string, form url.Values) *webtest.Page {
	c.T.Helper()
	if method == http.MethodPost {
		return b.Post(path, form)
	}
	return b.Get(path)
}

func TestCommentsOnADraftStandInOrderAndARefusedOneIsKept(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.QA)
	draft := propose(pm, sound)
	path := pathOnly(draft)
	say := func(b *webtest.Browser, text string) *webtest.Page {
		return b.Submit(b.Get(path), "#comment button", func(f url.Values) { f.Set("text", text) })
	}
	say(b, "第一句\r\n第二行").Expect(http.StatusOK, "done.commented")
	say(pm, "第二句").Expect(http.StatusOK, "done.commented")
	p := b.Get(path)
	webtest.Same(t, shownOn(p, ".events b"), []string{"product_manager", "qa"}) // the newest first
	said, err := c.Store.Comments(context.Background(), c.App().ID, 1)
	if err != nil || said[0].Text != "第一句\n第二行" || p.Doc.Find(".events p.lines").Last().Text() != said[0].Text {
		t.Errorf("%+v, %v", said, err)
	}
	for _, text := range []string{"", " \u3000\n", strings.Repeat("长", 4001)} {
		p := say(b, text).Expect(http.StatusUnprocessableEntity, "fieldname.text")
		if p.Doc.Find("#text").Text() != text || danglingOn(p) != nil {
			t.Errorf("%.20q is lost, or %v leads nowhere", text, danglingOn(p))
		}
	}
	open := b.Get(path)
	stepDraft(pm, draft, "delete")
	p = b.Submit(open, "#comment button", func(f url.Values) { f.Set("text", "太迟") }).Expect(http.StatusConflict, "drafts.deleted")
	if p.Text("#text") != "太迟" || len(shownOn(p, ".events li")) != 2 {
		t.Errorf("%s", p.Text("main"))
	}
}

func TestTheSheetOfADraftHoldsEveryFieldToCopy(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	for path, want := range map[string][]string{
		pathOnly(propose(b, sound)):        {"疫苗接种安排通知", "接种时间", "2018年1月1日", "接种地点", "朝阳区卫生院", "预约之后告知时间和地点"},
		pathOnly(saveDraft(b, "5", "3")):   {"购买成功通知", "物品名称", "咖啡", "购买地点", "TIT造舰厂"},
		pathOnly(propose(b, ofMany(4))):    {"长表通知", "名0", "例0", "名1", "例1", "名2", "例2", "名3", "例3"},
		pathOnly(propose(b, unfinished())): {"未完通知", "没有示例", "", "", "没有名称"},
	} {
		p := c.As(store.QA).Get(path+"/sheet").Shows(http.StatusOK, want[0])
		var copied []string
		for _, el := range p.Doc.Find("main [data-copy]").EachIter() {
			copied = append(copied, el.AttrOr("data-copy", ""))
		}
		webtest.Same(t, copied, want)
		webtest.Same(t, shownOn(p, "main td.lines"), want)
	}
}
