package store

import (
	"slices"
	"testing"
	"time"
)

func TestTheFirstAdministratorIsAnActivity(t *testing.T) {
	f := newFixture(t)
	all := f.activities(t)
	equal(t, "activities", len(all), 3)
	equal(t, "with a mini program, administrators need a second factor", all[0].Act, ActSetting)
	equal(t, "first", all[2].Act+" "+all[2].PersonName+" "+all[2].Detail, `person.add setup {"name":"admin","role":"administrator"}`)
}

func TestARefusalIsNoActivity(t *testing.T) {
	f := newFixture(t)
	f.send(t, "key", "tpl")
	before := len(f.activities(t))
	again := attempt(f.app.ID, "key")
	again.BodyHash = [32]byte{1}
	_, _, err := f.BeginSend(t.Context(), f.by, again)
	wantError(t, err, ErrReplayed)
	wantError(t, f.SetRole(t.Context(), f.by, f.admin.ID, QA), ErrLastAdministrator)
	equal(t, "activities", len(f.activities(t)), before)
}

func TestActivitiesAreOnlyEverAdded(t *testing.T) {
	f := newFixture(t)
	for _, query := range []string{"UPDATE activities SET act = 'x'", "DELETE FROM activities"} {
		if f.write(t.Context(), func(t *tx) error { return t.exec(query) }) == nil {
			t.Errorf("%s went through", query)
		}
	}
	if f.Record(t.Context(), f.by, 0, "x", "", "no JSON") == nil {
		t.Error("a detail that is not JSON was recorded")
	}
}

func TestActivitiesAreFiltered(t *testing.T) {
	f := newFixture(t)
	f.clock.advance(time.Minute)
	noError(t, f.Record(t.Context(), Actor{PersonID: 7, Name: "seven"}, f.app.ID, "token.force", "app:1", ""))
	none := int64(0)
	for name, c := range map[string]struct {
		filter ActivityFilter
		acts   []string
	}{
		"all, the newest first": {ActivityFilter{}, []string{"token.force", ActSetting, ActAppAdd, ActPersonAdd}},
		"of the app":            {ActivityFilter{App: &f.app.ID}, []string{"token.force", ActAppAdd}},
		"of no app":             {ActivityFilter{App: &none}, []string{ActSetting, ActPersonAdd}},
		"by act":                {ActivityFilter{Act: ActAppAdd}, []string{ActAppAdd}},
		"by person":             {ActivityFilter{PersonID: 7}, []string{"token.force"}},
	} {
		t.Run(name, func(t *testing.T) {
			all, total, err := f.Activities(t.Context(), c.filter)
			noError(t, err)
			var got []string
			for _, a := range all {
				got = append(got, a.Act)
			}
			if !slices.Equal(got, c.acts) || total != len(c.acts) {
				t.Fatalf("got %q of %d, want %q", got, total, c.acts)
			}
		})
	}
}

func TestEveryLineOfALongLogComesOnceTheNewestFirst(t *testing.T) {
	f := newFixture(t)
	f.tamper(t, `WITH RECURSIVE n (id) AS (SELECT max(id) + 1 FROM activities UNION ALL SELECT id + 1 FROM n WHERE id < 2510)
		INSERT INTO activities (id, at, person_id, person_name, addr, app, act, object, detail, hash) SELECT id, id, 0, 'old', '', 0, 'draft.add', 'draft:' || id, '', (SELECT hash FROM activities WHERE id = 1) FROM n`)
	for name, filter := range map[string]ActivityFilter{"all": {}, "one act": {Act: "draft.add"}, "people's": {People: true}} {
		_, total, err := f.Activities(t.Context(), filter)
		noError(t, err)
		count, last := 0, int64(1)<<62
		for a, err := range f.EachActivity(t.Context(), filter) {
			noError(t, err)
			if a.ID >= last {
				t.Fatalf("%s: %d after %d", name, a.ID, last)
			}
			count, last = count+1, a.ID
		}
		equal(t, name, count, total)
		if name != "people's" && count < 2500 {
			t.Errorf("%s: only %d lines", name, count)
		}
	}
}
