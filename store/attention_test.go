package store

import (
	"fmt"
	"testing"
	"time"

	"muban/wechat/ledger"
)

func TestTheFirstUndecidedSendIsTold(t *testing.T) {
	f := newFixture(t)
	f.unknown(t, "one")
	f.unknown(t, "two")
	other := f.person(t, "other", Operator)
	_, err := f.FirstUndecided(t.Context(), f.app.ID, other.ID)
	wantError(t, err, ErrNotFound)
	for _, key := range []string{"one", "two"} {
		first, err := f.FirstUndecided(t.Context(), f.app.ID, f.admin.ID)
		noError(t, err)
		equal(t, "the first", first.Key, key)
		noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, first.ID, true))
	}
	_, err = f.FirstUndecided(t.Context(), f.app.ID, 0)
	wantError(t, err, ErrNotFound)
}

func TestOnesOwnDraftsAreCountedByTheirStates(t *testing.T) {
	f := newFixture(t)
	for _, state := range DraftStates() {
		f.in(t, state)
	}
	got, err := f.OwnDrafts(t.Context(), f.app.ID, f.admin.ID)
	noError(t, err)
	for _, state := range DraftStates() {
		equal(t, state, got[state], 1)
	}
	others, err := f.OwnDrafts(t.Context(), f.app.ID, f.person(t, "other", Operator).ID)
	noError(t, err)
	equal(t, "of somebody without drafts", len(others), 0)
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
	hours, err := f.SendHours(t.Context(), f.app.ID, "", day.Start(), (day + 1).Start())
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
