package store

import (
	"reflect"
	"testing"
	"time"
)

func TestATemplateIsRememberedWithWhoAddedIt(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	want := Template{App: f.app.ID, TemplateID: "tpl-1", TitleID: "AT0002", Title: "购买成功通知", KeywordIDs: []int{3, 4},
		Content: "购买地点{{keyword1.DATA}}\n", Example: "购买地点：TIT造舰厂\n", DraftID: d.ID}
	noError(t, f.AddTemplate(t.Context(), f.by, want))
	want.AddedBy, want.AddedByName, want.AddedAt = f.admin.ID, "admin", stored(f.clock.now())
	got, err := f.Template(t.Context(), f.app.ID, "tpl-1")
	noError(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	_, err = f.Template(t.Context(), f.app.ID+1, "tpl-1") // faults.md 27
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
	none, err := f.TemplateDrafts(t.Context(), f.app.ID+1, added.TemplateID) // faults.md 27
	noError(t, err)
	equal(t, "drafts of another app", len(none), 0)
}
