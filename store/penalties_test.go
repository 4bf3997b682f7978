package store

import (
	"testing"
	"time"

	"muban/wechat/penalty"
)

func (f *fixture) violation(t testing.TB, step penalty.Step, from time.Time) Violation {
	t.Helper()
	v, err := f.AddViolation(t.Context(), f.by, Violation{
		App: f.app.ID, TemplateID: "tpl", Title: "活动提醒", Rule: "market", Step: step, Letter: "您的模板消息涉及营销",
		From: from, Until: penalty.End(step, from),
	})
	noError(t, err)
	return v
}

func TestABanIsInForceUntilItsEndOrUntilItIsLifted(t *testing.T) {
	f := newFixture(t)
	_, banned, err := f.PenaltyInForce(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "banned at first", banned, false)

	v := f.violation(t, penalty.Week, f.clock.now())
	got, banned, err := f.PenaltyInForce(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "banned", banned, true)
	equal(t, "by", got.ID, v.ID)
	equal(t, "until", got.Until, stored(f.clock.now().Add(7*24*time.Hour)))
	_, banned, err = f.PenaltyInForce(t.Context(), f.app.ID+1, "")
	noError(t, err)
	equal(t, "another app", banned, false)
	_, banned, err = f.PenaltyInForce(t.Context(), f.app.ID, "subscribe")
	noError(t, err)
	equal(t, "another kind", banned, false)
	_, banned, err = f.PenaltyInForce(t.Context(), f.app.ID, "")
	noError(t, err)
	equal(t, "any kind", banned, true)

	noError(t, f.NoteViolation(t.Context(), f.by, f.app.ID, v.ID, penalty.Appealed, "不是营销"))
	_, banned, err = f.PenaltyInForce(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "banned while the appeal is open", banned, true)
	noError(t, f.NoteViolation(t.Context(), f.by, f.app.ID, v.ID, penalty.Lifted, "申诉成功"))
	_, banned, err = f.PenaltyInForce(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "banned after the appeal", banned, false)

	all, err := f.Violations(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "notes", len(all[0].Notes), 2)
	equal(t, "first note", all[0].Notes[0].Text, "不是营销")
	equal(t, "first note's step", all[0].Notes[0].State, penalty.Appealed)
}

func TestABanEndsByItself(t *testing.T) {
	f := newFixture(t)
	f.violation(t, penalty.Week, f.clock.now())
	f.clock.advance(7*24*time.Hour - time.Second)
	_, banned, err := f.PenaltyInForce(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "a second before", banned, true)
	f.clock.advance(time.Second)
	_, banned, err = f.PenaltyInForce(t.Context(), f.app.ID, "template")
	noError(t, err)
	equal(t, "at its end", banned, false)
}

func TestAViolationDoesNotGoWhereItCannot(t *testing.T) {
	f := newFixture(t)
	v := f.violation(t, penalty.Warned, f.clock.now())
	before := f.dump(t)
	wantError(t, f.NoteViolation(t.Context(), f.by, f.app.ID, v.ID, penalty.Lifted, ""), ErrState)
	wantError(t, f.NoteViolation(t.Context(), f.by, f.app.ID+1, v.ID, "", "x"), ErrNotFound)
	if f.dump(t) != before {
		t.Error("a refused step has changed something")
	}
	noError(t, f.NoteViolation(t.Context(), f.by, f.app.ID, v.ID, "", "只是备注"))
}

func TestTheLatestRefusalForAPenaltyIsFound(t *testing.T) {
	f := newFixture(t)
	start := f.clock.now().Add(-time.Second)
	_, err := f.RefusedForPenalty(t.Context(), f.app.ID, start)
	wantError(t, err, ErrNotFound)
	for key, code := range map[string]int{"a": 41028, "b": 41032} {
		x := f.send(t, key, "tpl")
		x.Outcome, x.ErrCode = "refused", code
		noError(t, f.FinishSend(t.Context(), f.by, x))
	}
	got, err := f.RefusedForPenalty(t.Context(), f.app.ID, start)
	noError(t, err)
	equal(t, "errcode", got.ErrCode, 41032)
	_, err = f.RefusedForPenalty(t.Context(), f.app.ID, f.clock.now())
	wantError(t, err, ErrNotFound)
}
