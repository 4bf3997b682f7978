package web

import (
	"context"
	"crypto/sha256"
	"errors"

	"muban/store"
	"muban/views"
	"muban/wechat"
	"muban/wechat/ledger"
)

// inspect looks at what the page would send as the send itself will, and at the
// rights of whom it is for.
func (s *Site) inspect(ctx context.Context, v *visit, p *views.TemplatePage, m wechat.Message) (err error) {
	if p.SeeRights, p.SeeSends = v.may(SeeRights), v.may(SeeSends); !p.CanSend() {
		return nil
	}
	app := v.account.App.ID
	p.Checks = v.account.Preflight().Check(ctx, app, m)
	if !ledger.IsOpenID(m.ToUser) {
		return nil
	}
	if p.Picked.Standing, err = s.Store.Balance(ctx, app, m.ToUser); err != nil {
		return err
	}
	right, _, err := s.Store.PeekRight(ctx, app, m.ToUser, "")
	if _, refused := errors.AsType[*ledger.Refusal](err); refused {
		return nil
	}
	p.Picked.Right = &right
	return err
}

// typedRight is the right that a send was asked to go out under, "" where it was
// left to us: then the message without one is what was asked for.
func typedRight(send store.Send, m wechat.Message) string {
	asked := m.FormID
	m.FormID = ""
	if body, err := m.MarshalJSON(); err == nil && sha256.Sum256(body) == send.BodyHash {
		return ""
	}
	return asked
}

// rightAgain is the right of a send that is repeated, "" where it allows no more:
// then another one is picked.
func (s *Site) rightAgain(ctx context.Context, send store.Send, formID string) (string, error) {
	right, err := s.Store.Right(ctx, send.App, formID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case right.State(s.Now()) != ledger.Usable:
		return "", nil
	}
	return formID, nil
}
