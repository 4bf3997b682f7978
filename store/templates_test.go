package store

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/audit"
)

func TestATemplateIsRememberedWithWhoAddedIt(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	want := Template{App: f.app.ID, Kind: "template", TemplateID: "tpl-1", TitleID: "AT0002", Title: "购买成功通知", KeywordIDs: []int{3, 4},
		Content: "购买地点{{keyword1.DATA}}\n", Example: "购买地点：TIT造舰厂\n", DraftID: d.ID}
	noError(t, f.AddTemplate(t.Context(), f.by, want))
	want.AddedBy, want.AddedByName, want.AddedAt = f.admin.ID, "admin", stored(f.clock.now())
	got, err := f.Template(t.Context(), f.app.ID, "tpl-1")
	noError(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	_, err = f.Template(t.Context(), f.app.ID+1, "tpl-1")
	wantError(t, err, ErrNotFound)
}

func TestADeletedTemplateIsStillKnownAndCanBeAddedAgain(t *testing.T) {
	f := newFixture(t)
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "old"}))
	f.clock.advance(time.Second)
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "new"}))
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "old"))
	all, err := f.Templates(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "templates", len(all), 2)
	equal(t, "newest", all[0].TemplateID, "new")
	equal(t, "deleted by", all[1].DeletedByName, "admin")
	equal(t, "deleted at", all[1].DeletedAt, stored(f.clock.now()))

	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "old"}))
	again, err := f.Template(t.Context(), f.app.ID, "old")
	noError(t, err)
	equal(t, "deleted at", again.DeletedAt, time.Time{})
}

func TestDeletingATemplateThatIsNotOursIsRecordedAllTheSame(t *testing.T) {
	f := newFixture(t)
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "somebody-elses"))
	last := f.activities(t)[0]
	equal(t, "act", last.Act, ActTemplateDelete)
	equal(t, "object", last.Object, "template:somebody-elses")
	all, err := f.Templates(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "templates", len(all), 0)
}

func TestTheDraftsOfATemplateAreFound(t *testing.T) {
	f := newFixture(t)
	added := f.in(t, "added") // as tpl-1
	f.draft(t, "another")
	drafts, err := f.TemplateDrafts(t.Context(), f.app.ID, added.TemplateID)
	noError(t, err)
	equal(t, "drafts", len(drafts), 1)
	equal(t, "draft", drafts[0].ID, added.ID)
	none, err := f.TemplateDrafts(t.Context(), f.app.ID+1, added.TemplateID)
	noError(t, err)
	equal(t, "drafts of another app", len(none), 0)
}

func TestWhatWasDoneElsewhereIsAdoptedAtOnce(t *testing.T) {
	f := newFixture(t)
	f.template(t, "stays", "")
	f.template(t, "gone", "order-paid")
	f.clock.advance(time.Hour)
	before := len(f.activities(t))
	found := []Template{
		{TemplateID: "new-1", TitleID: "AT0002", Title: "购买成功通知", KeywordIDs: []int{3}, Content: "购买地点{{keyword1.DATA}}\n"},
		{TemplateID: "new-2", Title: "谁知道"}, // its ids could not be told
	}
	noError(t, f.AdoptTemplates(t.Context(), f.by, f.app.ID, found, []string{"gone"}))
	equal(t, "activities", len(f.activities(t))-before, 3)

	want := found[0]
	want.App, want.Kind, want.Adopted, want.AddedBy, want.AddedByName, want.AddedAt = f.app.ID, "template", true, f.admin.ID, "admin",
		stored(f.clock.now())
	got, err := f.Template(t.Context(), f.app.ID, "new-1")
	noError(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, err = f.Template(t.Context(), f.app.ID, "new-2"); err != nil || got.Restorable() {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = f.Template(t.Context(), f.app.ID, "gone")
	noError(t, err)
	if !got.Deleted() || !got.DeletedElsewhere || got.DeletedByName != "admin" || got.Alias != "order-paid" {
		t.Errorf("%+v", got)
	}
}

func TestAdoptingTwiceIsDoneOnce(t *testing.T) {
	f := newFixture(t)
	f.template(t, "gone", "")
	adopt := func() {
		t.Helper()
		noError(t, f.AdoptTemplates(t.Context(), f.by, f.app.ID, []Template{{TemplateID: "new", Title: "购买成功通知"}}, []string{"gone", "nobody's"}))
	}
	adopt()
	before := f.dump(t)
	acts := len(f.activities(t))
	f.clock.advance(time.Hour)
	adopt()
	equal(t, "the database", f.dump(t), before)
	equal(t, "activities", len(f.activities(t)), acts)
}

func TestATemplateThatCameBackKeepsWhatIsKnownOfIt(t *testing.T) {
	f := newFixture(t)
	f.template(t, "tpl-1", "order-paid")
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "tpl-1"))
	noError(t, f.AdoptTemplates(t.Context(), f.by, f.app.ID, []Template{{TemplateID: "tpl-1", Title: "购买成功通知", Content: "c"}}, nil))
	got, err := f.Template(t.Context(), f.app.ID, "tpl-1")
	noError(t, err)
	if got.Deleted() || got.DeletedByName != "" || got.Adopted || got.Alias != "order-paid" || !got.Restorable() || got.Content != "c" {
		t.Errorf("%+v", got)
	}
}

// Added again from the old ids, it would be another template.
func TestATemplateWithOtherKeywordsForgetsWhatItWasCombinedFrom(t *testing.T) {
	f := newFixture(t)
	live := func(names ...string) (x Template) {
		for i, name := range names {
			x.Content += name + "{{" + fmt.Sprint("keyword", i+1) + ".DATA}}\n"
		}
		x.App, x.TemplateID, x.Title = f.app.ID, "tpl-1", "购买成功通知"
		return x
	}
	added := live("购买地点", "购买时间")
	added.TitleID, added.KeywordIDs = "AT0002", []int{3, 4}
	noError(t, f.AddTemplate(t.Context(), f.by, added))
	for name, c := range map[string]struct {
		adopted Template
		ids     []int
	}{
		"an example was reworded":   {func() Template { x := live("购买地点", "购买时间"); x.Example = "another"; return x }(), []int{3, 4}},
		"the ids could be told":     {func() Template { x := live("购买时间"); x.TitleID, x.KeywordIDs = "AT0002", []int{4}; return x }(), []int{4}},
		"the ids could not be told": {live("购买时间", "备注"), []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			noError(t, f.AddTemplate(t.Context(), f.by, added))
			noError(t, f.AdoptTemplates(t.Context(), f.by, f.app.ID, []Template{c.adopted}, nil))
			got, err := f.Template(t.Context(), f.app.ID, "tpl-1")
			noError(t, err)
			if !reflect.DeepEqual(got.KeywordIDs, c.ids) || got.Restorable() != (len(c.ids) > 0) || got.Content != c.adopted.Content || got.Adopted {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAnAdoptionThatFailsIsNoneAtAll(t *testing.T) {
	f := newFixture(t)
	before := f.dump(t)
	wantError(t, f.AdoptTemplates(t.Context(), f.by, f.app.ID+1, []Template{{TemplateID: "new"}}, nil), ErrNotFound)
	if f.AdoptTemplates(t.Context(), f.by, f.app.ID, []Template{{TemplateID: "new"}, {TemplateID: ""}}, nil) == nil {
		t.Fatal("a template without an id was adopted")
	}
	equal(t, "the database", f.dump(t), before)
}

func TestTheLastListIsKept(t *testing.T) {
	f := newFixture(t)
	_, err := f.AccountList(t.Context(), f.app.ID, "template")
	wantError(t, err, ErrNotFound)

	at := stored(f.clock.now())
	long := account.List{ReadAt: at, Templates: []wechat.Template{{ID: "b", Title: "二"}, {ID: "a", Title: "一", Content: "c", Example: "e"}}}
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, "template", long))
	got, err := f.AccountList(t.Context(), f.app.ID, "template")
	noError(t, err)
	if !reflect.DeepEqual(got, long) { // in WeChat's order
		t.Errorf("%+v", got)
	}
	older := account.List{ReadAt: at.Add(-time.Second)}
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, "template", older))
	if got, err = f.AccountList(t.Context(), f.app.ID, "template"); err != nil || len(got.Templates) != 2 {
		t.Errorf("an older list has taken its place: %+v, %v", got, err)
	}
	empty := account.List{ReadAt: at.Add(time.Second)}
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, "template", empty))
	if got, err = f.AccountList(t.Context(), f.app.ID, "template"); err != nil || !reflect.DeepEqual(got, empty) { // not the same as never read
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheListOfAnotherAccountIsForgotten(t *testing.T) {
	f := newFixture(t)
	keep := func() {
		t.Helper()
		noError(t, f.KeepAccountList(t.Context(), f.app.ID, "template", account.List{ReadAt: f.clock.now(), Templates: []wechat.Template{{ID: "listed", Title: "购买成功通知"}}}))
	}
	keep()
	f.resolves(t, "listed", "listed")
	for name, change := range map[string]func(*App){
		"another AppID": func(a *App) { a.AppID = "wx0000000000000002" },
		"another host":  func(a *App) { a.Base = "https://other.example" },
	} {
		keep()
		change(&f.app)
		noError(t, f.UpdateApp(t.Context(), f.by, "", f.app))
		if _, err := f.AccountList(t.Context(), f.app.ID, "template"); err == nil {
			t.Errorf("%s: the list is still there", name)
		}
	}
	keep()
	f.app.Name = "Another name"
	noError(t, f.UpdateApp(t.Context(), f.by, "", f.app))
	_, err := f.AccountList(t.Context(), f.app.ID, "template")
	noError(t, err)
}

func TestATemplateIsAddedWithItsDraft(t *testing.T) {
	f := newFixture(t)
	for state, want := range map[string]string{"draft": "added", "approved": "added", "review": "review", "rejected": "rejected"} {
		d := f.combinationIn(t, state)
		noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "of " + state, DraftID: d.ID}))
		after, err := f.Draft(t.Context(), f.app.ID, d.ID)
		noError(t, err)
		equal(t, "state of a draft in "+state, after.State, want)
	}
	for state, want := range map[string]string{"draft": "draft", "approved": "approved", "submitted": "submitted", "accepted": "added"} {
		d := f.in(t, state)
		noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "of a proposal in " + state, DraftID: d.ID}))
		after, err := f.Draft(t.Context(), f.app.ID, d.ID)
		noError(t, err)
		equal(t, "state of a proposal in "+state, after.State, want)
	}
	gone := f.draft(t, "gone")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, gone.ID))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "of gone", DraftID: gone.ID}))
	_, err := f.Template(t.Context(), f.app.ID, "of gone")
	noError(t, err)
}

func TestKnownTitlesAreThoseOfTemplatesAndProposals(t *testing.T) {
	f := newFixture(t)
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-other", Secret: canary})
	noError(t, err)
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "tpl", Title: "a"}))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "gone", Title: "b"}))
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "gone"))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: other.ID, TemplateID: "theirs", Title: "c"}))
	f.draft(t, "a combination, which has its title from the library")
	d, deleted := f.proposal(t, "d"), f.proposal(t, "e")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, deleted.ID))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "subscribed", Kind: "subscribe", Title: "f"}))
	_, err = f.AddDraft(t.Context(), f.by, Draft{App: f.app.ID, Proposed: true, Kind: "subscribe", Title: "g"})
	noError(t, err)
	known, err := f.KnownTitles(t.Context(), f.app.ID, "template")
	noError(t, err)
	var got []string
	for _, k := range known {
		got = append(got, k.Source+" "+k.ID+" "+k.Title)
	}
	want := []string{audit.SourceTemplate + " tpl a", audit.SourceDraft + " " + DraftKey(d.ID) + " d"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}
