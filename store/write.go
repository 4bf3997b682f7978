package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// write runs change in a transaction and returns once it is on the disk, or undone when change fails.
// Callers that meet share one transaction, and so one fsync; each has a savepoint of its own in it.
//
// change may run more than once (see writer.run) and in another caller's goroutine: it must set what it
// hands out, not add to it, and must use only t and t.ctx. ctx ends the wait, never a change that runs.
func (s *Store) write(ctx context.Context, change func(t *tx) error) error {
	return s.writer.do(ctx, change)
}

// job is one caller's change on its way through a transaction.
type job struct {
	ctx    context.Context
	change func(*tx) error
	err    error
	done   chan struct{} // closed once err is final
}

// queue holds the jobs that no transaction has taken yet.
type queue struct {
	mu   sync.Mutex
	jobs []*job
}

func (q *queue) add(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, j)
}

func (q *queue) takeAll() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := q.jobs
	q.jobs = nil
	return jobs
}

// remove reports whether j was still waiting.
func (q *queue) remove(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.jobs {
		if q.jobs[i] == j {
			q.jobs = append(q.jobs[:i], q.jobs[i+1:]...)
			return true
		}
	}
	return false
}

// do queues the change. Whichever caller gets the turn commits all that wait, its own among them.
func (w *writer) do(ctx context.Context, change func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{ctx: ctx, change: change, done: make(chan struct{})}
	w.queue.add(j)
	for {
		select {
		case <-j.done:
			return j.result()
		case w.turn <- struct{}{}:
			w.run(w.queue.takeAll())
			<-w.turn
		case <-ctx.Done():
			if w.queue.remove(j) {
				return ctx.Err()
			}
			<-j.done
			return j.result()
		}
	}
}

// run commits the jobs together. When the transaction as a whole fails, each gets one of its own, so
// that nobody fails for a neighbour's trouble.
func (w *writer) run(jobs []*job) {
	lost := w.transaction(jobs)
	if lost != nil && len(jobs) > 1 {
		for i := range jobs {
			w.run(jobs[i : i+1])
		}
		return
	}
	for _, j := range jobs {
		if lost != nil { // then even "already there" may have been said of a row that is gone
			j.err = lost
		}
		close(j.done)
	}
}

// transaction returns an error when nothing of it was kept; what failed for one job alone is in its err.
func (w *writer) transaction(jobs []*job) (lost error) {
	if len(jobs) == 0 {
		return nil
	}
	ctx := context.WithoutCancel(jobs[0].ctx)
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if lost != nil {
			w.exec(ctx, "ROLLBACK") // fails when SQLite has rolled back already
		}
	}()
	for _, j := range jobs {
		if err := w.step(j); err != nil {
			return err
		}
	}
	return w.exec(ctx, "COMMIT")
}

// step runs one job between savepoints. It returns an error when the whole transaction is gone:
// SQLite gives it up by itself when the disk is full or fails.
func (w *writer) step(j *job) error {
	// A cancelled statement would take the neighbours' work with it.
	t := &tx{ctx: context.WithoutCancel(j.ctx), w: w, now: w.now().UTC()}
	if err := t.exec("SAVEPOINT job"); err != nil {
		return err
	}
	if j.err = guard(t, j.change); j.err == nil {
		return t.exec("RELEASE job")
	}
	if t.exec("ROLLBACK TO job") != nil {
		return j.err
	}
	return t.exec("RELEASE job")
}

// guard keeps a panic from taking down whoever happens to have the turn; result raises it where it belongs.
func guard(t *tx, change func(*tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked{v, debug.Stack()}
		}
	}()
	return change(t)
}

type panicked struct {
	value any
	stack []byte
}

func (p panicked) Error() string { return fmt.Sprintf("%v\n%s", p.value, p.stack) }

func (j *job) result() error {
	if p, ok := j.err.(panicked); ok {
		panic(p)
	}
	return j.err
}
