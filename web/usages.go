package web

import (
	"context"
	"sync"
	"time"

	"muban/store"
)

// usages keeps how often our apps use each title, for the list that is looked at
// most. Templates and drafts come and go in many ways, also in another process,
// so it is read again after a few seconds and not when one of them says so.
type usages struct {
	store *store.Store
	now   func() time.Time

	mu      sync.Mutex
	read    time.Time
	byTitle map[string]store.TitleUsage
}

const usagesFresh = 5 * time.Second

// get is the usage by title id, which is not to be changed.
func (u *usages) get(ctx context.Context) (map[string]store.TitleUsage, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if age := u.now().Sub(u.read); age >= 0 && age < usagesFresh {
		return u.byTitle, nil
	}
	byTitle, err := u.store.TitleUsages(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	u.byTitle, u.read = byTitle, u.now()
	return u.byTitle, nil
}
