package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func libraryCalls(c *webtest.Console) int { return c.Calls("library/get") + c.Calls("library/list") }

func TestAnImportAsksWeChatNothingThatTheMirrorKnows(t *testing.T) {
	t.Parallel()
	c, b := webtest.Synced(t)
	before := libraryCalls(c)
	for _, byText := range []bool{false, true} {
		p := b.Submit(b.Get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", webtest.ImportFile(200, byText)) })
		p.Expect(http.StatusOK, "import.good", "Count", 200).Expect(http.StatusOK, "import.from_mirror")
	}
	if n := libraryCalls(c) - before; n != 0 {
		t.Fatalf("WeChat was asked %d times", n)
	}
	// What the mirror has not is asked for, each title once.
	var edit sandbox.LibraryEdit
	webtest.Must(t, json.Unmarshal([]byte(`{"add":[{"id":"AT9901","title":"取经成功提醒","keywords":[{"keyword_id":1,"name":"取经人","example":"玄奘"},{"keyword_id":2,"name":"取经地","example":"天竺"}]}]}`), &edit))
	webtest.Must(t, c.Sandbox.EditLibrary(edit))
	checkLines(b, "title_id,keywords\nAT9901,1\nAT9901,2\nAT9901,1;2\nAT0002,购买地点\n").Expect(http.StatusOK, "import.good", "Count", 4)
	if n := libraryCalls(c) - before; n != 1 {
		t.Errorf("WeChat was asked %d times about one title", n)
	}
}

func TestWithoutAMirrorAnImportAsksForAMomentAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Slow(300 * time.Millisecond)
	start := time.Now()
	p := b.Submit(b.Get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", webtest.ImportFile(200, false)) })
	if took := time.Since(start); took > 10*time.Second { // one after the other would be a minute
		t.Errorf("it took %s", took)
	}
	p.Expect(http.StatusOK, "import.waiting", "Total", 200).Expect(http.StatusOK, "import.waits")
	if len(resultsOn(p)) != 200 || p.Has("button[value=make]") || !p.Has(`main a[href="/library/sync"]`) {
		t.Errorf("%d lines: %s", len(resultsOn(p)), p.Text("main .actions"))
	}
	if got := resultsOn(p)[0]; got != "Fine" {
		t.Errorf("the first line, which was looked up: %q", got)
	}
	form := webtest.Controls(p.Doc.Find("main form"))
	form.Set("do", "make")
	b.Post("/templates/import", form).Expect(http.StatusUnprocessableEntity, "import.not_all_yet")
	if n := len(draftsOf(c)); n != 0 {
		t.Fatalf("%d drafts of a file that was not read to its end", n)
	}
	c.Sandbox.ClearFaults()
	p = goOnChecking(b, p, 100).Expect(http.StatusOK, "import.good", "Count", 200)
	if n := c.Calls("library/get"); n != 200 {
		t.Errorf("200 titles were asked for %d times", n)
	}
	b.Submit(p, `button[value=make]`, nil).Expect(http.StatusOK, "import.made", "Count", 200)
}

func TestATitleNamedByItsTextWaitsForTheListOfTitles(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.Slow(time.Second)
	p := b.Submit(b.Get("/templates/import"), `button[value=check]`, func(form url.Values) { form.Set("text", "title,keywords\n购买成功通知,购买地点\n") })
	p.Expect(http.StatusOK, "import.waiting", "Done", 0, "Total", 1).Expect(http.StatusOK, "import.waits")

	c = webtest.NewConsole(t)
	b = c.As(store.Operator)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.LibraryListPath, ErrCode: new(45011), Times: 1000}))
	checkLines(b, "title,keywords\n购买成功通知,购买地点\n").Shows(http.StatusBadGateway, "errcode 45011")
}
