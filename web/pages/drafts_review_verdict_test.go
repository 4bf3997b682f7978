package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

func TestARejectionOfADraftNeedsAReasonAndShowsItBesideItsField(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	for path, reasons := range map[string]map[string]string{
		pathOnly(stepDraft(pm, propose(pm, sound), "review")): {
			"": "整体太粗", "title": "标题不清", "keywords[0].name": "哪一种时间", "keywords[1].example": "写全称\n第二行", "scenario": "缺触发时机",
		},
		pathOnly(stepDraft(pm, saveDraft(pm, "5", "3"), "review")): {"": "整体太粗", "title": "换一个标题", "keywords[0].name": "不要物品", "keywords[1].name": "不要地点"},
	} {
		page := b.Get(path)
		for _, nothing := range []map[string]string{nil, {"title": " \u3000\n"}} {
			judgeDraft(b, page, "rejected", nothing).Expect(http.StatusUnprocessableEntity, "desk.need_reason")
		}
		b.Post(path+"/verdict", url.Values{"kind": {"rejected"}, "version": {"1"}, "where": {"keywords[9].name"}, "reason": {"x"}}).
			Expect(http.StatusUnprocessableEntity, "desk.need_reason")
		if long := judgeDraft(b, page, "rejected", map[string]string{"title": strings.Repeat("长", 4001)}).Expect(http.StatusUnprocessableEntity, "problem.max", "Param", 4000); !long.Has("#reason-1") || !long.Has(`a[href="#reason-1"]`) || !strings.Contains(long.Text("#reason-1"), "长长") {
			t.Error("a reason that is too long is lost, or nothing leads to it")
		}
		judgeDraft(b, page, "rejected", reasons).Expect(http.StatusOK, "done.rejected")
		p := pm.Get(path)
		for where, reason := range reasons {
			beside := map[string]string{"": "main .reason", "title": "#place-title ~ .columns .reason, #place-title .reason", "scenario": ".field + .reason"}[where]
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
	saved := pm.Submit(draft, "button[value=save]", func(f url.Values) { f["name"] = []string{"接种时间"}; f["example"] = []string{"2018年1月1日"} })
	p := judgeDraft(b, seen, "approved", nil).Expect(http.StatusConflict, "desk.changed")
	if !p.Is(".head .tag", "state.draft") {
		t.Fatalf("%s", p.Text(".head"))
	}
	judgeDraft(b, seen, "rejected", map[string]string{"keywords[1].name": "不要地点"}).Expect(http.StatusConflict, "desk.unsaid").Shows(http.StatusConflict, "不要地点")
	actDirectly(pm, pathOnly(draft), "review").Expect(http.StatusConflict, "desk.changed")
	stepDraft(pm, saved, "review")
	p = judgeDraft(b, seen, "rejected", map[string]string{"keywords[0].name": "哪一种", "scenario": "缺触发时机"}).Expect(http.StatusConflict, "desk.changed")
	webtest.Same(t, shownOn(p, "textarea[name=reason]"), []string{"", "", "哪一种", "", "缺触发时机"}) // the places have moved
	judgeDraft(b, p, "approved", nil).Expect(http.StatusOK, "done.approved")
}

func TestWhatChangedInADraftSinceTheReviewStandsOldBesideNewAndEditingTakesTheApprovalAway(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, webtest.With(sound, "scenario", "预约之后\r\n告知")), "review") // as a browser ends lines
	approved := judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil)
	webtest.Same(t, shownOn(approved, ".changes tr"), nil)
	p := pm.Submit(pm.Get(pathOnly(draft)), "button[value=save]", func(f url.Values) {
		f["title"], f["name"][1], f["example"][1], f["name"][2] = []string{"疫苗预约成功通知"}, "", "", "预约人"
	})
	if !p.Is(".head .tag", "state.draft") || p.Has("button[value=submitted]") {
		t.Fatalf("%s", p.Text("#desk"))
	}
	want := []string{"Title 疫苗接种安排通知 疫苗预约成功通知", "Keyword 2 接种地点 预约人", "Example of keyword 2 朝阳区卫生院 (empty)"}
	webtest.Same(t, shownOn(p, ".changes tbody tr"), want)
	webtest.Same(t, shownOn(b.Get(pathOnly(draft)), ".changes tbody del"), []string{"疫苗接种安排通知", "接种地点", "朝阳区卫生院"})
	combination := stepDraft(pm, saveDraft(pm, "5", "3"), "review")
	judgeDraft(b, b.Get(pathOnly(combination)), "approved", nil)
	p = b.Press(b.Press(reopenDraft(b, b.Get(pathOnly(combination))), "remove:5"), "save")
	if !p.Is(".head .tag", "state.draft") || !slices.Contains(shownOn(p, ".changes tbody tr"), "Keyword 1 物品名称 购买地点") {
		t.Fatalf("%s", p.Text("main"))
	}
}

func TestWeChatsLetterReopensTheDraftThatWasSubmitted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil)
	c.Clock.Advance(3 * time.Hour)
	submitted := stepDraft(pm, pm.Get(pathOnly(draft)), "submitted").Expect(http.StatusOK, "desk.submitted_at")
	on, err := time.Parse(time.RFC3339, submitted.Doc.Find("#desk time").First().AttrOr("datetime", ""))
	if err != nil || c.Clock.Now().Sub(on).Abs() > time.Minute {
		t.Fatalf("submitted on %s (%v)", on, err)
	}
	if !submitted.Has("#title[readonly]") || submitted.Has("button[value=save]") {
		t.Fatal("it can be edited while WeChat reviews it")
	}
	letter := "你好，模板审核未通过：\n标题意思过度相似。"
	judgeDraft(b, b.Get(pathOnly(draft)), "letter", nil).Expect(http.StatusUnprocessableEntity, "desk.need_reason")
	judgeDraft(b, b.Get(pathOnly(draft)), "letter", map[string]string{"title": letter}).Expect(http.StatusOK, "done.letter")
	p := pm.Get(pathOnly(draft)).Expect(http.StatusOK, "verdict.letter")
	if !strings.Contains(p.Doc.Find("#place-title .reason").Text(), letter) || p.Has("#title[readonly]") || p.Says("#desk", "desk.submitted_at") {
		t.Fatalf("%s", p.Text("main"))
	}
	again := pm.Submit(p, "button[value=save]", func(f url.Values) { f.Set("title", "疫苗预约成功通知") })
	if !again.Has("#place-title .reason") || stepDraft(pm, again, "review").Text(".head .tag") != "In review" {
		t.Fatal("the reason is gone before anybody approved, or it cannot be reviewed again")
	}
	if p := judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil); p.Has(".reason .i") {
		t.Fatalf("%v", shownOn(p, ".reason"))
	}
}
