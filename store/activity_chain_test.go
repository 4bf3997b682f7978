package store

import (
	"database/sql"
	"testing"
)

// tamper changes the database behind the program's back, triggers or not.
func (f *fixture) tamper(t testing.TB, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(f.file(), ""))
	noError(t, err)
	defer db.Close()
	for _, s := range append([]string{"DROP TRIGGER activities_are_not_changed", "DROP TRIGGER activities_are_not_deleted"}, statements...) {
		_, err := db.Exec(s)
		noError(t, err)
	}
}

func (f *fixture) verify(t testing.TB) Chain {
	t.Helper()
	c, err := f.VerifyActivities(t.Context())
	noError(t, err)
	return c
}

func TestTheLogHoldsTogetherWhateverIsDone(t *testing.T) {
	f := newFixture(t)
	before := f.verify(t)
	equal(t, "broken", before.Broken, 0)
	for range 20 {
		f.draft(t, "订单提醒")
	}
	after := f.verify(t)
	equal(t, "broken", after.Broken, 0)
	equal(t, "lines", after.Count, before.Count+20)
	if after.Head == before.Head {
		t.Error("the head stands still")
	}
}

func TestALineThatWasChangedAddedOrTakenAwayBreaksTheChain(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		broken    int64
	}{
		"another person":        {"UPDATE activities SET person_name = 'somebody else' WHERE id = 4", 4},
		"another time":          {"UPDATE activities SET at = at + 1 WHERE id = 4", 4},
		"another object":        {"UPDATE activities SET object = object || '1' WHERE id = 4", 4},
		"text moved over":       {"UPDATE activities SET object = act || object, act = ' ' WHERE id = 4", 4},
		"taken away":            {"DELETE FROM activities WHERE id = 4", 5},
		"the first taken away":  {"DELETE FROM activities WHERE id = 1", 2},
		"added behind our back": {"INSERT INTO activities SELECT 99, at, person_id, person_name, addr, app, act, object, detail, hash FROM activities WHERE id = 4", 99},
		"changed, with a hash":  {"UPDATE activities SET detail = '{}', hash = randomblob(32) WHERE id = 4", 4},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			for range 5 {
				f.draft(t, "订单提醒")
			}
			f.tamper(t, c.statement)
			equal(t, "the first bad line", f.verify(t).Broken, c.broken)
		})
	}
}

// An older database has lines without a hash, more than one transaction takes.
func TestLinesFromBeforeTheChainAreTakenIn(t *testing.T) {
	f := newFixture(t)
	f.tamper(t, "UPDATE activities SET hash = x''", `WITH RECURSIVE n (id) AS (SELECT max(id) + 1 FROM activities UNION ALL SELECT id + 1 FROM n LIMIT 2500)
		INSERT INTO activities (id, at, person_id, person_name, addr, app, act, object, detail) SELECT id, id, 0, 'old', '', 0, 'draft.add', 'draft:' || id, '' FROM n`)
	equal(t, "the first line", f.verify(t).Broken, 1)
	noError(t, f.Close())
	f.Store = open(t, f.dir, f.clock)
	f.draft(t, "订单提醒")
	c := f.verify(t)
	equal(t, "broken", c.Broken, 0)
	if c.Count < 2500 {
		t.Errorf("only %d lines", c.Count)
	}
}
