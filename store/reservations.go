package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// BeginSend stores the send as pending and reserves its right, before anything goes to WeChat: both or
// neither. ID, PersonID, PersonName and the times are set here, and FormID where it is empty: then it is
// the openid's oldest usable right. A right that the ledger does not know it learns now, so that two people
// cannot send under it. *ledger.Refusal where no send may begin.
//
// FinishSend needs a context that outlives the request: a browser that goes away must not leave the send
// pending.
//
// The key is used once in an app: for the same body the stored row comes back with
// ErrReplayed, for another body it is ErrKeyReused.
func (s *Store) BeginSend(ctx context.Context, by Actor, x Send) (begun Send, under Right, err error) {
	if x.Key == "" {
		return Send{}, Right{}, errors.New("store: a send needs a key")
	}
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

// under is the send under the right that was found for it: picked, or cleaned of its prefix.
func (a asked) under(r Right) (Send, error) {
	if a.FormID == r.ID {
		return a.Send, nil
	}
	if a.bad != nil {
		return a.Send, a.bad
	}
	a.message.FormID = r.ID
	return a.Send.Of(a.message)
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
	x.ID, err = t.insert(`INSERT INTO sends (app, key, body_hash, template_id, title, openid, right_id, request, words, outcome,
			err_code, err_msg, reason, attempts, took_us, person_id, person_name, process, created_at, finished_at, holds)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', 0, 0, ?, ?, ?, ?, 0, 1) RETURNING id`,
		x.App, x.Key, x.BodyHash[:], x.TemplateID, x.Title, x.OpenID, x.FormID, blob(x.Request), a.words, x.Outcome,
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
	return s.write(ctx, func(t *tx) error { return t.finishSend(by, x, ActSendFinish) })
}

func (t *tx) finishSend(by Actor, x Send, act string) error {
	if x.FinishedAt.IsZero() {
		x.FinishedAt = t.now
	}
	if x.Outcome == dispatch.Pending {
		return errors.New("store: pending is no outcome")
	}
	effect := ledger.After(x.Outcome, x.ErrCode)
	err := t.update(`UPDATE sends SET outcome = ?, err_code = ?, err_msg = ?, reason = ?, attempts = ?, took_us = ?, finished_at = ?,
		holds = holds * ? WHERE app = ? AND id = ? AND outcome = 'pending'`, x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Attempts,
		x.Duration.Microseconds(), millis(x.FinishedAt), effect.Holds, x.App, x.ID)
	if errors.Is(err, ErrNotFound) {
		return t.whyNotPending(x)
	}
	if err != nil {
		return err
	}
	if err := t.settle(x.App, x.FormID, effect); err != nil {
		return err
	}
	if err := t.countSend(x); err != nil {
		return err
	}
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

// PeekRight answers the right that BeginSend would reserve at this moment, without reserving it, or the
// *ledger.Refusal that it would answer; known is false for one that it would learn.
func (s *Store) PeekRight(ctx context.Context, app int64, openID, formID string) (r Right, known bool, err error) {
	now := s.now()
	if err := notHeld(ctx, s.readers, app, openID); err != nil {
		return Right{App: app, OpenID: openID}, true, err
	}
	if formID == "" {
		r, err = pick(ctx, s.readers, app, openID, millis(now.Add(ledger.Patience)))
		return r, true, err
	}
	r, err = right(ctx, s.readers, app, ledger.Bare(formID))
	if errors.Is(err, ErrNotFound) {
		r, _, err = ledger.Admit(app, ledger.Report{OpenID: openID, ID: formID}, now)
		return r, false, err
	}
	if err != nil {
		return r, true, err
	}
	if _, err := r.Reserve(openID, now); err != nil {
		return r, true, named(ctx, s.readers, err)
	}
	return r, true, nil
}

// notHeld refuses every send while a restore waits to be confirmed.
func notHeld(ctx context.Context, q querier, app int64, openID string) error {
	held, err := restoreHolds(ctx, q)
	if err == nil && held {
		return &ledger.Refusal{Reason: ledger.Restored, Right: Right{App: app, OpenID: openID}}
	}
	return err
}

// reserve holds the right that the send names, or picks one.
func (t *tx) reserve(x Send) (Right, error) {
	if err := notHeld(t.ctx, t, x.App, x.OpenID); err != nil {
		return Right{}, err
	}
	r, err := t.find(x)
	if err != nil {
		return r, err
	}
	if r, err = r.Reserve(x.OpenID, t.now); err != nil {
		return r, named(t.ctx, t, err)
	}
	return r, t.saveRight(r)
}

func (t *tx) find(x Send) (Right, error) {
	if x.FormID == "" {
		return pick(t.ctx, t, x.App, x.OpenID, millis(t.now.Add(ledger.Patience)))
	}
	r, err := right(t.ctx, t, x.App, ledger.Bare(x.FormID))
	if !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if r, _, err = ledger.Admit(x.App, ledger.Report{OpenID: x.OpenID, ID: x.FormID}, stored(t.now)); err != nil {
		return r, err
	}
	if r, err = t.learnRight(r); err != nil {
		return r, err
	}
	return r, t.countRights(x.App, ledger.DayCount{Reported: 1})
}

// pick is the openid's usable right that ends first, and not before a send under it would have its answer.
func pick(ctx context.Context, q querier, app int64, openID string, after int64) (Right, error) {
	r, err := one(ctx, q, scanRight, "SELECT "+rightColumns+" FROM rights INDEXED BY "+ofOpenID+
		" WHERE app = ? AND openid = ? AND usable = 1 AND expires_at > ? ORDER BY expires_at, id LIMIT 1", app, openID, after)
	if errors.Is(err, ErrNotFound) {
		none := Right{App: app, OpenID: openID}
		return none, &ledger.Refusal{Reason: ledger.None, Right: none}
	}
	return r, err
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

// settle does to a right what the end of a send that held it means.
func (t *tx) settle(app int64, id string, e ledger.Effect) error {
	if e.Holds {
		return nil
	}
	before, err := right(t.ctx, t, app, id)
	if err != nil {
		return err
	}
	after := before.Apply(e)
	if err := t.saveRight(after); err != nil {
		return err
	}
	return t.countRights(app, ledger.Change(before, after))
}

func (t *tx) saveRight(r Right) error {
	return t.update("UPDATE rights SET used = ?, held = ?, closed = ? WHERE app = ? AND right_id = ?", r.Used, r.Held,
		r.Closed, r.App, r.ID)
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
		if err := t.settle(x.App, x.FormID, ledger.Decided(x.Decision == dispatch.Arrived)); err != nil {
			return err
		}
	}
	return t.record(by, x.App, ActSendDecide, object("send", x.ID), map[string]string{"decision": x.Decision})
}

// closeInterruptedSends gives an outcome to the sends of processes that are no more. Whether
// WeChat accepted them nobody knows, so that is what they say.
func (s *Store) closeInterruptedSends(ctx context.Context) error {
	processes, err := many(ctx, s.readers, scan[int64], "SELECT DISTINCT process FROM sends WHERE outcome = 'pending'")
	if err != nil {
		return err
	}
	dead, err := s.process.Dead(ctx, processes)
	if err != nil {
		return err
	}
	for _, id := range dead {
		if err := s.write(ctx, func(t *tx) error { return t.closeSendsOf(id) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) closeSendsOf(process int64) error {
	sends, err := many(t.ctx, t, scanSend, "SELECT "+sendColumns+" FROM sends WHERE outcome = 'pending' AND process = ?", process)
	if err != nil {
		return err
	}
	for _, x := range sends {
		x.Outcome, x.Reason = "unknown", "interrupted"
		if err := t.finishSend(Actor{}, x, ActSendInterrupted); err != nil {
			return err
		}
	}
	return nil
}
