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
	SaveToken(ctx context.Context, appID string, r Record) error
}

// ErrNone is a Store's answer for an app without a stored token.
var ErrNone = errors.New("token: none stored")

// diskTimeout bounds one read or write of the store: callers may be waiting.
const diskTimeout = 5 * time.Second

// disk is what the keeper knows of its store.
type disk struct {
	mu     sync.Mutex  // one read or write at a time
	read   atomic.Bool // the stored token is known
	behind atomic.Bool // the store failed: it does not hold the token that is served
	saved  *Record     // a pointer, so that printing a Keeper does not print the token
}

// load takes over the token of the last run (faults.md 13). A store that fails does not
// keep a token from being fetched.
func (k *Keeper) load(ctx context.Context) {
	if k.disk.read.Load() {
		return
	}
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	if k.disk.read.Load() {
		return
	}
	r, err := k.fromDisk(context.WithoutCancel(ctx))
	if err != nil && !errors.Is(err, ErrNone) {
		k.options.Log.Warn("stored access token not read", "app", k.appID, "err", err)
		return
	}
	k.disk.read.Store(true)
	k.mu.Lock()
	defer k.mu.Unlock()
	if h := k.held.Load(); r.Value != "" && (h == nil || r.FetchedAt.After(h.FetchedAt)) {
		k.disk.saved = &r
		k.adopt(r, k.adopted, false)
	}
}

// newerOnDisk takes over a token that another process fetched since (faults.md 9).
func (k *Keeper) newerOnDisk(ctx context.Context, f *flight) (wechat.Secret, bool) {
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	r, err := k.fromDisk(ctx)
	if err != nil || r.Value == "" {
		return "", false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now, h := k.options.Now(), k.held.Load()
	newer := h == nil || r.Value != h.Value && !r.FetchedAt.Before(h.FetchedAt)
	if k.flight != f || !newer || r.FetchedAt.After(now) || r.ExpiresAt.Sub(now) < earliest {
		return "", false
	}
	k.flight = nil
	k.disk.saved = &r
	k.adopt(r, f.number, false)
	k.nudge()
	return r.Value, true
}

func (k *Keeper) fromDisk(ctx context.Context) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, diskTimeout)
	defer cancel()
	return k.store.LoadToken(ctx, k.appID)
}

// save stores the token that is served. When the store fails the token is served from
// memory, and Run saves it later (faults.md 14).
func (k *Keeper) save() {
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	h := k.held.Load()
	if h == nil || k.disk.saved != nil && h.Record == *k.disk.saved {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	err := k.store.SaveToken(ctx, k.appID, h.Record)
	k.disk.behind.Store(err != nil)
	if err != nil {
		k.options.Log.Warn("access token not stored, served from memory", "app", k.appID, "err", err)
		return
	}
	k.disk.saved = &h.Record
}
