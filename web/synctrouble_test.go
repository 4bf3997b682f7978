package web_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"muban/store"
	"muban/wechat/library"
	"muban/wechat/sandbox"
)

// inDatabase does to the database what no part of the console does.
func inDatabase(c *console, statement string, args ...any) {
	c.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, "muban.db")+"?_pragma=busy_timeout(10000)") // the console writes too
	must(c.t, err)
	defer db.Close()
	_, err = db.Exec(statement, args...)
	must(c.t, err)
}

// Both languages tell why, and what to do; the error's own text stands below, marked as English.
func TestASyncThatFailedSaysWhyAndWhatNextInBothLanguages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
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
		must(t, c.store.StartSync(t.Context(), store.Actor{}, c.app().ID))
		orders, err := c.store.LibraryOrders(t.Context(), c.app().ID)
		must(t, err)
		must(t, c.store.EndSync(t.Context(), orders.Last.ID, library.Failed, want.Report, nil))
		zh := b.speaking("zh").get("/library/sync")
		zh.expect(http.StatusOK, want.zh).expect(http.StatusOK, want.zhNext)
		b.speaking("en").get("/library/sync").expect(http.StatusOK, want.en).expect(http.StatusOK, want.enNext)
		if got := zh.text(`.banner code[lang="en"]`); got != want.Err {
			t.Errorf("the error's text is %q, want %q", got, want.Err)
		}
	}
}

func TestAnEmptyLibraryEndsTheSyncAndSaysSo(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	var all []string
	for _, title := range sandbox.Library(sandbox.DefaultSeed) {
		all = append(all, title.ID)
	}
	must(t, c.sandbox.EditLibrary(sandbox.LibraryEdit{Remove: all}))
	c.running()
	c.as(store.Operator).sync().expect(http.StatusOK, "Failed").expect(http.StatusOK, "came back empty")
}

func TestASyncThatCannotWriteSaysThatItIsNotWeChatsFaultAndGoesOn(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, hasty)
	inDatabase(c, "CREATE TRIGGER full BEFORE INSERT ON library_staged BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	b := c.as(store.Operator)
	b.submit(b.get("/library"), `button[value="start"]`, nil)
	c.running()
	p := b.awaitSync("in trouble", func(p *page) bool { return p.has("#sync-trouble time") })
	p.expect(http.StatusOK, "Something went wrong on our side").expect(http.StatusOK, "the console itself failed")
	b.speaking("zh").get("/library/sync").expect(http.StatusOK, "控制台这边出了问题").expect(http.StatusOK, "控制台自己出错")
	inDatabase(c, "DROP TRIGGER full")
	b.submit(p, `button[value="retry"]`, nil)
	b.awaitSync("ended", ended).expect(http.StatusOK, "Complete")
	if c.app().ID == 0 || c.store.Check(context.Background()) != nil {
		t.Error("the database is not whole")
	}
}
