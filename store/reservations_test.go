package store

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

func TestTheOldestUsableRightIsPicked(t *testing.T) {
	f := newFixture(t)
	f.report(t,
		ledger.Report{OpenID: openID, ID: "young"},
		ledger.Report{OpenID: openID, ID: "wx20180504old", When: f.clock.now().Add(-3 * 24 * time.Hour)},
		ledger.Report{OpenID: openID, ID: "dying", When: f.clock.now().Add(-7*24*time.Hour + ledger.Patience)},
		ledger.Report{OpenID: openIDOf(9), ID: "foreign", When: f.clock.now().Add(-6 * 24 * time.Hour)},
	)
	var got []string
	for range 4 {
		x, r, err := f.begin(t, "")
		noError(t, err)
		var m wechat.Message
		noError(t, m.UnmarshalJSON(x.Request))
		equal(t, "the request's", m.FormID, r.ID)
		equal(t, "the record's", x.FormID, r.ID)
		got = append(got, r.ID)
	}
	if !slices.Equal(got, []string{"wx20180504old", "wx20180504old", "wx20180504old", "young"}) {
		t.Fatal(got)
	}
	_, _, err := f.begin(t, "")
	wantReason(t, err, ledger.None) // "dying" would expire before an answer
	_, r, err := f.begin(t, "dying")
	noError(t, err) // a right that is named may be tried
	equal(t, "named", r.ID, "dying")
}

func TestPeekingTellsWhatBeginningWouldAndChangesNothing(t *testing.T) {
	f := newFixture(t)
	peek := func(formID string) (Right, bool, error) {
		return f.PeekAllowance(t.Context(), Send{App: f.app.ID, OpenID: openID, FormID: formID})
	}
	_, _, err := peek("")
	wantReason(t, err, ledger.None)
	_, _, err = peek("the formId is a mock one")
	wantReason(t, err, ledger.Mock)
	r, known, err := peek("prepay_id=wx20180504new")
	noError(t, err)
	equal(t, "new", fmt.Sprint(known, r.ID, r.Source), "falsewx20180504newpayment")
	_, err = f.Right(t.Context(), f.app.ID, "wx20180504new")
	wantError(t, err, ErrNotFound)

	f.report(t, ledger.Report{OpenID: openID, ID: "form1"})
	r, known, err = peek("")
	noError(t, err)
	equal(t, "picked", fmt.Sprint(known, r.ID), "trueform1")
	_, _, err = f.begin(t, "")
	noError(t, err)
	_, _, err = peek("form1")
	equal(t, "holder", wantReason(t, err, ledger.InUse).Holder.Person, "admin")
}

func TestFault17_TwoPeopleAndOneRight(t *testing.T) {
	f := newFixture(t)
	first, _, err := f.begin(t, "typed") // the ledger learns it at this moment
	noError(t, err)
	_, _, err = f.begin(t, "typed")
	refusal := wantReason(t, err, ledger.InUse)
	equal(t, "holder", refusal.Holder, ledger.Holder{Send: first.ID, Person: "admin", Outcome: "pending"})
	equal(t, "sends", len(f.sends(t)), 1)
	f.end(t, first, dispatch.Refused, 45009) // released
	second, _, err := f.begin(t, "typed")
	noError(t, err)
	f.end(t, second, dispatch.Sent, 0)
	_, _, err = f.begin(t, "typed")
	wantReason(t, err, ledger.Ended)
	x := attempt(f.app.ID, "stranger")
	x.FormID, x.OpenID = "typed", openIDOf(2)
	_, _, err = f.BeginSend(t.Context(), f.by, x)
	wantReason(t, err, ledger.Foreign)
}

func TestFault17_AThousandRacesForOneRight(t *testing.T) {
	f := newFixture(t)
	for kind, id := range map[int64]string{1: "form1", 3: "wx20180504pay"} {
		f.report(t, ledger.Report{OpenID: openID, ID: id})
		var won, told atomic.Int64
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				x := attempt(f.app.ID, fmt.Sprint(id, i))
				if x.FormID = id; i%2 == 0 {
					x.FormID, x.Request = "", []byte(request) // half of them let it be picked
				}
				x, _, err := f.BeginSend(t.Context(), f.by, x)
				if refusal, ok := errors.AsType[*ledger.Refusal](err); ok && (refusal.Reason == ledger.InUse || refusal.Reason == ledger.None || refusal.Reason == ledger.Ended) {
					told.Add(1)
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				won.Add(1)
				x.Outcome = dispatch.Sent
				if err := f.FinishSend(t.Context(), f.by, x); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		equal(t, "won", won.Load(), kind)
		equal(t, "told", told.Load(), 1000-kind)
		equal(t, "state", f.right(t, id).State(f.clock.now()), ledger.EndSpent)
	}
}

func TestFault18_ALostAnswerHoldsTheRightUntilAPersonDecides(t *testing.T) {
	for arrived, want := range map[bool]string{true: ledger.EndSpent, false: ledger.Usable} {
		f := newFixture(t)
		x, _, err := f.begin(t, "form1")
		noError(t, err)
		wantError(t, f.DecideSend(t.Context(), f.by, f.app.ID, x.ID, arrived), ErrConflict) // still under way
		f.end(t, x, dispatch.Unknown, 0)
		equal(t, "state", f.right(t, "form1").State(f.clock.now()), ledger.Held)
		f.clock.advance(8 * 24 * time.Hour)
		_, _, err = f.KeepRights(t.Context())
		noError(t, err)
		equal(t, "state, a week later", f.right(t, "form1").State(f.clock.now()), ledger.Held)
		f.clock.advance(-8 * 24 * time.Hour)

		wantError(t, f.DecideSend(t.Context(), f.by, f.app.ID+1, x.ID, arrived), ErrNotFound)
		noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, x.ID, arrived))
		equal(t, "state, decided", f.right(t, "form1").State(f.clock.now()), want)
		wantError(t, f.DecideSend(t.Context(), f.by, f.app.ID, x.ID, !arrived), ErrConflict)
		read, err := f.Send(t.Context(), f.app.ID, x.ID)
		noError(t, err)
		equal(t, "outcome", read.Outcome+" "+read.DecidedByName, "unknown admin")
		equal(t, "arrived", read.Decision == dispatch.Arrived, arrived)
		equal(t, "decided at", read.DecidedAt, stored(f.clock.now()))
	}
}

func TestFault19_TheRightOfASendThatWasCutOffStaysHeld(t *testing.T) {
	f := newFixture(t)
	_, _, err := f.begin(t, "form1")
	noError(t, err)
	noError(t, f.Close())
	f.Store = open(t, f.dir, f.clock)
	equal(t, "state", f.right(t, "form1").State(f.clock.now()), ledger.Held)
	_, _, err = f.begin(t, "form1")
	equal(t, "holder", wantReason(t, err, ledger.InUse).Holder.Outcome, "unknown")
}

func TestFault20_TheLastSecondOfSevenDays(t *testing.T) {
	f := newFixture(t)
	f.report(t, ledger.Report{OpenID: openID, ID: "form1"}, ledger.Report{OpenID: openID, ID: "form2"})
	f.clock.advance(wechat.RightLifetime - time.Second)
	_, _, err := f.begin(t, "form1")
	noError(t, err)
	f.clock.advance(time.Second)
	_, _, err = f.begin(t, "form2")
	wantReason(t, err, ledger.Late)
	_, _, err = f.PeekAllowance(t.Context(), Send{App: f.app.ID, OpenID: openID, FormID: "form2"})
	wantReason(t, err, ledger.Late)
}

func TestFault21_41028And41029CloseTheRight(t *testing.T) {
	f := newFixture(t)
	for code, closed := range map[int]string{41028: ledger.EndInvalid, 41029: ledger.EndUsedUp, -1: "", 40001: ""} {
		id := fmt.Sprint("form", code)
		x, _, err := f.begin(t, id)
		noError(t, err)
		f.end(t, x, dispatch.Refused, code)
		equal(t, id, f.right(t, id).Closed, closed)
	}
	days, err := f.RightDays(t.Context(), f.app.ID, f.clock.now())
	noError(t, err)
	equal(t, "counted", days[0], ledger.DayCount{Day: ledger.DayOf(f.clock.now()), Reported: 4, Rejected: 2})
}
