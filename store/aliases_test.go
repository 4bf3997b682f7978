package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/account"
)

// template remembers a template of the app, with an alias unless that is "".
func (f *fixture) template(t testing.TB, id, alias string) {
	t.Helper()
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: id, TitleID: "AT0002", Title: "购买成功通知", KeywordIDs: []int{3, 4}}))
	if alias != "" {
		noError(t, f.SetAlias(t.Context(), f.by, f.app.ID, id, alias))
	}
}

// resolves checks which template a name leads to.
func (f *fixture) resolves(t testing.TB, name, templateID string) {
	t.Helper()
	got, err := f.ResolveTemplate(t.Context(), f.app.ID, name)
	noError(t, err)
	equal(t, name, got.TemplateID, templateID)
}

func TestAnAliasNamesOneTemplateOfAnApp(t *testing.T) {
	f := newFixture(t)
	f.template(t, "tpl-1", "order-paid")
	f.template(t, "tpl-2", "")
	f.resolves(t, "order-paid", "tpl-1")
	f.resolves(t, "tpl-2", "tpl-2")

	wantError(t, f.SetAlias(t.Context(), f.by, f.app.ID, "tpl-2", "order-paid"), ErrTaken)
	wantError(t, f.SetAlias(t.Context(), f.by, f.app.ID, "nobody's", "another"), ErrNotFound)
	wantError(t, f.SetAlias(t.Context(), f.by, f.app.ID+1, "tpl-1", "another"), ErrNotFound)
	_, err := f.ResolveTemplate(t.Context(), f.app.ID+1, "order-paid")
	wantError(t, err, ErrNotFound)
	_, err = f.ResolveTemplate(t.Context(), f.app.ID, "")
	wantError(t, err, ErrNotFound)

	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx2", Secret: canary})
	noError(t, err)
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: other.ID, TemplateID: "tpl-1"}))
	noError(t, f.SetAlias(t.Context(), f.by, other.ID, "tpl-1", "order-paid")) // each app has names of its own
}

func TestATemplateThatNobodyAdoptedIsOfTheKindThatListsIt(t *testing.T) {
	f := newFixture(t)
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, "template", account.List{ReadAt: f.now(), Templates: []wechat.Template{{ID: "old"}}}))
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, "subscribe", account.List{ReadAt: f.now(), Templates: []wechat.Template{{
		ID: "new", Type: wechat.LongTerm, Enums: []wechat.Enum{{Key: "enum_string1", Values: []string{"门盖未关好"}}},
	}}}))
	for id, kind := range map[string]string{"old": "template", "new": "subscribe"} {
		got, err := f.ResolveTemplate(t.Context(), f.app.ID, id)
		noError(t, err)
		equal(t, id, got.Kind, kind)
		if id == "new" {
			equal(t, "type", got.Type, wechat.LongTerm)
			equal(t, "listed values", len(got.Enums), 1)
		}
	}
}

func TestATemplateIsCarriedAndARestoredOneTakesItsPlace(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "order-paid")
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, Kind: "subscribe", TemplateID: "new"}))
	from := map[string]string{"thing1": "keyword2"}
	carry := func(app int64, old, successor string) error {
		return f.Carry(t.Context(), f.by, app, account.Carried{TemplateID: old, Successor: successor, From: from})
	}
	wantError(t, carry(f.app.ID, "old", "nobody's"), ErrNotFound)
	wantError(t, carry(f.app.ID+1, "old", "new"), ErrNotFound)
	wantError(t, carry(f.app.ID, "new", "old"), ErrState)
	noError(t, carry(f.app.ID, "old", "new"))

	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "again", Replaces: "old"}))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, Kind: "subscribe", TemplateID: "newer", Replaces: "new"}))
	c, err := f.Carried(t.Context(), f.app.ID, "again")
	noError(t, err)
	equal(t, "successor", c.Successor, "newer")
	equal(t, "key", c.From["thing1"], "keyword2")
	x, err := f.Template(t.Context(), f.app.ID, "again")
	noError(t, err)
	equal(t, "alias", x.Alias, "order-paid")
	equal(t, "carries", x.Carries, "newer")
	by, err := f.CarriedBy(t.Context(), f.app.ID, "newer")
	noError(t, err)
	equal(t, "carried by", len(by), 1)

	noError(t, f.EndCarry(t.Context(), f.by, f.app.ID, "again"))
	wantError(t, f.EndCarry(t.Context(), f.by, f.app.ID, "again"), ErrNotFound)
}

func TestARefusedAliasChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.template(t, "tpl-1", "order-paid")
	f.template(t, "tpl-2", "order-sent")
	before := f.dump(t)
	wantError(t, f.SetAlias(t.Context(), f.by, f.app.ID, "tpl-2", "order-paid"), ErrTaken)
	wantError(t, f.MoveAlias(t.Context(), f.by, f.app.ID, "order-paid", "tpl-2"), ErrTaken) // order-sent would be lost
	wantError(t, f.MoveAlias(t.Context(), f.by, f.app.ID, "order-paid", "nobody's"), ErrNotFound)
	wantError(t, f.MoveAlias(t.Context(), f.by, f.app.ID, "unknown", "tpl-2"), ErrNotFound)
	wantError(t, f.RemoveAlias(t.Context(), f.by, f.app.ID, "unknown"), ErrNotFound)
	for _, bad := range []string{"", "Order", "order paid", "订单", "a/b", strings.Repeat("a", 65)} {
		if f.SetAlias(t.Context(), f.by, f.app.ID, "tpl-2", bad) == nil {
			t.Errorf("%q was taken for an alias", bad)
		}
	}
	equal(t, "the database", f.dump(t), before)
}

func TestAnAliasIsRenamedMovedAndRemovedAndTheHistoryTells(t *testing.T) {
	f := newFixture(t)
	f.template(t, "tpl-1", "order-paid")
	f.template(t, "tpl-2", "")
	start := stored(f.clock.now())
	f.clock.advance(time.Hour)
	moved := stored(f.clock.now())
	noError(t, f.MoveAlias(t.Context(), f.by, f.app.ID, "order-paid", "tpl-2"))
	f.resolves(t, "order-paid", "tpl-2")
	f.clock.advance(time.Hour)
	noError(t, f.SetAlias(t.Context(), Actor{Name: "xiaoli"}, f.app.ID, "tpl-2", "paid"))
	f.resolves(t, "paid", "tpl-2")
	noError(t, f.RemoveAlias(t.Context(), f.by, f.app.ID, "paid"))
	for _, gone := range []string{"order-paid", "paid"} {
		_, err := f.ResolveTemplate(t.Context(), f.app.ID, gone)
		wantError(t, err, ErrNotFound)
	}

	spans, err := f.AliasSpans(t.Context(), f.app.ID, "order-paid")
	noError(t, err)
	want := []account.Span{
		{Alias: "order-paid", TemplateID: "tpl-2", From: moved, Until: stored(f.clock.now()), SetBy: "admin", EndedBy: "xiaoli"},
		{Alias: "order-paid", TemplateID: "tpl-1", From: start, Until: moved, SetBy: "admin", EndedBy: "admin"},
	}
	equal(t, "spans", len(spans), len(want))
	for i := range want {
		equal(t, "span", spans[i], want[i])
	}
	spans, err = f.TemplateSpans(t.Context(), f.app.ID, "tpl-2")
	noError(t, err)
	equal(t, "aliases of tpl-2", spans[0].Alias+" "+spans[1].Alias, "paid order-paid")

	noError(t, f.SetAlias(t.Context(), f.by, f.app.ID, "tpl-1", "order-paid")) // free again
	f.resolves(t, "order-paid", "tpl-1")
}

func TestTheAliasFollowsWhatIsRestored(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "order-paid")
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "old"))
	deleted, err := f.ResolveTemplate(t.Context(), f.app.ID, "order-paid")
	noError(t, err)
	if !deleted.Deleted() || deleted.Alias != "order-paid" || !deleted.Restorable() {
		t.Fatalf("%+v", deleted)
	}
	f.clock.advance(time.Minute)
	again := Template{App: f.app.ID, TemplateID: "new", TitleID: deleted.TitleID, Title: deleted.Title, KeywordIDs: deleted.KeywordIDs, Replaces: "old"}
	noError(t, f.AddTemplate(t.Context(), f.by, again))
	f.resolves(t, "order-paid", "new")

	before, err := f.Template(t.Context(), f.app.ID, "old")
	noError(t, err)
	after, err := f.Template(t.Context(), f.app.ID, "new")
	noError(t, err)
	equal(t, "the old one's", before.Alias+"|"+before.ReplacedBy, "|new")
	equal(t, "the new one's", after.Alias+"|"+after.Replaces, "order-paid|old")
	spans, err := f.AliasSpans(t.Context(), f.app.ID, "order-paid")
	noError(t, err)
	equal(t, "spans", len(spans), 2)
	equal(t, "first", spans[1].TemplateID, "old")
	equal(t, "since", spans[0].From, stored(f.clock.now()))
	last := f.activities(t)[0]
	equal(t, "activity", last.Act+" "+last.Object+" "+last.Detail,
		`template.restore template:new {"alias":"order-paid","replaces":"old","title":"购买成功通知"}`)
}

// Recorded together, or a business server could find the alias on neither.
func TestARestoredTemplateIsNeverThereWithoutItsAlias(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "order-paid")
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "old"))
	f.renames(t, "ALTER TABLE alias_spans RENAME COLUMN ended_by TO gone")
	if f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "new", Replaces: "old"}) == nil {
		t.Fatal("recorded without its alias")
	}
	_, err := f.Template(t.Context(), f.app.ID, "new")
	wantError(t, err, ErrNotFound)
}

func TestWhatIsRestoredFromATemplateWithoutAnAliasHasNone(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "order-paid")
	f.template(t, "newer", "")
	noError(t, f.MoveAlias(t.Context(), f.by, f.app.ID, "order-paid", "newer"))
	for _, replaced := range []string{"old", "nobody's"} {
		noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "again-" + replaced, Replaces: replaced}))
	}
	f.resolves(t, "order-paid", "newer")
}

// nothing is done, so nothing is said.
func TestTheAliasThatIsThereAlreadyIsNoActivity(t *testing.T) {
	f := newFixture(t)
	f.template(t, "tpl-1", "order-paid")
	before := len(f.activities(t))
	noError(t, f.SetAlias(t.Context(), f.by, f.app.ID, "tpl-1", "order-paid"))
	noError(t, f.MoveAlias(t.Context(), f.by, f.app.ID, "order-paid", "tpl-1"))
	equal(t, "activities", len(f.activities(t)), before)
}

func TestTwoPeopleWhoWantOneAliasGetItOnce(t *testing.T) {
	f := newFixture(t)
	ids := []string{"tpl-1", "tpl-2", "tpl-3", "tpl-4"}
	for _, id := range ids {
		f.template(t, id, "")
	}
	results := make(chan error)
	for _, id := range ids {
		go func() { results <- f.SetAlias(context.Background(), f.by, f.app.ID, id, "order-paid") }()
	}
	won := 0
	for range ids {
		if err := <-results; err == nil {
			won++
		} else {
			wantError(t, err, ErrTaken)
		}
	}
	equal(t, "winners", won, 1)
}

func TestLookupsAddUpPerKeyAndName(t *testing.T) {
	f := newFixture(t)
	key := func(prefix string) int64 {
		t.Helper()
		k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: "orders", Prefix: prefix})
		noError(t, err)
		return k.ID
	}
	one, two := key("one"), key("two")
	start := stored(f.clock.now())
	note := func(key int64, alias, templateID string, count int, at time.Duration) {
		t.Helper()
		noError(t, f.NoteLookups(t.Context(), []Lookup{
			{App: f.app.ID, Key: key, Alias: alias, TemplateID: templateID, Count: count, LastAt: start.Add(at)},
		}))
	}
	note(one, "order-paid", "tpl-1", 2, time.Hour)
	note(one, "order-paid", "tpl-1", 3, time.Minute) // later, of something earlier
	note(two, "order-paid", "tpl-2", 1, 2*time.Hour)
	note(two, "", "tpl-1", 1, 3*time.Hour)

	for name, c := range map[string]struct {
		filter LookupFilter
		want   []Lookup
	}{
		"of a template": {LookupFilter{TemplateID: "tpl-1"}, []Lookup{
			{TemplateID: "tpl-1", Key: two, KeyPrefix: "two", Count: 1, LastAt: start.Add(3 * time.Hour)},
			{TemplateID: "tpl-1", Alias: "order-paid", Key: one, KeyPrefix: "one", Count: 5, LastAt: start.Add(time.Hour)},
		}},
		"of an alias": {LookupFilter{Alias: "order-paid"}, []Lookup{
			{TemplateID: "tpl-2", Alias: "order-paid", Key: two, KeyPrefix: "two", Count: 1, LastAt: start.Add(2 * time.Hour)},
			{TemplateID: "tpl-1", Alias: "order-paid", Key: one, KeyPrefix: "one", Count: 5, LastAt: start.Add(time.Hour)},
		}},
		"lately": {LookupFilter{Since: start.Add(3 * time.Hour)}, []Lookup{
			{TemplateID: "tpl-1", Key: two, KeyPrefix: "two", Count: 1, LastAt: start.Add(3 * time.Hour)},
		}},
		"of another app": {LookupFilter{App: f.app.ID + 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if c.filter.App == 0 {
				c.filter.App = f.app.ID
			}
			got, err := f.Lookups(t.Context(), c.filter)
			noError(t, err)
			equal(t, "lookups", len(got), len(c.want))
			for i, want := range c.want {
				want.App, want.KeyName = f.app.ID, "orders"
				equal(t, "lookup", got[i], want)
			}
		})
	}
}

func TestWhoDependsOnATemplateDependsOnWhatIsRestoredFromIt(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "order-paid")
	k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: "orders", Prefix: "one"})
	noError(t, err)
	ask := func(alias, templateID string) {
		t.Helper()
		f.clock.advance(time.Minute)
		noError(t, f.NoteLookups(t.Context(), []Lookup{{App: f.app.ID, Key: k.ID, Alias: alias, TemplateID: templateID, Count: 1, LastAt: f.clock.now()}}))
	}
	of := func(templateID string) (got string) {
		t.Helper()
		lookups, err := f.Lookups(t.Context(), LookupFilter{App: f.app.ID, TemplateID: templateID})
		noError(t, err)
		for _, l := range lookups {
			got += fmt.Sprintf("%s→%s ×%d ", l.Alias, l.TemplateID, l.Count)
		}
		return got
	}
	ask("order-paid", "old")
	ask("", "old")
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "new", Replaces: "old"}))
	equal(t, "after the restoration", of("new"), "order-paid→old ×1 ")
	ask("order-paid", "new")
	equal(t, "after a question", of("new"), "order-paid→new ×2 ")
	equal(t, "the old one", of("old"), "→old ×1 order-paid→old ×1 ")
}
