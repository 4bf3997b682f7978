package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/ui"
	"muban/web"
	"muban/wechat/sandbox"
)

const LibraryListPath = "/cgi-bin/wxopen/template/library/list"

// Titles is how many the simulated library has: those of the documentation's day
// at the least.
var Titles = len(sandbox.Library(sandbox.DefaultSeed))

// Hasty syncs as fast as the simulation answers.
func Hasty(c *web.Config) { c.LibraryPause = 1 }

// Search is the library's page for a search: names and values in turn.
func Search(fields ...string) string {
	q := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		q.Set(fields[i], fields[i+1])
	}
	return "/library?" + q.Encode()
}

// ImportFile has a line for each of so many titles, by their ids or by their texts.
func ImportFile(titles int, byText bool) string {
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

// Of is for Expect: the pager says which of the titles are shown.
func Of(from, to int) Wording {
	return Word("pager.range", "From", from, "To", to, "Total", ui.Thousands(Titles))
}

// Running does the console's background work until the test, or what it returns,
// ends it.
func (c *Console) Running() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Muban.Run(ctx) }()
	stop = func() { cancel(); <-done }
	c.T.Cleanup(stop)
	return stop
}

// journey is titles of our own making: the search is not tuned to them.
const journey = `{"add":[
	{"id":"AT9901","title":"取经成功提醒","keywords":[{"keyword_id":1,"name":"取经人","example":"玄奘法师"},{"keyword_id":2,"name":"行囊重量","example":"三十斤"}]},
	{"id":"AT9902","title":"通关文牒盖印通知","keywords":[{"keyword_id":7,"name":"国号","example":"乌鸡国"}]}]}`

// Slow lets WeChat take so long for every answer about the library.
func (c *Console) Slow(delay time.Duration) {
	c.T.Helper()
	for _, path := range []string{LibraryGet, LibraryListPath} {
		Must(c.T, c.Sandbox.AddFault(sandbox.Fault{Path: path, Times: 100000, Delay: sandbox.Duration(delay)}))
	}
}

// AwaitSync asks for the page of the sync until it satisfies is.
func (b *Browser) AwaitSync(what string, is func(p *Page) bool) *Page {
	b.T.Helper()
	patience, again := time.After(Patience), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for {
		p := b.Get("/library/sync")
		if p.Status != http.StatusOK {
			b.T.Fatalf("%d\n%s", p.Status, p.Text("main"))
		}
		if is(p) {
			return p
		}
		select {
		case <-again.C:
		case <-patience:
			b.T.Fatalf("never %s:\n%s", what, p.Text("main"))
		}
	}
}

// Journeyed is a synced console whose library has the journey's titles too.
func Journeyed(t testing.TB) (*Console, *Browser) {
	t.Helper()
	c := NewConsoleWith(t, Hasty)
	var edit sandbox.LibraryEdit
	Must(t, json.Unmarshal([]byte(journey), &edit))
	Must(t, c.Sandbox.EditLibrary(edit))
	c.Running()
	b := c.As(store.Operator)
	b.Sync()
	return c, b
}

func Ended(p *Page) bool { return !p.Has("[data-poll]") }

// Sync waits for the end of the sync under way, as a sandbox begins one by itself, starts another, and waits for its
// end.
func (b *Browser) Sync() *Page {
	b.T.Helper()
	p := b.Submit(b.AwaitSync("ended", Ended), `button[value="start"]`, nil)
	if p.Status != http.StatusConflict || !p.Says("main", "sync.refused_running") { // the sandbox was quicker
		p.Answers(http.StatusOK)
	}
	return b.AwaitSync("ended", Ended)
}

// Synced is a console with the simulation's whole library in its mirror, and an
// operator in it.
func Synced(t testing.TB) (*Console, *Browser) {
	t.Helper()
	c := NewConsoleWith(t, Hasty)
	c.Running()
	b := c.As(store.Operator)
	b.Sync().Expect(http.StatusOK, "sync.read", "Titles", Titles)
	return c, b
}
