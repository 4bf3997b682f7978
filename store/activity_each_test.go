package store

import "testing"

func TestEveryLineOfALongLogComesOnceTheNewestFirst(t *testing.T) {
	f := newFixture(t)
	f.tamper(t, `WITH RECURSIVE n (id) AS (SELECT max(id) + 1 FROM activities UNION ALL SELECT id + 1 FROM n LIMIT 2500)
		INSERT INTO activities (id, at, person_id, person_name, addr, app, act, object, detail) SELECT id, id, 0, 'old', '', 0, 'draft.add', 'draft:' || id, '' FROM n`)
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
