package store

import (
	"fmt"
	"testing"
	"time"

	"muban/wechat/ledger"
)

func TestWhatWaitsForSomebodyIsCountedByWhatTheyMayDo(t *testing.T) {
	f := newFixture(t)
	for _, state := range []string{"draft", "review", "review", "rejected"} {
		f.in(t, state)
	}
	f.unknown(t, "one")
	other := f.person(t, "other", Operator)
	for _, c := range []struct {
		who  Waiter
		want Waiting
	}{
		{Waiter{App: f.app.ID, Person: other.ID, Reviews: true, Writes: true, Decides: true}, Waiting{Reviews: 2, Undecided: 1}},
		{Waiter{App: f.app.ID, Person: f.admin.ID, Reviews: true, Writes: true, Decides: true}, Waiting{Rejected: 1, Undecided: 1}},
		{Waiter{App: f.app.ID, Person: f.admin.ID, DecidesOwn: true}, Waiting{Undecided: 1}},
		{Waiter{App: f.app.ID, Person: other.ID, DecidesOwn: true}, Waiting{}},
		{Waiter{App: f.app.ID + 1, Person: other.ID, Reviews: true, Writes: true, Decides: true}, Waiting{}},
		{Waiter{App: f.app.ID, Person: other.ID}, Waiting{}},
	} {
		got, err := f.WaitingFor(t.Context(), c.who)
		noError(t, err)
		equal(t, fmt.Sprintf("for %+v", c.who), got, c.want)
	}
	first, err := f.FirstUndecided(t.Context(), f.app.ID, f.admin.ID)
	noError(t, err)
	noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, first.ID, true))
	_, err = f.FirstUndecided(t.Context(), f.app.ID, 0)
	wantError(t, err, ErrNotFound)
}

func TestOnesOwnDraftsAreCountedByWhereTheyAre(t *testing.T) {
	f := newFixture(t)
	for _, state := range states() {
		f.in(t, state)
	}
	refused := f.in(t, "submitted")
	noError(t, f.ReviewDraft(t.Context(), f.by, f.app.ID, Review{Draft: refused.ID, Verdict: "letter", Version: refused.Version}))
	got, err := f.OwnDrafts(t.Context(), f.app.ID, f.admin.ID)
	noError(t, err)
	for _, place := range append(states(), "letter") {
		equal(t, place, got[place], 1)
	}
	n, err := f.SubmittedSince(t.Context(), f.app.ID, f.clock.now().Add(-time.Hour))
	noError(t, err)
	equal(t, "submitted, refused or not", n, 2)
}

func TestCommentsOfOthersAreTold(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "取餐提醒")
	for _, by := range []Actor{f.by, f.reviewer} {
		_, err := f.AddComment(t.Context(), by, f.app.ID, d.ID, "by "+by.Addr)
		noError(t, err)
	}
	comments, titles, err := f.CommentsTo(t.Context(), f.app.ID, f.admin.ID, 3)
	noError(t, err)
	equal(t, "comments and titles", fmt.Sprint(len(comments), titles), "1 [取餐提醒]")
	equal(t, "not one's own", comments[0].PersonID, 0)
}

func TestWhatIsLeftOfRightsIsCountedByTheDayItEndsOn(t *testing.T) {
	f := newFixture(t)
	left := func(when, want string) {
		t.Helper()
		all, err := f.RightEndings(t.Context(), f.app.ID)
		noError(t, err)
		var days []int
		for _, n := range all {
			days = append(days, int(n.Day-ledger.DayOf(f.clock.now())), n.Ending)
		}
		equal(t, when, fmt.Sprint(days), want)
	}
	form := ledger.Report{ID: "form", OpenID: openID, Source: ledger.Form, When: f.clock.now().Add(-48 * time.Hour)}
	payment := ledger.Report{ID: "wx20180504payment", OpenID: openID, Source: ledger.Payment, When: f.clock.now()}
	f.report(t, form, payment)
	f.report(t, payment) // known already
	left("reported", "[5 1 7 3]")
	x, _, err := f.begin(t, payment.ID)
	noError(t, err)
	left("under way", "[5 1 7 3]")
	f.end(t, x, "sent", 0)
	left("sent", "[5 1 7 2]")
	x, _, err = f.begin(t, payment.ID)
	noError(t, err)
	f.end(t, x, "refused", 41028)
	left("refused for good", "[5 1]")
	n, first, err := f.Leaving(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "nobody leaves within a day", fmt.Sprint(n, first.IsZero()), "0 true")
	f.clock.advance(4*24*time.Hour + time.Second)
	n, first, err = f.Leaving(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "one leaves", fmt.Sprint(n, first.Sub(f.clock.now()) < 24*time.Hour), "1 true")
	f.clock.advance(24 * time.Hour)
	_, _, err = f.KeepRights(t.Context())
	noError(t, err)
	left("ended", "[]")
}

func TestSendsAreCountedByTheHour(t *testing.T) {
	f := newFixture(t) // at 16:30 in China
	f.unknown(t, "one")
	f.clock.advance(time.Hour)
	f.unknown(t, "two")
	f.clock.advance(10 * time.Minute)
	f.unknown(t, "three")
	day := ledger.DayOf(f.clock.now())
	hours, err := f.SendHours(t.Context(), f.app.ID, day.Start(), (day + 1).Start())
	noError(t, err)
	got := ""
	for _, n := range hours {
		got += fmt.Sprintf("%v %s %d, ", n.Hour.Sub(day.Start()).Hours(), n.Outcome, n.Sends)
	}
	equal(t, "hours", got, "16 unknown 1, 17 unknown 2, ")
	for at, want := range map[time.Duration]int{0: 3, -5 * time.Minute: 2, -time.Hour: 1, -2 * time.Hour: 0} {
		n, err := f.SendsUntil(t.Context(), f.app.ID, f.clock.now().Add(at+time.Second))
		noError(t, err)
		equal(t, "until "+at.String(), n, want)
	}
}
