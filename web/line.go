package web

import (
	"context"
	"errors"
	"net/http"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
)

// line is what a send of the visitor's goes through. Its preflight is what the
// template's page shows before.
func (s *Server) line(r *http.Request, v *visit) dispatch.Line {
	checks := s.preflight(v.account)
	return dispatch.Line{Journal: journal{s.Store, v.actor(r)}, Sender: v.account.client, Preflight: &checks}
}

// preflight is what is looked at before a right of the account is spent.
func (s *Server) preflight(a *Account) dispatch.Preflight {
	return dispatch.Preflight{Templates: templatesOf{a}, Rights: s.Store, Tokens: a.keeper, Penalties: penalties{s.Store}, Now: s.Now}
}

// penalties answers from what was recorded under /compliance.
type penalties struct{ *store.Store }

func (p penalties) InForce(ctx context.Context, app int64) (dispatch.Ban, bool, error) {
	v, inForce, err := p.PenaltyInForce(ctx, app)
	return dispatch.Ban{Until: v.Until, Forever: v.Until.IsZero()}, inForce, err
}

// templatesOf answers from the account's list as it was read within the last
// minute: a send does not cost a second call.
type templatesOf struct{ *Account }

func (t templatesOf) Template(ctx context.Context, id string) (wechat.Template, error) {
	found, err := t.recall(ctx, id)
	if errors.Is(err, errTemplateGone) {
		return found, dispatch.ErrNoTemplate
	}
	return found, err
}
