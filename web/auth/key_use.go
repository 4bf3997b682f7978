package auth

import (
	"context"
	"sync"
	"time"

	"muban/store"
)

// KeyUse counts in memory what API keys are used for, so that a call costs no
// write. The zero value is ready. A process that is killed forgets no more than
// housekeeping's few seconds of it.
type KeyUse struct {
	mu     sync.Mutex
	handed map[handout]int64
	uses   map[int64]time.Time // by key: the last
}

// handout is what hand-outs of the token are counted by.
type handout struct {
	key, app int64
	hour     int64 // seconds since 1970
}

// Used notes that the key was used.
func (u *KeyUse) Used(key int64, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.uses == nil {
		u.uses = map[int64]time.Time{}
	}
	u.uses[key] = now
}

// HandOut counts a token that the key's server got.
func (u *KeyUse) HandOut(key *store.APIKey, now time.Time) {
	u.add(map[handout]int64{{key.ID, key.App, now.Truncate(time.Hour).Unix()}: 1})
}

func (u *KeyUse) add(counts map[handout]int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.handed == nil {
		u.handed = map[handout]int64{}
	}
	for what, n := range counts {
		u.handed[what] += n
	}
}

// Flush writes what was counted. What cannot be written is kept for the next time.
func (u *KeyUse) Flush(ctx context.Context, st *store.Store) error {
	u.mu.Lock()
	handed, uses := u.handed, u.uses
	u.handed, u.uses = nil, nil
	u.mu.Unlock()
	if len(uses) > 0 {
		if err := st.APIKeysUsed(ctx, uses); err != nil {
			u.add(handed) // the uses come again with the next call
			return err
		}
	}
	if len(handed) == 0 {
		return nil
	}
	list := make([]store.Handout, 0, len(handed))
	for what, n := range handed {
		list = append(list, store.Handout{KeyID: what.key, App: what.app, Hour: time.Unix(what.hour, 0), Count: n})
	}
	err := st.AddHandouts(ctx, list)
	if err != nil {
		u.add(handed)
	}
	return err
}
