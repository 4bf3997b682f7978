package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/sandbox"
)

const libraryListPath = "/cgi-bin/wxopen/template/library/list"

// importFile has a line for each of so many titles, by their ids or by their texts.
func importFile(titles int, byText bool) string {
	var text strings.Builder
	text.WriteString("title_id,title,keywords\n")
	for _, title := range sandbox.Library(sandbox.DefaultSeed)[:titles] {
		id, name := title.ID, ""
		if byText {
			id, name = "", title.Text
		}
		fmt.Fprintf(&text, "%s,%s,%d;%d\n", id, name, title.Keywords[0].ID, title.Keywords[1].ID)
	}
	return text.String()
}

// slow lets WeChat take so long for every answer about the library.
func (c *console) slow(delay time.Duration) {
	c.t.Helper()
	for _, path := range []string{libraryGet, libraryListPath} {
		must(c.t, c.sandbox.AddFault(sandbox.Fault{Path: path, Times: 100000, Delay: sandbox.Duration(delay)}))
	}
}

func libraryCalls(c *console) int { return c.calls("library/get") + c.calls("library/list") }

func TestAnImportAsksWeChatNothingThatTheMirrorKnows(t *testing.T) {
	t.Parallel()
	c, b := synced(t)
	before := libraryCalls(c)
	for _, byText := range []bool{false, true} {
		p := b.submit(b.get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", importFile(200, byText)) })
		p.expect(http.StatusOK, "200 good lines").expect(http.StatusOK, "Compared with the library as it was synced")
	}
	if n := libraryCalls(c) - before; n != 0 {
		t.Fatalf("WeChat was asked %d times", n)
	}
	// What the mirror has not is asked for, each title once.
	var edit sandbox.LibraryEdit
	must(t, json.Unmarshal([]byte(`{"add":[{"id":"AT9901","title":"取经成功提醒","keywords":[{"keyword_id":1,"name":"取经人","example":"玄奘"},{"keyword_id":2,"name":"取经地","example":"天竺"}]}]}`), &edit))
	must(t, c.sandbox.EditLibrary(edit))
	checkLines(b, "title_id,keywords\nAT9901,1\nAT9901,2\nAT9901,1;2\nAT0002,购买地点\n").expect(http.StatusOK, "4 good lines")
	if n := libraryCalls(c) - before; n != 1 {
		t.Errorf("WeChat was asked %d times about one title", n)
	}
}

func TestWithoutAMirrorAnImportAsksForAMomentAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.slow(300 * time.Millisecond)
	start := time.Now()
	p := b.submit(b.get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", importFile(200, false)) })
	if took := time.Since(start); took > 10*time.Second { // one after the other would be a minute
		t.Errorf("it took %s", took)
	}
	p.expect(http.StatusOK, "of 200 lines are looked up").expect(http.StatusOK, "Not looked up yet")
	if len(resultsOn(p)) != 200 || p.has("button[value=make]") || !p.has(`main a[href="/library/sync"]`) {
		t.Errorf("%d lines: %s", len(resultsOn(p)), p.text("main .actions"))
	}
	if got := resultsOn(p)[0]; got != "Fine" {
		t.Errorf("the first line, which was looked up: %q", got)
	}
	form := controls(p.doc.Find("main form"))
	form.Set("do", "make")
	b.post("/templates/import", form).expect(http.StatusUnprocessableEntity, "no draft was made")
	if n := len(draftsOf(c)); n != 0 {
		t.Fatalf("%d drafts of a file that was not read to its end", n)
	}
	c.sandbox.ClearFaults()
	p = goOnChecking(b, p, 100).expect(http.StatusOK, "200 good lines")
	if n := c.calls("library/get"); n != 200 {
		t.Errorf("200 titles were asked for %d times", n)
	}
	b.submit(p, `button[value=make]`, nil).expect(http.StatusOK, "200 drafts were made")
}

func TestATitleNamedByItsTextWaitsForTheListOfTitles(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	c.slow(time.Second)
	p := b.submit(b.get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", "title,keywords\n购买成功通知,购买地点\n") })
	p.expect(http.StatusOK, "0 of 1 lines").expect(http.StatusOK, "Not looked up yet")

	c = newConsole(t)
	b = c.as(store.Operator)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: libraryListPath, ErrCode: new(45011), Times: 1000}))
	checkLines(b, "title,keywords\n购买成功通知,购买地点\n").expect(http.StatusBadGateway, "errcode 45011")
}
