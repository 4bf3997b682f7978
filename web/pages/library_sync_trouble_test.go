package pages_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
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
		zh, zhNext, en, enNext string
	}{
		{library.Report{Reason: "empty", Err: library.ErrEmpty.Error()}, "微信返回的模板库是空的", "过一会儿再重新开始", "came back empty", "Start again in a while"},
		{library.Report{Reason: "unopened", ErrCode: 48001, Err: "api unauthorized"}, "拒绝打开的标题太多", "errcode 48001", "too many of them", "errcode 48001"},
		{library.Report{Reason: "unreachable", Err: "library: given up"}, "连不上微信", "检查这台服务器的网络", "could not be reached", "Check this server’s network"},
		{library.Report{Reason: "odd", Err: "library: given up"}, "不是微信的回答", "有没有代理", "no answer of WeChat’s", "any proxy"},
		{library.Report{Reason: "internal", Err: "library: given up"}, "控制台自己出错", "请管理员看一下日志", "the console itself failed", "Have an administrator"},
		{library.Report{ErrCode: 87999, Err: "a code of next year"}, "这个错误码不在我们的说明表里", "errcode 87999", "This errcode is not in our table", "errcode 87999"},
	} {
		webtest.Must(t, c.Store.StartSync(t.Context(), store.Actor{}, c.App().ID))
		orders, err := c.Store.LibraryOrders(t.Context(), c.App().ID)
		webtest.Must(t, err)
		webtest.Must(t, c.Store.EndSync(t.Context(), orders.Last.ID, library.Failed, want.Report, nil))
		zh := b.Speaking("zh").Get("/library/sync")
		zh.Expect(http.StatusOK, want.zh).Expect(http.StatusOK, want.zhNext)
		b.Speaking("en").Get("/library/sync").Expect(http.StatusOK, want.en).Expect(http.StatusOK, want.enNext)
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
	c.As(store.Operator).Sync().Expect(http.StatusOK, "Failed").Expect(http.StatusOK, "came back empty")
}

func TestASyncThatCannotWriteSaysThatItIsNotWeChatsFaultAndGoesOn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	inDatabase(c, "CREATE TRIGGER full BEFORE INSERT ON library_staged BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	b := c.As(store.Operator)
	b.Submit(b.Get("/library"), `button[value="start"]`, nil)
	c.Running()
	p := b.AwaitSync("in trouble", func(p *webtest.Page) bool { return p.Has("#sync-trouble time") })
	p.Expect(http.StatusOK, "Something went wrong on our side").Expect(http.StatusOK, "the console itself failed")
	b.Speaking("zh").Get("/library/sync").Expect(http.StatusOK, "控制台这边出了问题").Expect(http.StatusOK, "控制台自己出错")
	inDatabase(c, "DROP TRIGGER full")
	b.Submit(p, `button[value="retry"]`, nil)
	b.AwaitSync("ended", webtest.Ended).Expect(http.StatusOK, "Complete")
	if c.App().ID == 0 || c.Store.Check(context.Background()) != nil {
		t.Error("the database is not whole")
	}
}
