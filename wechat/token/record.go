package token

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"muban/wechat"
)

// Record is a fetched token as it is stored.
type Record struct {
	Value                wechat.Secret
	FetchedAt, ExpiresAt time.Time // FetchedAt is when the request for it began
}

// Store keeps the token over restarts.
type Store interface {
	// LoadToken answers ErrNone when there is none.
	LoadToken(ctx context.Context, appID string) (Record, error)
	// SaveToken answers ErrLater, and keeps what it has, when that was fetched after r.
	SaveToken(ctx context.Context, appID string, r Record) error
}

// Errors of a Store.
var (
	ErrNone  = errors.New("token: none stored")
	ErrLater = errors.New("token: a later one is stored")
)

// diskTimeout bounds one read or write of the store: callers may be waiting.
const diskTimeout = 5 * time.Second

// disk is what the keeper knows of its store.
type disk struct {
	mu     sync.Mutex  // one read or write at a time
	read   atomic.Bool // the stored token is known
	behind atomic.Bool // the store failed: it does not hold the token that is served
	saved  *Record     // a pointer, so that printing a Keeper does not print the token
}

// load takes over the token of the last run, so that a restart fetches nothing. A store that fails does not
// keep a token from being fetched.
func (k *Keeper) load(ctx context.Context) {
	if k.disk.read.Load() {
		return
	}
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	if !k.disk.read.Load() {
		k.takeOver(context.WithoutCancel(ctx), false)
	}
}

// sync takes over what other processes have done since. While this one has the lease
// (leased) none of them is fetching.
func (k *Keeper) sync(ctx context.Context, leased bool) {
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	k.takeOver(ctx, leased)
}

// takeOver reads the store; k.disk.mu is held.
func (k *Keeper) takeOver(ctx context.Context, leased bool) {
	r, err := k.fromDisk(ctx)
	if err != nil && !errors.Is(err, ErrNone) {
		k.options.Log.Warn("stored access token not read", "app", k.appID, "err", err)
		return
	}
	events := k.fetches(ctx)
	k.disk.read.Store(true)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.isNews(r) {
		k.disk.saved = &r
		k.adopt(r, k.adopted, false)
		k.nudge()
	}
	k.learn(events, leased)
}

// isNews tells whether a stored token is later than the current one. Of two, one that comes
// from the future was fetched under another clock, before it was set right; k.mu is held.
func (k *Keeper) isNews(r Record) bool {
	now, c := k.options.Now(), k.current.Load()
	switch {
	case r.Value == "":
		return false
	case c == nil:
		return true
	case r.Value == c.Value || r.FetchedAt.After(now):
		return false
	}
	return c.FetchedAt.After(now) || !r.FetchedAt.Before(c.FetchedAt)
}

func (k *Keeper) fromDisk(ctx context.Context) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	return k.store.LoadToken(ctx, k.appID)
}

// keep stores r and answers it, or the later one that another process has stored. When
// the store fails the token is served from memory, and Run saves it later.
func (k *Keeper) keep(r Record) Record {
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	if k.disk.saved != nil && r == *k.disk.saved {
		return r
	}
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	err := k.store.SaveToken(ctx, k.appID, r)
	if errors.Is(err, ErrLater) {
		var stored Record
		if stored, err = k.store.LoadToken(ctx, k.appID); err == nil {
			r = stored
		}
	}
	k.disk.behind.Store(err != nil)
	if err != nil {
		k.options.Log.Warn("access token not stored, served from memory", "app", k.appID, "err", err)
		return r
	}
	k.disk.saved = &r
	return r
}

// catchUp stores what could not be stored when it came.
func (k *Keeper) catchUp() {
	c := k.current.Load()
	if c == nil || k.keep(c.Record) == c.Record {
		return
	}
	k.sync(context.Background(), false) // a later one was there
}

// Shared is what several processes on one store have in common beside the token. Where
// it fails a keeper goes on alone: a token that is needed is fetched.
type Shared interface {
	Lease
	Fetches
}

// Lease lets one of them fetch at a time: the tokens of two would end one another.
type Lease interface {
	// TakeLease takes or renews; taken is false while another holder's lease is alive.
	TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (taken bool, err error)
	ReleaseLease(ctx context.Context, name, holder string) error
}

// Fetches records every fetch: for people to read, and for a process to know what the
// others, and it itself before a restart, have done.
type Fetches interface {
	// BeginFetch records a fetch that is about to be made, and answers its ID.
	BeginFetch(ctx context.Context, e Event) (id int64, err error)
	// EndFetch records the result of the fetch e.ID.
	EndFetch(ctx context.Context, e Event) error
	// Fetches answers the app's fetches that began at since or later, oldest first.
	Fetches(ctx context.Context, appID string, since time.Time) ([]Event, error)
}
