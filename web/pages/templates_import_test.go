package pages_test

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

	"golang.org/x/text/encoding/simplifiedchinese"

	"muban/store"
	"muban/web/pages"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// upload posts a file, as a browser does.
func upload(b *webtest.Browser, path string, content []byte, fields map[string]string) *webtest.Page {
	b.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		webtest.Must(b.T, w.WriteField(name, value))
	}
	part, err := w.CreateFormFile("file", "组合.csv")
	webtest.Must(b.T, err)
	_, err = part.Write(content)
	webtest.Must(b.T, err)
	webtest.Must(b.T, w.Close())
	r, err := http.NewRequest(http.MethodPost, b.Base+path, &body)
	webtest.Must(b.T, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Origin", b.Base)
	return b.Do(r)
}

// checkLines has pasted text checked, to the last line.
func checkLines(b *webtest.Browser, text string) *webtest.Page {
	b.T.Helper()
	p := b.Submit(b.Get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", text) })
	return goOnChecking(b, p, 20)
}

// goOnChecking presses again, so many times at the most, until no line waits.
func goOnChecking(b *webtest.Browser, p *webtest.Page, times int) *webtest.Page {
	b.T.Helper()
	for range times {
		if !p.Has("main progress") {
			break
		}
		p = b.Submit(p, `button[value=check]`, nil)
	}
	return p
}

// resultsOn are the last column of the report.
func resultsOn(p *webtest.Page) []string {
	var all []string
	for _, td := range p.Doc.Find("#report tbody td:last-child").EachIter() {
		all = append(all, strings.Join(strings.Fields(td.Text()), " "))
	}
	return all
}

func draftsOf(c *webtest.Console) []store.Draft {
	c.T.Helper()
	all, _, err := c.Store.Drafts(c.T.Context(), store.DraftFilter{App: c.App().ID, Count: 1000})
	webtest.Must(c.T, err)
	return all
}

func TestCombinationsAreCheckedLineByLineAndTheGoodOnesBecomeDrafts(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	p := checkLines(b, pages.Lines)
	wants := []string{"Fine", "no title_id “AT9999”", "no keyword “999999”", "no title “没有的标题”", "Fine", "no keywords"}
	for i, got := range resultsOn(p) {
		if !strings.Contains(got, wants[i]) {
			t.Errorf("line %d: %q, want %q", i+2, got, wants[i])
		}
	}
	if len(resultsOn(p)) != len(wants) || len(draftsOf(c)) != 0 || p.Doc.Find("#text").Text() != pages.Lines {
		t.Fatalf("checking is to change nothing and to keep what was typed: %s", p.Text("main"))
	}
	made := b.Submit(p, `button[value=make]`, nil).Expect(http.StatusOK, "import.made", "Count", 2)
	if got := made.Doc.Find(`#made a[href^="/drafts/"]`).Length(); got != 2 {
		t.Errorf("%d links", got)
	}
	drafts := draftsOf(c)
	if len(drafts) != 2 || drafts[1].TitleID != "AT0002" || drafts[1].Scenario != "下单付款后" || drafts[1].Keywords[1].Name != "物品名称" || drafts[0].AuthorName != "product_manager" {
		t.Fatalf("%+v", drafts)
	}
	again := b.Submit(p, `button[value=make]`, nil)
	if again.Path != made.Path || len(draftsOf(c)) != 2 {
		t.Errorf("a second click has made more: at %s", again.Path)
	}
	if changed := b.Submit(p, `button[value=make]`, func(form url.Values) {
		form.Set("text", "title_id,keywords\nAT0002,购买地点\n")
	}); len(draftsOf(c)) != 3 {
		t.Errorf("what was changed since is lost: %s", changed.Text("main"))
	}
}

func TestEveryProblemOfALineHasItsSentence(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	many := strings.Repeat("x;", 10) + "y"
	for line, want := range map[string]webtest.Wording{
		"AT0002,,购买地点;购买地点,,":      webtest.Word("import_problem.keyword_twice"),
		"AT0002,,购买地点,Order Paid,": webtest.Word("import_problem.bad_alias"),
		"AT0002,," + many + ",,":   webtest.Word("import_problem.many_keywords", "Count", 11),
		"AT0002,别的标题,购买地点,,":       webtest.Word("import_problem.other_title", "Text", "购买成功通知", "Title", "别的标题"),
		",,购买地点,,":                 webtest.Word("import_problem.no_title_id"),
		"AT0002,,\"购买地点,,":         webtest.Word("import_problem.line_quotes"),
	} {
		got := resultsOn(checkLines(c.As(store.Operator), "title_id,title,keywords,alias,scenario\n"+line+"\n"))
		if len(got) != 1 || !webtest.Says(t, got[0], "en", want.ID, want.Args...) || strings.Contains(got[0], "{{") {
			t.Errorf("%s: %q, want %v", line, got, want)
		}
	}
}

func TestAFileIsReadAndOneThatIsNoTextIsExplained(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	do := map[string]string{"do": "check", "text": "not read"}
	p := goOnChecking(b, upload(b, "/templates/import", []byte("\ufeff"+strings.ReplaceAll(pages.Lines, "\n", "\r\n")), do), 20)
	if p.Status != http.StatusOK || len(resultsOn(p)) != 6 || !strings.Contains(p.Doc.Find("#text").Text(), "AT0002,购买成功通知") {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	b.Submit(p, `button[value=make]`, nil).Expect(http.StatusOK, "import.made", "Count", 2)
	workbook := []byte("PK\x03\x04\x14\x00\x06\x00")
	upload(b, "/templates/import", workbook, do).Expect(http.StatusUnprocessableEntity, "import_problem.file_format")
	checkLines(b, "  ").Expect(http.StatusUnprocessableEntity, "import_problem.file_empty")
	checkLines(b, "a,b\n1,2\n").Expect(http.StatusUnprocessableEntity, "import_problem.file_header")
	checkLines(b, "title_id,keywords\n").Expect(http.StatusUnprocessableEntity, "import.no_lines")
	upload(b, "/templates/import", bytes.Repeat([]byte("a"), 2<<20), do).Expect(http.StatusRequestEntityTooLarge, "failure.too_large.title")
}

// What a spreadsheet of a Chinese or European computer saves is read, shown as text, and made drafts of.
func TestFault64_AFileInGBKWithSemicolonsIsImported(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	file, err := simplifiedchinese.GBK.NewEncoder().String("标题ID;标题;关键词;使用场景\r\nAT0002;购买成功通知;购买地点、物品名称;付款之后\r\n")
	webtest.Must(t, err)
	p := upload(b, "/templates/import", []byte(file), map[string]string{"do": "check"})
	if p.Status != http.StatusOK || len(resultsOn(p)) != 1 || !strings.Contains(p.Doc.Find("#text").Text(), "AT0002;购买成功通知;购买地点、物品名称") {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	b.Submit(p, `button[value=make]`, nil).Expect(http.StatusOK, "import.made", "Count", 1)
	d, err := c.Store.Draft(t.Context(), c.App().ID, 1)
	if err != nil || len(d.Keywords) != 2 || d.Scenario != "付款之后" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestWhereTheLibraryCannotBeReadWhatWasPastedStays(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.LibraryGet, ErrCode: new(45011), Times: 9}))
	p := checkLines(b, pages.Lines).Shows(http.StatusBadGateway, "errcode 45011")
	if p.Doc.Find("#text").Text() != pages.Lines || p.Has("#report") {
		t.Errorf("%s", p.Text("main"))
	}
	c.Sandbox.ClearFaults()
	if got := resultsOn(b.Submit(p, `button[value=check]`, nil)); len(got) != 6 {
		t.Errorf("%v", got)
	}
}

func TestNoMoreDraftsAreMadeAtATimeThanIsSaid(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	k := b.KeywordsOf("AT0009")
	var text strings.Builder
	text.WriteString("title_id,keywords\n")
	for i := range 201 {
		fmt.Fprintf(&text, "AT0009,%s;%s;%s\n", k[i%8], k[8+i/8%8], k[16+i/64])
	}
	checkLines(b, text.String()).Expect(http.StatusUnprocessableEntity, "import.too_many", "Max", 200)
	if len(draftsOf(c)) != 0 {
		t.Error("some were made all the same")
	}
}

func TestTheSampleIsAFileThatAnImportTakes(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, lang := range []string{"zh", "en"} {
		b := c.As(store.Operator).Speaking(lang)
		p := upload(b, "/templates/import", []byte(b.Get("/templates/import/sample").Body), map[string]string{"do": "check"})
		if got := resultsOn(p); len(got) != 3 || p.Has("#report .problem") {
			t.Errorf("%s: %v", lang, got)
		}
	}
}

// fault 37: what starts like a formula, from WeChat or a person, is none in the file.
func TestFault37_TheExportedListIsReadBackAndHoldsNoFormula(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	b := c.Connect(s)
	s.Says(webtest.TemplateList, webtest.Answer(t, map[string]any{"errcode": 0, "list": []any{
		map[string]any{"template_id": webtest.ScriptedID, "title": "=HYPERLINK(\"http://evil\")", "content": "@SUM(A1){{keyword1.DATA}}\n金额{{keyword2.DATA}}\n", "example": "@SUM(A1)：1\n金额：\"a\",b\n"},
	}}))
	file := b.Get("/templates/export?format=csv")
	text, marked := strings.CutPrefix(file.Body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 2 || rows[1][2] != `'=HYPERLINK("http://evil")` || rows[1][3] != "'@SUM(A1);金额" || rows[1][0] != webtest.ScriptedID {
		t.Fatalf("%v, %q", err, file.Body)
	}
	if d := file.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=muban-"+webtest.ScriptedApp) {
		t.Error(d)
	}
	var got struct {
		AppID     string `json:"appid"`
		Templates []struct {
			Title    string
			Keywords []struct{ Key, Name, Example string }
		}
	}
	webtest.Must(t, json.Unmarshal([]byte(b.Get("/templates/export?format=json").Body), &got))
	if got.AppID != webtest.ScriptedApp || got.Templates[0].Title != `=HYPERLINK("http://evil")` || got.Templates[0].Keywords[1].Example != `"a",b` {
		t.Errorf("%+v", got)
	}
	if p := b.Get("/templates/export?format=xml"); p.Status != http.StatusBadRequest {
		t.Errorf("%d", p.Status)
	}
}

func TestAnExportedListIsImportedAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	giveAlias(b, c.AddTemplate(b, "AT0002", "3", "5"), "order-paid")
	c.AddTemplate(b, "AT0009", "2", "1")
	for _, lang := range []string{"zh", "en"} {
		b := b.Speaking(lang)
		p := upload(b, "/templates/import", []byte(b.Get("/templates/export?format=csv").Body), map[string]string{"do": "check"})
		if p.Has("#report .problem") || len(resultsOn(p)) != 2 || !strings.Contains(p.Text("#report"), "order-paid") || !strings.Contains(p.Text("#report"), "金额 · 单号") {
			t.Errorf("%s: %s", lang, p.Text("main"))
		}
	}
}

func TestHostileTextInAnImportIsInert(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "3", "5")
	for _, h := range webtest.Hostile {
		h = strings.ReplaceAll(h, "\x00", "")
		cell := `"` + strings.ReplaceAll(h, `"`, `""`) + `"`
		checkLines(b, h).Inert()
		p := checkLines(b, "title_id,title,keywords,alias,scenario,"+cell+"\n"+cell+","+cell+","+cell+","+cell+","+cell+"\nAT0002,,3,,\n"+h)
		if p.Inert(); !strings.Contains(p.Doc.Text(), "hostile") {
			t.Errorf("%q does not show", h)
		}
		b.Post("/templates/"+id+"/alias", url.Values{"alias": {h}, "do": {h}}).Inert()
		b.Get("/templates/import?made=" + url.QueryEscape(h)).Inert()
		b.Get("/templates/compare?with=1&only=" + url.QueryEscape(h)).Inert()
		b.Get("/templates?deleted=" + url.QueryEscape(h)).Inert()
		b.Post("/templates/copy", url.Values{"template": {h}, "with": {"1"}, "to": {h}, "do": {"draft"}}).Inert()
	}
}
