package store

import (
	"context"
	"errors"
	"time"
)

// BeginSend stores the send as pending, before anything goes to WeChat. ID, PersonID, PersonName and the
// times are set here. FinishSend needs a context that outlives the request: a browser that goes away must
// not leave the send pending.
//
// The key is used once in an app (faults.md 16): for the same body the stored row comes back with
// ErrReplayed, for another body it is ErrKeyReused.
func (s *Store) BeginSend(ctx context.Context, by Actor, x Send) (Send, error) {
	if x.Key == "" {
		return Send{}, errors.New("store: a send needs a key")
	}
	var begun Send
	err := s.write(ctx, func(t *tx) (err error) {
		begun, err = sendByKey(t.ctx, t, x.App, x.Key)
		switch {
		case errors.Is(err, ErrNotFound):
			begun, err = t.beginSend(by, x, s.run.id)
			return err
		case err != nil:
			return err
		case begun.BodyHash != x.BodyHash:
			begun = Send{}
			return ErrKeyReused
		}
		return ErrReplayed
	})
	return begun, err
}

func (t *tx) beginSend(by Actor, x Send, run int64) (Send, error) {
	x.PersonID, x.PersonName = by.PersonID, by.Name
	x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Duration = "pending", 0, "", "", 0
	x.CreatedAt, x.FinishedAt = stored(t.now), time.Time{}
	var err error
	x.ID, err = t.insert(`INSERT INTO sends (app, key, body_hash, template_id, title, openid, right_id, request, outcome,
			err_code, err_msg, reason, took_us, person_id, person_name, run, created_at, finished_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', 0, ?, ?, ?, ?, 0) RETURNING id`,
		x.App, x.Key, x.BodyHash[:], x.TemplateID, x.Title, x.OpenID, x.FormID, blob(x.Request), x.Outcome,
		reference(x.PersonID), x.PersonName, run, millis(x.CreatedAt))
	if err != nil {
		return Send{}, err
	}
	return x, t.record(by, x.App, ActSendBegin, object("send", x.ID), map[string]string{"template": x.TemplateID})
}

// FinishSend stores Outcome, ErrCode, ErrMsg, Reason and Duration of a pending send; a zero FinishedAt is
// now. ErrConflict when it has an outcome already.
func (s *Store) FinishSend(ctx context.Context, by Actor, x Send) error {
	return s.write(ctx, func(t *tx) error { return t.finishSend(by, x, ActSendFinish) })
}

func (t *tx) finishSend(by Actor, x Send, act string) error {
	if x.FinishedAt.IsZero() {
		x.FinishedAt = t.now
	}
	if x.Outcome == "pending" {
		return errors.New("store: pending is no outcome")
	}
	err := t.update(`UPDATE sends SET outcome = ?, err_code = ?, err_msg = ?, reason = ?, took_us = ?, finished_at = ?
		WHERE app = ? AND id = ? AND outcome = 'pending'`,
		x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Duration.Microseconds(), millis(x.FinishedAt), x.App, x.ID)
	if errors.Is(err, ErrNotFound) {
		return t.whyNotPending(x)
	}
	if err != nil {
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
