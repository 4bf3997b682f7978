package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// fragmentOf asks for what the page's script asks for again.
func fragmentOf(b *webtest.Browser, path string) *webtest.Page {
	b.T.Helper()
	r, err := http.NewRequest(http.MethodGet, b.Base+path, nil)
	webtest.Must(b.T, err)
	r.Header.Set("X-Fragment", "1")
	return b.Do(r)
}

func TestASyncIsStartedByHandAndShowsItsProgress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := c.As(store.Operator)
	b.Get("/library/sync").Expect(http.StatusOK, "sync.outcome_none")
	p := b.Submit(b.Get("/library?offset=20"), `button[value="start"]`, nil).Tells(http.StatusOK, webtest.Of(21, 40))
	if p.Path != "/library?offset=20" || !p.Has(`#sync-line[data-poll] progress`) || p.Has(`button[value="start"]`) {
		t.Fatalf("%s\n%s", p.Path, p.Text("main"))
	}
	poll := p.Doc.Find("#sync-line").AttrOr("data-poll", "")
	p = b.Get(p.Doc.Find("#sync-line a").AttrOr("href", ""))
	if !p.Has(`#sync-state[data-poll="/library/sync"] progress`) || !p.Has(".without-js[href='/library/sync']") {
		t.Fatalf("%s\n%s", p.Path, p.Text("main"))
	}
	b.Post("/library/sync", url.Values{"do": {"start"}}).Expect(http.StatusConflict, "sync.refused_running")
	b.Get("/library").Tells(http.StatusOK, webtest.Of(1, 20)) // pages keep working before the first one
	c.Running()
	done := b.AwaitSync("ended", webtest.Ended).Expect(http.StatusOK, "sync.outcome_complete")
	done.Expect(http.StatusOK, "sync.read", "Titles", webtest.Titles)
	if log := c.Activities(store.ActLibrarySync); len(log) != 1 || log[0].PersonName != "operator" {
		t.Errorf("%+v", log)
	}
	b.Get("/library").Expect(http.StatusOK, "search.synced").Expect(http.StatusOK, "age.now")
	if line := fragmentOf(b, poll); line.Has("[data-poll]") || !webtest.Says(t, line.Text("#sync-line"), "en", "sync.outcome_complete") || !line.Has("#sync-line a[href$='/library']") {
		t.Errorf("%s", line.Body)
	}
}

// What the script asks for leaves the list of changes alone while somebody may be
// reading in it, and brings it once the sync has ended.
func TestTheScriptAsksForWhatChangesAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := c.As(store.Operator)
	b.Submit(b.Get("/library"), `button[value="start"]`, nil)
	p := fragmentOf(b, "/library/sync")
	if p.Status != http.StatusOK || !p.Has("#sync-state[data-poll]") || p.Has("#sync-history") || p.Has("main") {
		t.Fatalf("%d: %s", p.Status, p.Body)
	}
	c.Running()
	b.AwaitSync("ended", webtest.Ended)
	if p := fragmentOf(b, "/library/sync"); p.Has("[data-poll]") || !p.Has("#sync-history table") || p.Doc.Find("#sync-state").AttrOr("data-say", "") != "Complete" {
		t.Fatalf("%s", p.Body)
	}
}

func TestACancelledSyncLeavesTheLastGoodMirror(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	stop := c.Running()
	b := c.As(store.Operator)
	b.Sync()
	stop()
	webtest.Must(t, c.Sandbox.EditLibrary(sandbox.LibraryEdit{Remove: []string{"AT0002"}}))
	b.Post("/library/sync", url.Values{"do": {"start"}}).Answers(http.StatusOK)
	b.Submit(b.Get("/library/sync"), `button[value="cancel"]`, nil).Expect(http.StatusOK, "sync.cancelled_why")
	b.Post("/library/sync", url.Values{"do": {"cancel"}}).Expect(http.StatusConflict, "sync.refused_ended")
	if p := b.Get("/library?q=AT0002"); listed(p)[0] != "AT0002" {
		t.Error("the mirror lost what it held")
	}
	if log := c.Activities(store.ActLibraryCancel); len(log) != 1 {
		t.Errorf("%+v", log)
	}
}

func TestASyncKilledInTheMiddleGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := c.As(store.Operator)
	b.Submit(b.Get("/library"), `button[value="start"]`, nil)
	stop := c.Running()
	b.AwaitSync("at the keywords", func(p *webtest.Page) bool {
		return p.Says("#sync-state", "sync.phase_keywords") || webtest.Ended(p)
	})
	stop()
	before := c.Calls("library/list")
	c.Server.Close()
	c.Start(webtest.Hasty) // another process on the same store
	c.Running()
	b.Base = c.URL
	b = c.As(store.Operator)
	b.AwaitSync("ended", webtest.Ended).Expect(http.StatusOK, "sync.outcome_complete")
	// The titles were read by the first process; the second checks them once more,
	// pages overlapping by one title.
	if again := c.Calls("library/list") - before; again > webtest.Titles/19+1 {
		t.Errorf("%d pages were read after the restart, %d were read before it", again, before)
	}
	b.Get("/library").Tells(http.StatusOK, webtest.Of(1, 20)).Expect(http.StatusOK, "search.synced")
}

func TestWhileWeChatRefusesTheSyncWaitsAndSaysUntilWhen(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := c.As(store.Operator)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.LibraryGet, Times: 2, ErrCode: new(45009)}))
	b.Submit(b.Get("/library"), `button[value="start"]`, nil)
	c.Running()
	resting := func(p *webtest.Page) bool { return p.Has("#sync-trouble time") }
	p := b.AwaitSync("resting", resting).Shows(http.StatusOK, "errcode 45009")
	p.Expect(http.StatusOK, "sync.next_try")
	c.As(store.QA).Get("/library/sync").Shows(http.StatusOK, "errcode 45009") // everybody sees it
	b.Submit(p, `button[value="retry"]`, nil).Answers(http.StatusOK)
	b.Submit(b.AwaitSync("resting again", resting), `button[value="retry"]`, nil)
	b.AwaitSync("ended", webtest.Ended).Expect(http.StatusOK, "sync.outcome_complete")
	if log := c.Activities("library.retry"); len(log) != 2 || log[0].PersonName != "operator" {
		t.Errorf("%+v", log)
	}
}

func TestWhoMayNotSyncSeesTheProgressAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, role := range []store.Role{store.ProductManager, store.QA} {
		b := c.As(role)
		for _, path := range []string{"/library", "/library/sync"} {
			if p := b.Get(path); p.Status != http.StatusOK || p.Has(`main button[name="do"]`) {
				t.Errorf("%s at %s: %d", role, path, p.Status)
			}
		}
		for _, do := range []string{"start", "cancel", "retry", "daily_on"} {
			if p := b.Post("/library/sync", url.Values{"do": {do}}); p.Status != http.StatusForbidden {
				t.Errorf("%s does %s: %d", role, do, p.Status)
			}
		}
	}
	if p := c.As(store.Operator).Post("/library/sync", url.Values{"do": {"drop"}}); p.Status != http.StatusBadRequest {
		t.Errorf("an act that there is none: %d", p.Status)
	}
}

func TestTheDailySyncIsSwitched(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := c.As(store.Administrator)
	b.Submit(b.Get("/library/sync"), `button[value="daily_on"]`, nil).Expect(http.StatusOK, "done.sync_daily_on")
	if log := c.Activities(store.ActLibraryDaily); len(log) != 1 {
		t.Errorf("%+v", log)
	}
	c.Running()
	p := b.AwaitSync("synced by itself", func(p *webtest.Page) bool {
		return webtest.Ended(p) && p.Says("#sync-history", "sync.by_itself")
	})
	b.Submit(p, `button[value="daily_off"]`, nil).Expect(http.StatusOK, "done.sync_daily_off")
}

func TestWhatChangedInTheLibraryIsListed(t *testing.T) {
	t.Parallel()
	c, b := webtest.Synced(t)
	b.Get("/library/sync").Expect(http.StatusOK, "sync.no_changes_why")
	var edit sandbox.LibraryEdit
	webtest.Must(t, json.Unmarshal([]byte(`{"remove":["AT0005"],"rename":{"AT0002":"购买好了通知"},"add":[{"id":"AT9901","title":"取经成功提醒",
		"keywords":[{"keyword_id":1,"name":"取经人","example":"玄奘"}]}]}`), &edit))
	webtest.Must(t, c.Sandbox.EditLibrary(edit))
	p := b.Sync()
	p.Shows(http.StatusOK, "取经成功提醒").Shows(http.StatusOK, "购买好了通知").Expect(http.StatusOK, "sync.change_count", "Count", 3)
	for _, kind := range []string{"new", "gone", "renamed"} {
		p.Expect(http.StatusOK, "sync.kind_title_"+kind, "Count", 1)
	}
	if p.Text("#sync-history ins") != "取经成功提醒 购买好了通知" && !strings.Contains(p.Text("#sync-history ins"), "取经成功提醒") {
		t.Errorf("%s", p.Text("#sync-history ins"))
	}
	first := p.Doc.Find(`#sync-history a[href^="/library/sync?sync="]`).AttrOr("href", "")
	b.Get(first).Expect(http.StatusOK, "sync.no_changes_why")
	b.Get("/library/sync?sync=99").Answers(http.StatusNotFound)
	b.Get("/library?q=取经人").Shows(http.StatusOK, "取经成功提醒")
}

func TestTheBuilderFallsBackToTheMirror(t *testing.T) {
	t.Parallel()
	c, b := webtest.Synced(t)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.LibraryGet, Times: 100, ErrCode: new(-1)}))
	p := b.Get("/library/AT0005?k=1").Expect(http.StatusOK, "sync.from_mirror")
	if !p.Has("#chips button") || !p.Has(".banner.warn time") {
		t.Fatalf("%s", p.Text("main"))
	}
	b.Press(p, "save").Expect(http.StatusOK, "done.draft_saved")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.LibraryGet, Times: 100, Status: 502}))
	b.Get("/library/AT9999").Answers(http.StatusBadGateway)
}

// Issue 4: the audit rules 1.1 and 1.2 use the mirror.
func TestTheChecksAskTheMirrorAndNotWeChat(t *testing.T) {
	t.Parallel()
	c, b := webtest.Synced(t)
	before := c.Calls("library/list")
	check := func(title, want string) {
		t.Helper()
		p := b.Post("/drafts/new", url.Values{"title": {title}, "do": {"check"}})
		if got := p.Text(".findings"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	check("购买成功通知", "购买成功通知")
	if n := c.Calls("library/list") - before; n != 0 {
		t.Errorf("WeChat was asked %d times", n)
	}
	webtest.Must(t, c.Sandbox.EditLibrary(sandbox.LibraryEdit{Add: []sandbox.LibraryTitle{{ID: "AT9901", Title: "取经成功提醒"}}}))
	b.Sync()
	check("取经成功提醒", "取经成功提醒")
}
