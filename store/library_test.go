package store

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/library"
)

// under begins a sync and stages two titles, one of them not opened by WeChat.
func (f *fixture) under(t testing.TB) (sync int64, staged []library.Staged) {
	t.Helper()
	noError(t, f.StartSync(t.Context(), f.by, f.app.ID, "template"))
	orders, err := f.LibraryOrders(t.Context(), f.app.ID, "template")
	noError(t, err)
	staged = []library.Staged{
		{Title: wechat.Title{ID: "AT0002", Text: "购买成功通知", Keywords: []wechat.Keyword{{ID: 3, Name: "购买地点", Example: "TIT造舰厂"}}}, Place: 1, Pass: 1},
		{Title: wechat.Title{ID: "AT0003", Text: "购买失败通知"}, Pass: 1, Refused: &library.Missing{ID: "AT0003", Text: "购买失败通知", Code: 40097, Msg: "invalid args"}},
	}
	noError(t, f.StageTitles(t.Context(), orders.Last.ID, library.Pass{Number: 1, Next: 2, Total: 2, Over: true}, staged, nil))
	return orders.Last.ID, staged
}

func TestASyncUnderWayIsOnTheShelf(t *testing.T) {
	f := newFixture(t)
	sync, want := f.under(t)
	f.Store.Close()
	f.Store = open(t, f.dir, f.clock)
	got, err := f.StagedTitles(t.Context(), sync)
	noError(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
	orders, err := f.LibraryOrders(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "pass", orders.Last.Pass, library.Pass{Number: 1, Next: 2, Total: 2, Over: true})
	equal(t, "who", orders.Last.By+orders.Last.Outcome, "admin"+library.Running)
	equal(t, "a mirror", orders.Good, 0)

	noError(t, f.StageTitles(t.Context(), sync, library.Pass{Number: 2}, nil, []string{"AT0003"}))
	got, err = f.StagedTitles(t.Context(), sync)
	noError(t, err)
	equal(t, "titles after one is gone", len(got), 1)
}

func TestTheMirrorIsReplacedAsAWholeOrNotAtAll(t *testing.T) {
	f := newFixture(t)
	sync, _ := f.under(t)
	report := library.Report{Titles: 2, Keywords: 1, Reason: "odd", Missing: []library.Missing{{ID: "AT0003", Code: 40097}}, Counts: library.Counts{library.TitleNew: 2}}
	changes := []library.Change{{What: library.TitleNew, TitleID: "AT0003"}, {What: library.TitleRenamed, TitleID: "AT0002", Before: "a", After: "b"}}
	noError(t, f.write(t.Context(), func(t *tx) error { return t.exec("ALTER TABLE library_changes RENAME TO hidden") }))
	if f.EndSync(t.Context(), sync, library.Complete, report, changes) == nil {
		t.Fatal("ended without its changes")
	}
	titles, err := f.LibraryTitles(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "titles", len(titles), 0)
	noError(t, f.write(t.Context(), func(t *tx) error { return t.exec("ALTER TABLE hidden RENAME TO library_changes") }))

	f.clock.advance(time.Minute)
	noError(t, f.EndSync(t.Context(), sync, library.Complete, report, changes))
	titles, err = f.LibraryTitles(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "titles in WeChat's order", fmt.Sprint(titles), "[{AT0003 购买失败通知 [] 0 []} {AT0002 购买成功通知 [{3 购买地点 TIT造舰厂 }] 0 []}]")
	syncs, err := f.Syncs(t.Context(), f.app.ID, "template")
	noError(t, err)
	if len(syncs) != 1 || !reflect.DeepEqual(syncs[0].Report, report) || syncs[0].Outcome != library.Complete || !syncs[0].EndedAt.Equal(stored(f.clock.now())) {
		t.Errorf("%+v", syncs)
	}
	kept, err := f.SyncChanges(t.Context(), f.app.ID, sync)
	noError(t, err)
	if !reflect.DeepEqual(kept, changes) {
		t.Errorf("%+v", kept)
	}
}

func TestASyncThatEndedTakesNothingMore(t *testing.T) {
	f := newFixture(t)
	sync, staged := f.under(t)
	wantError(t, f.StartSync(t.Context(), f.by, f.app.ID, "template"), library.ErrRunning)
	wantError(t, f.StartSyncUnasked(t.Context(), f.app.ID, "template"), library.ErrRunning)
	noError(t, f.CancelSync(t.Context(), f.by, f.app.ID, "template"))
	wantError(t, f.CancelSync(t.Context(), f.by, f.app.ID, "template"), library.ErrEnded)
	wantError(t, f.StageTitles(t.Context(), sync, library.Pass{}, staged, nil), library.ErrEnded)
	wantError(t, f.EndSync(t.Context(), sync, library.Complete, library.Report{}, nil), library.ErrEnded)
	left, err := f.StagedTitles(t.Context(), sync)
	noError(t, err)
	equal(t, "staged titles", len(left), 0)
}

func TestAsManySyncsAreRememberedAsAreSaid(t *testing.T) {
	f := newFixture(t)
	first, _ := f.under(t)
	change := []library.Change{{What: library.TitleNew, TitleID: "AT0002"}}
	noError(t, f.EndSync(t.Context(), first, library.Complete, library.Report{}, change))
	for range library.SyncsKept + 5 {
		noError(t, f.StartSync(t.Context(), f.by, f.app.ID, "template"))
		noError(t, f.CancelSync(t.Context(), f.by, f.app.ID, "template"))
	}
	syncs, err := f.Syncs(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "syncs", len(syncs), library.SyncsKept)
	count, err := one(t.Context(), f.readers, scan[int], "SELECT count(*) FROM library_syncs")
	noError(t, err)
	equal(t, "rows: these, and the one that the mirror is of", count, library.SyncsKept+1)
	orders, err := f.LibraryOrders(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "the mirror's", orders.Good, first)
	equal(t, "the last", orders.Last.ID, syncs[0].ID)
}

func TestAnAppHasItsOwnLibrary(t *testing.T) {
	f := newFixture(t)
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-other", Secret: canary})
	noError(t, err)
	sync, _ := f.under(t)
	noError(t, f.StartSync(t.Context(), f.by, other.ID, "template")) // a sync each
	noError(t, f.EndSync(t.Context(), sync, library.Complete, library.Report{}, []library.Change{{What: library.TitleNew}}))
	titles, err := f.LibraryTitles(t.Context(), other.ID, "template")
	noError(t, err)
	changes, err := f.SyncChanges(t.Context(), other.ID, sync)
	noError(t, err)
	equal(t, "what another app sees", len(titles)+len(changes), 0)
	wantError(t, f.StartSync(t.Context(), f.by, 99, "template"), ErrNotFound)
	wantError(t, f.SetDailySync(t.Context(), f.by, 99, "template", true), ErrNotFound)
}

func TestTheDailySyncIsSwitched(t *testing.T) {
	f := newFixture(t)
	for _, on := range []bool{true, false, true} {
		noError(t, f.SetDailySync(t.Context(), f.by, f.app.ID, "template", on))
		orders, err := f.LibraryOrders(t.Context(), f.app.ID, "template")
		noError(t, err)
		equal(t, "daily", orders.Daily, on)
	}
	noError(t, f.StartSyncUnasked(t.Context(), f.app.ID, "template"))
	orders, err := f.LibraryOrders(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "who", orders.Last.By, "")
}
