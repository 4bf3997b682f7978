package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/wechat"
)

// verdict is what a reviewer says of the draft as they read it.
func verdict(d Draft, verdict string, reasons ...Reason) Review {
	return Review{Draft: d.ID, Verdict: verdict, Version: d.Version, Reasons: reasons}
}

// steps has every way from one state to another, and where it may begin.
func steps(f *fixture, t testing.TB) map[string]struct {
	do       func(Draft) error
	from     []string
	to, acts string
} {
	type step = struct {
		do       func(Draft) error
		from     []string
		to, acts string
	}
	review := func(as string) func(Draft) error {
		return func(d Draft) error { return f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, as)) }
	}
	return map[string]step{
		"send to review": {func(d Draft) error { return f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version) },
			[]string{"draft", "rejected", "refused"}, "review", ActDraftReview},
		"withdraw": {func(d Draft) error { return f.WithdrawDraft(t.Context(), f.by, d.App, d.ID, d.Version) },
			[]string{"review", "approved", "submitted"}, "draft", ActDraftWithdraw},
		"approve":       {review("approved"), []string{"review"}, "approved", ActDraftApprove},
		"reject":        {review("rejected"), []string{"review"}, "rejected", ActDraftReject},
		"paste letter":  {review("letter"), []string{"submitted"}, "refused", ActDraftLetter},
		"no such thing": {review("maybe"), nil, "", ""},
		"submit": {func(d Draft) error { return f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, f.clock.now()) },
			[]string{"approved"}, "submitted", ActDraftSubmitted},
		"accept": {func(d Draft) error { return f.DraftAccepted(t.Context(), f.by, d.App, d.ID, d.Version) },
			[]string{"submitted"}, "accepted", ActDraftAccepted},
		"take the answer back": {func(d Draft) error { return f.DraftUnanswered(t.Context(), f.by, d.App, d.ID, d.Version) },
			[]string{"accepted", "refused"}, "submitted", ActDraftUnanswered},
		"add": {func(d Draft) error { return f.DraftAdded(t.Context(), f.by, d.App, d.ID, "tpl-2") },
			[]string{"accepted"}, "added", ActDraftAdded},
		"save": {func(d Draft) error { _, err := f.SaveDraft(t.Context(), f.by, d); return err },
			[]string{"draft", "review", "approved", "rejected", "refused"}, "draft", ActDraftSave},
	}
}

func TestEveryStepStartsInTheStatesThatAllowIt(t *testing.T) {
	f := newFixture(t)
	for name, step := range steps(f, t) {
		for _, from := range DraftStates() {
			t.Run(name+" from "+from, func(t *testing.T) {
				d := f.in(t, from)
				f.clock.advance(time.Minute)
				before := f.dump(t)
				err := step.do(d)
				if !slices.Contains(step.from, from) {
					wantError(t, err, ErrState)
					equal(t, "the database", f.dump(t), before)
					return
				}
				noError(t, err)
				after, err := f.Draft(t.Context(), d.App, d.ID)
				noError(t, err)
				to := step.to
				if name == "save" && d.SentBack() {
					to = from // until it is handed in again
				}
				equal(t, "state", after.State, to)
				equal(t, "changed at", after.UpdatedAt, stored(f.clock.now()))
				if name != "save" {
					equal(t, "version", after.Version, d.Version)
				}
				last := f.activities(t)[0]
				equal(t, "act", last.Act+" "+last.Object, fmt.Sprintf("%s draft:%d", step.acts, d.ID))
				if want := fmt.Sprintf(`"from":"%s"`, from); from != to && !strings.Contains(last.Detail, want) {
					t.Errorf("detail %s lacks %s", last.Detail, want)
				}
			})
		}
	}
}

func TestNoStepIsTakenWithADeletedOrAnotherAppsDraft(t *testing.T) {
	f := newFixture(t)
	for name, step := range steps(f, t) {
		if step.from == nil || name == "add" { // what became of it at WeChat is noted all the same
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := f.in(t, step.from[0])
			foreign := d
			foreign.App++
			wantError(t, step.do(foreign), ErrNotFound)
			noError(t, f.DeleteDraft(t.Context(), f.by, d.App, d.ID))
			wantError(t, step.do(d), ErrNotFound)
		})
	}
}

func TestAStepWithAnOldVersionIsAConflict(t *testing.T) {
	f := newFixture(t)
	old := f.proposal(t, "购买成功通知")
	d, err := f.SaveDraft(t.Context(), f.by, old)
	noError(t, err)
	wantError(t, f.SendToReview(t.Context(), f.by, old.App, old.ID, old.Version), ErrConflict)
	noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
	wantError(t, f.WithdrawDraft(t.Context(), f.by, old.App, old.ID, old.Version), ErrConflict)
	wantError(t, f.ReviewDraft(t.Context(), f.reviewer, old.App, verdict(old, "approved")), ErrConflict)
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "approved")))
	noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, time.Time{}))
	wantError(t, f.ReviewDraft(t.Context(), f.reviewer, old.App, verdict(old, "letter")), ErrConflict)
	wantError(t, f.DraftAccepted(t.Context(), f.by, old.App, old.ID, old.Version), ErrConflict)
}

func TestAReviewKeepsWhatItWasAbout(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "review")
	reasons := []Reason{{"title", "以“通知”结尾"}, {"keywords[0].example", `"no" <place>`}, {"", "太宽泛"}, {"scenario", "what for?"}}
	r := verdict(d, "rejected", reasons...)
	r.Title, r.PersonName, r.ID = "forged", "forged", 99
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, r))
	reviewed := stored(f.clock.now())

	f.clock.advance(time.Hour)
	edited := d
	edited.Title, edited.Keywords, edited.Scenario = "new", []wechat.Keyword{{Name: "new"}}, "new"
	edited, err := f.SaveDraft(t.Context(), f.by, edited)
	noError(t, err)
	noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, edited.Version))
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(edited, "approved")))

	got, err := f.Reviews(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "reviews", len(got), 2)
	want := Review{ID: got[1].ID, Draft: d.ID, Verdict: "rejected", Reasons: reasons, Version: 1, Title: d.Title,
		Keywords: d.Keywords, Scenario: d.Scenario, PersonName: "admin", At: reviewed}
	if !reflect.DeepEqual(got[1], want) {
		t.Fatalf("got %+v, want %+v", got[1], want)
	}
	equal(t, "the newest", fmt.Sprint(got[0].Verdict, got[0].Version, got[0].Title, len(got[0].Reasons)), "approved2new0")
	foreign, err := f.Reviews(t.Context(), d.App+1, d.ID)
	noError(t, err)
	equal(t, "of another app", len(foreign), 0)
}

func TestOfManyWhoReviewAtOnceOneDecides(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock) // as another process would
	d := f.in(t, "review")
	var won, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			kind := []string{"approved", "rejected"}[i/2%2]
			switch err := []*Store{f.Store, beside}[i%2].ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, kind)); err {
			case nil:
				won.Add(1)
			case ErrState:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	equal(t, "won and refused", [2]int32{won.Load(), refused.Load()}, [2]int32{1, 19})
	reviews, err := f.Reviews(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "reviews", len(reviews), 1)
	after, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "state", after.State, reviews[0].Verdict)
}

func TestAnApprovalIsForWhatTheReviewerRead(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "review")
	d.Title = "other"
	edited, err := f.SaveDraft(t.Context(), f.by, d)
	noError(t, err)
	equal(t, "state", edited.State, "draft")
	equal(t, "detail", f.activities(t)[0].Detail, `{"from":"review","title":"other","to":"draft"}`)
	wantError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "approved")), ErrConflict)
}

// Whichever comes first, nothing that nobody read ends up approved.
func TestSavingWhileReviewingNeverApprovesTheEdit(t *testing.T) {
	f := newFixture(t)
	for range 30 {
		d := f.in(t, "review")
		var saved, reviewed error
		var wg sync.WaitGroup
		wg.Go(func() {
			edit := d
			edit.Title = "unread"
			_, saved = f.SaveDraft(t.Context(), f.by, edit)
		})
		wg.Go(func() { reviewed = f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "approved")) })
		wg.Wait()
		noError(t, saved) // the edit is never lost
		if reviewed != nil {
			wantError(t, reviewed, ErrConflict)
		}
		after, err := f.Draft(t.Context(), d.App, d.ID)
		noError(t, err)
		equal(t, "state and title", after.State+" "+after.Title, "draft unread")
		reviews, err := f.Reviews(t.Context(), d.App, d.ID)
		noError(t, err)
		for _, r := range reviews {
			equal(t, "approved title", r.Title, d.Title)
		}
	}
}

func TestASubmittedProposalHasItsDateUntilItIsReopened(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "approved")
	equal(t, "before", d.Submitted, time.Time{})
	on := time.Date(2018, 5, 1, 0, 0, 0, 0, time.UTC)
	noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, on))
	equal(t, "detail", f.activities(t)[0].Detail, `{"from":"approved","to":"submitted"}`)
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "letter", Reason{"title", "标题不规范"})))
	rejected, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "beside the letter", rejected.Submitted, on)
	noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
	again, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "in the next round", again.Submitted, time.Time{})
}

func TestWithoutADateAProposalIsSubmittedNow(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "approved")
	noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, time.Time{}))
	d, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "submitted", d.Submitted, stored(f.clock.now()))
}

func TestACombinationIsNotSubmitted(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, 1))
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "approved")))
	wantError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, f.clock.now()), ErrState)
}

func TestAnAddedDraftNamesItsTemplateAndStaysAsItIs(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	noError(t, f.DraftAdded(t.Context(), f.by, d.App, d.ID, "tpl-1"))
	equal(t, "detail", f.activities(t)[0].Detail, `{"from":"draft","template":"tpl-1","to":"added"}`)
	wantError(t, f.DraftAdded(t.Context(), f.by, d.App, d.ID, "tpl-2"), ErrState)
	read, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "state and template", read.State+" "+read.TemplateID, "added tpl-1")
	counts, err := f.DraftCounts(t.Context(), d.App, "template")
	noError(t, err)
	if want := map[string]int{"added": 1}; !reflect.DeepEqual(counts, want) {
		t.Fatalf("counts %v, want %v", counts, want)
	}
	_, err = f.SaveDraft(t.Context(), f.by, d)
	wantError(t, err, ErrState)
}

func TestADraftDeletedWhileWeChatAddedItIsAddedAllTheSame(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "购买成功通知")
	noError(t, f.DeleteDraft(t.Context(), f.by, d.App, d.ID))
	noError(t, f.DraftAdded(t.Context(), f.by, d.App, d.ID, "tpl-1"))
	noError(t, f.RestoreDraft(t.Context(), f.by, d.App, d.ID))
	read, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "state", read.State, "added")
}

func TestAReasonOverTheLimitKeepsTheDraftInReview(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "review")
	for name, text := range map[string]string{"too long": strings.Repeat("长", 4001), "empty": ""} {
		before := f.dump(t)
		if f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "rejected", Reason{"title", "fine"}, Reason{"", text})) == nil {
			t.Fatalf("%s went in", name)
		}
		equal(t, "the database", f.dump(t), before)
	}
	noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, verdict(d, "rejected", Reason{"", strings.Repeat("长", 4000)})))
	if detail := f.activities(t)[0].Detail; len(detail) > 100 {
		t.Errorf("the log repeats the reason: %s", detail)
	}
}

func TestNobodyReviewsTheirOwnDraft(t *testing.T) {
	f := newFixture(t)
	d := f.in(t, "review")
	for _, as := range []string{"approved", "rejected"} {
		wantError(t, f.ReviewDraft(t.Context(), f.by, d.App, verdict(d, as)), ErrOwnDraft)
	}
	after, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "state", after.State, "review")
	noError(t, f.SetSetting(t.Context(), f.by, SelfApproval, "on"))
	noError(t, f.ReviewDraft(t.Context(), f.by, d.App, verdict(d, "approved")))
	noError(t, f.SetSetting(t.Context(), f.by, SelfApproval, ""))
	noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, time.Time{}))
	noError(t, f.ReviewDraft(t.Context(), f.by, d.App, verdict(d, "letter"))) // what WeChat wrote the author may enter
}
