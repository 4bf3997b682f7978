package account

import (
	"context"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/penalty"
)

// BannedError is an act that a penalty forbids.
type BannedError struct{ penalty.Violation }

func (e *BannedError) Error() string { return "account: a penalty is in force" }

// Add is template/add, unless a penalty is in force, which is a *BannedError: WeChat would refuse it,
// and may punish harder (处罚说明). Its errors are those of kind.Kind otherwise.
func (a *Account) Add(ctx context.Context, title wechat.Title, keywordIDs []int) (kind.Added, error) {
	ban, inForce, err := a.store.PenaltyInForce(ctx, a.App.ID)
	if err != nil {
		return kind.Added{}, err
	}
	if inForce {
		return kind.Added{}, &BannedError{ban}
	}
	return kind.Template.Add(ctx, a.Client, title, keywordIDs)
}

// penalties answers from the penalties that people recorded.
type penalties struct{ Store }

func (p penalties) InForce(ctx context.Context, app int64) (dispatch.Ban, bool, error) {
	v, inForce, err := p.PenaltyInForce(ctx, app)
	return dispatch.Ban{Until: v.Until, Forever: v.Until.IsZero()}, inForce, err
}
