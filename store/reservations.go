package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// BeginSend stores the send as pending and reserves its allowance, before anything goes to WeChat: both or
// neither. ID, PersonID, PersonName and the times are set here, and FormID where it is empty: then it is
// the openid's oldest usable allowance, a consent to the send's template or a right. A right that the ledger
// does not know it learns now, so that two people cannot send under it. *ledger.Refusal where no send may begin.
//
// FinishSend needs a context that outlives the request: a browser that goes away must not leave the send
// pending.
//
// The key is used once in an app: for the same body the stored row comes back with
// ErrReplayed, for another body it is ErrKeyReused.
func (s *Store) BeginSend(ctx context.Context, by Actor, x Send) (begun Send, under ledger.Allowance, err error) {
	if x.Key == "" {
		return Send{}, Right{}, errors.New("store: a send needs a key")
	}
	x.Kind = kind.Named(x.Kind).Name()
	a := ask(x)
	err = s.write(ctx, func(t *tx) (err error) {
		begun, err = sendByKey(t.ctx, t, x.App, x.Key)
		switch {
		case errors.Is(err, ErrNotFound):
			begun, under, err = t.beginSend(by, a, s.process.ID())
			return err
		case err != nil:
			return err
		case begun.BodyHash != x.BodyHash:
			begun = Send{}
			return ErrKeyReused
		}
		return ErrReplayed
	})
	if err == nil {
		s.begun.Store(begun.ID, true)
	}
	return begun, under, err
}

// asked is a send whose request was read before the turn to write, which others wait for.
type asked struct {
	Send
	message wechat.Message
	bad     error  // the request is no message
	words   string // the values, a line each, to search in
}

func ask(x Send) asked {
	a := asked{Send: x}
	a.bad = json.Unmarshal(x.Request, &a.message)
	for _, d := range a.message.Data {
		a.words += d.Value + "\n"
	}
	return a
}

// under is the send under the allowance that was found for it. A message names its right, which was picked, or cleaned
// of its prefix; a consent it does not name.
func (a asked) under(r ledger.Allowance) (Send, error) {
	if a.FormID == r.ID {
		return a.Send, nil
	}
	if r.Sort() == ledger.OfConsent {
		a.FormID = r.ID
		return a.Send, nil
	}
	if a.bad != nil {
		return a.Send, a.bad
	}
	a.message.FormID = r.ID
	return a.Send.Of(a.message), nil
}

func (t *tx) beginSend(by Actor, a asked, process int64) (Send, Right, error) {
	under, err := t.reserve(a.Send)
	if err != nil {
		return Send{}, under, err
	}
	x, err := a.under(under)
	if err != nil {
		return Send{}, under, err
	}
	x.PersonID, x.PersonName = by.PersonID, by.Name
	x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Attempts, x.Duration = dispatch.Pending, 0, "", "", 0, 0
	x.CreatedAt, x.FinishedAt = stored(t.now), time.Time{}
	x.ID, err = t.insert(`INSERT INTO sends (app, message_kind, key, body_hash, template_id, title, openid, right_id, request, words, outcome,
			err_code, err_msg, reason, attempts, took_us, person_id, person_name, process, created_at, finished_at, holds)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', 0, 0, ?, ?, ?, ?, 0, 1) RETURNING id`,
		x.App, x.Kind, x.Key, x.BodyHash[:], x.TemplateID, x.Title, x.OpenID, x.FormID, blob(x.Request), a.words, x.Outcome,
		reference(x.PersonID), x.PersonName, process, millis(x.CreatedAt))
	if err != nil {
		return Send{}, under, err
	}
	return x, under, t.record(by, x.App, ActSendBegin, object("send", x.ID), map[string]string{"template": x.TemplateID})
}

// FinishSend stores Outcome, ErrCode, ErrMsg, Reason, Attempts and Duration of a pending send, and what the
// outcome does to its right (ledger.After); a zero FinishedAt is now. ErrConflict when it has an outcome
// already.
func (s *Store) FinishSend(ctx context.Context, by Actor, x Send) error {
	err := s.write(ctx, func(t *tx) error {
		err := t.finishSend(by, x, ActSendFinish)
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if taken, lost := t.takeBackInterruption(x); lost != nil || !taken {
			return errors.Join(lost, err)
		}
		return t.finishSend(by, x, ActSendFinish)
	})
	if err == nil || errors.Is(err, ErrConflict) {
		s.begun.Delete(x.ID)
	}
	return err
}

func (t *tx) finishSend(by Actor, x Send, act string) error {
	if x.FinishedAt.IsZero() {
		x.FinishedAt = t.now
	}
	if x.Outcome == dispatch.Pending {
		return errors.New("store: pending is no outcome")
	}
	effect := ledger.After(x.Sort(), x.Outcome, x.ErrCode)
	err := t.update(`UPDATE sends SET outcome = ?, err_code = ?, err_msg = ?, reason = ?, attempts = ?, took_us = ?, msg_id = ?, finished_at = ?,
		holds = holds * ? WHERE app = ? AND id = ? AND outcome = 'pending'`, x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Attempts,
		x.Duration.Microseconds(), x.MsgID, millis(x.FinishedAt), effect.Holds, x.App, x.ID)
	if errors.Is(err, ErrNotFound) {
		return t.whyNotPending(x)
	}
	if err != nil {
		return err
	}
	if err := t.settle(x, effect); err != nil {
		return err
	}
	t.countSend(x)
	return t.record(by, x.App, act, object("send", x.ID), map[string]any{"outcome": x.Outcome, "errcode": x.ErrCode})
}

// whyNotPending tells a send that is finished from one that never was.
func (t *tx) whyNotPending(x Send) error {
	_, err := one(t.ctx, t, scan[int64], "SELECT id FROM sends WHERE app = ? AND id = ?", x.App, x.ID)
	if err != nil {
		return err
	}
	return ErrConflict
}

// blob is b as it is stored: empty, not NULL.
func blob(b []byte) []byte { return append([]byte{}, b...) }

// PeekAllowance answers the allowance that BeginSend would reserve for x at this moment, without reserving it, or the
// *ledger.Refusal that it would answer; known is false for a right that it would learn.
func (s *Store) PeekAllowance(ctx context.Context, x Send) (a ledger.Allowance, known bool, err error) {
	now, none := s.now(), ledger.Allowance{App: x.App, OpenID: x.OpenID, TemplateID: x.TemplateID}
	if err := notHeld(ctx, s.readers, none); err != nil {
		return none, true, err
	}
	switch {
	case x.Sort() == ledger.OfConsent:
		a, err = pickConsent(ctx, s.readers, x.App, x.OpenID, x.TemplateID)
	case x.FormID == "":
		a, err = pick(ctx, s.readers, x.App, x.OpenID, millis(now.Add(ledger.Patience)))
	default:
		a, err = right(ctx, s.readers, x.App, ledger.Bare(x.FormID))
		if errors.Is(err, ErrNotFound) {
			a, _, err = ledger.Admit(x.App, ledger.Report{OpenID: x.OpenID, ID: x.FormID}, now)
			return a, false, err
		}
	}
	if err == nil {
		_, err = a.Reserve(x.OpenID, now)
	}
	return a, true, named(ctx, s.readers, err)
}

// allowances are those of one sort, in a change.
type allowances interface {
	byID(app int64, id string) (ledger.Allowance, error)
	// find answers the one that x names, which may be learnt by that, or one to send x under.
	find(x Send) (ledger.Allowance, error)
	// change stores after in before's place, and counts the step.
	change(before, after ledger.Allowance) error
}

func (t *tx) allowances(x Send) allowances {
	if x.Sort() == ledger.OfConsent {
		return consents{t}
	}
	return rights{t}
}

// notHeld refuses every send while a restore waits to be confirmed.
func notHeld(ctx context.Context, q querier, a ledger.Allowance) error {
	held, err := restoreHolds(ctx, q)
	if err == nil && held {
		return &ledger.Refusal{Reason: ledger.Restored, Right: a}
	}
	return err
}

// reserve holds the allowance that the send names, or picks one.
func (t *tx) reserve(x Send) (ledger.Allowance, error) {
	none := ledger.Allowance{App: x.App, OpenID: x.OpenID, TemplateID: x.TemplateID}
	k := t.kept()
	if k.mayHold {
		if err := notHeld(t.ctx, t, none); err != nil {
			return none, err
		}
		k.mayHold = false
		t.Keep(k)
	}
	of := t.allowances(x)
	before, err := of.find(x)
	if err != nil {
		return before, err
	}
	after, err := before.Reserve(x.OpenID, t.now)
	if err != nil {
		return before, named(t.ctx, t, err)
	}
	return after, of.change(before, after)
}

// named adds to a refusal the name of the person whose send holds the right, so that they can be asked.
func named(ctx context.Context, q querier, err error) error {
	refusal, ok := errors.AsType[*ledger.Refusal](err)
	if !ok || refusal.Reason != ledger.InUse {
		return err
	}
	holder, scanErr := one(ctx, q, scanHolder, `SELECT id, person_name, outcome FROM sends
		WHERE app = ? AND right_id = ? AND holds = 1 ORDER BY id LIMIT 1`, refusal.Right.App, refusal.Right.ID)
	if scanErr != nil {
		return scanErr
	}
	refusal.Holder = holder
	return refusal
}

func scanHolder(r row) (h ledger.Holder, err error) {
	err = r.Scan(&h.Send, &h.Person, &h.Outcome)
	return h, err
}

// settle does to an allowance what the end of the send that held it means.
func (t *tx) settle(x Send, e ledger.Effect) error {
	if e.Holds {
		return nil
	}
	of := t.allowances(x)
	before, err := of.byID(x.App, x.FormID)
	if err != nil {
		return err
	}
	if err := of.change(before, before.Apply(e)); err != nil {
		return err
	}
	if e.Closed == ledger.EndEmptied {
		return consents{t}.contradicted(x)
	}
	return nil
}

// DecideSend notes what a person found out about a send whose outcome is unknown: that it arrived, which
// uses its right, or that it did not, which frees it. The outcome stays what it was.
// ErrConflict when the outcome is known or somebody has decided.
func (s *Store) DecideSend(ctx context.Context, by Actor, app, id int64, arrived bool) error {
	return s.write(ctx, func(t *tx) error {
		x, err := one(t.ctx, t, scanSend, "SELECT "+sendColumns+" FROM sends WHERE app = ? AND id = ?", app, id)
		if err != nil {
			return err
		}
		if !x.Undecided() {
			return ErrConflict
		}
		x.Decision, x.DecidedByName, x.DecidedAt = dispatch.NotArrived, by.Name, t.now
		if arrived {
			x.Decision = dispatch.Arrived
		}
		return t.decideSend(by, x)
	})
}

func (t *tx) decideSend(by Actor, x Send) error {
	holds, err := one(t.ctx, t, scan[bool], "SELECT holds FROM sends WHERE id = ?", x.ID)
	if err != nil {
		return err
	}
	if err := t.exec("UPDATE sends SET decision = ?, decided_by_name = ?, decided_at = ?, holds = 0 WHERE id = ?",
		x.Decision, x.DecidedByName, millis(x.DecidedAt), x.ID); err != nil {
		return err
	}
	if holds { // one from before the ledger may hold nothing
		if err := t.settle(x, ledger.Decided(x.Decision == dispatch.Arrived)); err != nil {
			return err
		}
	}
	return t.record(by, x.App, ActSendDecide, object("send", x.ID), map[string]string{"decision": x.Decision})
}
