package web_test

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
	"muban/wechat/sandbox"
)

// search is the library's page for a search: names and values in turn.
func search(fields ...string) string {
	q := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		q.Set(fields[i], fields[i+1])
	}
	return "/library?" + q.Encode()
}

// journey is titles of our own making: the search is not tuned to them.
const journey = `{"add":[
	{"id":"AT9901","title":"取经成功提醒","keywords":[{"keyword_id":1,"name":"取经人","example":"玄奘法师"},{"keyword_id":2,"name":"行囊重量","example":"三十斤"}]},
	{"id":"AT9902","title":"通关文牒盖印通知","keywords":[{"keyword_id":7,"name":"国号","example":"乌鸡国"}]}]}`

// journeyed is a synced console whose library has the journey's titles too.
func journeyed(t testing.TB) (*console, *browser) {
	t.Helper()
	c := newConsoleWith(t, hasty)
	var edit sandbox.LibraryEdit
	must(t, json.Unmarshal([]byte(journey), &edit))
	must(t, c.sandbox.EditLibrary(edit))
	c.running()
	b := c.as(store.Operator)
	b.sync()
	return c, b
}

func TestWithoutAMirrorTheListIsWeChatsOwn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.as(store.Operator).get(search("q", "退款")).expect(http.StatusOK, "There is no search yet")
	if len(p.column("1")) != 20 || !p.has(`button[value="start"]`) || p.has("#q") {
		t.Errorf("%s", p.text("main"))
	}
	if p := c.as(store.QA).get("/library").expect(http.StatusOK, "WeChat gives 20 titles at a time"); p.has(`button[value="start"]`) {
		t.Error("QA is offered to start a sync")
	}
	for _, format := range []string{"csv", "json"} {
		c.as(store.QA).get("/library/export?format="+format).expect(http.StatusConflict, "There is nothing to export yet")
	}
}

func TestTitlesAreFoundByEveryTextOfTheirs(t *testing.T) {
	t.Parallel()
	_, b := journeyed(t)
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
		p := b.get(search("q", c.text)).expect(http.StatusOK, "")
		ids := p.column("1")
		if len(ids) == 0 || ids[0] != c.id {
			t.Errorf("%s: %v, want %s first", c.text, ids, c.id)
			continue
		}
		row := p.doc.Find("table.list tbody tr").First()
		if got := row.Find("mark").Text(); c.marked != "" && got != c.marked {
			t.Errorf("%s: %q is marked, want %q", c.text, got, c.marked)
		}
		if got := strings.Join(strings.Fields(row.Find(".why").Text()), " "); c.marked != "" && got != c.why {
			t.Errorf("%s: it says %q, want %q", c.text, got, c.why)
		}
		if got := p.doc.Find("#q").AttrOr("value", ""); got != c.text {
			t.Errorf("the box holds %q", got)
		}
	}
	none := b.get(search("q", "zzzzqqqq")).expect(http.StatusOK, "No title fits")
	if !none.has(`main a[href$="/drafts/new"]`) || !none.has(`main a[href$="/library"]`) {
		t.Error("nothing is offered to do next")
	}
}

func TestASearchIsNarrowedSortedAndPaged(t *testing.T) {
	t.Parallel()
	_, b := journeyed(t)
	all := b.get(search("q", "成功"))
	p := b.submit(all, `form[role=search] button:not([tabindex])`, func(form url.Values) {
		form.Set("suffix", "提醒")
		form.Set("min", "2")
		form.Set("max", "9")
		form.Set("sort", "id")
	})
	ids := p.column("1")
	if len(ids) == 0 || !slices.IsSorted(ids) {
		t.Fatalf("%s: %v", p.path, ids)
	}
	for i, title := range p.doc.Find("tbody td:nth-child(2) a").EachIter() {
		if !strings.HasSuffix(title.Text(), "提醒") {
			t.Errorf("%s", title.Text())
		}
		var n int
		_, _ = fmt.Sscan(p.column("3")[i], &n)
		if n < 2 || n > 9 {
			t.Errorf("%s has %d keywords", title.Text(), n)
		}
	}
	next := b.get(search("q", "通知", "suffix", "通知", "sort", "title"))
	href := next.doc.Find("a[rel=next]").AttrOr("href", "")
	second := b.get(href).expect(http.StatusOK, "21–40 of ")
	if second.doc.Find("#suffix option[selected]").AttrOr("value", "") != "通知" || second.doc.Find("#q").AttrOr("value", "") != "通知" || second.doc.Find("#sort option[selected]").AttrOr("value", "") != "title" {
		t.Errorf("%s has lost the filters", href)
	}
	by := b.submit(second, `.filters button:not([tabindex])`, nil) // a new search begins on the first page
	if strings.Contains(by.path, "offset") {
		t.Errorf("%s", by.path)
	}
	jumped := b.submit(second, `form:has(#offset) button`, func(form url.Values) { form.Set("offset", "40") }).expect(http.StatusOK, "41–60 of ")
	if !strings.Contains(jumped.path, "suffix=") {
		t.Errorf("%s", jumped.path)
	}
}

func TestABadFilterIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	_, b := journeyed(t)
	for _, c := range []struct{ field, value, want string }{
		{"min", "x", "The least number of keywords must be a whole number, not “x”"},
		{"max", "-1", "not “-1”"},
		{"max", "1.5", "not “1.5”"},
		{"suffix", "消息", "The ending cannot be “消息”"},
		{"sort", "price", "The order cannot be “price”"},
		{"q", strings.Repeat("长", 101), "100"},
	} {
		p := b.get(search(c.field, c.value)).expect(http.StatusUnprocessableEntity, c.want)
		if !p.has(`a[href="#`+c.field+`"]`) || p.doc.Find("#"+c.field).AttrOr("aria-invalid", "") != "true" || len(p.column("1")) > 0 {
			t.Errorf("%s=%s: %s", c.field, c.value, p.text("main"))
		}
		if c.field != "suffix" && c.field != "sort" && p.doc.Find("#"+c.field).AttrOr("value", "") != c.value {
			t.Errorf("%s=%s is not shown again", c.field, c.value)
		}
		if got := b.get("/library/export?format=csv&" + url.Values{c.field: {c.value}}.Encode()); got.status != http.StatusBadRequest {
			t.Errorf("exported with %s=%s: %d", c.field, c.value, got.status)
		}
	}
	b.get(search("min", "9", "max", "2")).expect(http.StatusUnprocessableEntity, "At least 9 keywords and at most 2")
	b.get("/library?count=0&q=通知").expect(http.StatusUnprocessableEntity, "1–20 of ") // shows what it can
}

func TestOddTextsAreLookedForLikeAnyOther(t *testing.T) {
	t.Parallel()
	_, b := journeyed(t)
	for _, text := range []string{
		"\xff\xfe", "\x00", "%", "_", "'", `"`, "<b>", "＋", "ＡＴ９９０１", "　", "😀", "\u202e", strings.Repeat("重", 100), strings.Repeat("chongzhong", 10), "a b c", "提醒提醒提醒",
	} {
		for _, path := range []string{search("q", text), "/find?" + url.Values{"q": {text}}.Encode()} {
			if p := b.get(path); p.status != http.StatusOK {
				t.Errorf("%q: %d", text, p.status)
			} else {
				p.inert()
			}
		}
	}
	if ids := b.get(search("q", "ＡＴ９９０１")).column("1"); len(ids) != 1 || ids[0] != "AT9901" { // full width
		t.Errorf("%v", ids)
	}
}

func TestTheListSaysHowOftenATitleIsUsed(t *testing.T) {
	t.Parallel()
	c, b := journeyed(t)
	usage := func() string { return b.get(search("q", "AT9901")).column("4")[0] }
	if got := usage(); got != "" {
		t.Errorf("%q", got)
	}
	b.post("/library/AT9901", url.Values{"k": {"1", "2"}, "do": {"save"}}).expect(http.StatusOK, "The draft is saved")
	b.post("/library/AT9901", url.Values{"k": {"1"}, "do": {"save"}}).expect(http.StatusOK, "The draft is saved")
	c.clock.Advance(10 * time.Second)
	if got := usage(); got != "2 drafts" {
		t.Errorf("%q", got)
	}
	c.addTemplate(b, "AT9901", "1")
	c.clock.Advance(10 * time.Second)
	if got := usage(); got != "Templates 1 · drafts 2" {
		t.Errorf("%q", got)
	}
}

func TestAMirroredPageSaysWhenItWasSynced(t *testing.T) {
	t.Parallel()
	c, b := journeyed(t)
	c.clock.Advance(3*time.Hour + time.Minute)
	b.get("/library").expect(http.StatusOK, "Synced 3 hours ago, "+fmt.Sprint(titles+2)+" titles")
	b.post("/library/sync", url.Values{"do": {"start"}})
	b.awaitSync("ended", ended)
	b.get("/library").expect(http.StatusOK, "less than an hour ago")
	c.clock.Advance(49 * time.Hour)
	b = c.as(store.Operator)
	b.get("/library").expect(http.StatusOK, "Synced 2 days ago")
	b.speaking("zh").get("/library").expect(http.StatusOK, "2 天前同步")
}

func TestTheLibraryIsExported(t *testing.T) {
	t.Parallel()
	_, b := journeyed(t)
	found := b.get(search("q", "取经"))
	href := found.doc.Find(`main a[href*="format=csv"]`).AttrOr("href", "")
	p := b.get(href)
	body, bom := strings.CutPrefix(p.body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	must(t, err)
	want := [][]string{{"id", "title", "keyword_id", "name", "example"}, {"AT9901", "取经成功提醒", "1", "取经人", "玄奘法师"}, {"AT9901", "取经成功提醒", "2", "行囊重量", "三十斤"}}
	if !bom || fmt.Sprint(rows) != fmt.Sprint(want) || !strings.Contains(p.header.Get("Content-Disposition"), "library-"+sandbox.DefaultAppID+".csv") {
		t.Errorf("%t %q %v", bom, rows, p.header)
	}
	whole := b.get("/library/export?format=json")
	var list []struct {
		ID, Title string
		Keywords  []struct {
			ID            int `json:"keyword_id"`
			Name, Example string
		}
	}
	must(t, json.Unmarshal([]byte(whole.body), &list))
	if last := list[len(list)-1]; len(list) != titles+2 || last.Title != "通关文牒盖印通知" || len(last.Keywords) != 1 || last.Keywords[0].ID != 7 || last.Keywords[0].Example != "乌鸡国" {
		t.Errorf("%d titles, %+v", len(list), last)
	}
	must(t, json.Unmarshal([]byte(b.get("/library/export?format=json&q=zzzzqqqq").body), &list))
	if len(list) != 0 {
		t.Errorf("%d titles", len(list))
	}
	b.get("/library/export?format=xls").expect(http.StatusBadRequest, "")
}
