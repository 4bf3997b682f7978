package store

import (
	"database/sql"
	"strings"
	"testing"
)

// behind runs statements as another program would.
func (f *fixture) behind(t testing.TB, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+f.file())
	noError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		_, err := db.Exec(s)
		noError(t, err)
	}
}

// tamper changes the log behind the program's back, in spite of the triggers, which are as before then.
func (f *fixture) tamper(t testing.TB, statements ...string) {
	t.Helper()
	for _, name := range []string{"activities_are_not_changed", "activities_are_not_deleted"} {
		i := strings.Index(firstSchema, "CREATE TRIGGER "+name)
		text, _, _ := strings.Cut(firstSchema[i:], "END;")
		statements = append(append([]string{"DROP TRIGGER " + name}, statements...), text+"END")
	}
	f.behind(t, statements...)
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
