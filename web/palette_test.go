package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"muban/store"
)

// found are the addresses that the palette's page leads to for a text.
func (b *browser) found(text string) []string {
	b.t.Helper()
	p := b.get("/find?q=" + url.QueryEscape(text))
	if p.status != http.StatusOK {
		b.t.Fatalf("%q: %d", text, p.status)
	}
	var hrefs []string
	for _, a := range p.doc.Find(".found a").EachIter() {
		hrefs = append(hrefs, within(a.AttrOr("href", "")))
	}
	return hrefs
}

func TestThePaletteFindsEveryKindOfThing(t *testing.T) {
	t.Parallel()
	c, b := journeyed(t)
	template := c.addTemplate(b, "AT0002")
	b.post("/drafts/new", url.Values{"title": {"渡河提醒"}, "name": {"渡口"}, "example": {"通天河"}, "do": {"save"}}).expect(http.StatusOK, "The draft is saved")
	b.sendTest(template).expect(http.StatusOK, "Sent")
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
		got := b.found(text)
		if want != "" && !slices.Contains(got, want) || want == "" && len(got) > 0 {
			t.Errorf("%q: %q, want %q among them", text, got, want)
		}
	}
	if got := b.get("/find?q=" + url.QueryEscape("通知")); !got.has(`.found a[href^="/library?q="]`) {
		t.Error("there are more titles, and nothing leads to them")
	}
	b.get("/find?q=zzzzqqqq").expect(http.StatusOK, "Nothing was found")
	b.get("/find?q="+strings.Repeat("a", 101)).expect(http.StatusUnprocessableEntity, "100")
	b.speaking("zh").get("/find?q=Drafts").expect(http.StatusOK, "草稿") // a page's name in the other language
}

func TestThePaletteShowsWhatTheRoleMaySee(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	template := c.addTemplate(admin, "AT0002")
	admin.sendTest(template).expect(http.StatusOK, "Sent")
	other := c.addApp("wx0000000000000002")
	for role, more := range map[store.Role][]string{
		store.Administrator:  {"/drafts/new", "/library/sync"},
		store.ProductManager: {"/drafts/new", "/library/sync"},
		store.QA:             {"/library/sync"},
	} {
		b := c.as(role)
		same(t, b.found(""), append(b.sidebar(), more...))
		sends := slices.Contains(b.found("购买成功"), "/sends/1")
		if sends != (role != store.ProductManager) {
			t.Errorf("%s finds the send: %t", role, sends)
		}
		if got := b.in(other).found("购买成功"); len(got) > 0 {
			t.Errorf("%s finds %q of another app", role, got) // faults.md 27
		}
	}
	c.as(store.Administrator).get("/find?q=x").expect(http.StatusOK, "The library is not synced yet")
}

// What the script puts into the palette is a listbox, as its combobox says.
func TestThePalettesChoicesAreAListbox(t *testing.T) {
	t.Parallel()
	_, b := journeyed(t)
	p := b.fragmentOf("/find?q=" + url.QueryEscape("取经"))
	option := p.doc.Find(`#palette-list[role=listbox] [role=group] a[role=option]`).First()
	if option.AttrOr("href", "") != "/library/AT9901" || option.Find("mark").Text() != "取经" || option.AttrOr("id", "") == "" || p.has("main") {
		t.Errorf("%s", p.body)
	}
	if got := p.text("#palette-said"); got != "1 found" {
		t.Errorf("%q", got)
	}
	page := b.get("/drafts")
	field := page.doc.Find("#palette input[role=combobox]")
	if id := field.AttrOr("aria-controls", ""); id == "" || !page.has("#"+id+"[role=listbox]") {
		t.Error("the field does not name its list")
	}
	if !page.has(`.top a[href$="/find"]`) {
		t.Error("there is no way to it without the script")
	}
}

func TestThePaletteFindsWhatIsOlderThanTheLatest(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	ctx, app := t.Context(), c.app().ID
	for i := range 202 {
		_, err := c.store.AddDraft(ctx, store.Actor{Name: "a"}, store.Draft{App: app, Proposed: true, Title: fmt.Sprintf("第%d号提醒", i+1)})
		must(t, err)
	}
	if got := b.found("第1号提醒"); !slices.Contains(got, "/drafts?q="+url.QueryEscape("第1号提醒")) {
		t.Errorf("nothing leads to an old draft: %q", got)
	}
	for number, want := range map[string]string{"1": "/drafts/1", "202": "/drafts/202"} {
		if got := b.found(number); len(slices.DeleteFunc(got, func(href string) bool { return href != want })) != 1 {
			t.Errorf("%s: %q", number, got)
		}
	}
	if got := b.found("999999"); slices.ContainsFunc(got, func(href string) bool { return strings.HasPrefix(href, "/drafts/9") }) {
		t.Errorf("%q", got)
	}
	if got := c.as(store.QA).found("1"); slices.Contains(got, "/sends?q=1") {
		t.Errorf("there are no sends, and %q offers to look through them", got)
	}
}
