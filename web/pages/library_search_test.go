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
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestWithoutAMirrorTheListIsWeChatsOwn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.As(store.Operator).Get(webtest.Search("q", "退款")).Expect(http.StatusOK, "search.not_yet")
	if len(column(p, "1")) != 20 || !p.Has(`button[value="start"]`) || p.Has("#q") {
		t.Errorf("%s", p.Text("main"))
	}
	if p := c.As(store.QA).Get("/library").Expect(http.StatusOK, "search.offer"); p.Has(`button[value="start"]`) {
		t.Error("QA is offered to start a sync")
	}
	for _, format := range []string{"csv", "json"} {
		c.As(store.QA).Get("/library/export?format="+format).Expect(http.StatusConflict, "failure.no_mirror.title")
	}
}

func TestTitlesAreFoundByEveryTextOfTheirs(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	for _, c := range []struct{ text, id, marked, why string }{
		{"取经成功", "AT9901", "取经成功", ""},
		{"文牒", "AT9902", "文牒", ""},
		{"at9902", "AT9902", "AT9902", ""},
		{"国号", "AT9902", "国号", "Keyword 国号"},
		{"玄奘", "AT9901", "玄奘", "Keyword 取经人 example 玄奘法师"},
		{"qjcg", "AT9901", "取经成功", "by pinyin"},
		{"qujingchenggong", "AT9901", "取经成功", "by pinyin"},
		{"tgwd", "AT9902", "通关文牒", "by pinyin"},
		{"xingnangzhongliang", "AT9901", "行囊重量", "Keyword 行囊重量 by pinyin"},
		{"hangnang", "AT9901", "行囊", "Keyword 行囊重量 by pinyin"}, // 行, read the other way
		{"取经成工提醒", "AT9901", "", ""},
		{" 文牒 ", "AT9902", "文牒", ""},
	} {
		p := b.Get(webtest.Search("q", c.text)).Answers(http.StatusOK)
		ids := column(p, "1")
		if len(ids) == 0 || ids[0] != c.id {
			t.Errorf("%s: %v, want %s first", c.text, ids, c.id)
			continue
		}
		row := p.Doc.Find("table.list tbody tr").First()
		if got := row.Find("mark").Text(); c.marked != "" && got != c.marked {
			t.Errorf("%s: %q is marked, want %q", c.text, got, c.marked)
		}
		if got := strings.Join(strings.Fields(row.Find(".why").Text()), " "); c.marked != "" && got != c.why {
			t.Errorf("%s: it says %q, want %q", c.text, got, c.why)
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

func TestASearchIsNarrowedSortedAndPaged(t *testing.T) {
	t.Parallel()
	_, b := webtest.Journeyed(t)
	all := b.Get(webtest.Search("q", "成功"))
	p := b.Submit(all, `form[role=search] button:not([tabindex])`, func(form url.Values) {
		form.Set("suffix", "提醒")
		form.Set("min", "2")
		form.Set("max", "9")
		form.Set("sort", "id")
	})
	ids := column(p, "1")
	if len(ids) == 0 || !slices.IsSorted(ids) {
		t.Fatalf("%s: %v", p.Path, ids)
	}
	for i, title := range p.Doc.Find("tbody td:nth-child(2) a").EachIter() {
		if !strings.HasSuffix(title.Text(), "提醒") {
			t.Errorf("%s", title.Text())
		}
		var n int
		_, _ = fmt.Sscan(column(p, "3")[i], &n)
		if n < 2 || n > 9 {
			t.Errorf("%s has %d keywords", title.Text(), n)
		}
	}
	next := b.Get(webtest.Search("q", "通知", "suffix", "通知", "sort", "title"))
	href := next.Doc.Find("a[rel=next]").AttrOr("href", "")
	second := b.Get(href).Expect(http.StatusOK, "pager.range", "From", 21, "To", 40)
	if second.Doc.Find("#suffix option[selected]").AttrOr("value", "") != "通知" || second.Doc.Find("#q").AttrOr("value", "") != "通知" || second.Doc.Find("#sort option[selected]").AttrOr("value", "") != "title" {
		t.Errorf("%s has lost the filters", href)
	}
	by := b.Submit(second, `.filters button:not([tabindex])`, nil) // a new search begins on the first page
	if strings.Contains(by.Path, "offset") {
		t.Errorf("%s", by.Path)
	}
	jumped := b.Submit(second, `form:has(#offset) button`, func(form url.Values) { form.Set("offset", "40") }).Expect(http.StatusOK, "pager.range", "From", 41, "To", 60)
	if !strings.Contains(jumped.Path, "suffix=") {
		t.Errorf("%s", jumped.Path)
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
		if !p.Has(`a[href="#`+c.field+`"]`) || p.Doc.Find("#"+c.field).AttrOr("aria-invalid", "") != "true" || len(column(p, "1")) > 0 {
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
	if ids := column(b.Get(webtest.Search("q", "ＡＴ９９０１")), "1"); len(ids) != 1 || ids[0] != "AT9901" { // full width
		t.Errorf("%v", ids)
	}
}

func TestTheListSaysHowOftenATitleIsUsed(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	usage := func() string { return column(b.Get(webtest.Search("q", "AT9901")), "4")[0] }
	if got := usage(); got != "" {
		t.Errorf("%q", got)
	}
	b.Post("/library/AT9901", url.Values{"k": {"1", "2"}, "do": {"save"}}).Expect(http.StatusOK, "done.draft_saved")
	b.Post("/library/AT9901", url.Values{"k": {"1"}, "do": {"save"}}).Expect(http.StatusOK, "done.draft_saved")
	c.Clock.Advance(10 * time.Second)
	if got := usage(); got != "2 drafts" {
		t.Errorf("%q", got)
	}
	c.AddTemplate(b, "AT9901", "1")
	c.Clock.Advance(10 * time.Second)
	if got := usage(); got != "Templates 1 · drafts 2" {
		t.Errorf("%q", got)
	}
}

func TestAMirroredPageSaysWhenItWasSynced(t *testing.T) {
	t.Parallel()
	c, b := webtest.Journeyed(t)
	c.Clock.Advance(3*time.Hour + time.Minute)
	b.Get("/library").Expect(http.StatusOK, "search.synced", "Ago", webtest.Word("age.hours", "Count", 3), "Titles", webtest.Titles+2)
	b.Post("/library/sync", url.Values{"do": {"start"}})
	b.AwaitSync("ended", webtest.Ended)
	b.Get("/library").Expect(http.StatusOK, "age.recent")
	c.Clock.Advance(49 * time.Hour)
	b = c.As(store.Operator)
	b.Get("/library").Expect(http.StatusOK, "search.synced", "Ago", webtest.Word("age.days", "Count", 2))
	b.Speaking("zh").Get("/library").Expect(http.StatusOK, "search.synced", "Ago", webtest.Word("age.days", "Count", 2))
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
