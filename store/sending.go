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
// cannot send under it (faults.md 17). *ledger.Refusal where no send may begin.
//
// FinishSend needs a context that outlives the request: a browser that goes away must not leave the send
// pending.
//
// The key is used once in an app (faults.md 16): for the same body the stored row comes back with
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
			begun, under, err = t.beginSend(by, a, s.run.id)
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

func (t *tx) beginSend(by Actor, a asked, run int64) (Send, Right, error) {
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
			err_code, err_msg, reason, attempts, took_us, person_id, person_name, run, created_at, finished_at, holds)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', 0, 0, ?, ?, ?, ?, 0, 1) RETURNING id`,
		x.App, x.Key, x.BodyHash[:], x.TemplateID, x.Title, x.OpenID, x.FormID, blob(x.Request), a.words, x.Outcome,
		reference(x.PersonID), x.PersonName, run, millis(x.CreatedAt))
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
		holds = holds AND ? WHERE app = ? AND id = ? AND outcome = 'pending'`, x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Attempts,
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
