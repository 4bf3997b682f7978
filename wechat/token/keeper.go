// Package token keeps the access token of one app: the heart of the central server
// that WeChat's documentation asks for (获取 access_token 1–3). One fetch serves any
// number of callers in any number of processes on one database, the old token is served
// while the new one is fetched, and the token survives a restart.
package token

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"muban/wechat"
)

// Ask gets a token from WeChat: wechat.FetchToken or FetchStableToken with its
// credentials bound. force is set for a refresh by hand.
type Ask func(ctx context.Context, force bool) (wechat.Token, error)

// Options are all optional.
type Options struct {
	Now     func() time.Time // time.Now
	Timeout time.Duration    // of one fetch; 15 s
	Log     *slog.Logger     // discards
	// Jitter spreads d, so that processes do not act together. By default it adds up to a tenth.
	Jitter func(d time.Duration) time.Duration
	// Probe makes a small call to WeChat with the token, and has it replaced (Refresh) where it is
	// rejected, as every call of a wechat.Client does. Without it Suspect does nothing.
	Probe     func(ctx context.Context) error
	OnRefresh func(Event) // after every fetch, good or bad; two at once may be told in either order
	Shared    Shared      // with other processes; nil for a keeper that is alone
	Process   string      // the name of this process in Fetches
}

// Keeper keeps one app's token. It is safe for concurrent use.
type Keeper struct {
	appID   string
	id      string // among all keepers
	store   Store
	options Options
	current atomic.Pointer[current] // written under mu; nil while there is no token

	mu      sync.Mutex
	ask     Ask
	fetch   *fetch      // the fetch under way, or nil
	started int         // how many fetches were started so far
	adopted int         // the number of the fetch that brought the current token
	edited  int         // what started was when the credentials were replaced: older fetches count no more
	stale   bool        // the current token is of credentials that were replaced
	trouble trouble     // what went wrong since the last good fetch
	heard   int64       // the ID of the last event in Fetches that trouble takes account of
	lost    time.Time   // when the last fetch began whose token, if any, nobody has
	quick   int         // tokens rejected soon after their fetch, in a row
	forced  []time.Time // the last day's fetches by hand
	probes  probes

	disk disk
	wake chan struct{} // to Run: what it waits for may have changed
}

var _ wechat.TokenSource = (*Keeper)(nil)

// current is the token that is served. It never changes; another takes its place.
type current struct {
	Record
	lookAt time.Time // from then on Token looks whether a fetch is due; at the latest ExpiresAt
	odd    bool      // it came with a lifetime that is not to be believed
}

// New returns a keeper that asks nobody anything before it is asked itself.
func New(appID string, ask Ask, store Store, o Options) *Keeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Jitter == nil {
		o.Jitter = func(d time.Duration) time.Duration { return d + rand.N(d/10+1) }
	}
	return &Keeper{
		appID: appID, id: crand.Text()[:8], ask: ask, store: store, options: o, wake: make(chan struct{}, 1),
	}
}

// Format prints the app only: fmt would follow pointers to the token.
func (k *Keeper) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "token.Keeper(%s)", k.appID) }

// Token returns the token to use now. It waits only where none is valid; while one is
// due for replacement the old one is returned (获取 access_token 2). Without a valid
// token it returns the error of the last fetch, until the next attempt is due.
func (k *Keeper) Token(ctx context.Context) (wechat.Secret, error) {
	r, err := k.Current(ctx)
	return r.Value, err
}

// Current is Token with the token's times: what is handed on must not be said to live
// longer than it does.
func (k *Keeper) Current(ctx context.Context) (Record, error) {
	now := k.options.Now()
	if c := k.current.Load(); c != nil && c.quiet(now) {
		return c.Record, nil
	}
	k.load(ctx)
	return k.await(ctx, k.serve)
}

// Refresh returns the token that replaces rejected, which WeChat has refused
// (获取 access_token 3, "被动刷新"). Where it was replaced already nothing is fetched.
// It answers a *Pause where tokens are rejected one after the other: something else is
// wrong then, and a new one would not mend it.
func (k *Keeper) Refresh(ctx context.Context, rejected wechat.Secret) (wechat.Secret, error) {
	k.load(ctx)
	who := asker(ctx)
	r, err := k.await(ctx, func() (Record, *fetch, error) { return k.replacement(rejected, who) })
	return r.Value, err
}

// Force fetches a new token by hand. Within 30 s of the last time, and after 20 times in
// 24 hours, it answers a *Pause: these are the limits of WeChat's own stable_token, and
// they hold for all processes together, over restarts.
func (k *Keeper) Force(ctx context.Context) (wechat.Secret, error) {
	k.load(ctx)
	who, asked := asker(ctx), false
	r, err := k.await(ctx, func() (Record, *fetch, error) {
		if asked { // and the credentials were edited meanwhile
			return k.serve()
		}
		asked = true
		return k.force(who)
	})
	return r.Value, err
}

// Replace takes new credentials. What the old ones still answer is dropped; the token
// they brought is served until the new ones have brought another.
func (k *Keeper) Replace(ask Ask) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ask, k.stale = ask, true
	k.edited = k.started
	k.trouble, k.quick = trouble{}, 0
	if k.fetch != nil {
		k.fetch.drop()
		k.fetch = nil
	}
	if c := k.current.Load(); c != nil {
		k.current.Store(&current{Record: c.Record, odd: c.odd}) // due at once
	}
	k.nudge()
}

// await takes what look finds: a token, an error, or a fetch to wait for. When the
// fetch is dropped it looks again. The fetch does not end with the caller's ctx.
func (k *Keeper) await(ctx context.Context, look func() (Record, *fetch, error)) (Record, error) {
	for {
		r, f, err := look()
		if f == nil {
			return r, err
		}
		select {
		case <-ctx.Done():
			return Record{}, ctx.Err()
		case <-f.done:
		}
		if !f.dropped {
			return f.record, f.err
		}
	}
}

// serve looks again under the lock: between a caller's first look and now somebody may
// have fetched, and a thousand callers at once must make one fetch.
func (k *Keeper) serve() (Record, *fetch, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, c := k.options.Now(), k.current.Load()
	if c != nil && c.quiet(now) {
		return c.Record, nil, nil
	}
	if k.fetch == nil && !now.Before(k.trouble.next) {
		k.startFetch(Due, "")
	}
	switch {
	case c.valid(now):
		return c.Record, nil, nil
	case k.fetch == nil:
		return Record{}, nil, k.trouble.err
	}
	return Record{}, k.fetch, nil
}

func (k *Keeper) replacement(rejected wechat.Secret, who string) (Record, *fetch, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, c := k.options.Now(), k.current.Load()
	if c.valid(now) && c.Value != rejected {
		return c.Record, nil, nil
	}
	if k.fetch == nil {
		if now.Before(k.trouble.next) {
			return Record{}, nil, k.trouble.err
		}
		if c.valid(now) {
			if err := k.mayReplace(c, now); err != nil {
				return Record{}, nil, err
			}
		}
		k.startFetch(Rejected, who)
	}
	k.fetch.mustReplace = true
	return Record{}, k.fetch, nil
}

func (k *Keeper) force(who string) (Record, *fetch, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetch == nil {
		if err := k.mayForce(k.options.Now()); err != nil {
			return Record{}, nil, err
		}
		k.startFetch(Forced, who)
	}
	return Record{}, k.fetch, nil
}

// quiet reports whether the token is served without a further look. A token of the
// future was stored under another clock: it is served, but its expiry is not believed.
func (c *current) quiet(now time.Time) bool {
	return now.Before(c.lookAt) && !now.Before(c.FetchedAt)
}

func (c *current) valid(now time.Time) bool { return c != nil && now.Before(c.ExpiresAt) }
