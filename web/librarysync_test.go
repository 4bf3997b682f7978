package web_test

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
	"muban/web"
	"muban/wechat/sandbox"
)

// hasty syncs as fast as the simulation answers.
func hasty(c *web.Config) { c.LibraryPause = 1 }

// running does the console's background work until the test, or what it returns,
// ends it.
func (c *console) running() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.server.Run(ctx) }()
	stop = func() { cancel(); <-done }
	c.t.Cleanup(stop)
	return stop
}

// awaitSync asks for the page of the sync until it satisfies is.
func (b *browser) awaitSync(what string, is func(p *page) bool) *page {
	b.t.Helper()
	patience, again := time.After(patience), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for {
		p := b.get("/library/sync")
		if p.status != http.StatusOK {
			b.t.Fatalf("%d\n%s", p.status, p.text("main"))
		}
		if is(p) {
			return p
		}
		select {
		case <-again.C:
		case <-patience:
			b.t.Fatalf("never %s:\n%s", what, p.text("main"))
		}
	}
}

func ended(p *page) bool { return !p.has("[data-poll]") }

// sync starts a sync and waits for its end.
func (b *browser) sync() *page {
	b.t.Helper()
	b.submit(b.get("/library/sync"), `button[value="start"]`, nil).expect(http.StatusOK, "The sync has started")
	return b.awaitSync("ended", ended)
}

// synced is a console with the simulation's whole library in its mirror, and an
// operator in it.
func synced(t testing.TB) (*console, *browser) {
	t.Helper()
	c := newConsoleWith(t, hasty)
	c.running()
	b := c.as(store.Operator)
	b.sync().expect(http.StatusOK, fmt.Sprintf("%d titles and", titles))
	return c, b
}

// fragmentOf asks for what the page's script asks for again.
func fragmentOf(b *browser, path string) *page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	must(b.t, err)
	r.Header.Set("X-Fragment", "1")
	return b.do(r)
}

func TestASyncIsStartedByHandAndShowsItsProgress(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	b := c.as(store.Operator)
	b.get("/library/sync").expect(http.StatusOK, "Never synced")
	p := b.submit(b.get("/library"), `button[value="start"]`, nil).expect(http.StatusOK, "The sync has started")
	if p.path != "/library/sync?done=sync_start" || !p.has(`#sync-state[data-poll="/library/sync"] progress`) || !p.has(".without-js[href='/library/sync']") {
		t.Fatalf("%s\n%s", p.path, p.text("main"))
	}
	b.post("/library/sync", url.Values{"do": {"start"}}).expect(http.StatusConflict, "A sync is under way already")
	b.get("/library").expect(http.StatusOK, of(1, 20)) // pages keep working before the first one
	c.running()
	done := b.awaitSync("ended", ended).expect(http.StatusOK, "Complete")
	done.expect(http.StatusOK, fmt.Sprintf("%d titles and", titles))
	if log := c.activities(store.ActLibrarySync); len(log) != 1 || log[0].PersonName != "operator" {
		t.Errorf("%+v", log)
	}
	b.get("/library").expect(http.StatusOK, "Synced less than an hour ago")
}

// What the script asks for leaves the list of changes alone while somebody may be
// reading in it, and brings it once the sync has ended.
func TestTheScriptAsksForWhatChangesAlone(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	b := c.as(store.Operator)
	b.submit(b.get("/library"), `button[value="start"]`, nil)
	p := fragmentOf(b, "/library/sync")
	if p.status != http.StatusOK || !p.has("#sync-state[data-poll]") || p.has("#sync-history") || p.has("main") {
		t.Fatalf("%d: %s", p.status, p.body)
	}
	c.running()
	b.awaitSync("ended", ended)
	if p := fragmentOf(b, "/library/sync"); p.has("[data-poll]") || !p.has("#sync-history table") || p.doc.Find("#sync-state").AttrOr("data-say", "") != "Complete" {
		t.Fatalf("%s", p.body)
	}
}

func TestACancelledSyncLeavesTheLastGoodMirror(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	stop := c.running()
	b := c.as(store.Operator)
	b.sync()
	stop()
	must(t, c.sandbox.EditLibrary(sandbox.LibraryEdit{Remove: []string{"AT0002"}}))
	b.post("/library/sync", url.Values{"do": {"start"}}).expect(http.StatusOK, "The sync has started")
	b.submit(b.get("/library/sync"), `button[value="cancel"]`, nil).expect(http.StatusOK, "The sync is cancelled").expect(http.StatusOK, "pages go on with what was read before")
	b.post("/library/sync", url.Values{"do": {"cancel"}}).expect(http.StatusConflict, "nothing to cancel")
	if p := b.get("/library?q=AT0002"); column(p, "1")[0] != "AT0002" {
		t.Error("the mirror lost what it held")
	}
	if log := c.activities(store.ActLibraryCancel); len(log) != 1 {
		t.Errorf("%+v", log)
	}
}

func TestASyncKilledInTheMiddleGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	b := c.as(store.Operator)
	b.submit(b.get("/library"), `button[value="start"]`, nil)
	stop := c.running()
	b.awaitSync("at the keywords", func(p *page) bool { return strings.Contains(p.text("#sync-state"), "Reading keywords") || ended(p) })
	stop()
	before := c.calls("library/list")
	c.Server.Close()
	c.start(hasty) // another process on the same store
	c.running()
	b.base = c.URL
	b = c.as(store.Operator)
	b.awaitSync("ended", ended).expect(http.StatusOK, "Complete")
	// The titles were read by the first process; the second checks them once more,
	// pages overlapping by one title.
	if again := c.calls("library/list") - before; again > titles/19+1 {
		t.Errorf("%d pages were read after the restart, %d were read before it", again, before)
	}
	b.get("/library").expect(http.StatusOK, of(1, 20)).expect(http.StatusOK, "Synced")
}

func TestWhileWeChatRefusesTheSyncWaitsAndSaysUntilWhen(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	b := c.as(store.Operator)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: libraryGet, Times: 2, ErrCode: new(45009)}))
	b.submit(b.get("/library"), `button[value="start"]`, nil)
	c.running()
	resting := func(p *page) bool { return p.has("#sync-trouble time") }
	p := b.awaitSync("resting", resting).expect(http.StatusOK, "errcode 45009")
	p.expect(http.StatusOK, "Next try:")
	c.as(store.QA).get("/library/sync").expect(http.StatusOK, "errcode 45009") // everybody sees it
	b.submit(p, `button[value="retry"]`, nil).expect(http.StatusOK, "Trying again")
	b.submit(b.awaitSync("resting again", resting), `button[value="retry"]`, nil)
	b.awaitSync("ended", ended).expect(http.StatusOK, "Complete")
	if log := c.activities("library.retry"); len(log) != 2 || log[0].PersonName != "operator" {
		t.Errorf("%+v", log)
	}
}

func TestWhoMayNotSyncSeesTheProgressAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, role := range []store.Role{store.ProductManager, store.QA} {
		b := c.as(role)
		for _, path := range []string{"/library", "/library/sync"} {
			if p := b.get(path); p.status != http.StatusOK || p.has(`main button[name="do"]`) {
				t.Errorf("%s at %s: %d", role, path, p.status)
			}
		}
		for _, do := range []string{"start", "cancel", "retry", "daily_on"} {
			if p := b.post("/library/sync", url.Values{"do": {do}}); p.status != http.StatusForbidden {
				t.Errorf("%s does %s: %d", role, do, p.status)
			}
		}
	}
	if p := c.as(store.Operator).post("/library/sync", url.Values{"do": {"drop"}}); p.status != http.StatusBadRequest {
		t.Errorf("an act that there is none: %d", p.status)
	}
}

func TestTheDailySyncIsSwitched(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	b := c.as(store.Administrator)
	b.submit(b.get("/library/sync"), `button[value="daily_on"]`, nil).expect(http.StatusOK, "The daily sync is on")
	if log := c.activities(store.ActLibraryDaily); len(log) != 1 {
		t.Errorf("%+v", log)
	}
	c.running()
	p := b.awaitSync("synced by itself", func(p *page) bool { return ended(p) && strings.Contains(p.text("#sync-history"), "Daily") })
	b.submit(p, `button[value="daily_off"]`, nil).expect(http.StatusOK, "The daily sync is off")
}

func TestWhatChangedInTheLibraryIsListed(t *testing.T) {
	t.Parallel()
	c, b := synced(t)
	b.get("/library/sync").expect(http.StatusOK, "a first sync has none to compare with")
	var edit sandbox.LibraryEdit
	must(t, json.Unmarshal([]byte(`{"remove":["AT0005"],"rename":{"AT0002":"购买好了通知"},"add":[{"id":"AT9901","title":"取经成功提醒",
		"keywords":[{"keyword_id":1,"name":"取经人","example":"玄奘"}]}]}`), &edit))
	must(t, c.sandbox.EditLibrary(edit))
	p := b.sync()
	for _, want := range []string{"1 new title", "取经成功提醒", "1 title gone", "1 title renamed", "购买好了通知", "3 changes"} {
		p.expect(http.StatusOK, want)
	}
	if p.text("#sync-history ins") != "取经成功提醒 购买好了通知" && !strings.Contains(p.text("#sync-history ins"), "取经成功提醒") {
		t.Errorf("%s", p.text("#sync-history ins"))
	}
	first := p.doc.Find(`#sync-history a[href^="/library/sync?sync="]`).AttrOr("href", "")
	b.get(first).expect(http.StatusOK, "a first sync has none to compare with")
	b.get("/library/sync?sync=99").expect(http.StatusNotFound, "")
	b.get("/library?q=取经人").expect(http.StatusOK, "取经成功提醒")
}

func TestTheBuilderFallsBackToTheMirror(t *testing.T) {
	t.Parallel()
	c, b := synced(t)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: libraryGet, Times: 100, ErrCode: new(-1)}))
	p := b.get("/library/AT0005?k=1").expect(http.StatusOK, "WeChat does not answer just now")
	if !p.has("#chips button") || !p.has(".banner.warn time") {
		t.Fatalf("%s", p.text("main"))
	}
	b.press(p, "save").expect(http.StatusOK, "The draft is saved")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: libraryGet, Times: 100, Status: 502}))
	b.get("/library/AT9999").expect(http.StatusBadGateway, "")
}

// Issue 4: the audit rules 1.1 and 1.2 use the mirror.
func TestTheChecksAskTheMirrorAndNotWeChat(t *testing.T) {
	t.Parallel()
	c, b := synced(t)
	before := c.calls("library/list")
	check := func(title, want string) {
		t.Helper()
		p := b.post("/drafts/new", url.Values{"title": {title}, "do": {"check"}})
		if got := p.text(".findings"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	check("购买成功通知", "购买成功通知")
	if n := c.calls("library/list") - before; n != 0 {
		t.Errorf("WeChat was asked %d times", n)
	}
	must(t, c.sandbox.EditLibrary(sandbox.LibraryEdit{Add: []sandbox.LibraryTitle{{ID: "AT9901", Title: "取经成功提醒"}}}))
	b.sync()
	check("取经成功提醒", "取经成功提醒")
}
