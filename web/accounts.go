package web

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/library"
	"muban/wechat/sandbox"
	"muban/wechat/templates"
	"muban/wechat/token"
)

// sandboxBase stands for the simulation inside this process. The name cannot be
// resolved (RFC 2606), so a request that strayed would go nowhere.
const sandboxBase = "http://sandbox.invalid"

// account is one app at work: its client, the keeper of its token, its library.
type account struct {
	app     store.App
	client  *wechat.Client
	keeper  *token.Keeper
	library *library.Reader // asks WeChat directly
	mirror  *library.Mirror // the whole of it, once it was synced
	checks  checks
	listed  atomic.Pointer[templates.List]
	adding  sync.Mutex // one template/add at a time
	now     func() time.Time

	listKept *templates.List // of housekeeping alone: the one of listed that the store has

	// stop ends the keeper's refreshing and the mirror's syncs; nil before start.
	stop context.CancelFunc
}

// accounts are the apps at work, in the order they were added. An archived app has no account, so
// that no page, no key and no chore reaches it.
type accounts struct {
	s *Server

	mu    sync.RWMutex
	all   []*account
	names []store.App // as the switcher shows them; replaced whole, never changed
	gone  []store.App // the archived ones; replaced whole, never changed
	count uint64      // of changes

	ctx     context.Context // of Run; nil before it
	running sync.WaitGroup
}

// openAccounts loads the apps. A console without one opens on the sandbox.
func openAccounts(ctx context.Context, s *Server) (*accounts, error) {
	a := &accounts{s: s}
	apps, err := s.Store.Apps(ctx)
	if err != nil {
		return nil, err
	}
	if len(apps) == 0 {
		app, err := s.Store.AddApp(ctx, store.Actor{}, store.App{
			AppID: sandbox.DefaultAppID, Name: "沙箱小程序", Base: sandboxBase, Secret: sandbox.DefaultSecret, Sandbox: true,
		})
		if err != nil {
			return nil, err
		}
		apps = []store.App{app}
	}
	for _, app := range apps {
		if err := a.put(app); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// put makes an account of app, in place of an earlier one of the same id. An
// archived app's comes to its end.
func (a *accounts) put(app store.App) error {
	if !app.ArchivedAt.IsZero() {
		a.replace(app, nil)
		return nil
	}
	keeper := token.New(app.AppID, a.s.fetch(app), a.s.Store, token.Options{
		Now: a.s.Now, Log: a.s.Log, Shared: a.s.Store, Process: processName(), OnRefresh: a.s.refreshed,
	})
	client, err := wechat.NewClient(wechat.Config{Base: app.Base, Tokens: keeper, Transport: a.s.clocked(app), Timeout: a.s.Timeout})
	if err != nil {
		return err
	}
	acct := &account{app: app, client: client, keeper: keeper, library: library.NewReader(client, a.s.Now), now: a.s.Now}
	acct.mirror = library.NewMirror(app.ID, client, a.s.Store, library.Options{Now: a.s.Now, Pause: a.s.libraryPause(app), Log: a.s.Log})
	a.replace(app, acct)
	return nil
}

// replace ends the account of app and puts acct in its place, or app among the
// archived ones where acct is nil.
func (a *accounts) replace(app store.App, acct *account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*account
	for _, old := range a.all {
		if old.app.ID != app.ID {
			all = append(all, old)
		} else if old.stop != nil {
			old.stop()
		}
	}
	gone := slices.DeleteFunc(slices.Clone(a.gone), func(g store.App) bool { return g.ID == app.ID })
	if acct == nil {
		gone = append(gone, app)
	} else {
		all = append(all, acct)
		a.keep(acct)
	}
	slices.SortFunc(all, func(x, y *account) int { return cmp.Compare(x.app.ID, y.app.ID) })
	slices.SortFunc(gone, func(x, y store.App) int { return cmp.Compare(x.ID, y.ID) })
	a.all, a.names, a.gone, a.count = all, nil, gone, a.count+1
	for _, each := range all {
		a.names = append(a.names, each.app)
	}
}

// processName tells the processes on one database apart, for people: "host/4711".
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// reload takes over what another process on the same database changed.
func (a *accounts) reload(ctx context.Context) error {
	apps, err := a.s.Store.Apps(ctx)
	if err != nil {
		return err
	}
	// Those at work first, so that there is one at every moment.
	slices.SortStableFunc(apps, func(x, y store.App) int { return x.ArchivedAt.Compare(y.ArchivedAt) })
	for _, app := range apps {
		if a.has(app) {
			continue
		}
		if err := a.put(app); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether app is known here as it is.
func (a *accounts) has(app store.App) bool {
	if acct, ok := a.byID(app.ID); ok && acct.app.UpdatedAt.Equal(app.UpdatedAt) {
		return true
	}
	gone, ok := a.archived(app.ID)
	return ok && gone.UpdatedAt.Equal(app.UpdatedAt)
}

// keep refreshes the account's token ahead of expiry, and syncs its library,
// while Run runs.
func (a *accounts) keep(acct *account) {
	if a.ctx == nil || acct.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(a.ctx)
	acct.stop = stop
	a.running.Go(func() {
		if err := acct.keeper.Run(ctx); err != nil && ctx.Err() == nil {
			a.s.Log.Error("the token keeper stopped", "appid", acct.app.AppID, "err", err)
		}
	})
	a.running.Go(func() {
		if err := acct.mirror.Run(ctx); err != nil && ctx.Err() == nil {
			a.s.Log.Error("the library's mirror stopped", "appid", acct.app.AppID, "err", err)
		}
	})
}

func (a *accounts) start(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ctx = ctx
	for _, acct := range a.all {
		a.keep(acct)
	}
}

func (a *accounts) wait() { a.running.Wait() }

// current is the account chosen by id, the first where it is unknown or 0.
func (a *accounts) current(id int64) *account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, acct := range a.all {
		if acct.app.ID == id {
			return acct
		}
	}
	return a.all[0]
}

// of answers the apps that are there for somebody with these roles, and the account
// of the chosen one: the first where it is not among them, nil where there is none.
func (a *accounts) of(roles store.AppRoles, chosen int64) (*account, []store.App) {
	if len(roles) == 0 {
		return a.current(chosen), a.list()
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	var current *account
	var apps []store.App
	for _, acct := range a.all {
		if roles[acct.app.ID] == store.None {
			continue
		}
		if current == nil || acct.app.ID == chosen {
			current = acct
		}
		apps = append(apps, acct.app)
	}
	return current, apps
}

func (a *accounts) byAppID(appID string) (*account, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, acct := range a.all {
		if acct.app.AppID == appID {
			return acct, true
		}
	}
	return nil, false
}

func (a *accounts) byID(id int64) (*account, bool) {
	acct := a.current(id)
	return acct, acct.app.ID == id
}

// edition changes whenever the list does.
func (a *accounts) edition() uint64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.count
}

// each is all of them; the slice is replaced whole, never changed.
func (a *accounts) each() []*account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.all
}

func (a *accounts) list() []store.App {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.names
}
