package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Write runs change in a transaction and returns once it is on the disk, or undone when change fails. Callers that
// meet share one transaction, and so one fsync. Beside it no other change runs, of whichever process on whichever
// machine: what it reads stays so until it ends.
//
// change may run more than once (see writer.run) and in another caller's goroutine: it must set what it hands out,
// not add to it, and must use only t and its context. ctx ends the wait, never a change that runs. A statement that
// failed fails the change, as on PostgreSQL nothing more can be done after it.
//
// Trouble says that nothing was kept, but for ErrAway: a database that went away while it was to keep the change may
// have done so.
func (d *DB) Write(ctx context.Context, change func(t *Tx) error) error {
	return d.writer.do(ctx, change)
}

// Writes counts the transactions of this process: while it stays, this process has changed nothing.
func (d *DB) Writes() int64 { return d.writer.ended.Load() }

// job is one caller's change on its way through a transaction.
type job struct {
	ctx    context.Context
	change func(*Tx) error
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

// gather waits while more are coming: those whom the last commit has answered often write again at once.
// A writer who is alone loses nothing by it.
func (q *queue) gather() {
	for before := -1; before != q.len(); runtime.Gosched() {
		before = q.len()
	}
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.jobs)
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
func (w *writer) do(ctx context.Context, change func(*Tx) error) error {
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
			w.queue.gather()
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

// hopeless tells that the next to try meets the same: a lock that another process has held for as long as anybody
// waits for it, or a database that is away.
func hopeless(lost error) bool { return errors.Is(lost, ErrBusy) || errors.Is(lost, ErrAway) }

// turnEnds tells the others what the one who had the turn met: they would only wait for it one after the other.
func (w *writer) turnEnds(lost error) {
	if !hopeless(lost) {
		return
	}
	for _, j := range w.queue.takeAll() {
		j.err = lost
		close(j.done)
	}
}

// run commits the jobs together, at first as if none would fail. Where one has to be undone, all run again
// with a savepoint each, which costs as much as what they write; and where even that fails, each gets a
// transaction of its own, so that nobody fails for a neighbour's trouble.
func (w *writer) run(jobs []*job) {
	if len(jobs) == 0 { // the last turn has taken them
		return
	}
	lost := w.transaction(jobs, w.step)
	if lost != nil && len(jobs) > 1 && !hopeless(lost) {
		lost = w.transaction(jobs, w.stepApart)
	}
	if lost != nil && len(jobs) > 1 && !hopeless(lost) {
		for i := range jobs {
			w.run(jobs[i : i+1])
		}
		return
	}
	w.note(lost)
	w.ended.Add(1) // also where it is lost: the database may have kept it
	for _, j := range jobs {
		if lost != nil { // then even "already there" may have been said of a row that is gone
			j.err = lost
		}
		close(j.done)
	}
	w.turnEnds(lost)
}

// note keeps whether the last transaction met trouble of the storage.
func (w *writer) note(lost error) {
	switch {
	case lost == nil:
		w.trouble.Store(nil)
	case Trouble(lost):
		w.trouble.Store(&lost)
	}
}

// tries is how often a transaction is begun that lost its connection, or met another in a deadlock.
const tries = 4

// transaction returns an error when nothing of it was kept; what failed for one job alone is in its err.
func (w *writer) transaction(jobs []*job, step func(*Tx, *job) error) (lost error) {
	ctx := context.WithoutCancel(jobs[0].ctx)
	for try := range tries {
		time.Sleep(time.Duration(try*try) * 10 * time.Millisecond)
		var again bool
		if again, lost = w.attempt(ctx, jobs, step); !again {
			return lost
		}
	}
	return lost
}

// attempt is one transaction; again tells that the same may go well the next time.
func (w *writer) attempt(ctx context.Context, jobs []*job, step func(*Tx, *job) error) (again bool, lost error) {
	on, err := w.engine.begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		if lost != nil {
			again = on.again(lost)
			on.rollback(ctx)
		}
	}()
	told, now, all := false, w.now().UTC(), &shared{on: on}
	for _, j := range jobs {
		t := &Tx{shared: all, ctx: context.WithoutCancel(j.ctx), now: now}
		if err := step(t, j); err != nil {
			return false, err
		}
		told = told || t.told
	}
	if err := all.write(ctx); err != nil {
		return false, err
	}
	return false, on.commit(ctx, told)
}

// step runs one job. It returns an error when the others' work cannot be kept: the job failed after it had
// written, or the engine may have given up the transaction by itself.
func (w *writer) step(t *Tx, j *job) error {
	if j.err = t.run(j.change); t.wrote || fromEngine(j.err) {
		return j.err
	}
	return nil
}

// stepApart runs one job between savepoints, and returns an error only when the whole transaction is gone.
func (w *writer) stepApart(t *Tx, j *job) error {
	if err := t.Exec("SAVEPOINT job"); err != nil {
		return err
	}
	if j.err = t.run(j.change); j.err == nil {
		j.err = t.write(t.ctx)
	}
	if j.err == nil {
		return t.Exec("RELEASE job")
	}
	if t.undo() != nil {
		return j.err
	}
	return t.Exec("RELEASE job")
}

// run keeps a panic of one caller from hitting the one who has the turn; result raises it where it belongs.
func (t *Tx) run(change func(*Tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked{v, debug.Stack()}
		}
	}()
	if err = change(t); err == nil {
		err = t.failed
	}
	return err
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

// writer changes the database, one transaction after the other: the one who has the turn commits for all that wait.
type writer struct {
	engine engine
	now    func() time.Time
	queue  queue
	turn   chan struct{}
	ended  atomic.Int64 // transactions
	// trouble is why the storage did not take the last transaction; nil where it did.
	trouble atomic.Pointer[error]
}

func newWriter(e engine, now func() time.Time) *writer {
	return &writer{engine: e, now: now, turn: make(chan struct{}, 1)}
}
