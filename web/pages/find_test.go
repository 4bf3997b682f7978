package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
)

// foundBy are the addresses that the palette's page leads to for a text.
func foundBy(b *webtest.Browser, text string) []string {
	b.T.Helper()
	p := b.Get("/find?q=" + url.QueryEscape(text))
	if p.Status != http.StatusOK {
		b.T.Fatalf("%q: %d", text, p.Status)
	}
	var hrefs []string
	for _, a := range p.Doc.Find(".hits a").EachIter() {
		hrefs = append(hrefs, webtest.Within(a.AttrOr("href", "")))
	}
	return hrefs
}

func TestThePaletteFindsEveryKindOfThing(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	template := c.AddTemplate(b, "AT0002")
	b.Post("/drafts/new", url.Values{"title": {"渡河提醒"}, "name": {"渡口"}, "example": {"通天河"}, "do": {"save"}}).Expect(http.StatusOK, "done.draft_saved")
	b.SendTest(template).Expect(http.StatusOK, "outcome.sent")
	for text, want := range map[string]string{
		"取经":         "/library/AT9901",
		"wendie":     "/library/AT9902",
		"乌鸡国":        "/library/AT9902",
		"购买成功":       "/templates/" + template,
		"gmcg":       "/templates/" + template,
		template[:9]: "/templates/" + template,
		"渡河":         "/drafts/1",
		"duhe":       "/drafts/1",
		"渡口":         "/drafts/1",
		"operator":   "/drafts/1",
		"购买":         "/sends/1",
		"草稿":         "/drafts",
		"xiafajilu":  "/sends",
		"phone":      "/sandbox",
		"propose":    "/drafts/new",
		"tybtm":      "",
		"Draftz":     "", // near misses of all that there is only make noise here
		"/library":   "/library/sync",
	} {
		got := foundBy(b, text)
		if want != "" && !slices.Contains(got, want) || want == "" && len(got) > 0 {
			t.Errorf("%q: %q, want %q among them", text, got, want)
		}
	}
	if got := b.Get("/find?q=" + url.QueryEscape("通知")); !got.Has(`.hits a[href^="/library?q="]`) {
		t.Error("there are more titles, and nothing leads to them")
	}
	b.Get("/find?q=zzzzqqqq").Expect(http.StatusOK, "find.none")
	b.Get("/find?q="+strings.Repeat("a", 101)).Shows(http.StatusUnprocessableEntity, "100")
	b.Speaking("zh").Get("/find?q=Drafts").Expect(http.StatusOK, "nav.drafts") // a page's name in the other language
}

func TestThePaletteFindsBothKindsOfMessage(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	template := c.AddTemplate(b, "AT0002")
	subscribe := c.AddTemplate(b, "755", "1", "3")
	elsewhere, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{4, 5}, "")
	webtest.Must(t, err)
	b.Get("/templates?kind=subscribe").Answers(http.StatusOK)
	openID := webtest.Customer
	c.Report(webtest.FormReport(c, openID, "form-of-the-customer", 0))
	_, err = c.Store.ReportAnswers(t.Context(), store.Actor{}, c.App().ID, []ledger.Answer{
		{OpenID: openID, TemplateID: subscribe, What: ledger.Accept, Source: ledger.FromHand, Ref: "1"},
		{OpenID: openID, TemplateID: elsewhere, What: ledger.Reject, Source: ledger.FromHand, Ref: "2"},
	})
	webtest.Must(t, err)
	for text, wanted := range map[string][]string{
		"购买成功":         {"/templates/" + template},
		"充值成功":         {"/templates/" + subscribe, "/templates/" + elsewhere},
		elsewhere[:12]: {"/templates/" + elsewhere},
		"consents":     {"/rights?kind=subscribe"},
		openID: {"/rights?kind=template&q=" + openID, "/rights?kind=subscribe&q=" + openID + "&template=" + subscribe,
			"/rights?kind=subscribe&q=" + openID + "&template=" + elsewhere},
	} {
		got := foundBy(b, text)
		for _, want := range wanted {
			if !slices.Contains(got, want) {
				t.Errorf("%q: %q lacks %s", text, got, want)
			}
		}
	}
	if p := b.Get("/find?q=" + openID); !p.Says("main", "sends.may_follow", "Count", 1) || !p.Says("main", "consents.state_refused") {
		t.Errorf("%s", p.Text("main"))
	}
}

func TestThePaletteShowsWhatTheRoleMaySee(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	template := c.AddTemplate(admin, "AT0002")
	admin.SendTest(template).Expect(http.StatusOK, "outcome.sent")
	other := c.AddApp("wx0000000000000002")
	for role, more := range map[store.Role][]string{
		store.Administrator:  {"/drafts/new", "/library/sync", "/rules", "/rights?kind=subscribe", "/templates/ask"},
		store.ProductManager: {"/drafts/new", "/library/sync", "/rules", "/templates/ask"},
		store.QA:             {"/library/sync", "/rules", "/templates/ask"},
	} {
		b := c.As(role)
		webtest.Same(t, foundBy(b, ""), append(b.Sidebar(), more...))
		sends := slices.Contains(foundBy(b, "购买成功"), "/sends/1")
		if sends != (role != store.ProductManager) {
			t.Errorf("%s finds the send: %t", role, sends)
		}
		if got := foundBy(b.In(other), "购买成功"); len(got) > 0 {
			t.Errorf("%s finds %q of another app", role, got)
		}
	}
	c.As(store.Administrator).Get("/find?q=x").Expect(http.StatusOK, "find.unsynced")
}

// What the script puts into the palette is a listbox, as its combobox says.
func TestThePalettesChoicesAreAListbox(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	p := fragmentOf(b, "/find?q="+url.QueryEscape("取经"))
	option := p.Doc.Find(`#palette-list[role=listbox] [role=group] a[role=option]`).First()
	if option.AttrOr("href", "") != "/library/AT9901" || option.Find("mark").Text() != "取经" || option.AttrOr("id", "") == "" || p.Has("main") {
		t.Errorf("%s", p.Body)
	}
	if got := p.Text("#palette-said"); got != "1 found" {
		t.Errorf("%q", got)
	}
	page := b.Get("/drafts")
	field := page.Doc.Find("#palette input[role=combobox]")
	if id := field.AttrOr("aria-controls", ""); id == "" || !page.Has("#"+id+"[role=listbox]") {
		t.Error("the field does not name its list")
	}
	if !page.Has(`.top a[href$="/find"]`) {
		t.Error("there is no way to it without the script")
	}
}

func TestThePaletteFindsWhatIsOlderThanTheLatest(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	ctx, app := t.Context(), c.App().ID
	for i := range 202 {
		_, err := c.Store.AddDraft(ctx, store.Actor{Name: "a"}, store.Draft{App: app, Proposed: true, Title: fmt.Sprintf("第%d号提醒", i+1)})
		webtest.Must(t, err)
	}
	if got := foundBy(b, "第1号提醒"); !slices.Contains(got, "/drafts?kind=all&q="+url.QueryEscape("第1号提醒")) {
		t.Errorf("nothing leads to an old draft: %q", got)
	}
	for number, want := range map[string]string{"1": "/drafts/1", "202": "/drafts/202"} {
		if got := foundBy(b, number); len(slices.DeleteFunc(got, func(href string) bool { return href != want })) != 1 {
			t.Errorf("%s: %q", number, got)
		}
	}
	if got := foundBy(b, "999999"); slices.ContainsFunc(got, func(href string) bool { return strings.HasPrefix(href, "/drafts/9") }) {
		t.Errorf("%q", got)
	}
	if got := foundBy(c.As(store.QA), "1"); slices.Contains(got, "/sends?q=1") {
		t.Errorf("there are no sends, and %q offers to look through them", got)
	}
}

// What the palette looks through is kept, and read again at the next key after a change, in this process or another.
func TestThePaletteFindsWhatHasJustChanged(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	ctx, app, by := t.Context(), c.App().ID, store.Actor{Name: "another process"}
	finds := func(text, href string, want bool) {
		t.Helper()
		if got := foundBy(b, text); slices.Contains(got, href) != want {
			t.Errorf("%s: %q, with %s: %t", text, got, href, want)
		}
	}
	finds("火星", "/drafts/1", false)
	d, err := c.Store.AddDraft(ctx, by, store.Draft{App: app, Proposed: true, Title: "火星车到站提醒"})
	webtest.Must(t, err)
	finds("火星", "/drafts/1", true)
	d.Title = "木星车到站提醒"
	_, err = c.Store.SaveDraft(ctx, by, d)
	webtest.Must(t, err)
	finds("火星", "/drafts/1", false)
	finds("muxing", "/drafts/1", true)
	webtest.Must(t, c.Store.DeleteDraft(ctx, by, app, d.ID))
	finds("木星", "/drafts/1", false)

	finds("购买成功", "/sends/1", false)
	template := c.AddTemplate(b, "AT0002")
	finds("购买成功", "/templates/"+template, true)
	b.SendTest(template).Expect(http.StatusOK, "outcome.sent")
	finds("购买成功", "/sends/1", true)
	if !strings.Contains(b.Get("/find?q="+url.QueryEscape("购买成功")).Text(".hits:last-of-type"), "Sent") {
		t.Error("how the send ended is not said")
	}
	finds("kuaijie", "/templates/"+template, false)
	webtest.Must(t, c.Store.SetAlias(ctx, by, app, template, "kuaijie"))
	finds("kuaijie", "/templates/"+template, true)
}
