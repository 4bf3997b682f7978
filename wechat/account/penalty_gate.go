package account

import (
	"context"

	"muban/wechat/dispatch"
	"muban/wechat/penalty"
)

// BannedError is an act that a penalty forbids.
type BannedError struct{ penalty.Violation }

func (e *BannedError) Error() string { return "account: a penalty is in force" }

// penaltyGate is a *BannedError while a penalty for the account's kind of message is in force.
func (a *Account) penaltyGate(ctx context.Context) error {
	ban, inForce, err := a.store.PenaltyInForce(ctx, a.App.ID, a.Kind.Name())
	if err == nil && inForce {
		return &BannedError{ban}
	}
	return err
}

// penalties answers from the penalties that people recorded for a kind of message.
type penalties struct {
	Store
	kind string
}

func (p penalties) InForce(ctx context.Context, app int64) (dispatch.Ban, bool, error) {
	v, inForce, err := p.PenaltyInForce(ctx, app, p.kind)
	return dispatch.Ban{Until: v.Until, Forever: v.Until.IsZero()}, inForce, err
}
