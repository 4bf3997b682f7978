package web

import (
	"context"
	"sync"
	"time"

	"muban/store"
)

// tally counts in memory what API keys are used for, so that a call costs no
// write. The zero value is ready. A process that is killed forgets no more than
// housekeeping's few seconds of it.
type tally struct {
	mu     sync.Mutex
	handed map[handout]int64
	uses   map[int64]time.Time // by key: the last
}

// handout is what hand-outs of the token are counted by.
type handout struct {
	key, app int64
	hour     int64 // seconds since 1970
}

// used notes that the key was used.
func (t *tally) used(key int64, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.uses == nil {
		t.uses = map[int64]time.Time{}
	}
	t.uses[key] = now
}

// handOut counts a token that the key's server got.
func (t *tally) handOut(key *store.APIKey, now time.Time) {
	t.add(map[handout]int64{{key.ID, key.App, now.Truncate(time.Hour).Unix()}: 1})
}

func (t *tally) add(counts map[handout]int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.handed == nil {
		t.handed = map[handout]int64{}
	}
	for what, n := range counts {
		t.handed[what] += n
	}
}

func (s *Server) flushTally(ctx context.Context) error { return s.tally.flush(ctx, s.Store) }

// flush writes what was counted. What cannot be written is kept for the next time.
func (t *tally) flush(ctx context.Context, st *store.Store) error {
	t.mu.Lock()
	handed, uses := t.handed, t.uses
	t.handed, t.uses = nil, nil
	t.mu.Unlock()
	if len(uses) > 0 {
		if err := st.APIKeysUsed(ctx, uses); err != nil {
			t.add(handed) // the uses come again with the next call
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
		t.add(handed)
	}
	return err
}
