package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

const onceTemplate = "OnceTemplateOnceTemplateOnceTemplateOnceTem"

// said is one answer of openID's, by its time in seconds.
func said(what, source, ref string, at time.Time) ledger.Answer {
	return ledger.Answer{OpenID: openID, TemplateID: onceTemplate, What: what, Source: source, Ref: ref, When: at}
}

func (f *fixture) say(t testing.TB, answers ...ledger.Answer) AnswerReceipt {
	t.Helper()
	receipts, err := f.ReportAnswers(t.Context(), f.by, f.app.ID, answers)
	noError(t, err)
	return receipts[len(receipts)-1]
}

func (f *fixture) left(t testing.TB) ledger.Consents {
	t.Helper()
	all, err := f.ConsentsOf(t.Context(), f.app.ID, openID)
	noError(t, err)
	for _, c := range all {
		if c.TemplateID == onceTemplate {
			return c
		}
	}
	return ledger.Consents{}
}

func (f *fixture) subscribeSend(key string) Send {
	return Send{App: f.app.ID, Kind: "subscribe", Key: key, OpenID: openID, TemplateID: onceTemplate, Request: []byte(request)}
}

func TestFault69_OneAcceptCountsOnceHoweverItIsReported(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	page := said(ledger.Accept, ledger.FromPage, "page:tap", at.Add(900*time.Millisecond))
	late := said(ledger.Accept, ledger.FromPage, "page:tap", at.Add(9*time.Minute))
	event := said(ledger.Accept, ledger.FromEvent, "event:1", at)
	for name, c := range map[string]struct {
		answers []ledger.Answer
		want    int
	}{
		"the page and the server":        {[]ledger.Answer{page, page}, 1},
		"WeChat three times":             {[]ledger.Answer{event, event, event}, 1},
		"the page, then WeChat twice":    {[]ledger.Answer{page, event, event}, 1},
		"WeChat, then the page":          {[]ledger.Answer{event, page}, 1},
		"the page nine minutes later":    {[]ledger.Answer{event, late}, 1},
		"two taps, each by both":         {[]ledger.Answer{page, event, said(ledger.Accept, ledger.FromEvent, "event:2", at.Add(time.Minute)), said(ledger.Accept, ledger.FromPage, "page:2", at.Add(time.Minute))}, 2},
		"two taps of one page's, no id":  {[]ledger.Answer{said(ledger.Accept, ledger.FromPage, "", at), said(ledger.Accept, ledger.FromPage, "", at)}, 2},
		"further apart than one tap":     {[]ledger.Answer{event, said(ledger.Accept, ledger.FromPage, "page:x", at.Add(11*time.Minute))}, 2},
		"crosswise, as they come in":     {[]ledger.Answer{page, said(ledger.Accept, ledger.FromEvent, "event:2", at.Add(8*time.Minute)), said(ledger.Accept, ledger.FromPage, "page:3", at.Add(16*time.Minute)), event, said(ledger.Accept, ledger.FromEvent, "event:3", at.Add(16*time.Minute)), said(ledger.Accept, ledger.FromPage, "page:2", at.Add(8*time.Minute))}, 3},
		"a declined popup adds nothing":  {[]ledger.Answer{said(ledger.Declined, ledger.FromEvent, "event:1", at)}, 0},
		"a declined popup takes nothing": {[]ledger.Answer{page, said(ledger.Declined, ledger.FromEvent, "event:9", at.Add(time.Minute))}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.clock.advance(at.Add(time.Hour).Sub(f.clock.now()))
			f.say(t, c.answers...)
			if got := f.left(t).Left; got != c.want {
				t.Errorf("%d left, want %d", got, c.want)
			}
		})
	}
}

func TestFault69_ARejectEndsWhatIsLeftAndNothingThatIsNewer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	accept := func(n int) ledger.Answer {
		return said(ledger.Accept, ledger.FromEvent, fmt.Sprint("event:", n), at.Add(time.Duration(n)*time.Hour))
	}
	no := func(what string, n int) ledger.Answer {
		return said(what, ledger.FromEvent, fmt.Sprint("change:", n), at.Add(time.Duration(n)*time.Hour))
	}
	for name, c := range map[string]struct {
		answers []ledger.Answer
		want    int
		refused bool
	}{
		"ends all":                     {[]ledger.Answer{accept(1), accept(2), no(ledger.Reject, 3)}, 0, true},
		"a ban too":                    {[]ledger.Answer{accept(1), no(ledger.Ban, 3)}, 0, true},
		"an accept after it":           {[]ledger.Answer{accept(1), no(ledger.Reject, 3), accept(4)}, 1, false},
		"a late one takes no newer":    {[]ledger.Answer{accept(1), accept(4), no(ledger.Reject, 3)}, 1, false},
		"an older accept stays ended":  {[]ledger.Answer{no(ledger.Reject, 3), accept(1)}, 0, true},
		"again, after an accept":       {[]ledger.Answer{accept(1), no(ledger.Reject, 3), accept(4), no(ledger.Reject, 3)}, 1, false},
		"with nothing before":          {[]ledger.Answer{no(ledger.Reject, 3)}, 0, true},
		"between the reports of a tap": {[]ledger.Answer{said(ledger.Accept, ledger.FromPage, "page:1", at.Add(-4*time.Minute)), said(ledger.Accept, ledger.FromEvent, "event:1", at.Add(4*time.Minute)), no(ledger.Reject, 0)}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.clock.advance(at.Add(24 * time.Hour).Sub(f.clock.now()))
			f.say(t, c.answers...)
			if got := f.left(t); got.Left != c.want || got.Refused != c.refused {
				t.Errorf("%+v, want %d, refused %v", got, c.want, c.refused)
			}
		})
	}
}

// What has no time was said after all that is known, also where both are of one moment.
func TestAnAcceptAfterARejectWithoutTimesLeavesOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	report := func(what, id string) { f.say(t, said(what, ledger.FromPage, id, time.Time{})) }
	report(ledger.Accept, "page:1")
	report(ledger.Accept, "page:2")
	report(ledger.Reject, "page:3")
	report(ledger.Accept, "page:4")
	report(ledger.Reject, "page:3") // again
	if got := f.left(t); got.Left != 1 || got.Refused {
		t.Errorf("%+v", got)
	}
}

func TestALongTermConsentSendsUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	long := said(ledger.Accept, ledger.FromPage, "page:1", time.Time{})
	long.Long = true
	f.say(t, long)
	again := long
	again.Ref = "page:2"
	if r := f.say(t, again); r.Counted || r.Consents.Left != 1 {
		t.Errorf("a second yes: %+v", r)
	}
	var sends []Send
	for i := range 3 { // at once
		x, under, err := f.BeginSend(t.Context(), f.by, f.subscribeSend(fmt.Sprint(i)))
		noError(t, err)
		if !under.Long || under.Left() != 1 {
			t.Errorf("%+v", under)
		}
		sends = append(sends, x)
	}
	for _, x := range sends {
		x.Outcome = dispatch.Sent
		noError(t, f.FinishSend(t.Context(), f.by, x))
	}
	if got := f.left(t); got.Left != 1 || got.Used != 3 || got.Held != 0 || !got.Long {
		t.Errorf("%+v", got)
	}
	f.say(t, said(ledger.Reject, ledger.FromEvent, "change:1", time.Time{}))
	if _, _, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("after")); !errors.As(err, new(*ledger.Refusal)) {
		t.Errorf("after a no: %v", err)
	}
}

func TestASendReservesItsConsentAndItsOutcomeSettlesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome          string
		code             int
		left, held, used int
	}{
		"sent":                        {dispatch.Sent, 0, 1, 0, 1},
		"refused, and not used":       {dispatch.Refused, 47003, 2, 0, 0},
		"busy for another one":        {dispatch.Refused, 43108, 2, 0, 0},
		"no answer":                   {dispatch.Unknown, 0, 1, 1, 0},
		"WeChat knows of none: empty": {dispatch.Refused, 43101, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.say(t, said(ledger.Accept, ledger.FromPage, "page:1", time.Time{}), said(ledger.Accept, ledger.FromPage, "page:2", time.Time{}))
			x, under, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("one"))
			noError(t, err)
			if got := f.left(t); got.Left != 1 || got.Held != 1 || under.TemplateID != onceTemplate || x.FormID != under.ID {
				t.Fatalf("%+v under %+v", got, under)
			}
			x.Outcome, x.ErrCode, x.MsgID = c.outcome, c.code, "1864323726461255680"
			noError(t, f.FinishSend(t.Context(), f.by, x))
			got := f.left(t)
			if got.Left != c.left || got.Held != c.held || got.Used != c.used {
				t.Errorf("%+v", got)
			}
			stored, err := f.Send(t.Context(), f.app.ID, x.ID)
			noError(t, err)
			if stored.Kind != "subscribe" || stored.MsgID != x.MsgID {
				t.Errorf("%+v", stored)
			}
		})
	}
}

func TestFault71_WhatWasAcceptedAfterA43101Stays(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.say(t, said(ledger.Accept, ledger.FromPage, "page:1", time.Time{}))
	x, _, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("one"))
	noError(t, err)
	f.clock.advance(5 * time.Second)
	f.say(t, said(ledger.Accept, ledger.FromPage, "page:2", time.Time{})) // while WeChat answers
	x.Outcome, x.ErrCode = dispatch.Refused, 43101
	noError(t, f.FinishSend(t.Context(), f.by, x))
	if got := f.left(t); got.Left != 1 || got.Held != 0 || got.Refused {
		t.Errorf("%+v", got)
	}
	f.say(t, said(ledger.Accept, ledger.FromEvent, "event:1", f.clock.now().Add(-time.Minute))) // of the first
	if got := f.left(t); got.Left != 1 {
		t.Errorf("an older accept revives it: %+v", got)
	}
}

func TestAConsentThatOthersHoldIsRefusedWithTheirName(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, _, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("none"))
	if r, ok := errors.AsType[*ledger.Refusal](err); !ok || r.Reason != ledger.None {
		t.Fatalf("%v", err)
	}
	f.say(t, said(ledger.Accept, ledger.FromPage, "page:1", time.Time{}))
	x, _, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("one"))
	noError(t, err)
	for _, refuse := range []func() error{
		func() error { _, _, err := f.PeekAllowance(t.Context(), f.subscribeSend("")); return err },
		func() error { _, _, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("two")); return err },
	} {
		r, ok := errors.AsType[*ledger.Refusal](refuse())
		if !ok || r.Reason != ledger.InUse || r.Holder.Send != x.ID {
			t.Errorf("%+v", r)
		}
	}
	x.Outcome = dispatch.Unknown
	noError(t, f.FinishSend(t.Context(), f.by, x))
	noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, x.ID, false))
	if got := f.left(t); got.Left != 1 || got.Held != 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhoCanBeReachedIsCountedByTemplate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 3 {
		a := said(ledger.Accept, ledger.FromPage, "page:1", time.Time{})
		a.OpenID = openIDOf(i)
		b := a
		b.Ref = "page:2"
		f.say(t, a, b)
	}
	no := said(ledger.Reject, ledger.FromPage, "page:3", time.Time{})
	no.OpenID = openIDOf(2)
	f.say(t, no)
	counts, err := f.ConsentCounts(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "counts", fmt.Sprint(counts), fmt.Sprint([]ConsentCount{{onceTemplate, 2, 4, 0, 0}}))
	for state, want := range map[string]int{"": 3, ledger.Usable: 2, ledger.EndRefused: 1, ledger.Held: 0} {
		page, total, err := f.Consents(t.Context(), ConsentFilter{App: f.app.ID, State: state})
		noError(t, err)
		n := 0
		for _, err := range f.EachConsents(t.Context(), ConsentFilter{App: f.app.ID, State: state}) {
			noError(t, err)
			n++
		}
		if total != want || len(page) != want || n != want {
			t.Errorf("%q: %d, %d on the page, %d of each; want %d", state, total, len(page), n, want)
		}
	}
	days, err := f.ConsentDays(t.Context(), f.app.ID, "", f.clock.now())
	noError(t, err)
	equal(t, "days", fmt.Sprint(days), fmt.Sprint([]ledger.ConsentDay{{Day: ledger.DayOf(f.clock.now()), Accepted: 6, Refused: 2, Declined: 1}}))
}

// A no to a popup is counted once too, and what the settings or WeChat said is none.
func TestYesAndNoToPopupsAreCounted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	at := f.clock.now().Add(-time.Hour)
	for i, answers := range [][]ledger.Answer{
		{said(ledger.Accept, ledger.FromPage, "page:1", at), said(ledger.Accept, ledger.FromEvent, "event:1", at)},
		{said(ledger.Reject, ledger.FromPage, "page:1", at), said(ledger.Declined, ledger.FromEvent, "event:1", at.Add(time.Second))},
		{said(ledger.Declined, ledger.FromEvent, "event:1", at), said(ledger.Declined, ledger.FromEvent, "event:2", at.Add(time.Minute)),
			said(ledger.Reject, ledger.FromHand, "hand:1", at.Add(30*time.Second)), said(ledger.Declined, ledger.FromEvent, "event:1", at)},
		{said(ledger.Accept, ledger.FromPage, "page:1", at), said(ledger.Reject, ledger.FromEvent, "event:1", at.Add(time.Minute)),
			said(ledger.Emptied, ledger.FromSend, "send:1", at.Add(2*time.Minute)), said(ledger.Ban, ledger.FromPage, "page:2", at.Add(3*time.Minute))},
	} {
		for j := range answers {
			answers[j].OpenID = openIDOf(i)
		}
		f.say(t, answers...)
	}
	all, err := f.AnswersSince(t.Context(), f.app.ID, f.clock.now())
	noError(t, err)
	equal(t, "answers", fmt.Sprint(all), fmt.Sprint([]PopupAnswers{{onceTemplate, "", 2, 3}}))
}

// Each popup counts once where its page asked, however often it is reported and whoever tells of it besides.
func TestYesAndNoToPopupsAreCountedByTheMomentOfThePage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	at := f.clock.now().Add(-time.Hour)
	asked := func(what, ref, moment string) ledger.Answer {
		a := said(what, ledger.FromPage, ref, at)
		a.Moment = moment
		return a
	}
	f.say(t, said(ledger.Accept, ledger.FromEvent, "event:1", at), asked(ledger.Accept, "page:1", ledger.AtPayment), asked(ledger.Accept, "page:1", ledger.AtPayment),
		asked(ledger.Reject, "page:2", ledger.AtTap), asked(ledger.Ban, "page:3", ledger.AtTap), asked(ledger.Accept, "page:4", ledger.AtTap),
		asked(ledger.Accept, "page:5", ""))
	all, err := f.AnswersByMoment(t.Context(), f.app.ID, f.clock.now())
	noError(t, err)
	equal(t, "answers", fmt.Sprint(all), fmt.Sprint([]PopupAnswers{{onceTemplate, ledger.AtPayment, 1, 0}, {onceTemplate, ledger.AtTap, 1, 1}}))
	all, err = f.AnswersByMoment(t.Context(), f.app.ID, f.clock.now().AddDate(0, 0, 1))
	noError(t, err)
	equal(t, "from tomorrow on", len(all), 0)
}

func TestDaysOfConsentsByTemplateAreThoseOfEachAndOfAllTogether(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 4 {
		a := said(ledger.Accept, ledger.FromPage, fmt.Sprint("page:", i), time.Time{})
		a.TemplateID = []string{onceTemplate, "another"}[i%2]
		a.OpenID = openIDOf(i)
		f.say(t, a)
		f.clock.advance(14 * time.Hour)
	}
	since := f.clock.now().AddDate(0, 0, -7)
	all, err := f.ConsentDaysByTemplate(t.Context(), f.app.ID, since)
	noError(t, err)
	for _, template := range []string{"", onceTemplate, "another"} {
		days, err := f.ConsentDays(t.Context(), f.app.ID, template, since)
		noError(t, err)
		equal(t, "days of "+template, fmt.Sprint(all[template]), fmt.Sprint(days))
	}
	equal(t, "all", len(all), 3)
}

func TestOldAnswersAreForgottenAndConsentsStay(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.say(t, said(ledger.Accept, ledger.FromPage, "page:1", time.Time{}), said(ledger.Accept, ledger.FromPage, "page:2", time.Time{}))
	x, _, err := f.BeginSend(t.Context(), f.by, f.subscribeSend("one"))
	noError(t, err)
	x.Outcome = dispatch.Sent
	noError(t, f.FinishSend(t.Context(), f.by, x))
	f.clock.advance(31 * 24 * time.Hour)
	pruned, err := f.KeepConsents(t.Context())
	noError(t, err)
	rest, err := many(context.Background(), f.readers, scan[int64], "SELECT id FROM consents")
	noError(t, err)
	if got := f.left(t); pruned == 0 || len(rest) != 1 || got.Left != 1 {
		t.Errorf("%d pruned, %d left, %+v", pruned, len(rest), got)
	}
}
