package store

import (
	"reflect"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/account"
)

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
	want.App, want.Adopted, want.AddedBy, want.AddedByName, want.AddedAt = f.app.ID, true, f.admin.ID, "admin", stored(f.clock.now())
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
			x.Content += name + "{{" + wechat.FieldKey(i) + ".DATA}}\n"
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
	_, err := f.AccountList(t.Context(), f.app.ID)
	wantError(t, err, ErrNotFound)

	at := stored(f.clock.now())
	long := account.List{ReadAt: at, Templates: []wechat.Template{{ID: "b", Title: "二"}, {ID: "a", Title: "一", Content: "c", Example: "e"}}}
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, long))
	got, err := f.AccountList(t.Context(), f.app.ID)
	noError(t, err)
	if !reflect.DeepEqual(got, long) { // in WeChat's order
		t.Errorf("%+v", got)
	}
	older := account.List{ReadAt: at.Add(-time.Second)}
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, older))
	if got, err = f.AccountList(t.Context(), f.app.ID); err != nil || len(got.Templates) != 2 {
		t.Errorf("an older list has taken its place: %+v, %v", got, err)
	}
	empty := account.List{ReadAt: at.Add(time.Second)}
	noError(t, f.KeepAccountList(t.Context(), f.app.ID, empty))
	if got, err = f.AccountList(t.Context(), f.app.ID); err != nil || !reflect.DeepEqual(got, empty) { // not the same as never read
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheListOfAnotherAccountIsForgotten(t *testing.T) {
	f := newFixture(t)
	keep := func() {
		t.Helper()
		noError(t, f.KeepAccountList(t.Context(), f.app.ID, account.List{ReadAt: f.clock.now(), Templates: []wechat.Template{{ID: "listed", Title: "购买成功通知"}}}))
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
		if _, err := f.AccountList(t.Context(), f.app.ID); err == nil {
			t.Errorf("%s: the list is still there", name)
		}
	}
	keep()
	f.app.Name = "Another name"
	noError(t, f.UpdateApp(t.Context(), f.by, "", f.app))
	_, err := f.AccountList(t.Context(), f.app.ID)
	noError(t, err)
}
