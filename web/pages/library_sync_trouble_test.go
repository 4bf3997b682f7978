package pages_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/library"
	"muban/wechat/sandbox"
)

// inDatabase does to the database what no part of the console does.
func inDatabase(c *webtest.Console, statement string, args ...any) {
	c.T.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.Dir, "muban.db")+"?_pragma=busy_timeout(10000)") // the console writes too
	webtest.Must(c.T, err)
	defer db.Close()
	_, err = db.Exec(statement, args...)
	webtest.Must(c.T, err)
}

// Both languages tell why, and what to do; the error's own text stands below, marked as English.
func TestASyncThatFailedSaysWhyAndWhatNextInBothLanguages(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for _, want := range []struct {
		library.Report
		cause, next string
	}{
		{library.Report{Reason: "empty", Err: library.ErrEmpty.Error()}, "sync.why_empty", "sync.next_empty"},
		{library.Report{Reason: "unopened", ErrCode: 48001, Err: "api unauthorized"}, "sync.why_unopened", ""},
		{library.Report{Reason: "unreachable", Err: "library: given up"}, "sync.why_unreachable", "sync.next_unreachable"},
		{library.Report{Reason: "odd", Err: "library: given up"}, "sync.why_odd", "sync.next_odd"},
		{library.Report{Reason: "internal", Err: "library: given up"}, "sync.why_internal", "sync.next_internal"},
		{library.Report{ErrCode: 87999, Err: "a code of next year"}, "outcome.unlisted", ""},
	} {
		webtest.Must(t, c.Store.StartSync(t.Context(), store.Actor{}, c.App().ID, "template"))
		orders, err := c.Store.LibraryOrders(t.Context(), c.App().ID, "template")
		webtest.Must(t, err)
		webtest.Must(t, c.Store.EndSync(t.Context(), orders.Last.ID, library.Failed, want.Report, nil))
		zh := b.Speaking("zh").Get("/library/sync")
		for _, p := range []*webtest.Page{zh, b.Speaking("en").Get("/library/sync")} {
			p.Expect(http.StatusOK, want.cause)
			if want.next != "" {
				p.Expect(http.StatusOK, want.next)
			} else {
				p.Shows(http.StatusOK, "errcode "+strconv.Itoa(want.ErrCode))
			}
		}
		if got := zh.Text(`.banner code[lang="en"]`); got != want.Err {
			t.Errorf("the error's text is %q, want %q", got, want.Err)
		}
	}
}

func TestAnEmptyLibraryEndsTheSyncAndSaysSo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	var all []string
	for _, title := range sandbox.Library(sandbox.DefaultSeed) {
		all = append(all, title.ID)
	}
	webtest.Must(t, c.Sandbox.EditLibrary(sandbox.LibraryEdit{Remove: all}))
	c.Running()
	c.As(store.Operator).Sync().Expect(http.StatusOK, "sync.outcome_failed").Expect(http.StatusOK, "sync.why_empty")
}

func TestASyncThatCannotWriteSaysThatItIsNotWeChatsFaultAndGoesOn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	inDatabase(c, "CREATE TRIGGER full BEFORE INSERT ON library_staged BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	b := c.As(store.Operator)
	b.Submit(b.Get("/library"), `button[value="start"]`, nil)
	c.Running()
	troubled := func(p *webtest.Page) bool { return p.Has("#sync-trouble time") } // and not trying again just now
	p := b.AwaitSync("in trouble", troubled)
	p.Expect(http.StatusOK, "sync.own_trouble").Expect(http.StatusOK, "sync.why_internal")
	b.Speaking("zh").AwaitSync("in trouble", troubled).Expect(http.StatusOK, "sync.own_trouble").Expect(http.StatusOK, "sync.why_internal")
	inDatabase(c, "DROP TRIGGER full")
	b.Submit(p, `button[value="retry"]`, nil)
	b.AwaitSync("ended", webtest.Ended).Expect(http.StatusOK, "sync.outcome_complete")
	if c.App().ID == 0 || c.Store.Check(context.Background()) != nil {
		t.Error("the database is not whole")
	}
}
