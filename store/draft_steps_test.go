package store

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/library"
)

// read is a complete reading of the app's library, as a sync ends.
func (f *fixture) read(t testing.TB, changes []library.Change, titles ...wechat.Title) {
	t.Helper()
	f.readOf(t, "template", changes, titles...)
}

// readOf is read for a kind of message.
func (f *fixture) readOf(t testing.TB, kind string, changes []library.Change, titles ...wechat.Title) {
	t.Helper()
	noError(t, f.StartSyncUnasked(t.Context(), f.app.ID, kind))
	orders, err := f.LibraryOrders(t.Context(), f.app.ID, kind)
	noError(t, err)
	var staged []library.Staged
	for i, x := range titles {
		staged = append(staged, library.Staged{Title: x, Place: i, Pass: 1})
	}
	noError(t, f.StageTitles(t.Context(), orders.Last.ID, library.Pass{Number: 1}, staged, nil))
	noError(t, f.EndSync(t.Context(), orders.Last.ID, library.Complete, library.Report{}, changes))
}

func (f *fixture) stateOf(t testing.TB, d Draft) string {
	t.Helper()
	d, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	return strings.TrimSpace(d.State + " " + d.TitleID)
}

func TestAnAcceptedProposalIsLinkedAsSoonAsTheLibraryHasItsTitle(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "submitted") // its title is "in submitted"
	f.read(t, nil, wechat.Title{ID: "AT0001", Text: "another"})
	equal(t, "with another title in the library", f.stateOf(t, d), "submitted")
	noError(t, f.DraftAccepted(t.Context(), f.by, d.App, d.ID, d.Version))
	equal(t, "accepted by word of a person", f.stateOf(t, d), "accepted")
	f.read(t, nil, wechat.Title{ID: "AT0001", Text: "another"}, wechat.Title{ID: "AT0900", Text: " in  submitted"})
	equal(t, "read with its title", f.stateOf(t, d), "accepted AT0900")
	last := f.activities(t)[0]
	equal(t, "the log", last.Act+last.PersonName+last.Detail, ActDraftLinked+`{"from":"accepted","title_id":"AT0900","to":"accepted"}`)
	f.read(t, nil, wechat.Title{ID: "AT0901", Text: "in submitted"})
	equal(t, "read again", f.stateOf(t, d), "accepted AT0900")
}

func TestASubmittedProposalIsAcceptedByATitleThatIsNewInTheLibrary(t *testing.T) {
	f := newFixture(t)
	d, title := f.in(t, "submitted"), wechat.Title{ID: "AT0900", Text: "in submitted"}
	f.read(t, nil, title) // it may have been there before the proposal was made
	equal(t, "not known to be new", f.stateOf(t, d), "submitted")
	f.read(t, []library.Change{{What: library.TitleGone, TitleID: "AT0900"}}, title)
	equal(t, "another change", f.stateOf(t, d), "submitted")
	f.read(t, []library.Change{{What: library.TitleNew, TitleID: "AT0900", Title: title.Text}}, title)
	equal(t, "new", f.stateOf(t, d), "accepted AT0900")
	steps, err := f.DraftSteps(t.Context(), d.App, d.ID)
	noError(t, err)
	last := steps[len(steps)-1]
	equal(t, "by whom", last.Act+last.PersonName, ActDraftAccepted)

	other := f.in(t, "submitted")
	noError(t, f.DraftAccepted(t.Context(), f.by, other.App, other.ID, other.Version))
	equal(t, "the library has it already", f.stateOf(t, other), "accepted AT0900")
}

func TestNoOtherProposalIsLinkedByALibrary(t *testing.T) {
	f := newFixture(t)
	for _, state := range DraftStates() {
		if d := f.in(t, state); state != "submitted" && state != "accepted" {
			f.read(t, []library.Change{{What: library.TitleNew, TitleID: "AT0900"}}, wechat.Title{ID: "AT0900", Text: d.Title})
			equal(t, "in "+state, f.stateOf(t, d), state)
		}
	}
	d := f.in(t, "accepted")
	noError(t, f.DeleteDraft(t.Context(), f.by, d.App, d.ID))
	f.read(t, nil, wechat.Title{ID: "AT0900", Text: d.Title})
	equal(t, "deleted", f.stateOf(t, d), "accepted")
}

// The subscribe library has 拼团成功通知 twice, as 980 and as 3098: titles are alike in several categories.
func TestASubscribeProposalIsLinkedToTheTitleOfItsCategoryAndType(t *testing.T) {
	f := newFixture(t)
	d, err := f.AddDraft(t.Context(), f.by, Draft{
		App: f.app.ID, Proposed: true, Kind: "subscribe", Title: "拼团成功通知", Type: wechat.LongTerm, Category: "616",
	})
	noError(t, err)
	noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "approved")))
	noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, f.clock.now()))
	title := func(id string, typ int, category string) wechat.Title {
		return wechat.Title{ID: id, Text: "拼团成功通知", Type: typ, Categories: []string{category}}
	}
	others := []wechat.Title{title("980", wechat.OneTime, "616"), title("3098", wechat.LongTerm, "307")}
	f.readOf(t, "subscribe", nil, others...)
	noError(t, f.DraftAccepted(t.Context(), f.by, d.App, d.ID, d.Version))
	equal(t, "with others of its name", f.stateOf(t, d), "accepted")
	f.read(t, nil, wechat.Title{ID: "AT0900", Text: "拼团成功通知"})
	equal(t, "with one of template messages", f.stateOf(t, d), "accepted")
	f.readOf(t, "subscribe", nil, append(others, title("5001", wechat.LongTerm, "616"))...)
	equal(t, "with its own", f.stateOf(t, d), "accepted 5001")
}

func TestSubmissionsOfAMonthDoNotCountWhatWasTakenBack(t *testing.T) {
	f := newFixture(t)
	month := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	count := func() int {
		t.Helper()
		n, err := f.SubmittedBetween(t.Context(), f.app.ID, "template", month, month.AddDate(0, 1, 0))
		noError(t, err)
		return n
	}
	var last Draft
	for _, at := range []time.Time{month.Add(-time.Millisecond), month, month.AddDate(0, 0, 20), month.AddDate(0, 1, 0)} {
		last = f.in(t, "approved")
		noError(t, f.DraftSubmitted(t.Context(), f.by, last.App, last.ID, at))
	}
	equal(t, "of that month", count(), 2)
	n, err := f.SubmittedBetween(t.Context(), f.app.ID, "subscribe", month, month.AddDate(0, 1, 0))
	noError(t, err)
	equal(t, "of the other kind", n, 0)
	d := f.in(t, "approved")
	for range 2 {
		noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, month))
		equal(t, "with another", count(), 3)
		noError(t, f.WithdrawDraft(t.Context(), f.by, d.App, d.ID, d.Version))
		equal(t, "taken back", count(), 2)
		noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
		noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "approved")))
	}
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, last.App, Review{Draft: last.ID, Verdict: "letter", Version: last.Version}))
	equal(t, "refused ones count", count(), 2)
}

func TestAnAnswerNotedByMistakeIsTakenBackAndItsLetterForgotten(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "submitted")
	letter := Review{Draft: d.ID, Verdict: "letter", Version: d.Version, Letter: "whole", Reasons: []Reason{{"title", "whole"}}}
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, letter))
	reviews, err := f.Reviews(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "the letter", reviews[0].Letter+" "+reviews[0].Reasons[0].Text, "whole whole")
	noError(t, f.DraftUnanswered(t.Context(), f.by, d.App, d.ID, d.Version))
	reviews, err = f.Reviews(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "reviews after", len(reviews), 1)
	again, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "state and date", again.State+again.Submitted.String(), "submitted"+d.Submitted.String())

	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, letter))
	edited, err := f.SaveDraft(t.Context(), f.by, again)
	noError(t, err)
	wantError(t, f.DraftUnanswered(t.Context(), f.by, d.App, d.ID, edited.Version), ErrState) // it was read
}

func TestWhatWaitsForAReviewIsInOrderAndOnesOwnIsNotAmongIt(t *testing.T) {
	f := newFixture(t)
	other := f.person(t, "other", Operator)
	theirs, err := f.AddDraft(t.Context(), Actor{PersonID: other.ID, Name: other.Name}, Draft{App: f.app.ID, Title: "theirs"})
	noError(t, err)
	own := f.draft(t, "own")
	f.clock.advance(time.Minute)
	noError(t, f.SendToReview(t.Context(), f.by, own.App, own.ID, 1))
	f.clock.advance(time.Minute)
	noError(t, f.SendToReview(t.Context(), f.by, own.App, theirs.ID, 1))
	deleted := f.in(t, "review")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, deleted.ID))
	f.in(t, "approved")
	for except, want := range map[int64][]int64{0: {own.ID, theirs.ID}, f.admin.ID: {theirs.ID}, other.ID: {own.ID}} {
		waiting, err := f.WaitingForReview(t.Context(), f.app.ID, except)
		noError(t, err)
		var got []int64
		for _, d := range waiting {
			got = append(got, d.ID)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("without %d: %v, want %v", except, got, want)
		}
	}
}
