package store

import (
	"context"
	"sync"
	"time"
)

// Waiting is how much of one app waits for a person.
type Waiting struct {
	Reviews  int // drafts of others that were submitted for review
	Rejected int // drafts of the person's own that came back
	Unknown  int // sends of unknown outcome that nobody has decided
	Own      int // those of Unknown that the person sent
}

// waitingFresh is for how long Waiting goes by what it has read, where only another process may have written.
const waitingFresh = time.Second

// keptWaiting is what Waiting has read since the last write of this process.
type keptWaiting struct {
	mu     sync.Mutex
	writes int64
	read   time.Time
	of     map[[2]int64]Waiting // by app and person
}

// Waiting answers what the navigation counts. That is on every page, so it is looked up once between two writes:
// what this process has done counts at once, what another has done within a second.
func (s *Store) Waiting(ctx context.Context, app, person int64) (Waiting, error) {
	k, key := &s.waiting, [2]int64{app, person}
	writes, now := s.db.Writes(), s.now() // before the look: a write meanwhile makes it old
	k.mu.Lock()
	if age := now.Sub(k.read); k.writes != writes || age < 0 || age >= waitingFresh {
		k.writes, k.read, k.of = writes, now, map[[2]int64]Waiting{}
	}
	kept := k.of
	w, known := kept[key]
	k.mu.Unlock()
	if known {
		return w, nil
	}
	w, err := s.readWaiting(ctx, app, person)
	if err == nil {
		k.mu.Lock()
		kept[key] = w // of the writes it was read after, which others may have left behind
		k.mu.Unlock()
	}
	return w, err
}

// readWaiting is one look at three indexes.
func (s *Store) readWaiting(ctx context.Context, app, person int64) (Waiting, error) {
	scan := func(r row) (w Waiting, err error) {
		err = r.Scan(&w.Reviews, &w.Rejected, &w.Unknown, &w.Own)
		return w, err
	}
	return one(ctx, s.readers, scan, `SELECT
		(SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state = 'review' AND coalesce(author, 0) <> ?),
		(SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state IN ('rejected', 'refused') AND author = ?),
		count(*), coalesce(sum(CASE WHEN person_id = ? THEN 1 ELSE 0 END), 0)
		FROM sends WHERE app = ? AND outcome = 'unknown' AND decision = ''`,
		app, person, app, person, person, app)
}
