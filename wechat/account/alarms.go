package account

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"muban/wechat/alert"
	"muban/wechat/penalty"
)

// Alarms raise and clear the alerts of all apps, and hold those that are raised in memory: every page
// shows them.
type Alarms struct {
	accounts *Accounts
	watch    *alert.Watch
	ban      func(penalty.Violation) string
	list     atomic.Pointer[[]alert.Alert]
}

// NewAlarms knows of no alert before the first Look. describe says what an alert is about, ban until when a
// penalty lasts.
func NewAlarms(accounts *Accounts, describe alert.Describe, ban func(penalty.Violation) string) *Alarms {
	o := accounts.options
	return &Alarms{accounts: accounts, watch: alert.NewWatch(o.Store, o.Now, describe), ban: ban}
}

// Raised are those that are raised, oldest first.
func (a *Alarms) Raised() []alert.Alert {
	if list := a.list.Load(); list != nil {
		return *list
	}
	return nil
}

// Version changes with the list: the newest of them, and how many there are.
func (a *Alarms) Version() int64 {
	list := a.Raised()
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].ID<<16 + int64(len(list))
}

// Look raises and clears the alerts about tokens and penalties. Call it every few seconds.
func (a *Alarms) Look(ctx context.Context) error {
	var keepers []alert.Keeper
	for _, acct := range a.accounts.Each() {
		keepers = append(keepers, alert.Keeper{App: acct.watched(), State: acct.Keeper.State()})
		if err := a.lookForPenalty(ctx, acct); err != nil {
			return err
		}
	}
	return errors.Join(a.watch.Look(ctx, keepers), a.read(ctx))
}

// Recorded lets the alert about a penalty follow what was just recorded of one.
func (a *Alarms) Recorded(ctx context.Context, acct *Account) error {
	return errors.Join(a.lookForPenalty(ctx, acct), a.read(ctx))
}

// lookForPenalty raises the alert when a penalty begins, and clears it when it has ended or was lifted.
func (a *Alarms) lookForPenalty(ctx context.Context, acct *Account) error {
	ban, inForce, err := acct.store.PenaltyInForce(ctx, acct.App.ID, "")
	raised := slices.ContainsFunc(a.Raised(), func(x alert.Alert) bool {
		return x.Cause == alert.Penalty && x.App.ID == acct.App.ID
	})
	switch {
	case err != nil || inForce == raised:
		return err
	case inForce:
		return a.watch.Raise(ctx, alert.Penalty, acct.watched(), a.ban(ban))
	}
	return a.watch.Clear(ctx, alert.Penalty, acct.watched())
}

// watched is the account's app as an alert names it.
func (a *Account) watched() alert.App {
	return alert.App{ID: a.App.ID, AppID: a.App.AppID, Name: a.App.Name}
}

func (a *Alarms) read(ctx context.Context) error {
	raised, err := a.accounts.options.Store.RaisedAlerts(ctx)
	if err == nil {
		a.list.Store(&raised)
	}
	return err
}
