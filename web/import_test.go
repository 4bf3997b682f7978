package web_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

// upload posts a file, as a browser does.
func upload(b *browser, path string, content []byte, fields map[string]string) *page {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		must(b.t, w.WriteField(name, value))
	}
	part, err := w.CreateFormFile("file", "组合.csv")
	must(b.t, err)
	_, err = part.Write(content)
	must(b.t, err)
	must(b.t, w.Close())
	r, err := http.NewRequest(http.MethodPost, b.base+path, &body)
	must(b.t, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Origin", b.base)
	return b.do(r)
}

// checkLines has pasted text checked, to the last line.
func checkLines(b *browser, text string) *page {
	b.t.Helper()
	p := b.submit(b.get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", text) })
	return goOnChecking(b, p, 20)
}

// goOnChecking presses again, so many times at the most, until no line waits.
func goOnChecking(b *browser, p *page, times int) *page {
	b.t.Helper()
	for range times {
		if !p.has("main progress") {
			break
		}
		p = b.submit(p, `button[value=check]`, nil)
	}
	return p
}

// resultsOn are the last column of the report.
func resultsOn(p *page) []string {
	var all []string
	for _, td := range p.doc.Find("#report tbody td:last-child").EachIter() {
		all = append(all, strings.Join(strings.Fields(td.Text()), " "))
	}
	return all
}

func draftsOf(c *console) []store.Draft {
	c.t.Helper()
	all, _, err := c.store.Drafts(c.t.Context(), store.DraftFilter{App: c.app().ID, Count: 1000})
	must(c.t, err)
	return all
}

const lines = "title_id,title,keywords,alias,scenario\n" +
	"AT0002,购买成功通知,购买地点;物品名称,order-paid,下单付款后\n" +
	"AT9999,,1,,\n" +
	"AT0009,,1;999999,,\n" +
	",没有的标题,单号,,\n" +
	"AT0009,,单号、金额,,\n" +
	"AT0002,,,,\n"

func TestCombinationsAreCheckedLineByLineAndTheGoodOnesBecomeDrafts(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	p := checkLines(b, lines)
	wants := []string{"Fine", "no title_id “AT9999”", "no keyword “999999”", "no title “没有的标题”", "Fine", "no keywords"}
	for i, got := range resultsOn(p) {
		if !strings.Contains(got, wants[i]) {
			t.Errorf("line %d: %q, want %q", i+2, got, wants[i])
		}
	}
	if len(resultsOn(p)) != len(wants) || len(draftsOf(c)) != 0 || p.doc.Find("#text").Text() != lines {
		t.Fatalf("checking is to change nothing and to keep what was typed: %s", p.text("main"))
	}
	made := b.submit(p, `button[value=make]`, nil).expect(http.StatusOK, "2 drafts were made")
	if got := made.doc.Find(`#made a[href^="/drafts/"]`).Length(); got != 2 {
		t.Errorf("%d links", got)
	}
	drafts := draftsOf(c)
	if len(drafts) != 2 || drafts[1].TitleID != "AT0002" || drafts[1].Scenario != "下单付款后" || drafts[1].Keywords[1].Name != "物品名称" || drafts[0].AuthorName != "product_manager" {
		t.Fatalf("%+v", drafts)
	}
	again := b.submit(p, `button[value=make]`, nil)
	if again.path != made.path || len(draftsOf(c)) != 2 {
		t.Errorf("a second click has made more: at %s", again.path)
	}
	if changed := b.submit(p, `button[value=make]`, func(form url.Values) {
		form.Set("text", "title_id,keywords\nAT0002,购买地点\n")
	}); len(draftsOf(c)) != 3 {
		t.Errorf("what was changed since is lost: %s", changed.text("main"))
	}
}

func TestEveryProblemOfALineHasItsSentence(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	many := strings.Repeat("x;", 10) + "y"
	for line, want := range map[string]string{
		"AT0002,,购买地点;购买地点,,":      "stands twice",
		"AT0002,,购买地点,Order Paid,": "cannot be an alias",
		"AT0002,," + many + ",,":   "11 keywords",
		"AT0002,别的标题,购买地点,,":       "The library calls this title_id “购买成功通知”, the line says “别的标题”",
		",,购买地点,,":                 "neither a title_id nor a title",
		"AT0002,,\"购买地点,,":         "A quotation mark",
	} {
		got := resultsOn(checkLines(c.as(store.Operator), "title_id,title,keywords,alias,scenario\n"+line+"\n"))
		if len(got) != 1 || !strings.Contains(got[0], want) || strings.Contains(got[0], "{{") {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestAFileIsReadAndOneThatIsNotUTF8IsExplained(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	do := map[string]string{"do": "check", "text": "not read"}
	p := upload(b, "/templates/import", []byte("\ufeff"+strings.ReplaceAll(lines, "\n", "\r\n")), do)
	if p.status != http.StatusOK || len(resultsOn(p)) != 6 || !strings.Contains(p.doc.Find("#text").Text(), "AT0002,购买成功通知") {
		t.Fatalf("%d %s", p.status, p.text("main"))
	}
	b.submit(p, `button[value=make]`, nil).expect(http.StatusOK, "2 drafts were made")
	gbk := []byte("\xb1\xea\xcc\xe2ID,\xb9\xd8\xbc\xfc\xb4\xca\nAT0002,1\n")
	upload(b, "/templates/import", gbk, do).expect(http.StatusUnprocessableEntity, "Save it as “CSV UTF-8”")
	checkLines(b, "  ").expect(http.StatusUnprocessableEntity, "It is empty")
	checkLines(b, "a,b\n1,2\n").expect(http.StatusUnprocessableEntity, "The first line names no title and keywords")
	checkLines(b, "title_id,keywords\n").expect(http.StatusUnprocessableEntity, "nothing below the column names")
	upload(b, "/templates/import", bytes.Repeat([]byte("a"), 2<<20), do).expect(http.StatusRequestEntityTooLarge, "Too much was submitted")
}

func TestWhereTheLibraryCannotBeReadWhatWasPastedStays(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: libraryGet, ErrCode: new(45011), Times: 9}))
	p := checkLines(b, lines).expect(http.StatusBadGateway, "errcode 45011")
	if p.doc.Find("#text").Text() != lines || p.has("#report") {
		t.Errorf("%s", p.text("main"))
	}
	c.sandbox.ClearFaults()
	if got := resultsOn(b.submit(p, `button[value=check]`, nil)); len(got) != 6 {
		t.Errorf("%v", got)
	}
}

func TestNoMoreDraftsAreMadeAtATimeThanIsSaid(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	k := b.keywordsOf("AT0009")
	var text strings.Builder
	text.WriteString("title_id,keywords\n")
	for i := range 201 {
		fmt.Fprintf(&text, "AT0009,%s;%s;%s\n", k[i%8], k[8+i/8%8], k[16+i/64])
	}
	checkLines(b, text.String()).expect(http.StatusUnprocessableEntity, "200 at a time is the most")
	if len(draftsOf(c)) != 0 {
		t.Error("some were made all the same")
	}
}

func TestTheSampleIsAFileThatAnImportTakes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, lang := range []string{"zh", "en"} {
		b := c.as(store.Operator).speaking(lang)
		p := upload(b, "/templates/import", []byte(b.get("/templates/import/sample").body), map[string]string{"do": "check"})
		if got := resultsOn(p); len(got) != 2 || p.has("#report .problem") {
			t.Errorf("%s: %v", lang, got)
		}
	}
}

// fault 37: what starts like a formula, from WeChat or a person, is none in the file.
func TestFault37_TheExportedListIsReadBackAndHoldsNoFormula(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	b := c.connect(s)
	s.says(templateList, answer(t, map[string]any{"errcode": 0, "list": []any{
		map[string]any{"template_id": scriptedID, "title": "=HYPERLINK(\"http://evil\")", "content": "@SUM(A1){{keyword1.DATA}}\n金额{{keyword2.DATA}}\n", "example": "@SUM(A1)：1\n金额：\"a\",b\n"},
	}}))
	file := b.get("/templates/export?format=csv")
	text, marked := strings.CutPrefix(file.body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 2 || rows[1][2] != `'=HYPERLINK("http://evil")` || rows[1][3] != "'@SUM(A1);金额" || rows[1][0] != scriptedID {
		t.Fatalf("%v, %q", err, file.body)
	}
	if d := file.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=muban-"+scriptedApp) {
		t.Error(d)
	}
	var got struct {
		AppID     string `json:"appid"`
		Templates []struct {
			Title    string
			Keywords []struct{ Key, Name, Example string }
		}
	}
	must(t, json.Unmarshal([]byte(b.get("/templates/export?format=json").body), &got))
	if got.AppID != scriptedApp || got.Templates[0].Title != `=HYPERLINK("http://evil")` || got.Templates[0].Keywords[1].Example != `"a",b` {
		t.Errorf("%+v", got)
	}
	if p := b.get("/templates/export?format=xml"); p.status != http.StatusBadRequest {
		t.Errorf("%d", p.status)
	}
}

func TestAnExportedListIsImportedAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	giveAlias(b, c.addTemplate(b, "AT0002", "3", "5"), "order-paid")
	c.addTemplate(b, "AT0009", "2", "1")
	for _, lang := range []string{"zh", "en"} {
		b := b.speaking(lang)
		p := upload(b, "/templates/import", []byte(b.get("/templates/export?format=csv").body), map[string]string{"do": "check"})
		if p.has("#report .problem") || len(resultsOn(p)) != 2 || !strings.Contains(p.text("#report"), "order-paid") || !strings.Contains(p.text("#report"), "金额 · 单号") {
			t.Errorf("%s: %s", lang, p.text("main"))
		}
	}
}

func TestHostileTextInAnImportIsInert(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002", "3", "5")
	for _, h := range hostile {
		h = strings.ReplaceAll(h, "\x00", "")
		cell := `"` + strings.ReplaceAll(h, `"`, `""`) + `"`
		checkLines(b, h).inert()
		p := checkLines(b, "title_id,title,keywords,alias,scenario,"+cell+"\n"+cell+","+cell+","+cell+","+cell+","+cell+"\nAT0002,,3,,\n"+h)
		if p.inert(); !strings.Contains(p.doc.Text(), "hostile") {
			t.Errorf("%q does not show", h)
		}
		b.post("/templates/"+id+"/alias", url.Values{"alias": {h}, "do": {h}}).inert()
		b.get("/templates/import?made=" + url.QueryEscape(h)).inert()
		b.get("/templates/compare?with=1&only=" + url.QueryEscape(h)).inert()
		b.get("/templates?deleted=" + url.QueryEscape(h)).inert()
		b.post("/templates/copy", url.Values{"template": {h}, "with": {"1"}, "to": {h}, "do": {"draft"}}).inert()
	}
}
