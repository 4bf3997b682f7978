package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// report puts rights in the ledger and answers them.
func (f *fixture) report(t testing.TB, reports ...ledger.Report) []Right {
	t.Helper()
	receipts, err := f.ReportRights(t.Context(), f.by, f.app.ID, reports)
	noError(t, err)
	var rights []Right
	for _, r := range receipts {
		if r.Refused != nil {
			t.Fatal(r.Refused)
		}
		rights = append(rights, r.Right)
	}
	return rights
}

// begin begins a send under formID, or under the right that is picked where it is empty.
func (f *fixture) begin(t testing.TB, formID string) (Send, Right, error) {
	t.Helper()
	x := Send{App: f.app.ID, Key: fmt.Sprint(time.Now().UnixNano()), OpenID: openID, FormID: formID, Request: []byte(request)}
	return f.BeginSend(t.Context(), f.by, x)
}

func (f *fixture) end(t testing.TB, x Send, outcome string, code int) {
	t.Helper()
	x.Outcome, x.ErrCode = outcome, code
	noError(t, f.FinishSend(t.Context(), f.by, x))
}

func (f *fixture) right(t testing.TB, id string) Right {
	t.Helper()
	r, err := f.Right(t.Context(), f.app.ID, id)
	noError(t, err)
	return r
}

func wantReason(t testing.TB, err error, reason string) *ledger.Refusal {
	t.Helper()
	refusal, ok := errors.AsType[*ledger.Refusal](err)
	if !ok || refusal.Reason != reason {
		t.Fatalf("got %v, want %s", err, reason)
	}
	return refusal
}

func TestReportsAreIdempotentByID(t *testing.T) {
	f := newFixture(t)
	reports := []ledger.Report{
		{OpenID: openID, Source: "form", ID: "form1"},
		{OpenID: openID, Source: "form", ID: "form1"},
		{OpenID: openIDOf(2), Source: "form", ID: "form1"},
		{OpenID: openID, Source: "payment", ID: "prepay_id=wx20180504083000abc"},
		{OpenID: openID, Source: "form", ID: "the formId is a mock one"},
	}
	results := func() (got []string) {
		receipts, err := f.ReportRights(t.Context(), f.by, f.app.ID, reports)
		noError(t, err)
		for _, r := range receipts {
			got = append(got, fmt.Sprint(r.result(), r.Cleaned))
		}
		return got
	}
	if got := results(); !slices.Equal(got, []string{"newfalse", "knownfalse", "refusedfalse", "newtrue", "refusedfalse"}) {
		t.Fatal(got)
	}
	before := f.right(t, "form1")
	f.clock.advance(time.Hour)
	if got := results(); !slices.Equal(got, []string{"knownfalse", "knownfalse", "refusedfalse", "knowntrue", "refusedfalse"}) {
		t.Fatal(got)
	}
	equal(t, "the right", f.right(t, "form1"), before)
	equal(t, "bare", f.right(t, "wx20180504083000abc").Total, 3)
	days, err := f.RightDays(t.Context(), f.app.ID, f.clock.now())
	noError(t, err)
	equal(t, "reported", days[0].Reported, 2)
	equal(t, "act", f.activities(t)[0].Detail, `{"known":3,"refused":2}`)
}

// A batch is written some at a time: an id that comes twice is one right wherever the second stands.
func TestALongBatchOfReportsCountsEachIDOnce(t *testing.T) {
	f := newFixture(t)
	f.report(t, ledger.Report{OpenID: openID, ID: "batch-5"})
	var reports []ledger.Report
	for i := range 150 {
		reports = append(reports, ledger.Report{OpenID: openID, ID: fmt.Sprint("batch-", i%70)})
	}
	receipts, err := f.ReportRights(t.Context(), f.by, f.app.ID, reports)
	noError(t, err)
	for i, r := range receipts {
		equal(t, fmt.Sprint("known ", i), r.Known, i >= 70 || i == 5)
		equal(t, "id", r.Right.ID, reports[i].ID)
	}
	equal(t, "act", f.activities(t)[0].Detail, `{"known":81,"new":69}`)
}

func TestWhatIsUnderWayIsNotLeft(t *testing.T) {
	f := newFixture(t)
	left := func(when string, want int) {
		t.Helper()
		n, err := f.UsableSends(t.Context(), f.app.ID)
		noError(t, err)
		equal(t, when, n, want)
	}
	left("without any", 0)
	f.report(t, ledger.Report{OpenID: openID, ID: "form1"}, ledger.Report{OpenID: openID, Source: "payment", ID: "wx20180504083000abc"})
	left("a form and a payment", 4)
	x := attempt(f.app.ID, "order")
	x.FormID = "wx20180504083000abc"
	x, _, err := f.BeginSend(t.Context(), f.by, x)
	noError(t, err)
	left("one under way", 3)
	x.Outcome = "sent"
	noError(t, f.FinishSend(t.Context(), f.by, x))
	left("it has arrived", 3)
	f.clock.advance(8 * 24 * time.Hour)
	left("a week later", 0)
}

func TestARightOfOneAppIsUnknownToAnother(t *testing.T) {
	f := newFixture(t)
	f.report(t, ledger.Report{OpenID: openID, ID: "form1"})
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx2"})
	noError(t, err)
	_, err = f.Right(t.Context(), other.ID, "form1")
	wantError(t, err, ErrNotFound)
	receipts, err := f.ReportRights(t.Context(), f.by, other.ID, []ledger.Report{{OpenID: openIDOf(2), ID: "form1"}})
	noError(t, err)
	equal(t, "result", receipts[0].result(), "new")
}

func (f *fixture) sends(t testing.TB) []Send {
	t.Helper()
	all, _, err := f.Sends(t.Context(), SendFilter{App: f.app.ID, Count: 10_000})
	noError(t, err)
	return all
}

func TestRightsAreFilteredByWhatTheyAreGoodFor(t *testing.T) {
	f := newFixture(t)
	now := f.clock.now()
	f.report(t,
		ledger.Report{OpenID: openID, ID: "new"},
		ledger.Report{OpenID: openID, ID: "ending", When: now.Add(-6*24*time.Hour - time.Minute)},
		ledger.Report{OpenID: openIDOf(2), ID: "wx20180504pay", When: now.Add(-time.Hour)},
		ledger.Report{OpenID: openIDOf(3), ID: "over", When: now.Add(-7*24*time.Hour + time.Second)},
	)
	f.clock.advance(time.Second)
	for id, outcome := range map[string]string{"held": dispatch.Unknown, "spent": dispatch.Sent} {
		x, _, err := f.begin(t, id)
		noError(t, err)
		f.end(t, x, outcome, 0)
	}
	refused, _, err := f.begin(t, "refused")
	noError(t, err)
	f.end(t, refused, dispatch.Refused, 41028)
	_, _, err = f.KeepRights(t.Context())
	noError(t, err)
	for name, c := range map[string]struct {
		filter RightFilter
		want   []string
	}{
		"usable, in the order they are picked": {RightFilter{State: ledger.Usable}, []string{"ending", "wx20180504pay", "new"}},
		"held":                                 {RightFilter{State: ledger.Held}, []string{"held"}},
		"spent":                                {RightFilter{State: ledger.EndSpent}, []string{"spent"}},
		"expired":                              {RightFilter{State: ledger.EndExpired}, []string{"over"}},
		"refused":                              {RightFilter{State: ledger.EndInvalid}, []string{"refused"}},
		"used elsewhere":                       {RightFilter{State: ledger.EndUsedUp}, nil},
		"payments":                             {RightFilter{Source: ledger.Payment}, []string{"wx20180504pay"}},
		"by openid":                            {RightFilter{OpenID: openIDOf(3)}, []string{"over"}},
		"by openid in another case":            {RightFilter{OpenID: "OABC-openid-0123456789-abcde"}, nil},
		"by id":                                {RightFilter{ID: "new"}, []string{"new"}},
		"of another app":                       {RightFilter{App: f.app.ID + 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if c.filter.App == 0 {
				c.filter.App = f.app.ID
			}
			rights, total, err := f.Rights(t.Context(), c.filter)
			noError(t, err)
			var got, each []string
			for _, r := range rights {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, c.want) || total != len(c.want) {
				t.Fatalf("got %q of %d, want %q", got, total, c.want)
			}
			for r, err := range f.EachRight(t.Context(), c.filter) {
				noError(t, err)
				each = append(each, r.ID)
			}
			slices.Sort(each)
			slices.Sort(got)
			if !slices.Equal(each, got) {
				t.Fatalf("each: %q, want %q", each, got)
			}
		})
	}
}

func TestWhoCanBeReachedAndWhoCannotFromTomorrowOn(t *testing.T) {
	f := newFixture(t)
	now := f.clock.now()
	ago := func(d time.Duration) time.Time { return now.Add(-wechat.RightLifetime + d) }
	f.report(t,
		ledger.Report{OpenID: openIDOf(1), ID: "a1", When: ago(23 * time.Hour)}, // its last
		ledger.Report{OpenID: openIDOf(2), ID: "b1", When: ago(2 * time.Hour)},
		ledger.Report{OpenID: openIDOf(2), ID: "b2", When: ago(25 * time.Hour)}, // one more after it
		ledger.Report{OpenID: openIDOf(3), ID: "c1", When: ago(time.Hour)},
		ledger.Report{OpenID: openIDOf(3), ID: "c2"}, // one more, but held
		ledger.Report{OpenID: openIDOf(4), ID: "d1", When: ago(time.Second)},
	)
	x := attempt(f.app.ID, "holds")
	x.OpenID, x.FormID = openIDOf(3), "c2"
	_, _, err := f.BeginSend(t.Context(), f.by, x)
	noError(t, err)
	f.clock.advance(time.Second) // d1 is over

	ids := func(all []ledger.Balance, more bool, err error) string {
		noError(t, err)
		var got []string
		for _, s := range all {
			got = append(got, s.OpenID[27:])
		}
		return fmt.Sprint(got, more)
	}
	equal(t, "unreachable", ids(f.Unreachable(t.Context(), f.app.ID, 0, 20)), "[3 1] false")
	equal(t, "unreachable, the first", ids(f.Unreachable(t.Context(), f.app.ID, 0, 1)), "[3] true")
	equal(t, "all, the newest first", ids(f.Balances(t.Context(), f.app.ID, 0, 20)), "[3 2 1 4] false")
	equal(t, "all, a page", ids(f.Balances(t.Context(), f.app.ID, 1, 2)), "[2 1] true")
	s, err := f.Balance(t.Context(), f.app.ID, openIDOf(3))
	noError(t, err)
	equal(t, "balance", s, ledger.Balance{OpenID: openIDOf(3), Usable: 1, Ending: 1, Held: 1, LastUntil: stored(ago(time.Hour).Add(wechat.RightLifetime))})
	s, err = f.Balance(t.Context(), f.app.ID, openIDOf(7))
	noError(t, err)
	equal(t, "nobody", s, ledger.Balance{OpenID: openIDOf(7)})
}
