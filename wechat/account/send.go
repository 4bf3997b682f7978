package account

import (
	"context"
	"errors"

	"muban/wechat"
	"muban/wechat/dispatch"
)

// Sender is what a send of the account's goes through. Its preflight is what the template's page shows
// before.
func (a *Account) Sender(j dispatch.Journal) dispatch.Sender {
	checks := a.Preflight()
	return dispatch.Sender{Journal: j, WeChat: dispatch.Through(a.Kind, a.Client), Preflight: &checks}
}

// Preflight is what is looked at before an allowance of the account is spent.
func (a *Account) Preflight() dispatch.Preflight {
	return dispatch.Preflight{
		Kind: a.Kind, Templates: recent{a}, Allowances: a.store, Tokens: a.Keeper,
		Penalties: penalties{a.store, a.Kind.Name()}, Now: a.now,
	}
}

// recent answers from the account's list as it was read within the last minute: a send does not cost
// a second call.
type recent struct{ *Account }

func (r recent) Template(ctx context.Context, id string) (wechat.Template, error) {
	found, err := r.Recall(ctx, id)
	if errors.Is(err, ErrNoTemplate) {
		return found, dispatch.ErrNoTemplate
	}
	return found, err
}
