package store

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

func formOf(key, filled string) Form {
	return Form{Key: key, Hash: [32]byte([]byte(fmt.Sprintf("%-32s", filled)))}
}

func (f *fixture) proposed(title string) Draft {
	return Draft{App: f.app.ID, Proposed: true, Title: title}
}

func TestASecondClickAnswersTheDraftOfTheFirst(t *testing.T) {
	f := newFixture(t)
	first, err := f.AddDraftOnce(t.Context(), f.by, formOf("key", "a"), f.proposed("a"))
	noError(t, err)
	beside := open(t, f.dir, f.clock) // as another process would
	again, err := beside.AddDraftOnce(t.Context(), f.by, formOf("key", "a"), f.proposed("a"))
	noError(t, err)
	equal(t, "id", again.ID, first.ID)
	_, err = f.AddDraftOnce(t.Context(), f.by, formOf("key", "b"), f.proposed("b"))
	wantError(t, err, ErrKeyReused)

	colleague := f.person(t, "colleague", QA)
	theirs, err := f.AddDraftOnce(t.Context(), Actor{PersonID: colleague.ID}, formOf("key", "a"), f.proposed("a"))
	noError(t, err)
	if theirs.ID == first.ID {
		t.Error("two people's forms were taken for one")
	}
	for range 2 { // without a key it is another form each time
		_, err := f.AddDraftOnce(t.Context(), f.by, Form{}, f.proposed("keyless"))
		noError(t, err)
	}
	_, total, err := f.Drafts(t.Context(), DraftFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "drafts", total, 4)
}

func TestAHundredClicksAtOnceMakeOneDraft(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock)
	var ids sync.Map
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			d, err := []*Store{f.Store, beside}[i%2].AddDraftOnce(t.Context(), f.by, formOf("key", ""), f.proposed("a"))
			if err != nil {
				t.Error(err)
			}
			ids.Store(d.ID, true)
		})
	}
	wg.Wait()
	n := 0
	ids.Range(func(any, any) bool { n++; return true })
	equal(t, "drafts", n, 1)
}

// An import whose titles were not all known yet is sent again: what was made stays, what waited is made.
func TestAnImportGoesOnWhereItStopped(t *testing.T) {
	f := newFixture(t)
	line := func(n int) DraftOfForm {
		return DraftOfForm{formOf(fmt.Sprint("key/", n), "file"), f.proposed(fmt.Sprint("line ", n))}
	}
	first, err := f.AddDraftsOnce(t.Context(), f.by, []DraftOfForm{line(1), line(3)})
	noError(t, err)
	all, err := f.AddDraftsOnce(t.Context(), f.by, []DraftOfForm{line(1), line(2), line(3)})
	noError(t, err)
	equal(t, "line 1", all[0].ID, first[0].ID)
	equal(t, "line 2", all[1].Title, "line 2")
	equal(t, "line 3", all[2].ID, first[1].ID)

	elsewhere := line(4)
	elsewhere.App = 99
	_, err = f.AddDraftsOnce(t.Context(), f.by, []DraftOfForm{line(5), elsewhere})
	wantError(t, err, ErrNotFound)
	_, total, err := f.Drafts(t.Context(), DraftFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "an import is all or nothing", total, 3)
}

func TestFormsAreForgottenAfterAWeek(t *testing.T) {
	f := newFixture(t)
	for range 2 {
		_, err := f.AddDraftOnce(t.Context(), f.by, formOf("key", ""), f.proposed("a"))
		noError(t, err)
		f.clock.advance(8 * 24 * time.Hour)
		_, err = f.AddDraftOnce(t.Context(), f.by, formOf("another", ""), f.proposed("b"))
		noError(t, err)
		n, err := one(t.Context(), f.readers, scan[int], "SELECT count(*) FROM once")
		noError(t, err)
		equal(t, "forms remembered", n, 1)
		f.clock.advance(8 * 24 * time.Hour)
	}
}
