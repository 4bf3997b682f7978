package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// submitted is a product manager's proposal that was approved and submitted to WeChat.
func submitted(c *webtest.Console, pm, b *webtest.Browser, values url.Values) *webtest.Page {
	c.T.Helper()
	draft := stepDraft(pm, propose(pm, values), "review")
	judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil).Expect(http.StatusOK, "done.approved")
	return stepDraft(pm, pm.Get(pathOnly(draft)), "submitted").Expect(http.StatusOK, "done.submitted")
}

// appears puts the title of a sound proposal into WeChat's library.
func appears(c *webtest.Console, keywords string) {
	c.T.Helper()
	var edit sandbox.LibraryEdit
	webtest.Must(c.T, json.Unmarshal([]byte(`{"add":[{"id":"AT9950","title":"疫苗接种安排通知","keywords":[`+keywords+`]}]}`), &edit))
	webtest.Must(c.T, c.Sandbox.EditLibrary(edit))
}

func TestASubmittedProposalCountsItsDaysAndIsLateAfterTheSeventh(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	path := pathOnly(submitted(c, pm, b, sound))
	for day := range 9 {
		p := pm.Get(path).Answers(http.StatusOK)
		if p.Says(".life", "life.day", "N", day) != (day > 0) {
			t.Errorf("day %d: %s", day, p.Text(".life"))
		}
		if late := p.Has(".life .warn-text"); late != (day > 7) {
			t.Errorf("day %d: late is %v", day, late)
		}
		if current := p.Doc.Find(".life [aria-current=step]"); current.Length() != 1 || !p.Says(".life [aria-current=step]", "life.submitted") {
			t.Fatalf("%s", p.Text(".life"))
		}
		c.Clock.Advance(24 * time.Hour)
		pm = c.As(store.ProductManager)
	}
	if pm.Get(path + "/edit").Has("#title") {
		t.Error("it can be edited while WeChat has it")
	}
}

func TestTheDayOfSubmissionIsTodayOrAnEarlierOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil)
	c.Clock.Advance(72 * time.Hour)
	pm = c.As(store.ProductManager)
	day := func(days int) string { return c.Clock.Now().Add(8*time.Hour).AddDate(0, 0, days).Format(time.DateOnly) }
	on := func(value string) *webtest.Page {
		return pm.Submit(pm.Get(pathOnly(draft)), "button[value=submitted]", func(f url.Values) { f.Set("on", value) })
	}
	for _, wrong := range []string{day(1), day(-4), "yesterday", "2018-02-30"} {
		on(wrong).Expect(http.StatusUnprocessableEntity, "life.on_wrong")
	}
	on(day(-2)).Expect(http.StatusOK, "life.day", "N", 2)
}

func TestThreeTitlesAMonthAreCountedAndWhatIsTakenBackIsNot(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	for range 3 {
		submitted(c, pm, b, sound)
	}
	fresh := propose(pm, sound)
	fresh.Expect(http.StatusOK, "desk.left", "Count", 0)
	stepDraft(pm, pm.Get("/drafts/1"), "withdraw").Expect(http.StatusOK, "state.draft")
	pm.Get(pathOnly(fresh)).Expect(http.StatusOK, "desk.left", "Count", 1)
	stepDraft(pm, pm.Get("/drafts/1"), "review")
	judgeDraft(b, b.Get("/drafts/1"), "approved", nil)
	stepDraft(pm, pm.Get("/drafts/1"), "submitted")
	stepDraft(pm, pm.Get(pathOnly(fresh)), "review")
	p := judgeDraft(b, b.Get(pathOnly(fresh)), "approved", nil)
	if !p.Says("main", "life.none_left", "N", 3) || !p.Has("button.primary[value=submitted]") {
		t.Errorf("%s", p.Text("main")) // a count of ours does not forbid what WeChat may allow
	}
}

func TestWeChatsLetterStandsWholeAndEachSentenceAtItsPlace(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	path := pathOnly(submitted(c, pm, b, sound))
	answerDraft(b, b.Get(path), "letter", " \n\u3000").Expect(http.StatusUnprocessableEntity, "life.need_letter")
	long := answerDraft(b, b.Get(path), "letter", strings.Repeat("长", 3001)).Expect(http.StatusUnprocessableEntity, "problem.max", "Param", 3000)
	if !strings.Contains(long.Text("#letter"), "长长") {
		t.Error("the letter is lost")
	}
	letter := "你好，模板审核未通过。\n标题意思过度相似。\n关键词“接种地点”与示例不对应。"
	answerDraft(b, b.Get(path), "letter", letter).Expect(http.StatusOK, "done.letter")
	p := pm.Get(path).Expect(http.StatusOK, "paper.letter")
	webtest.Same(t, shownOn(p, "blockquote .lines"), []string{"你好，模板审核未通过。"})
	webtest.Same(t, shownOn(p, "#place-title .reason .lines"), []string{"标题意思过度相似。"})
	webtest.Same(t, shownOn(p, "#place-keywords-1 .reason .lines"), []string{"关键词“接种地点”与示例不对应。"})
	if p.Doc.Find(".fold-card .lines").Text() != letter || !p.Is(".head .tag", "state.refused") || !p.Says(".life [aria-current=step]", "state.refused") {
		t.Fatalf("%s", p.Text("main"))
	}
	p = pm.Submit(editDraft(pm, p), "button[value=save]", func(f url.Values) { f.Set("title", "疫苗预约成功通知") })
	if p.Text("#place-title del") != "疫苗接种安排通知" || p.Text("#place-title ins") != "疫苗预约成功通知" || len(shownOn(p, "main .primary")) != 1 || !p.Has("button.primary[value=review]") {
		t.Fatalf("%s", p.Text("main"))
	}
	stepDraft(pm, p, "review").Expect(http.StatusOK, "state.review")
	if p := judgeDraft(b, b.Get(path), "approved", nil); p.Has(".reason, .panel blockquote") || !p.Has("button[value=submitted]") {
		t.Fatalf("%s", p.Text("main"))
	}
}

// The whole life: proposed, reviewed, submitted, accepted, found in the library by its sync, added with one click.
func TestAnAcceptedProposalIsFoundByTheSyncAndAddedToTheAccount(t *testing.T) {
	t.Parallel()
	c, b := webtest.Synced(t)
	pm := c.As(store.ProductManager)
	path := pathOnly(submitted(c, pm, b, sound))
	p := answerDraft(b, b.Get(path), "accepted", "").Expect(http.StatusOK, "life.not_in_library")
	if p.Has("main .primary") || !p.Says(".life", "state.accepted") {
		t.Fatalf("%s", p.Text("main"))
	}
	appears(c, `{"keyword_id":4,"name":"接种地点","example":"朝阳区卫生院"},{"keyword_id":9,"name":"接种时间","example":"2018年1月1日"}`)
	b.Sync()
	p = b.Get(path).Expect(http.StatusOK, "life.is_in_library").Expect(http.StatusOK, "act.draft.linked")
	if !p.Has(`a[href$="/library/AT9950"]`) || len(findingsOn(p)) > 0 || len(shownOn(p, "main .primary")) != 1 {
		t.Fatalf("%s", p.Text("main"))
	}
	pm.Get(path).Expect(http.StatusOK, "life.others_add")
	template := b.Submit(p, "button[value=account]", nil).Expect(http.StatusOK, "done.template_added")
	webtest.Same(t, template.OnCard(), []string{"接种时间=2018年1月1日", "接种地点=朝阳区卫生院"})
	p = pm.Get(path).Expect(http.StatusOK, "state.added").Expect(http.StatusOK, "life.added")
	if p.Doc.Find(`main a[href^="/templates/"]`).AttrOr("href", "") != pathOnly(template) {
		t.Fatalf("%s does not lead to %s", p.Text("main"), template.Path)
	}
}

func TestATitleThatAppearsInTheLibraryAnswersForWeChat(t *testing.T) {
	t.Parallel()
	c, b := webtest.Synced(t)
	pm := c.As(store.ProductManager)
	path := pathOnly(submitted(c, pm, b, sound))
	appears(c, `{"keyword_id":4,"name":"接种地点","example":"朝阳区卫生院"}`)
	b.Sync()
	p := b.Get(path).Expect(http.StatusOK, "state.accepted").Expect(http.StatusOK, "life.missing", "Names", "接种时间")
	if !p.Has(`a.primary[href*="/library/AT9950?k=4"]`) || p.Has("button[value=account]") {
		t.Fatalf("%s", p.Text("main"))
	}
}

// It was offered WeChat's letter, and could not be added from its own page.
func TestAnApprovedCombinationIsAddedFromItsOwnPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, saveDraft(pm, "3", "5"), "review")
	p := judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil)
	if p.Has("#letter") || len(shownOn(p, "main .primary")) != 1 {
		t.Fatalf("%s", p.Text("main"))
	}
	pm.Get(pathOnly(draft)).Expect(http.StatusOK, "life.others_add")
	if !p.Is(".life [aria-current=step] b", "builder.add") || p.Doc.Find(".life .past").Length() != 2 {
		t.Errorf("%s", p.Text(".life"))
	}
	template := b.Submit(p, "button.primary", nil).Expect(http.StatusOK, "done.template_added")
	webtest.Same(t, template.OnCard(), []string{"购买地点=TIT造舰厂", "物品名称=咖啡"})
	if added := b.Get(pathOnly(draft)).Expect(http.StatusOK, "state.added"); added.Doc.Find(".life .past").Length() != 3 {
		t.Errorf("%s", added.Text(".life"))
	}
	again := b.Submit(p, "button.primary", nil) // a second click on the page that was left open
	if list := b.Get("/templates"); len(shownOn(list, "main tbody tr")) > 1 {
		t.Fatalf("added twice: %s, %s", again.Path, list.Text("main"))
	}
}
