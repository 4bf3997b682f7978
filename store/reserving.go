package store

import (
	"context"
	"errors"

	"muban/wechat/ledger"
)

// PeekRight answers the right that BeginSend would reserve at this moment, without reserving it, or the
// *ledger.Refusal that it would answer; known is false for one that it would learn.
func (s *Store) PeekRight(ctx context.Context, app int64, openID, formID string) (r Right, known bool, err error) {
	now := s.now()
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

// reserve holds the right that the send names, or picks one.
func (t *tx) reserve(x Send) (Right, error) {
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

// named adds to a refusal who holds the right, so that the one who comes second can ask the first.
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
	return t.update("UPDATE rights SET used = ?, held = ?, closed = ? WHERE app = ? AND right_id = ?", r.Used, r.Held, r.Closed, r.App, r.ID)
}
