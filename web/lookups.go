package web

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"muban/store"
)

// lookups counts who asked for which template since the counts were last written: a write for each
// question would cost more than the answer. The zero value is ready.
type lookups struct {
	mu      sync.Mutex
	counted map[store.Lookup]store.Lookup // by what was asked for, without Count and LastAt
}

func (l *lookups) note(asked store.Lookup, at time.Time) {
	asked.Count, asked.LastAt = 1, at
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(asked)
}

// add needs the lock.
func (l *lookups) add(x store.Lookup) {
	key := x
	key.Count, key.LastAt = 0, time.Time{}
	sum := l.counted[key]
	x.Count += sum.Count
	if x.LastAt.Before(sum.LastAt) {
		x.LastAt = sum.LastAt
	}
	if l.counted == nil {
		l.counted = map[store.Lookup]store.Lookup{}
	}
	l.counted[key] = x
}

// flush writes the counts. What cannot be written waits for the next time.
func (l *lookups) flush(ctx context.Context, st *store.Store) error {
	l.mu.Lock()
	counted := slices.Collect(maps.Values(l.counted))
	l.counted = nil
	l.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	err := st.NoteLookups(ctx, counted)
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, x := range counted {
			l.add(x)
		}
	}
	return err
}
