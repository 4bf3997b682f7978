package web

import (
	"context"
	"maps"
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
	edition uint64 // another one whenever byTitle is another
}

const usagesFresh = 5 * time.Second

// get is the usage by title id, which is not to be changed, and its edition.
func (u *usages) get(ctx context.Context) (map[string]store.TitleUsage, uint64, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if age := u.now().Sub(u.read); age >= 0 && age < usagesFresh {
		return u.byTitle, u.edition, nil
	}
	byTitle, err := u.store.TitleUsages(context.WithoutCancel(ctx))
	if err != nil {
		return nil, 0, err
	}
	if !maps.Equal(byTitle, u.byTitle) {
		u.byTitle, u.edition = byTitle, u.edition+1
	}
	u.read = u.now()
	return u.byTitle, u.edition, nil
}
