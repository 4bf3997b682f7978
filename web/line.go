package web

import (
	"context"
	"errors"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
)

// lineOf is what a send from the account by somebody goes through. Its preflight is
// what the template's page shows before.
func lineOf(st *store.Store, now func() time.Time, a *account, by store.Actor) dispatch.Line {
	checks := preflight(st, now, a)
	return dispatch.Line{Journal: journal{st, by}, Sender: a.client, Preflight: &checks}
}

// preflight is what is looked at before a right of the account is spent.
func preflight(st *store.Store, now func() time.Time, a *account) dispatch.Preflight {
	return dispatch.Preflight{Templates: templatesOf{a}, Rights: st, Tokens: a.keeper, Penalties: penalties{st}, Now: now}
}

// penalties answers from what was recorded under /compliance.
type penalties struct{ *store.Store }

func (p penalties) InForce(ctx context.Context, app int64) (dispatch.Ban, bool, error) {
	v, inForce, err := p.PenaltyInForce(ctx, app)
	return dispatch.Ban{Until: v.Until, Forever: v.Until.IsZero()}, inForce, err
}

// templatesOf answers from the account's list as it was read within the last
// minute: a send does not cost a second call.
type templatesOf struct{ *account }

func (t templatesOf) Template(ctx context.Context, id string) (wechat.Template, error) {
	found, err := t.recall(ctx, id)
	if errors.Is(err, errTemplateGone) {
		return found, dispatch.ErrNoTemplate
	}
	return found, err
}
