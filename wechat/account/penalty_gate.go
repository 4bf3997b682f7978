package account

import (
	"context"

	"muban/wechat/dispatch"
	"muban/wechat/penalty"
)

// BannedError is an act that a penalty forbids.
type BannedError struct{ penalty.Violation }

func (e *BannedError) Error() string { return "account: a penalty is in force" }

// penaltyGate is a *BannedError while a penalty is in force.
func (a *Account) penaltyGate(ctx context.Context) error {
	ban, inForce, err := a.store.PenaltyInForce(ctx, a.App.ID)
	if err == nil && inForce {
		return &BannedError{ban}
	}
	return err
}

// penalties answers from the penalties that people recorded.
type penalties struct{ Store }

func (p penalties) InForce(ctx context.Context, app int64) (dispatch.Ban, bool, error) {
	v, inForce, err := p.PenaltyInForce(ctx, app)
	return dispatch.Ban{Until: v.Until, Forever: v.Until.IsZero()}, inForce, err
}
