package store

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/store/db"
	"muban/store/pgtest"
	"muban/wechat"
)

func TestADraftComesBackAsAdded(t *testing.T) {
	f := newFixture(t)
	added := f.draft(t, "购买成功通知")
	equal(t, "version", added.Version, 1)
	equal(t, "state", added.State, "draft")
	equal(t, "author", added.AuthorName, "admin")
	read, err := f.Draft(t.Context(), f.app.ID, added.ID)
	noError(t, err)
	if !reflect.DeepEqual(read, added) {
		t.Fatalf("got %+v, want %+v", read, added)
	}
	_, err = f.Draft(t.Context(), f.app.ID+1, added.ID)
	wantError(t, err, ErrNotFound)
}

func TestSavingADraftMovesItsVersion(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	f.clock.advance(time.Minute)
	d.Keywords = []wechat.Keyword{{ID: 9, Name: "物品名称"}}
	d.Scenario = "other"
	saved, err := f.SaveDraft(t.Context(), f.by, d)
	noError(t, err)
	d.Version, d.UpdatedAt = 2, d.UpdatedAt.Add(time.Minute)
	if !reflect.DeepEqual(saved, d) {
		t.Fatalf("got %+v, want %+v", saved, d)
	}
	equal(t, "detail", f.activities(t)[0].Detail, `{"title":"购买成功通知"}`)
}

func TestOfManyWhoSaveOneVersionOneWins(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	var won, refused atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			switch _, err := f.SaveDraft(t.Context(), f.by, d); err {
			case nil:
				won.Add(1)
			case ErrConflict:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	equal(t, "won and refused", [2]int32{won.Load(), refused.Load()}, [2]int32{1, 19})
}

func TestAnotherAppsDraftCannotBeChanged(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	wantError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID+1, d.ID), ErrNotFound)
	wantError(t, f.DraftAdded(t.Context(), f.by, f.app.ID+1, d.ID, "tpl"), ErrNotFound)
	d.App++
	_, err := f.SaveDraft(t.Context(), f.by, d)
	wantError(t, err, ErrNotFound)
	_, err = f.AddDraft(t.Context(), f.by, Draft{App: 99, Proposed: true})
	wantError(t, err, ErrNotFound)
}

func TestADeletedDraftIsHiddenUntilItIsRestored(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, d.ID))
	wantError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, d.ID), ErrNotFound)
	_, err := f.SaveDraft(t.Context(), f.by, d)
	wantError(t, err, ErrNotFound)
	deleted, err := f.Draft(t.Context(), f.app.ID, d.ID)
	noError(t, err)
	equal(t, "deleted", deleted.DeletedAt, stored(f.clock.now()))
	_, n, err := f.Drafts(t.Context(), DraftFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "listed", n, 0)

	noError(t, f.RestoreDraft(t.Context(), f.by, f.app.ID, d.ID))
	wantError(t, f.RestoreDraft(t.Context(), f.by, f.app.ID, d.ID), ErrNotFound)
	_, err = f.SaveDraft(t.Context(), f.by, d)
	noError(t, err)
}

func TestACloneHasTheContentAndNothingElse(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "submitted")
	_, err := f.AddComment(t.Context(), f.by, d.App, d.ID, "why?")
	noError(t, err)
	f.clock.advance(time.Minute)
	qa := f.person(t, "qa", QA)
	clone, err := f.CloneDraft(t.Context(), Actor{PersonID: qa.ID, Name: qa.Name}, d.App, d.ID)
	noError(t, err)
	now := stored(f.clock.now())
	want := Draft{ID: clone.ID, App: d.App, Kind: d.Kind, Proposed: d.Proposed, TitleID: d.TitleID, Title: d.Title, Keywords: d.Keywords,
		Scenario: d.Scenario, State: "draft", Author: qa.ID, AuthorName: "qa", Version: 1, CreatedAt: now, UpdatedAt: now}
	if !reflect.DeepEqual(clone, want) || clone.ID == d.ID {
		t.Fatalf("got %+v, want %+v", clone, want)
	}
	last := f.activities(t)[0]
	equal(t, "activity", last.Object+" "+last.Detail, fmt.Sprintf(`draft:%d {"of":%d,"title":"in submitted"}`, clone.ID, d.ID))
	comments, err := f.Comments(t.Context(), d.App, clone.ID)
	noError(t, err)
	equal(t, "comments", len(comments), 0)
	_, err = f.CloneDraft(t.Context(), f.by, d.App+1, d.ID)
	wantError(t, err, ErrNotFound)
}

func TestDeletedDraftsAreListedByThemselves(t *testing.T) {
	f := newFixture(t)
	f.draft(t, "kept")
	gone := f.draft(t, "gone")
	noError(t, f.DeleteDraft(t.Context(), f.by, gone.App, gone.ID))
	for name, c := range map[string]struct {
		filter DraftFilter
		title  string
	}{
		"the others":                   {DraftFilter{App: f.app.ID}, "kept"},
		"the deleted":                  {DraftFilter{App: f.app.ID, Deleted: true}, "gone"},
		"the others of all apps":       {DraftFilter{AllApps: true}, "kept"},
		"the deleted in a state":       {DraftFilter{AllApps: true, Deleted: true, State: "draft"}, "gone"},
		"all apps, whichever is named": {DraftFilter{App: f.app.ID + 1, AllApps: true}, "kept"},
	} {
		drafts, total, err := f.Drafts(t.Context(), c.filter)
		noError(t, err)
		if total != 1 || len(drafts) != 1 || drafts[0].Title != c.title {
			t.Errorf("%s: got %+v of %d, want %s", name, drafts, total, c.title)
		}
	}
	counts, err := f.DraftCounts(t.Context(), f.app.ID, "")
	noError(t, err)
	equal(t, "counted", counts["draft"], 1)
}

func TestDraftsOfAllApps(t *testing.T) {
	f := newFixture(t)
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx0000000000000002"})
	noError(t, err)
	f.draft(t, "here")
	_, err = f.AddDraft(t.Context(), f.by, Draft{App: other.ID, Proposed: true, Title: "there"})
	noError(t, err)
	_, total, err := f.Drafts(t.Context(), DraftFilter{AllApps: true})
	noError(t, err)
	equal(t, "in all", total, 2)
	_, total, err = f.Drafts(t.Context(), DraftFilter{App: other.ID})
	noError(t, err)
	equal(t, "of the other", total, 1)
}

func TestAuthorsAreThoseWhoHaveDraftsInTheApp(t *testing.T) {
	f := newFixture(t)
	f.person(t, "idle", QA)
	for _, name := range []string{"Zoë", "bob"} {
		p := f.person(t, name, ProductManager)
		for range 2 {
			_, err := f.AddDraft(t.Context(), Actor{PersonID: p.ID, Name: p.Name}, Draft{App: f.app.ID, Proposed: true})
			noError(t, err)
		}
	}
	d := f.draft(t, "deleted")
	noError(t, f.DeleteDraft(t.Context(), f.by, d.App, d.ID))
	_, err := f.AddDraft(t.Context(), Actor{Name: "the system"}, Draft{App: f.app.ID, Proposed: true})
	noError(t, err)

	authors, err := f.Authors(t.Context(), f.app.ID)
	noError(t, err)
	var names []string
	for _, a := range authors {
		names = append(names, a.Name)
		if !reflect.DeepEqual(a, Person{ID: a.ID, Name: a.Name}) {
			t.Errorf("%s comes with more than a name: %+v", a.Name, a)
		}
	}
	equal(t, "authors", strings.Join(names, ", "), "bob, Zoë")
	authors, err = f.Authors(t.Context(), f.app.ID+1)
	noError(t, err)
	equal(t, "of another app", len(authors), 0)
}

func TestDraftsAreFilteredAndPaged(t *testing.T) {
	f := newFixture(t)
	for _, title := range []string{"购买成功通知", "100%到账提醒", "退款_通知"} {
		f.clock.advance(time.Second)
		f.draft(t, title)
	}
	for name, c := range map[string]struct {
		filter DraftFilter
		titles []string
		total  int
	}{
		"all, the newest first":  {DraftFilter{}, []string{"退款_通知", "100%到账提醒", "购买成功通知"}, 3},
		"a page":                 {DraftFilter{App: f.app.ID, Offset: 1, Count: 1}, []string{"100%到账提醒"}, 3},
		"past the end":           {DraftFilter{Offset: 30}, nil, 3},
		"by a text":              {DraftFilter{Text: "通知"}, []string{"退款_通知", "购买成功通知"}, 2},
		"by a text with %":       {DraftFilter{Text: "%"}, []string{"100%到账提醒"}, 1},
		"by a text with _":       {DraftFilter{Text: "_"}, []string{"退款_通知"}, 1},
		"by the scenario":        {DraftFilter{Text: "AFTER"}, []string{"退款_通知", "100%到账提醒", "购买成功通知"}, 3},
		"by a state":             {DraftFilter{State: "review"}, nil, 0},
		"by the author":          {DraftFilter{Author: f.admin.ID, Text: "退款"}, []string{"退款_通知"}, 1},
		"of another app":         {DraftFilter{App: f.app.ID + 1}, nil, 0},
		"with a negative offset": {DraftFilter{Offset: -5, Text: "退款"}, []string{"退款_通知"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if c.filter.App == 0 {
				c.filter.App = f.app.ID
			}
			drafts, total, err := f.Drafts(t.Context(), c.filter)
			noError(t, err)
			var titles []string
			for _, d := range drafts {
				titles = append(titles, d.Title)
			}
			if !reflect.DeepEqual(titles, c.titles) || total != c.total {
				t.Fatalf("got %q of %d, want %q of %d", titles, total, c.titles, c.total)
			}
		})
	}
}

func TestCommentsStandInTheOrderTheyWereMade(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	qa := f.person(t, "qa", QA)
	var want []Comment
	for _, by := range []Actor{f.by, {PersonID: qa.ID, Name: "qa"}, {Name: "system"}} {
		f.clock.advance(time.Second)
		c, err := f.AddComment(t.Context(), by, d.App, d.ID, "为什么？\n"+by.Name)
		noError(t, err)
		equal(t, "by", c.PersonName, by.Name)
		equal(t, "at", c.At, stored(f.clock.now()))
		want = append(want, c)
	}
	got, err := f.Comments(t.Context(), d.App, d.ID)
	noError(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	read, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	if !reflect.DeepEqual(read, d) {
		t.Fatalf("a comment changed the draft: %+v", read)
	}
}

func TestCommentsStayInTheirApp(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	_, err := f.AddComment(t.Context(), f.by, d.App+1, d.ID, "hello")
	wantError(t, err, ErrNotFound)
	_, err = f.AddComment(t.Context(), f.by, d.App, d.ID, "hello")
	noError(t, err)
	foreign, err := f.Comments(t.Context(), d.App+1, d.ID)
	noError(t, err)
	equal(t, "of another app", len(foreign), 0)
	noError(t, f.DeleteDraft(t.Context(), f.by, d.App, d.ID))
	_, err = f.AddComment(t.Context(), f.by, d.App, d.ID, "too late")
	wantError(t, err, ErrNotFound)
}

func TestACommentHasALimit(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	for name, text := range map[string]string{"too long": strings.Repeat("长", 4001), "empty": ""} {
		if _, err := f.AddComment(t.Context(), f.by, d.App, d.ID, text); err == nil {
			t.Errorf("%s went in", name)
		}
	}
	c, err := f.AddComment(t.Context(), f.by, d.App, d.ID, strings.Repeat("长", 4000))
	noError(t, err)
	all, err := f.Comments(t.Context(), d.App, d.ID)
	noError(t, err)
	if !reflect.DeepEqual(all, []Comment{c}) {
		t.Fatalf("%d comments", len(all))
	}
	if detail := f.activities(t)[0].Detail; len(detail) > 100 {
		t.Errorf("the log repeats the comment: %s", detail)
	}
}

func TestADraftIsInAKnownState(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "title")
	set := func(state string) error {
		return f.write(t.Context(), func(t *tx) error { return t.update("UPDATE drafts SET state = ? WHERE id = ?", state, d.ID) })
	}
	for _, state := range DraftStates() {
		noError(t, set(state))
	}
	if set("lost") == nil {
		t.Fatal("any state goes in")
	}
}

// fromOlder is a store whose database was made by the first so many steps of the schema, with an app and what fill puts in.
func fromOlder(t *testing.T, steps int, fill func(x *db.Tx) error) *Store {
	t.Helper()
	c, dir := newClock(), t.TempDir()
	noError(t, writeKeys(filepath.Join(dir, keyName), keyring{newMasterKey()}))
	older := db.Options{Schema: schema()[:steps], Now: c.now, Log: slog.Default()}
	openOlder := func() (*db.DB, error) { return db.Open(t.Context(), filepath.Join(dir, databaseName), older) }
	if onPostgres {
		dsn := pgtest.Empty(t)
		databases.Store(dir, dsn)
		openOlder = func() (*db.DB, error) { return db.Connect(t.Context(), dsn, older) }
	}
	old, err := openOlder()
	noError(t, err)
	noError(t, old.Write(t.Context(), func(x *db.Tx) error {
		err := x.Exec(`INSERT INTO apps (id, app_id, name, base, secret, sandbox, created_at, updated_at)
			VALUES (1, 'wx1', 'Shop', 'https://api.example', ?, 1, 0, 0)`, []byte{1})
		return errors.Join(err, fill(x))
	}))
	noError(t, old.Close())
	return open(t, dir, c)
}

// Before drafts knew their kind in the database, their titles told it.
func TestDraftsOfAnOlderDatabaseGetTheKindOfTheirTitles(t *testing.T) {
	titles := []string{"AT0002", "99", "", "10000001", "AT99"}
	s := fromOlder(t, 1, func(x *db.Tx) (err error) {
		for i, title := range titles {
			err = errors.Join(err, x.Exec(`INSERT INTO drafts (id, app, proposed, title_id, title, keywords, scenario, state, author_name,
				version, created_at, updated_at) VALUES (?, 1, ?, ?, 't', '[]', 's', 'draft', 'a', 1, 0, 0)`, i+1, title == "", title))
		}
		return err
	})
	var kinds []string
	for i := range titles {
		d, err := s.Draft(t.Context(), 1, int64(i+1))
		noError(t, err)
		kinds = append(kinds, d.Kind)
	}
	equal(t, "kinds", strings.Join(kinds, " "), "template subscribe template subscribe template")
}

// Before hours were counted by kind, the sends themselves knew theirs.
func TestSendsOfAnOlderDatabaseAreCountedByTheirKind(t *testing.T) {
	s := fromOlder(t, 2, func(x *db.Tx) (err error) {
		for i, outcome := range []string{"sent", "sent", "refused", "pending", "sent"} {
			err = errors.Join(err, x.Exec(`INSERT INTO sends (app, message_kind, key, body_hash, template_id, title, openid, right_id,
				request, words, outcome, err_code, err_msg, reason, attempts, took_us, person_name, process, created_at, finished_at, holds)
				VALUES (1, ?, ?, ?, 't', '', 'o', '', ?, '', ?, 0, '', '', 1, 0, '', 1, 0, ?, 0)`,
				[]string{"template", "subscribe"}[i%2], fmt.Sprint(i), make([]byte, 32), []byte("{}"), outcome, 3_600_000*int64(1+i/4)))
		}
		return err
	})
	for kind, want := range map[string]string{"template": "[1 refused 1] [1 sent 1] [2 sent 1]", "subscribe": "[1 sent 1]",
		"": "[1 refused 1] [1 sent 2] [2 sent 1]"} {
		hours, err := s.SendHours(t.Context(), 1, kind, time.Unix(0, 0), time.Unix(3*3600, 0))
		noError(t, err)
		var got []string
		for _, n := range hours {
			got = append(got, fmt.Sprint([]any{n.Hour.Unix() / 3600, n.Outcome, n.Sends}))
		}
		equal(t, "hours of "+kind, strings.Join(got, " "), want)
	}
}

func TestADraftKeepsItsKindAndADraftOfATitleHasTheTitles(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		draft Draft
		kind  string
	}{
		"a combination":                          {Draft{TitleID: "99"}, "subscribe"},
		"one that says another kind":             {Draft{TitleID: "99", Kind: "template"}, "subscribe"},
		"one of template messages":               {Draft{TitleID: "AT0002", Kind: "subscribe"}, "template"},
		"a proposal":                             {Draft{Proposed: true, Kind: "subscribe", Type: 3, Category: "616"}, "subscribe"},
		"a proposal that says nothing":           {Draft{Proposed: true}, "template"},
		"a proposal of an unknown kind":          {Draft{Proposed: true, Kind: "letter"}, "template"},
		"a proposal that became one of WeChat's": {Draft{Proposed: true, TitleID: "99"}, "subscribe"},
	} {
		c.draft.App, c.draft.Title = f.app.ID, name
		d, err := f.AddDraft(t.Context(), f.by, c.draft)
		noError(t, err)
		equal(t, name, d.Kind, c.kind)
		d.Kind, d.Type, d.Category = "letter", 2, "321"
		saved, err := f.SaveDraft(t.Context(), f.by, d)
		noError(t, err)
		clone, err := f.CloneDraft(t.Context(), f.by, f.app.ID, d.ID)
		noError(t, err)
		for _, x := range []Draft{saved, clone} {
			equal(t, name, fmt.Sprintf("%s %d %s", x.Kind, x.Type, x.Category), c.kind+" 2 321")
		}
	}
	for kind, n := range map[string]int{"subscribe": 8, "template": 6, "": 14, "letter": 0} {
		list, total, err := f.Drafts(t.Context(), DraftFilter{App: f.app.ID, Kind: kind})
		noError(t, err)
		counts, err := f.DraftCounts(t.Context(), f.app.ID, kind)
		noError(t, err)
		equal(t, "listed "+kind, fmt.Sprint(total, counts["draft"], len(list)), fmt.Sprint(n, n, n))
	}
}

func TestAReviewKeepsTypeAndCategoryAsTheyWere(t *testing.T) {
	f := newFixture(t)
	d, err := f.AddDraft(t.Context(), f.by, Draft{App: f.app.ID, Proposed: true, Kind: "subscribe", Title: "取餐提醒", Type: 3, Category: "616"})
	noError(t, err)
	noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "rejected")))
	d.Type, d.Category = 2, "321"
	_, err = f.SaveDraft(t.Context(), f.by, d)
	noError(t, err)
	reviews, err := f.Reviews(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "as it was", fmt.Sprintf("%d %s", reviews[0].Type, reviews[0].Category), "3 616")
}
