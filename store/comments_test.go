package store

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

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

func TestCommentsStayInTheirApp(t *testing.T) { // faults.md 27
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
