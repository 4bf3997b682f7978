package pages_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/ui"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestWithoutAMirrorTheListIsWeChatsOwn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.As(store.Operator).Get(webtest.Search("q", "退款")).Expect(http.StatusOK, "search.not_yet")
	if len(listed(p)) != 20 || !p.Has(`button.primary[value="start"]`) || p.Has("[role=search] #q") {
		t.Errorf("%s", p.Text("main"))
	}
	if p := c.As(store.QA).Get("/library").Expect(http.StatusOK, "search.offer"); p.Has(`button[value="start"]`) {
		t.Error("QA is offered to start a sync")
	}
	for _, format := range []string{"csv", "json"} {
		c.As(store.QA).Get("/library/export?format="+format).Expect(http.StatusConflict, "failure.no_mirror.title")
	}
}

// WeChat tells the account's categories whatever is asked for, but only titles of subscribe messages are in them.
func TestTitlesOfTemplateMessagesAreListedWithoutCategories(t *testing.T) {
	t.Parallel()
	_, b := webtest.Synced(t)
	if p := b.Get("/library"); !p.Has(".titles tbody tr") || p.Has(".categories") {
		t.Errorf("%s", p.Text(".categories"))
	}
}

func TestTitlesAreFoundByEveryTextOfTheirs(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	for _, c := range []struct {
		text, id, marked, chip string
		loose                  bool // found by its sound
	}{
		{"取经成功", "AT9901", "取经成功", "", false},
		{"文牒", "AT9902", "文牒", "", false},
		{"at9902", "AT9902", "AT9902", "", false},
		{"国号", "AT9902", "国号", "国号", false},
		{"玄奘", "AT9901", "玄奘", "取经人：玄奘法师", false},
		{"qjcg", "AT9901", "取经成功", "", true},
		{"qujingchenggong", "AT9901", "取经成功", "", true},
		{"tgwd", "AT9902", "通关文牒", "", true},
		{"xingnangzhongliang", "AT9901", "行囊重量", "行囊重量", true},
		{"hangnang", "AT9901", "行囊", "行囊重量", true}, // 行, read the other way
		{"取经成工提醒", "AT9901", "", "", true},
		{" 文牒 ", "AT9902", "文牒", "", false},
	} {
		p := b.Get(webtest.Search("q", c.text)).Answers(http.StatusOK)
		ids := listed(p)
		if len(ids) == 0 || ids[0] != c.id {
			t.Errorf("%s: %v, want %s first", c.text, ids, c.id)
			continue
		}
		row := p.Doc.Find(".titles tbody tr").First()
		if got := row.Find("mark").First().Text(); c.marked != "" && got != c.marked {
			t.Errorf("%s: %q is marked, want %q", c.text, got, c.marked)
		}
		if got := row.Find("li:has(mark)").First().Text(); c.marked != "" && strings.Join(strings.Fields(got), "") != c.chip {
			t.Errorf("%s: the chip %q, want %q", c.text, got, c.chip)
		}
		if got := row.Find(".how").Length() > 0; c.marked != "" && got != c.loose {
			t.Errorf("%s: not to the letter: %t, want %t", c.text, got, c.loose)
		}
		if got := p.Doc.Find("#q").AttrOr("value", ""); got != c.text {
			t.Errorf("the box holds %q", got)
		}
	}
	none := b.Get(webtest.Search("q", "zzzzqqqq")).Expect(http.StatusOK, "search.none")
	if !none.Has(`main a[href$="/drafts/new"]`) || !none.Has(`main a[href$="/library"]`) {
		t.Error("nothing is offered to do next")
	}
}

// facet is where a facet leads, by the id of its text; "" where it is not offered.
func facet(p *webtest.Page, id string) (href string, on bool, count string) {
	p.T.Helper()
	for _, el := range p.Doc.Find(".facet").EachIter() {
		if count = strings.TrimSpace(el.Find("small").Text()); webtest.Says(p.T, el.Text(), "en", "search.facet_"+id) {
			return el.AttrOr("href", ""), el.AttrOr("aria-current", "") != "", count
		}
	}
	return "", false, ""
}

func TestASearchIsNarrowedSortedAndPaged(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	all := b.Get(webtest.Search("q", "成功"))
	href, on, count := facet(all, "reminder")
	p := b.Get(href).Expect(http.StatusOK, "pager.range", "From", 1, "Total", count)
	if on || p.Doc.Find(".titles .go").Length() == 0 {
		t.Fatalf("%s: %v", p.Path, listed(p))
	}
	for _, title := range p.Doc.Find(".titles .go").EachIter() {
		if !strings.HasSuffix(strings.TrimSpace(title.Text()), "提醒") {
			t.Errorf("%s", title.Text())
		}
	}
	few, _, count := facet(p, "few")
	p = b.Submit(b.Get(few), `form[role=search] button`, func(form url.Values) { form.Set("sort", "id") }).
		Expect(http.StatusOK, "pager.range", "From", 1, "Total", count)
	if ids := listed(p); len(ids) == 0 || !slices.IsSorted(ids) || !strings.Contains(p.Path, "suffix=") {
		t.Fatalf("%s: %v", p.Path, ids)
	}
	for _, el := range p.Doc.Find(".titles .tight").EachIter() {
		var n int
		if _, err := fmt.Sscanf(strings.TrimLeft(el.Text(), "· "), "%d", &n); err != nil || n < 1 || n > 5 {
			t.Errorf("%q", el.Text())
		}
	}
	next := b.Get(webtest.Search("q", "通知", "suffix", "通知", "sort", "title"))
	href = next.Doc.Find("a[rel=next]").AttrOr("href", "")
	second := b.Get(href).Expect(http.StatusOK, "pager.range", "From", 21, "To", 40)
	if _, on, _ := facet(second, "notice"); !on || second.Doc.Find("#q").AttrOr("value", "") != "通知" || second.Doc.Find("#sort option[selected]").AttrOr("value", "") != "title" {
		t.Errorf("%s has lost the filters", href)
	}
	by := b.Submit(second, `form[role=search] button`, nil) // a new search begins on the first page
	if strings.Contains(by.Path, "offset") || !strings.Contains(by.Path, "suffix=") {
		t.Errorf("%s", by.Path)
	}
	jumped := b.Submit(second, `form:has(#offset) button`, func(form url.Values) { form.Set("offset", "40") }).Expect(http.StatusOK, "pager.range", "From", 41, "To", 60)
	if !strings.Contains(jumped.Path, "suffix=") {
		t.Errorf("%s", jumped.Path)
	}
}

// A facet tells how many titles it would leave beside the other filters, and takes the place of one of its kind.
func TestFacetsAreChosenAndTakenOff(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	p := b.Get("/library?count=5")
	for _, id := range []string{"many", "few", "notice", "reminder"} {
		href, on, count := facet(p, id)
		if chosen := b.Get(href).Expect(http.StatusOK, "pager.range", "From", 1, "Total", count); on {
			t.Errorf("%s is on", id)
		} else if off, on, again := facet(chosen, id); !on || again != count || strings.Contains(off, "min=") || strings.Contains(off, "suffix=") {
			t.Errorf("%s is not on, or counts %s and not %s, or is not taken off by %s", id, again, count, off)
		}
	}
	many, _, _ := facet(b.Get("/library?suffix=通知&max=5"), "many")
	if u, _ := url.Parse(many); u.Query().Get("max") != "" || u.Query().Get("min") != "6" || u.Query().Get("suffix") != "通知" {
		t.Errorf("%s", many)
	}
	own := b.Get("/library?min=2&max=3")
	if off, on, count := facet(own, "between"); !on || strings.Contains(off, "m") && strings.Contains(off, "min=") || !own.Says("#range", "pager.range", "Total", count) {
		t.Errorf("bounds of one's own: %s, %s", off, own.Text("#range"))
	}
	if href, _, _ := facet(p, "ours"); href != "" {
		t.Error("titles of ours are offered, and there are none")
	}
}

func TestABadFilterIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	for _, c := range []struct {
		field, value string
		want         webtest.Wording
	}{
		{"min", "x", webtest.Word("problem.number", "Field", webtest.Word("fieldname.min"), "Value", "x")},
		{"max", "-1", webtest.Word("problem.number", "Value", "-1")},
		{"max", "1.5", webtest.Word("problem.number", "Value", "1.5")},
		{"suffix", "消息", webtest.Word("problem.oneof", "Field", webtest.Word("fieldname.suffix"), "Value", "消息")},
		{"sort", "price", webtest.Word("problem.oneof", "Field", webtest.Word("fieldname.sort"), "Value", "price")},
		{"q", strings.Repeat("长", 101), webtest.Word("problem.max", "Param", 100)},
	} {
		p := b.Get(webtest.Search(c.field, c.value)).Tells(http.StatusUnprocessableEntity, c.want)
		if !p.Has(`a[href="#`+c.field+`"]`) || p.Doc.Find("#"+c.field).AttrOr("aria-invalid", "") != "true" || len(listed(p)) > 0 {
			t.Errorf("%s=%s: %s", c.field, c.value, p.Text("main"))
		}
		if c.field != "suffix" && c.field != "sort" && p.Doc.Find("#"+c.field).AttrOr("value", "") != c.value {
			t.Errorf("%s=%s is not shown again", c.field, c.value)
		}
		if got := b.Get("/library/export?format=csv&" + url.Values{c.field: {c.value}}.Encode()); got.Status != http.StatusBadRequest {
			t.Errorf("exported with %s=%s: %d", c.field, c.value, got.Status)
		}
	}
	b.Get(webtest.Search("min", "9", "max", "2")).Expect(http.StatusUnprocessableEntity, "search.bad_bounds", "Min", 9, "Max", 2)
	b.Get("/library?count=0&q=通知").Expect(http.StatusUnprocessableEntity, "pager.range", "From", 1, "To", 20) // shows what it can
}

func TestOddTextsAreLookedForLikeAnyOther(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	for _, text := range []string{
		"\xff\xfe", "\x00", "%", "_", "'", `"`, "<b>", "＋", "ＡＴ９９０１", "　", "😀", "\u202e", strings.Repeat("重", 100), strings.Repeat("chongzhong", 10), "a b c", "提醒提醒提醒",
	} {
		for _, path := range []string{webtest.Search("q", text), "/find?" + url.Values{"q": {text}}.Encode()} {
			if p := b.Get(path); p.Status != http.StatusOK {
				t.Errorf("%q: %d", text, p.Status)
			} else {
				p.Inert()
			}
		}
	}
	if ids := listed(b.Get(webtest.Search("q", "ＡＴ９９０１"))); len(ids) != 1 || ids[0] != "AT9901" { // full width
		t.Errorf("%v", ids)
	}
}

func TestTheListSaysWhichOfOurAppsUseATitle(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	other, hidden := c.AddApp("wx0000000000000002"), c.AddApp("wx0000000000000003")
	users := func() string { return b.Get(webtest.Search("q", "AT9901")).Text(".titles tbody .uses .away") }
	if got := users(); got != "" {
		t.Errorf("%q", got)
	}
	c.AddTemplate(b, "AT9901", "1")
	c.AddTemplate(b, "AT9901", "2", "1")
	for _, app := range []store.App{other, hidden} {
		c.Remember(store.Actor{}, store.Template{App: app.ID, TemplateID: "tpl", TitleID: "AT9901", KeywordIDs: []int{1}})
	}
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, store.AppRoles{hidden.ID: store.None}))
	b = c.As(store.Operator)
	c.Clock.Advance(10 * time.Second)
	if got, want := users(), c.App().Name+" "+other.Name; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	ours, _, count := facet(b.Get("/library"), "ours")
	if p := b.Get(ours); count != "1" || len(listed(p)) != 1 || listed(p)[0] != "AT9901" {
		t.Errorf("%s of ours: %v", count, listed(p))
	}
	p := b.Get("/library?peek=AT9901")
	var hrefs []string
	for _, a := range p.Doc.Find("#peek li a").EachIter() {
		hrefs = append(hrefs, a.AttrOr("href", ""))
	}
	if len(hrefs) != 3 || !slices.Contains(hrefs, webtest.InApp(other, "/templates/tpl")) {
		t.Errorf("the preview leads to %v", hrefs)
	}
	if strings.Contains(p.Body, hidden.Name) {
		t.Error("an app that is not there for the person is named")
	}
	if rows := strings.Count(b.Get("/library/export?format=json&ours=1").Body, `"id"`); rows != 1 {
		t.Errorf("%d titles of ours are exported", rows)
	}
}

// Beside the list stands the card of one title: the first one's, or the one's that is asked for.
func TestThePreviewIsOfOneTitle(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	p := b.Get(webtest.Search("q", "取经"))
	if p.Text("#peek .card .title") != "取经成功提醒" || p.Doc.Find("tr.on code").First().Text() == "" || p.Text("tr.on code") != "AT9901" {
		t.Errorf("%s", p.Text("#peek"))
	}
	webtest.Same(t, p.OnCard(), []string{"取经人=玄奘法师", "行囊重量=三十斤"})
	if got := p.Text("#peek .kw li"); got != "取经人" {
		t.Errorf("the keywords that were found: %s", got)
	}
	if byTitle := b.Get(webtest.Search("q", "取经成功")); byTitle.Doc.Find("#peek .kw li").Length() < 2 {
		t.Errorf("found by its title: %s", byTitle.Text("#peek"))
	}
	asked := b.Get(p.Doc.Find("tr .peek-at").First().AttrOr("href", "")) // as one does without the script
	if asked.Text("#peek .card .title") != "取经成功提醒" {
		t.Errorf("%s", asked.Path)
	}
	part := fragmentOf(b, "/library?peek=AT9902")
	if part.Text("#peek .card .title") != "通关文牒盖印通知" || part.Has("#found") || part.Has("main") {
		t.Errorf("%s", part.Body)
	}
	if other := b.Get("/library?peek=AT0000000"); other.Status != http.StatusOK || other.Has("#peek .card") || !other.Has("#peek[hidden]") {
		t.Errorf("%d", other.Status)
	}
	typed := fragmentOf(b, webtest.Search("q", "zzzzqqqq"))
	if typed.Status != http.StatusOK || !webtest.Says(t, typed.Text("#found"), "en", "search.none") || !typed.Has("#peek[hidden]") || typed.Has("main, form[role=search]") {
		t.Errorf("%s", typed.Body)
	}
	if refused := fragmentOf(b, webtest.Search("q", strings.Repeat("长", 101))); refused.Status != http.StatusUnprocessableEntity || !refused.Has(`#found a[href="#q"]`) {
		t.Errorf("%d", refused.Status)
	}
}

func TestAMirroredPageSaysWhenItWasSyncedAndWarnsOfAnOldOne(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	c.Clock.Advance(3*time.Hour + time.Minute)
	p := b.Get("/library").Expect(http.StatusOK, "search.synced", "Titles", ui.Thousands(webtest.Titles+2)).Expect(http.StatusOK, "age.hours", "Count", 3)
	if p.Has(".head .warn-text") || !p.Has(`.head a[href$="/library/sync"]`) {
		t.Errorf("%s", p.Text(".head"))
	}
	b.Post("/library/sync", url.Values{"do": {"start"}})
	b.AwaitSync("ended", webtest.Ended)
	b.Get("/library").Expect(http.StatusOK, "age.now")
	c.Clock.Advance(49 * time.Hour)
	b = c.As(store.Operator)
	for _, lang := range []string{"en", "zh"} {
		if p := b.Speaking(lang).Get("/library").Expect(http.StatusOK, "age.days", "Count", 2); !p.Says(".head .warn-text", "search.synced") {
			t.Errorf("an old copy is no warning: %s", p.Text(".head"))
		}
	}
}

func TestTheLibraryIsExported(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	found := b.Get(webtest.Search("q", "取经"))
	href := found.Doc.Find(`main a[href*="format=csv"]`).AttrOr("href", "")
	p := b.Get(href)
	body, bom := strings.CutPrefix(p.Body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	webtest.Must(t, err)
	want := [][]string{{"id", "title", "keyword_id", "name", "example"}, {"AT9901", "取经成功提醒", "1", "取经人", "玄奘法师"}, {"AT9901", "取经成功提醒", "2", "行囊重量", "三十斤"}}
	if !bom || fmt.Sprint(rows) != fmt.Sprint(want) || !strings.Contains(p.Header.Get("Content-Disposition"), "library-"+sandbox.DefaultAppID+".csv") {
		t.Errorf("%t %q %v", bom, rows, p.Header)
	}
	whole := b.Get("/library/export?format=json")
	var list []struct {
		ID, Title string
		Keywords  []struct {
			ID            int `json:"keyword_id"`
			Name, Example string
		}
	}
	webtest.Must(t, json.Unmarshal([]byte(whole.Body), &list))
	if last := list[len(list)-1]; len(list) != webtest.Titles+2 || last.Title != "通关文牒盖印通知" || len(last.Keywords) != 1 || last.Keywords[0].ID != 7 || last.Keywords[0].Example != "乌鸡国" {
		t.Errorf("%d titles, %+v", len(list), last)
	}
	webtest.Must(t, json.Unmarshal([]byte(b.Get("/library/export?format=json&q=zzzzqqqq").Body), &list))
	if len(list) != 0 {
		t.Errorf("%d titles", len(list))
	}
	b.Get("/library/export?format=xls").Answers(http.StatusBadRequest)
}
