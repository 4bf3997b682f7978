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

// Fetch gets a token from WeChat: wechat.FetchToken or FetchStableToken with its
// credentials bound. force is set for a refresh by hand.
type Fetch func(ctx context.Context, force bool) (wechat.Token, error)

// Options are all optional.
type Options struct {
	Now       func() time.Time                    // time.Now
	Timeout   time.Duration                       // of one fetch; 15 s
	Log       *slog.Logger                        // discards
	Jitter    func(d time.Duration) time.Duration // spreads d, so that processes do not act together; adds up to a tenth
	OnRefresh func(Event)                         // after every fetch, good or bad, from the keeper's goroutine
	Shared    Shared                              // with other processes; nil for a keeper that is alone
	Process   string                              // the name of this process in the journal
}

// Keeper keeps one app's token. It is safe for concurrent use.
type Keeper struct {
	appID   string
	id      string // among all keepers
	store   Store
	options Options
	held    atomic.Pointer[held] // written under mu; nil while there is no token

	mu       sync.Mutex
	fetch    Fetch
	flight   *flight     // the fetch under way, or nil
	launched int         // flights so far
	adopted  int         // the number of the flight that brought what is held
	edited   int         // launched, when the credentials were replaced: older flights count no more
	stale    bool        // the held token is of credentials that were replaced
	trouble  trouble     // what went wrong since the last good fetch
	heard    int64       // the journal's last event that trouble takes account of
	lost     time.Time   // when the last fetch began whose token, if any, nobody has
	quick    int         // tokens rejected soon after their fetch, in a row
	forced   []time.Time // the last day's fetches by hand

	disk disk
	wake chan struct{} // to Run: what it waits for may have changed
}

var _ wechat.TokenSource = (*Keeper)(nil)

// held is the token that is served. A held never changes; another takes its place.
type held struct {
	Record
	lookAt time.Time // from then on Token looks whether a fetch is due; at the latest ExpiresAt
	odd    bool      // it came with a lifetime that is not to be believed
}

// New returns a keeper that asks nobody anything before it is asked itself.
func New(appID string, fetch Fetch, store Store, o Options) *Keeper {
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
		appID: appID, id: crand.Text()[:8], fetch: fetch, store: store, options: o, wake: make(chan struct{}, 1),
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
	if h := k.held.Load(); h != nil && h.quiet(now) {
		return h.Record, nil
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
	r, err := k.await(ctx, func() (Record, *flight, error) { return k.replacement(rejected, who) })
	return r.Value, err
}

// Force fetches a new token by hand. Within 30 s of the last time, and after 20 times in
// 24 hours, it answers a *Pause: these are the limits of WeChat's own stable_token, and
// they hold for all processes together, over restarts (faults.md 4).
func (k *Keeper) Force(ctx context.Context) (wechat.Secret, error) {
	k.load(ctx)
	who, asked := asker(ctx), false
	r, err := k.await(ctx, func() (Record, *flight, error) {
		if asked { // and the credentials were edited meanwhile
			return k.serve()
		}
		asked = true
		return k.force(who)
	})
	return r.Value, err
}

// Replace takes new credentials. What the old ones still answer is dropped; the token
// they brought is served until the new ones have brought another (faults.md 15).
func (k *Keeper) Replace(fetch Fetch) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fetch, k.stale = fetch, true
	k.edited = k.launched
	k.trouble, k.quick = trouble{}, 0
	if k.flight != nil {
		k.flight.drop()
		k.flight = nil
	}
	if h := k.held.Load(); h != nil {
		k.held.Store(&held{Record: h.Record, odd: h.odd}) // due at once
	}
	k.nudge()
}

// await takes what look finds: a token, an error, or a flight to wait for. When the
// flight is dropped it looks again. The flight does not end with the caller's ctx.
func (k *Keeper) await(ctx context.Context, look func() (Record, *flight, error)) (Record, error) {
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
// have fetched (faults.md 1).
func (k *Keeper) serve() (Record, *flight, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, h := k.options.Now(), k.held.Load()
	if h != nil && h.quiet(now) {
		return h.Record, nil, nil
	}
	if k.flight == nil && !now.Before(k.trouble.next) {
		k.launch(Due, "")
	}
	switch {
	case h.valid(now):
		return h.Record, nil, nil
	case k.flight == nil:
		return Record{}, nil, k.trouble.err
	}
	return Record{}, k.flight, nil
}

func (k *Keeper) replacement(rejected wechat.Secret, who string) (Record, *flight, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, h := k.options.Now(), k.held.Load()
	if h.valid(now) && h.Value != rejected {
		return h.Record, nil, nil
	}
	if k.flight == nil {
		if now.Before(k.trouble.next) {
			return Record{}, nil, k.trouble.err
		}
		if h.valid(now) {
			if err := k.mayReplace(h, now); err != nil {
				return Record{}, nil, err
			}
		}
		k.launch(Rejected, who)
	}
	k.flight.mustReplace = true
	return Record{}, k.flight, nil
}

func (k *Keeper) force(who string) (Record, *flight, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.flight == nil {
		if err := k.mayForce(k.options.Now()); err != nil {
			return Record{}, nil, err
		}
		k.launch(Forced, who)
	}
	return Record{}, k.flight, nil
}

// quiet reports whether the token is served without a further look. A token of the
// future was stored under another clock: it is served, but its expiry is not believed.
func (h *held) quiet(now time.Time) bool {
	return now.Before(h.lookAt) && !now.Before(h.FetchedAt)
}

func (h *held) valid(now time.Time) bool { return h != nil && now.Before(h.ExpiresAt) }
