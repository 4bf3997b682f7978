package account

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"muban/wechat/alert"
	"muban/wechat/audit"
	"muban/wechat/dispatch"
	"muban/wechat/library"
	"muban/wechat/penalty"
	"muban/wechat/token"
)

// Store is what accounts keep over restarts, and share with other processes.
type Store interface {
	token.Store
	token.Shared
	library.Store
	dispatch.Allowances
	alert.Board
	Changes
	// Apps answers every app, the archived ones too, the oldest first.
	Apps(ctx context.Context) ([]App, error)
	// KeepAccountList drops a list that was read before the one that it has.
	KeepAccountList(ctx context.Context, app int64, kind string, l List) error
	AccountList(ctx context.Context, app int64, kind string) (List, error)
	// Templates are all that we remember of the app's, the deleted ones too.
	Templates(ctx context.Context, app int64) ([]Template, error)
	// KnownTitles are those of the app's templates of a kind and of its proposals.
	KnownTitles(ctx context.Context, app int64, kind string) ([]audit.Existing, error)
	// PenaltyInForce answers the violation that keeps an app's API for a kind of message closed now, and whether there is
	// one; "" is any kind.
	PenaltyInForce(ctx context.Context, app int64, kind string) (penalty.Violation, bool, error)
}

// Options are what accounts need from outside.
type Options struct {
	Store   Store
	Now     func() time.Time
	Log     *slog.Logger
	Timeout time.Duration // of one call to WeChat; 0 is the client's own
	// LibraryPause is how long a sync of a title library waits between two questions; 0 is the
	// mirror's own, and next to nothing in the sandbox.
	LibraryPause time.Duration
	// Transport is how an app's API is reached; nil is the network with public addresses alone.
	Transport func(App) http.RoundTripper
	// Observe wraps the transport of an app's calls, but for its token's; nil leaves it.
	Observe func(App, http.RoundTripper) http.RoundTripper
	OnFetch func(token.Event) // told of every fetch of a token that this process made
}

// Accounts are the apps at work, in the order they were added. An archived app has no account, so
// that no page, no key and no chore reaches it.
type Accounts struct {
	options Options

	mu      sync.RWMutex
	all     []*Account
	names   []App // as the switcher shows them; replaced whole, never changed
	gone    []App // the archived ones; replaced whole, never changed
	version uint64

	ctx     context.Context // of Start; nil before it
	running sync.WaitGroup
}

// Open loads the apps; there has to be one at work.
func Open(ctx context.Context, o Options) (*Accounts, error) {
	a := &Accounts{options: o}
	return a, a.Reload(ctx)
}

// Put makes an account of app, in place of an earlier one of the same id. An archived app's comes to
// its end.
func (a *Accounts) Put(app App) error {
	if !app.ArchivedAt.IsZero() {
		a.replace(app, nil)
		return nil
	}
	acct, err := a.options.open(app)
	if err != nil {
		return err
	}
	a.replace(app, acct)
	return nil
}

// replace ends the account of app and puts acct in its place, or app among the archived ones where
// acct is nil.
func (a *Accounts) replace(app App, acct *Account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*Account
	for _, old := range a.all {
		if old.App.ID != app.ID {
			all = append(all, old)
		} else if old.stop != nil {
			old.stop()
		}
	}
	gone := slices.DeleteFunc(slices.Clone(a.gone), func(g App) bool { return g.ID == app.ID })
	if acct == nil {
		gone = append(gone, app)
	} else {
		all = append(all, acct)
		a.keep(acct)
	}
	slices.SortFunc(all, func(x, y *Account) int { return cmp.Compare(x.App.ID, y.App.ID) })
	slices.SortFunc(gone, func(x, y App) int { return cmp.Compare(x.ID, y.ID) })
	a.all, a.names, a.gone, a.version = all, nil, gone, a.version+1
	for _, each := range all {
		a.names = append(a.names, each.App)
	}
}

// Fetch is the call that gets a token of app, which need not be at work.
func (a *Accounts) Fetch(app App) token.Ask { return a.options.fetch(app) }

// ProcessName tells the processes on one database apart, for people: "host/4711".
func ProcessName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// Reload takes over what is stored, which another process on the same database may have changed.
func (a *Accounts) Reload(ctx context.Context) error {
	apps, err := a.options.Store.Apps(ctx)
	if err != nil {
		return err
	}
	// Those at work first, so that there is one at every moment.
	slices.SortStableFunc(apps, func(x, y App) int { return x.ArchivedAt.Compare(y.ArchivedAt) })
	for _, app := range apps {
		if a.has(app) {
			continue
		}
		if err := a.Put(app); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether app is known here as it is.
func (a *Accounts) has(app App) bool {
	same := func(x App) bool { return x.ID == app.ID && x.UpdatedAt.Equal(app.UpdatedAt) }
	return slices.ContainsFunc(a.Every(), same)
}

// keep refreshes the account's token ahead of expiry, and syncs its library, from Start on.
func (a *Accounts) keep(acct *Account) {
	if a.ctx == nil || acct.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(a.ctx)
	acct.stop = stop
	log := a.options.Log.With("appid", acct.App.AppID)
	a.running.Go(func() {
		if err := acct.Keeper.Run(ctx); err != nil && ctx.Err() == nil {
			log.Error("the token keeper stopped", "err", err)
		}
	})
	for _, k := range acct.kinds {
		a.running.Go(func() {
			if err := k.Mirror.Run(ctx); err != nil && ctx.Err() == nil {
				log.Error("the library's mirror stopped", "kind", k.Kind.Name(), "err", err)
			}
		})
	}
}

// Start keeps tokens and libraries until ctx ends; see Wait.
func (a *Accounts) Start(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ctx = ctx
	for _, acct := range a.all {
		a.keep(acct)
	}
}

// Wait waits until all that Start began has stopped.
func (a *Accounts) Wait() { a.running.Wait() }

// Current is the account chosen by id, the first where it is unknown or 0.
func (a *Accounts) Current(id int64) *Account {
	all := a.Each()
	for _, acct := range all {
		if acct.App.ID == id {
			return acct
		}
	}
	return all[0]
}

// Of answers the apps that are seen, and the account of the chosen one: the first where it is not
// among them, nil where there is none. A nil seen sees them all.
func (a *Accounts) Of(seen func(App) bool, chosen int64) (*Account, []App) {
	if seen == nil {
		return a.Current(chosen), a.List()
	}
	var current *Account
	var apps []App
	for _, acct := range a.Each() {
		if !seen(acct.App) {
			continue
		}
		if current == nil || acct.App.ID == chosen {
			current = acct
		}
		apps = append(apps, acct.App)
	}
	return current, apps
}

// ByAppID answers the account at work with WeChat's id.
func (a *Accounts) ByAppID(appID string) (*Account, bool) {
	for _, acct := range a.Each() {
		if acct.App.AppID == appID {
			return acct, true
		}
	}
	return nil, false
}

// ByID answers the account at work with our id.
func (a *Accounts) ByID(id int64) (*Account, bool) {
	acct := a.Current(id)
	return acct, acct.App.ID == id
}

// Version changes whenever the list does.
func (a *Accounts) Version() uint64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.version
}

// Each is all of those at work; the slice is replaced whole, never changed.
func (a *Accounts) Each() []*Account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.all
}

// List is the apps at work.
func (a *Accounts) List() []App {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.names
}

// Archived is every archived app.
func (a *Accounts) Archived() []App {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.gone
}

// ArchivedByID answers the archived app with our id.
func (a *Accounts) ArchivedByID(id int64) (App, bool) {
	for _, app := range a.Archived() {
		if app.ID == id {
			return app, true
		}
	}
	return App{}, false
}

// Every is the apps at work, then the archived ones.
func (a *Accounts) Every() []App {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Concat(a.names, a.gone)
}
