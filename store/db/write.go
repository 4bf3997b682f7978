package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Write runs change in a transaction and returns once it is on the disk, or undone when change fails. Callers that
// meet share one transaction, and so one fsync.
//
// change may run more than once (see writer.run) and in another caller's goroutine: it must set what it hands out,
// not add to it, and must use only t and its context. ctx ends the wait, never a change that runs.
func (d *DB) Write(ctx context.Context, change func(t *Tx) error) error {
	return d.writer.do(ctx, change)
}

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

// turnEnds tells the others what the one who had the turn met: those who wait behind a lock that another process
// has held for as long as busy_timeout says would only wait for it one after the other.
func (w *writer) turnEnds(lost error) {
	if !errors.Is(lost, ErrBusy) {
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
	if lost != nil && len(jobs) > 1 && !errors.Is(lost, ErrBusy) {
		lost = w.transaction(jobs, w.stepApart)
	}
	if lost != nil && len(jobs) > 1 && !errors.Is(lost, ErrBusy) {
		for i := range jobs {
			w.run(jobs[i : i+1])
		}
		return
	}
	w.note(lost)
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

// transaction returns an error when nothing of it was kept; what failed for one job alone is in its err.
func (w *writer) transaction(jobs []*job, step func(*job) error) (lost error) {
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
		if err := step(j); err != nil {
			return err
		}
	}
	return w.exec(ctx, "COMMIT")
}

// begin is the job's part of a transaction. A cancelled statement would take the neighbours' work with it.
func (w *writer) begin(j *job) *Tx {
	return &Tx{ctx: context.WithoutCancel(j.ctx), w: w, now: w.now().UTC()}
}

// step runs one job. It returns an error when the others' work cannot be kept: the job failed after it had
// written, or SQLite may have given up the transaction by itself, as it does when the disk is full.
func (w *writer) step(j *job) error {
	t := w.begin(j)
	if j.err = guard(t, j.change); t.wrote || fromSQLite(j.err) {
		return j.err
	}
	return nil
}

// stepApart runs one job between savepoints, and returns an error only when the whole transaction is gone.
func (w *writer) stepApart(j *job) error {
	t := w.begin(j)
	if err := t.Exec("SAVEPOINT job"); err != nil {
		return err
	}
	if j.err = guard(t, j.change); j.err == nil {
		return t.Exec("RELEASE job")
	}
	if t.Exec("ROLLBACK TO job") != nil {
		return j.err
	}
	return t.Exec("RELEASE job")
}

// guard keeps a panic of one caller from hitting the one who has the turn; result raises it where it belongs.
func guard(t *Tx, change func(*Tx) error) (err error) {
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

// writer is the one connection that changes the database. The one who has the turn uses it alone.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	now   func() time.Time
	queue queue
	turn  chan struct{}
	// trouble is why the storage did not take the last transaction; nil where it did.
	trouble atomic.Pointer[error]
	stmts   map[string]*sql.Stmt // preparing costs as much as running; the texts are constants, so few
}

func openWriter(ctx context.Context, dsn string, now func() time.Time) (*writer, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &writer{db: db, conn: conn, now: now, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}, nil
}

// close waits for the transaction under way.
func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	w.forget()
	w.conn.Close()
	return w.db.Close()
}

func (w *writer) forget() {
	for _, stmt := range w.stmts {
		stmt.Close()
	}
	clear(w.stmts)
}

func (w *writer) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, Classify(err)
	}
	w.stmts[query] = stmt
	return stmt, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	_, err := w.affect(ctx, query, args...)
	return err
}

func (w *writer) affect(ctx context.Context, query string, args ...any) (rows int64, err error) {
	stmt, err := w.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, Classify(err)
	}
	return result.RowsAffected()
}

// Tx is a change under way: a write transaction, or one job's part of it.
type Tx struct {
	ctx   context.Context
	w     *writer
	now   time.Time
	wrote bool // or tried to
}

// Exec runs what answers no rows.
func (t *Tx) Exec(query string, args ...any) error {
	_, err := t.Affect(query, args...)
	return err
}

// Affect is Exec that answers how many rows it changed.
func (t *Tx) Affect(query string, args ...any) (rows int64, err error) {
	t.wrote = true
	return t.w.affect(t.ctx, query, args...)
}

// Context is not cancelled: a cancelled statement would take the neighbours' work with it.
func (t *Tx) Context() context.Context { return t.ctx }

// Now is the time of the change.
func (t *Tx) Now() time.Time { return t.now }

// QueryContext is for SELECT, and for changes that answer rows.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	t.wrote = t.wrote || !strings.HasPrefix(query, "SELECT")
	stmt, err := t.w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}
