package store

import (
	"testing"
)

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
		"changed, with a hash":  {"UPDATE activities SET detail = '{}', hash = (SELECT hash FROM activities WHERE id = 2) WHERE id = 4", 4},
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
