package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/views/ui"
	"muban/web/webtest"
)

func TestARejectionOfADraftNeedsAReasonAndShowsItBesideItsField(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	for path, reasons := range map[string]map[string]string{
		pathOnly(stepDraft(pm, propose(pm, sound), "review")): {
			"": "整体太粗", "title": "标题不清", "keywords[0].name": "哪一种时间", "keywords[1].name": "写全称\n第二行", "scenario": "缺触发时机",
		},
		pathOnly(stepDraft(pm, saveDraft(pm, "5", "3"), "review")): {"": "整体太粗", "title": "换一个标题", "keywords[0].name": "不要物品", "keywords[1].name": "不要地点"},
	} {
		page := b.Get(path)
		for _, nothing := range []map[string]string{nil, {"title": " \u3000\n"}} {
			judgeDraft(b, page, "rejected", nothing).Expect(http.StatusUnprocessableEntity, "desk.need_reason")
		}
		b.Post(path+"/verdict", url.Values{"kind": {"rejected"}, "version": {"1"}, "where": {"keywords[9].name"}, "reason": {"x"}}).
			Expect(http.StatusUnprocessableEntity, "desk.need_reason")
		if long := judgeDraft(b, page, "rejected", map[string]string{"title": strings.Repeat("长", 4001)}).Expect(http.StatusUnprocessableEntity, "problem.max", "Param", 4000); !long.Has(`a[href="#reason-0"]`) || !strings.Contains(long.Text("details[open] #reason-0"), "长长") {
			t.Error("a reason that is too long is lost, or nothing leads to it")
		}
		judgeDraft(b, page, "rejected", reasons).Expect(http.StatusOK, "done.rejected")
		p := pm.Get(path)
		for where, reason := range reasons {
			beside := map[string]string{"": "#place-whole .reason", "title": "#place-title .reason", "scenario": "#place-scenario .reason"}[where]
			if rest, ok := strings.CutPrefix(where, "keywords["); ok {
				beside = "#place-keywords-" + rest[:1] + " .reason"
			}
			if !strings.Contains(p.Text(beside), strings.Join(strings.Fields(reason), " ")) {
				t.Errorf("%s: %q is not beside %q but in %v", path, reason, where, shownOn(p, ".reason"))
			}
		}
		if len(shownOn(p, ".reason")) != len(reasons) {
			t.Errorf("%s: %v", path, shownOn(p, ".reason"))
		}
	}
}

func TestApprovingADraftNeedsTheVersionThatWasReviewed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	seen := b.Get(pathOnly(draft))
	saved := pm.Submit(editDraft(pm, draft), "button[value=save]", func(f url.Values) { f["name"] = []string{"接种时间"}; f["example"] = []string{"2018年1月1日"} })
	p := judgeDraft(b, seen, "approved", nil).Expect(http.StatusConflict, "desk.changed")
	if !p.Is(".head .tag", "state.draft") {
		t.Fatalf("%s", p.Text(".head"))
	}
	judgeDraft(b, seen, "rejected", map[string]string{"keywords[1].name": "不要地点"}).Expect(http.StatusConflict, "desk.unsaid").Shows(http.StatusConflict, "不要地点")
	actDirectly(pm, pathOnly(draft), "review").Expect(http.StatusConflict, "desk.changed")
	stepDraft(pm, saved, "review")
	p = judgeDraft(b, seen, "rejected", map[string]string{"keywords[0].name": "哪一种", "scenario": "缺触发时机"}).Expect(http.StatusConflict, "desk.changed")
	webtest.Same(t, shownOn(p, "textarea[name=reason]"), []string{"", "缺触发时机", "哪一种", ""}) // the places have moved
	judgeDraft(b, p, "approved", nil).Expect(http.StatusOK, "done.approved")
}

func TestWhatChangedInADraftSinceTheReviewStandsOldBesideNewAndEditingTakesTheApprovalAway(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, webtest.With(sound, "scenario", "预约之后\r\n告知")), "review") // as a browser ends lines
	approved := judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil)
	webtest.Same(t, shownOn(approved, ".fold-card dd"), nil)
	p := pm.Submit(editDraft(pm, draft), "button[value=save]", func(f url.Values) {
		f["title"], f["name"][1], f["example"][1], f["name"][2] = []string{"疫苗预约成功通知"}, "", "", "预约人"
	})
	if !p.Is(".head .tag", "state.draft") || p.Has("button[value=submitted]") {
		t.Fatalf("%s", p.Text("main"))
	}
	want := []string{"Title疫苗接种安排通知 → 疫苗预约成功通知", "Keyword 2接种地点 → 预约人", "Example of keyword 2朝阳区卫生院 → (empty)"}
	webtest.Same(t, shownOn(p, ".fold-card .was > div"), want)
	webtest.Same(t, shownOn(b.Get(pathOnly(draft)), ".fold-card del"), []string{"疫苗接种安排通知", "接种地点", "朝阳区卫生院"})
	combination := stepDraft(pm, saveDraft(pm, "5", "3"), "review")
	judgeDraft(b, b.Get(pathOnly(combination)), "approved", nil)
	p = b.Press(b.Press(reopenDraft(b, stepDraft(b, b.Get(pathOnly(combination)), "withdraw")), "remove:5"), "save")
	if !p.Is(".head .tag", "state.draft") || !slices.Contains(shownOn(p, ".fold-card .was > div"), "Keyword 1物品名称 → 购买地点") {
		t.Fatalf("%s", p.Text("main"))
	}
}

// A second review is about what changed since the first.
func TestWhatWasSentBackStandsOldBesideNewForItsAuthorUntilItIsHandedInAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	judgeDraft(b, b.Get(pathOnly(draft)), "rejected", map[string]string{"title": "标题不清", "keywords[1].name": "哪里"})
	p := pm.Get(pathOnly(draft)).Expect(http.StatusOK, "paper.rejected")
	if !p.Has(`a.primary[href$="/edit"]`) || p.Has("button.primary") {
		t.Error("what was not changed yet is to be handed in again")
	}
	form := editDraft(pm, draft)
	webtest.Same(t, shownOn(form, ".reason"), []string{"标题不清", "哪里"})
	p = pm.Submit(form, "button[value=save]", func(f url.Values) { f["title"], f["name"][1] = []string{"疫苗预约成功通知"}, "接种医院" })
	webtest.Same(t, shownOn(p, ".was2 del"), []string{"疫苗接种安排通知", "接种地点 Example: 朝阳区卫生院"})
	webtest.Same(t, shownOn(p, ".was2 ins"), []string{"疫苗预约成功通知", "接种医院 Example: 朝阳区卫生院"})
	webtest.Same(t, shownOn(p, ".found.reason .lines"), []string{"标题不清", "哪里"})
	if !p.Is(".head .tag", "state.rejected") || !p.Says(".actbar", "desk.changed_places", "Count", 2) || !p.Has("button.primary[value=review]") {
		t.Fatalf("%s", p.Text("main"))
	}
	stepDraft(pm, p, "review")
	p = b.Get(pathOnly(draft)).Expect(http.StatusOK, "desk.round", "N", 2)
	if p.Has(".was2, .found.reason") || len(shownOn(p, ".fold-card .was > div")) != 2 || !slices.Contains(shownOn(p, ".events p.lines"), "标题不清") {
		t.Fatalf("the reviewer sees %s", p.Text("main"))
	}
}

func TestAnApprovalWithReasonsIsAskedBackOnceAndKeepsThem(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	reasons := map[string]string{"title": "下次写得短一点", "": "不错"}
	p := judgeDraft(b, b.Get(pathOnly(draft)), "approved", reasons).Expect(http.StatusUnprocessableEntity, "desk.sure", "N", 2)
	webtest.Same(t, shownOn(p, "#reason-places a"), []string{"Title", "The whole"})
	if !p.Is(".head .tag", "state.review") || len(shownOn(p, ".reason-at[open]")) != 2 || !p.Is(".actbar .primary", "desk.approve_all_the_same") ||
		!p.Is("#reject", "desk.reject_with", "N", 2) {
		t.Fatalf("%s", p.Text("main"))
	}
	p = b.Submit(p, "button[name=kind][value=approved]", nil).Expect(http.StatusOK, "done.approved")
	webtest.Same(t, shownOn(p, ".events p.lines"), []string{"下次写得短一点", "不错"})
}

func TestTheNextReviewIsOfferedWhateverTheVerdictAndOnesOwnIsNotAmongThem(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	var paths []string
	for range 3 {
		paths = append(paths, pathOnly(stepDraft(pm, propose(pm, sound), "review")))
	}
	stepDraft(b, propose(b, sound), "review")
	next := func(p *webtest.Page) string {
		return webtest.Within(p.Doc.Find(`.head a.button[href^="/drafts/"]:not([href$="/sheet"])`).AttrOr("href", ""))
	}
	p := b.Get(paths[0]).Expect(http.StatusOK, "desk.queue", "N", 1, "Of", 3)
	if next(p) != paths[1] || next(b.Get(paths[2])) != paths[0] {
		t.Fatalf("from %s to %q", p.Path, next(p))
	}
	p = judgeDraft(b, p, "rejected", map[string]string{"title": "不清"}).Expect(http.StatusOK, "done.rejected")
	if next(p) != paths[1] || p.Says(".crumbs", "desk.queue") {
		t.Fatalf("after a verdict: %q", next(p))
	}
	judgeDraft(b, b.Get(paths[1]), "approved", nil)
	if p = judgeDraft(b, b.Get(paths[2]), "approved", nil); next(p) != "" {
		t.Fatalf("nothing waits, but for %q", next(p))
	}
	if p := pm.Get(paths[0]); next(p) != "" {
		t.Fatalf("a product manager reviews %q", next(p))
	}
}

// A reviewer reads one kind of message after the other, and is told where the next one is of another.
func TestTheReviewsOfAKindFollowEachOther(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, by := c.As(store.Operator), actorOf(c, store.ProductManager)
	var paths []string
	for i, kind := range []string{"template", "subscribe", "template", "subscribe"} {
		d, err := c.Store.AddDraft(t.Context(), by, store.Draft{App: c.App().ID, Proposed: true, Kind: kind, Title: "取餐提醒" + strconv.Itoa(i)})
		webtest.Must(t, err)
		webtest.Must(t, c.Store.SendToReview(t.Context(), by, d.App, d.ID, d.Version))
		paths = append(paths, ui.DraftURL(d.ID))
	}
	next := func(p *webtest.Page) *goquery.Selection {
		return p.Doc.Find(`.head a.button[href^="/drafts/"]:has(svg)`)
	}
	b.Get(paths[0]).Expect(http.StatusOK, "desk.queue", "N", 1, "Of", 2)
	for i, want := range []struct {
		judged, next int
		says         webtest.Wording
	}{{0, 2, webtest.Word("desk.next")}, {2, 1, webtest.Word("desk.next_of", "Kind", webtest.Word("kind.subscribe"))}, {1, 3, webtest.Word("desk.next")}} {
		p := judgeDraft(b, b.Get(paths[want.judged]), "rejected", map[string]string{"title": "不清"})
		if next(p).AttrOr("href", "") != paths[want.next] || !webtest.Says(t, next(p).Text(), "en", want.says.ID, want.says.Args...) {
			t.Errorf("verdict %d is followed by %s, %q", i, next(p).AttrOr("href", ""), next(p).Text())
		}
	}
}

// Every finding stands under the place that it is about, with its rule linked.
func TestAReviewerReadsEveryFindingAtItsPlace(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, faulty), "review")
	p := b.Get(pathOnly(draft))
	webtest.Same(t, findingsOn(p), []string{
		"#place-title 1.4", "#place-keywords-0 2.4", "#place-keywords-1 2.1", "#place-keywords-2 2.5", "#place-keywords-2 2.4", "#place-keywords-3 2.3",
	})
	if p.Has(".paper input:not([type=hidden])") || p.Doc.Find(".reason-at").Length() != 7 || !p.Says(".panel > header", "builder.count_error", "Count", 5) {
		t.Fatalf("%s", p.Text("main"))
	}
	for _, reader := range []*webtest.Browser{pm, c.As(store.QA)} {
		if p := reader.Get(pathOnly(draft)); p.Has(".reason-at, .actbar") || !p.Has(".paper .found") {
			t.Fatalf("%s", p.Text("main"))
		}
	}
}
