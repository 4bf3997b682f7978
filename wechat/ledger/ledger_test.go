package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/ledger"
)

const (
	openID = "oABC-openid-0123456789-abcde"
	formID = "1526263547124a1b2c3d4e5f6071829"
	prepay = "wx20180504083000a1b2c3d4e5f6071829"
)

var now = time.Date(2018, 5, 4, 8, 30, 0, 0, time.UTC)

func reasonOf(t *testing.T, err error) string {
	t.Helper()
	var refusal *ledger.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	if refusal == nil {
		return ""
	}
	return refusal.Reason
}

func TestFault22_WhatIsNoRightIsRefusedAtTheDoorWithTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		report ledger.Report
		reason string
	}{
		"a form":                         {ledger.Report{Source: "form", ID: formID}, ""},
		"a payment":                      {ledger.Report{Source: "payment", ID: prepay}, ""},
		"told by its form":               {ledger.Report{ID: prepay}, ""},
		"nothing":                        {ledger.Report{Source: "form"}, "empty"},
		"a bare prefix":                  {ledger.Report{Source: "payment", ID: "prepay_id="}, "empty"},
		"the developer tools'":           {ledger.Report{Source: "form", ID: "the formId is a mock one"}, "mock"},
		"the developer tools', copied":   {ledger.Report{ID: " the formId is a mock one "}, "mock"},
		"the developer tools', odd":      {ledger.Report{Source: "form", ID: "The formId  is a mock one."}, "mock"},
		"the trial version's":            {ledger.Report{ID: "the formId is no longer available in develop or trial version of this mini program"}, "trial"},
		"the trial version's, cut":       {ledger.Report{ID: "“the formid is no longer available in develop”\n"}, "trial"},
		"an id that holds mock":          {ledger.Report{ID: "formId-mock-1"}, ""},
		"an error of wx":                 {ledger.Report{Source: "form", ID: "requestFormId:fail timeout"}, "malformed"},
		"undefined":                      {ledger.Report{Source: "form", ID: "undefined"}, "malformed"},
		"a blank at its end":             {ledger.Report{Source: "form", ID: formID + " "}, "malformed"},
		"too long":                       {ledger.Report{Source: "form", ID: strings.Repeat("a", 129)}, "malformed"},
		"a prepay_id as a form":          {ledger.Report{Source: "form", ID: prepay}, "kind"},
		"a prefixed prepay_id as a form": {ledger.Report{Source: "form", ID: "prepay_id=" + prepay}, "kind"},
		"a form_id as a payment":         {ledger.Report{Source: "payment", ID: formID}, "kind"},
		"another kind":                   {ledger.Report{Source: "sms", ID: formID}, "kind"},
		"an openid cut short":            {ledger.Report{OpenID: openID[:27], Source: "form", ID: formID}, "openid"},
		"five minutes ahead":             {ledger.Report{ID: formID, When: now.Add(5 * time.Minute)}, ""},
		"more than five minutes ahead":   {ledger.Report{ID: formID, When: now.Add(5*time.Minute + time.Second)}, "future"},
		"a second before seven days":     {ledger.Report{ID: formID, When: now.Add(-7*24*time.Hour + time.Second)}, ""},
		"seven days old":                 {ledger.Report{ID: formID, When: now.Add(-7 * 24 * time.Hour)}, "too_old"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.report.OpenID == "" {
				c.report.OpenID = openID
			}
			_, _, err := ledger.Admit(1, c.report, now)
			if got := reasonOf(t, err); got != c.reason {
				t.Fatalf("refused as %q, want %q", got, c.reason)
			}
		})
	}
}

func TestFault22_ThePrefixIsTakenOffAndSaidSo(t *testing.T) {
	r, cleaned, err := ledger.Admit(1, ledger.Report{OpenID: openID, Source: "payment", ID: "prepay_id=" + prepay}, now)
	if err != nil || !cleaned || r.ID != prepay || r.Total != wechat.PaymentSends {
		t.Fatalf("%+v, cleaned %v, %v", r, cleaned, err)
	}
	r, cleaned, err = ledger.Admit(1, ledger.Report{OpenID: openID, ID: formID}, now)
	if err != nil || cleaned || r.ID != formID || r.Source != ledger.Form || r.Total != wechat.FormSends {
		t.Fatalf("%+v, cleaned %v, %v", r, cleaned, err)
	}
}

func TestAClockThatIsAheadMakesNoRightLiveLonger(t *testing.T) {
	r, _, err := ledger.Admit(1, ledger.Report{OpenID: openID, ID: formID, When: now.Add(4 * time.Minute)}, now)
	if err != nil || !r.ExpiresAt.Equal(now.Add(wechat.RightLifetime)) {
		t.Fatalf("until %v, %v", r.ExpiresAt, err)
	}
	r, _, err = ledger.Admit(1, ledger.Report{OpenID: openID, ID: formID, When: now.Add(-time.Hour)}, now)
	if err != nil || !r.ExpiresAt.Equal(now.Add(wechat.RightLifetime-time.Hour)) || !r.ReportedAt.Equal(now) {
		t.Fatalf("%+v, %v", r, err)
	}
}

func payment() ledger.Right {
	return ledger.Right{ID: prepay, Source: ledger.Payment, OpenID: openID, Total: 3, MadeAt: now, ReportedAt: now, ExpiresAt: now.Add(wechat.RightLifetime)}
}

func TestFault20_AFormSendsOnceAndAPaymentThreeTimesAtOnceOrInTurn(t *testing.T) {
	for source, want := range map[string]int{ledger.Form: 1, ledger.Payment: 3} {
		r := payment()
		r.Source, r.Total = source, ledger.Sends(source)
		for range want {
			var err error
			if r, err = r.Reserve(openID, now); err != nil {
				t.Fatal(err)
			}
		}
		if r.State(now) != ledger.Held {
			t.Errorf("%s, all held: %s", source, r.State(now))
		}
		_, err := r.Reserve(openID, now)
		if reasonOf(t, err) != ledger.InUse {
			t.Fatalf("%s, one more at once: %v", source, err)
		}
		for range want {
			r = r.Apply(ledger.After(ledger.OfRight, "sent", 0))
		}
		_, err = r.Reserve(openID, now)
		if reasonOf(t, err) != ledger.Ended || r.Closed != ledger.EndSpent || r.Used != want || r.Held != 0 {
			t.Fatalf("%s, one more in turn: %+v, %v", source, r, err)
		}
	}
}

func TestFault20_TheSevenDaysEndToTheSecond(t *testing.T) {
	end := now.Add(wechat.RightLifetime)
	for at, want := range map[time.Time]string{end.Add(-time.Second): "", end: ledger.Late, end.Add(time.Second): ledger.Late} {
		_, err := payment().Reserve(openID, at)
		if got := reasonOf(t, err); got != want {
			t.Errorf("at %v: %q, want %q", at.Sub(end), got, want)
		}
	}
}

func TestFault23_AnotherCaseIsAnotherOpenID(t *testing.T) {
	_, err := payment().Reserve(strings.ToLower(openID), now)
	if reasonOf(t, err) != ledger.Foreign {
		t.Fatal(err)
	}
}

func TestHowASendEndsDecidesWhatBecomesOfItsRight(t *testing.T) {
	for _, c := range []struct {
		outcome    string
		code       int
		used, held int
		closed     string
	}{
		{"sent", 0, 1, 0, ""},
		{"refused", 41028, 0, 0, ledger.EndInvalid}, // fault 21
		{"refused", 41029, 0, 0, ledger.EndUsedUp},
		{"refused", -1, 0, 0, ""},
		{"refused", 40001, 0, 0, ""},
		{"refused", 40037, 0, 0, ""},
		{"refused", 45009, 0, 0, ""},
		{"refused", 0, 0, 0, ""}, // never left this machine
		{"unknown", 0, 0, 1, ""}, // fault 18
	} {
		r, err := payment().Reserve(openID, now)
		if err != nil {
			t.Fatal(err)
		}
		r = r.Apply(ledger.After(ledger.OfRight, c.outcome, c.code))
		if r.Used != c.used || r.Held != c.held || r.Closed != c.closed {
			t.Errorf("%s %d: %+v", c.outcome, c.code, r)
		}
	}
}

func TestOneOfThreeRefusedDoesNotTakeWhatTheOthersHold(t *testing.T) {
	r := payment()
	for range 3 {
		r, _ = r.Reserve(openID, now)
	}
	r = r.Apply(ledger.After(ledger.OfRight, "refused", 41028)).Apply(ledger.After(ledger.OfRight, "sent", 0)).Apply(ledger.After(ledger.OfRight, "unknown", 0))
	if r.Used != 1 || r.Held != 1 || r.Closed != ledger.EndInvalid || r.Left() != 0 {
		t.Fatalf("%+v", r)
	}
	if r = r.Apply(ledger.Decided(true)); r.Used != 2 || r.Held != 0 || r.Closed != ledger.EndInvalid {
		t.Fatalf("%+v", r)
	}
}

func TestAnOpenIDsRightsAddUp(t *testing.T) {
	form := func(change func(*ledger.Right)) ledger.Right {
		r := ledger.Right{OpenID: openID, Source: ledger.Form, Total: 1, ExpiresAt: now.Add(48 * time.Hour)}
		change(&r)
		return r
	}
	half := payment()
	half.Used, half.Held, half.ExpiresAt = 1, 1, now.Add(24*time.Hour)
	got := ledger.BalanceOf([]ledger.Right{
		half,
		form(func(r *ledger.Right) {}),
		form(func(r *ledger.Right) { r.Used, r.Closed = 1, ledger.EndSpent }),
		form(func(r *ledger.Right) { r.ExpiresAt = now }),
		form(func(r *ledger.Right) { r.Closed = ledger.EndUsedUp }),
		form(func(r *ledger.Right) { r.Held, r.ExpiresAt = 1, now.Add(72*time.Hour) }),
	}, now)
	want := ledger.Balance{OpenID: openID, Usable: 2, Ending: 1, Held: 2, Used: 2, Spent: 1, Expired: 1, Closed: 1, LastUntil: now.Add(48 * time.Hour)}
	if got != want {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

func TestADayBeginsAtMidnightInChina(t *testing.T) {
	midnight := time.Date(2018, 5, 3, 16, 0, 0, 0, time.UTC)
	day := ledger.DayOf(midnight)
	if ledger.DayOf(midnight.Add(-time.Second)) != day-1 || ledger.DayOf(midnight.Add(24*time.Hour-time.Second)) != day || !day.Start().Equal(midnight) {
		t.Fatalf("%d begins at %v", day, day.Start())
	}
}
