package pages_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

func TestTheAskingPageLetsNobodyPickWhatWeChatRefuses(t *testing.T) {
	c := webtest.NewConsole(t)
	add := func(tid string, kids ...int) string {
		id, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), tid, kids, "取餐")
		webtest.Must(t, err)
		return id
	}
	b := c.As(store.Operator)
	b.Get("/templates/ask").Expect(http.StatusOK, "ask.none")
	one, twin := add("755", 1, 3), add("755", 3, 5)
	p := b.Get("/templates/ask").Answers(http.StatusOK)
	if p.Has("#ask-code-text") || p.Doc.Find(".picks input:disabled").Length() != 0 {
		t.Error("code for nothing, or something cannot be picked beside nothing")
	}
	p = b.Get("/templates/ask?" + url.Values{"t": {one, twin, "gone"}, "when": {"tap"}, "code": {"taro"}, "server": {"node"}}.Encode())
	if code := p.Text("#ask-code-text"); !strings.Contains(code, one) || strings.Contains(code, twin) || !strings.Contains(code, "Taro.requestSubscribeMessage") {
		t.Errorf("the page's code:\n%s", code)
	}
	if code := p.Text("#ask-server-text"); !strings.Contains(code, "/api/v1/consents") || !strings.Contains(code, c.App().AppID) {
		t.Errorf("the server's code:\n%s", code)
	}
	if !p.Has(`input[value="`+one+`"]:checked`) || !p.Has(`input[value="`+twin+`"]:disabled:not(:checked)`) {
		t.Error("the twin can be picked")
	}
	p.Tells(http.StatusOK, webtest.Word("ask.why_twin"))
	// Templates of one title are told apart by their keywords; the others need no more than their title.
	other := add("99", 1, 2)
	p = b.Get("/templates/ask?" + url.Values{"t": {one}, "when": {"tap"}, "code": {"taro"}, "server": {"node"}}.Encode())
	for id, want := range map[string]string{one: "交易单号 · 充值金额", twin: "充值金额 · 充值时间", other: ""} {
		if got := p.Text(`.picks li:has(#ask-` + id + `) .hint[lang]`); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if p.Doc.Find(`.popup li:contains("充值成功通知")`).Length() != 1 {
		t.Error("the popup shows something else")
	}
	// The links of one panel keep what the other shows.
	href, _ := p.Doc.Find(`nav a:contains("uni-app")`).Attr("href")
	if p = b.Get(href); !strings.Contains(p.Text("#ask-code-text"), "uni.requestSubscribeMessage") || !strings.Contains(p.Text("#ask-server-text"), "fetch(") {
		t.Error("a link forgets the rest of the address")
	}
}

func TestTheAskingPageTellsHowOftenUsersSaidYes(t *testing.T) {
	c := webtest.NewConsole(t)
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值")
	webtest.Must(t, err)
	b, s := c.As(store.Operator), c.Caller("rights")
	b.Get("/templates/ask").Tells(http.StatusOK, webtest.Word("ask.nobody"))
	for i, answer := range []string{"accept", "accept", "reject", "ban", "filter"} {
		s.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": webtest.Customer[:27] + strconv.Itoa(i), "id": "tap",
			"results": map[string]string{template: answer}, "moment": []string{"pay", "tap"}[i%2]})).Into(&struct{}{})
	}
	p := b.Get("/templates/ask?t=" + template)
	if hint := p.Text(".picks .hint"); !strings.Contains(hint, "67%") {
		t.Errorf("two of three said yes: %s", hint)
	}
	// At the payment one said yes and one no, at the tap one said yes; the others were no answers to a popup.
	for moment, want := range map[string]webtest.Wording{
		"pay": webtest.Word("ask.rate", "Percent", 50, "Days", 30, "Yes", 1, "Asked", 2),
		"tap": webtest.Word("ask.rate", "Percent", 100, "Days", 30, "Yes", 1, "Asked", 1),
	} {
		if said := p.Doc.Find(".when label:has([value=" + moment + "]) .hint").Text(); !webtest.Says(t, said, "en", want.ID, want.Args...) {
			t.Errorf("%s: %q", moment, said)
		}
	}
	if p := b.Get("/templates/ask?t=" + template + "&when=tap"); !strings.Contains(p.Text("#ask-server-text"), `"moment":"tap"`) ||
		!strings.Contains(p.Text("#ask-code-text"), "results, moment") {
		t.Error("the code does not tell the moment")
	}
	if p.Doc.Find(".popup .mark path").Length() != 1 {
		t.Error("the popup has no tick")
	}
}

func TestATemplateIsSucceededByTheNearestSubscribeMessage(t *testing.T) {
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := c.As(store.Operator)
	template := c.AddTemplate(b, "AT0002")
	at := "/templates/" + template + "/successor"
	b.Get(at).Expect(http.StatusOK, "successor.unsynced")
	webtest.Must(t, c.Store.StartSync(t.Context(), store.Actor{}, c.App().ID, "subscribe"))
	c.Running()
	webtest.Await(t, "the library of subscribe messages is read", func() bool {
		return !b.Get(at).Says("main", "successor.unsynced")
	})
	p := b.Get(at).Answers(http.StatusOK)
	first := p.Doc.Find(`section.panel[id^="successor-"]`).First()
	if first.Length() != 1 || first.Find("tbody tr").Length() != 3 {
		t.Fatalf("%s", p.Text("main"))
	}
	if p.Doc.Find("main .primary").Length() != 1 {
		t.Error("not one green button")
	}
	made := b.Submit(p, `section.panel .primary`, nil)
	if !strings.HasPrefix(made.Path, "/drafts/") {
		t.Errorf("a draft by one click ends at %s:\n%s", made.Path, made.Text("main"))
	}
	drafts, _, err := c.Store.Drafts(t.Context(), store.DraftFilter{App: c.App().ID})
	if err != nil || len(drafts) != 1 || drafts[0].Kind != "subscribe" {
		t.Errorf("%+v, %v", drafts, err)
	}
	if reader := c.As(store.QA).Get(at).Answers(http.StatusOK); reader.Has("section.panel form") {
		t.Error("QA is offered to draft")
	}
}
