package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// hold keeps the turn until the returned function is called, so that the writers after it meet.
func (d *DB) hold() (release func()) {
	d.writer.turn <- struct{}{}
	return func() { <-d.writer.turn }
}

// waitFor returns when n writers wait for the turn.
func (d *DB) waitFor(n int) {
	for d.writer.queue.len() != n {
		runtime.Gosched()
	}
}

func TestWritersThatMeetShareATransactionButNotTheirErrors(t *testing.T) {
	d := fresh(t)
	errOdd := errors.New("odd")
	release := d.hold()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(x *Tx) error {
				if committed := d.count(t); committed > 0 {
					t.Errorf("%d rows were committed before writer %d", committed, i)
				}
				if err := x.Exec("INSERT INTO lines VALUES (?)", fmt.Sprint(i)); err != nil || i%2 == 0 {
					return err
				}
				return errOdd
			})
			if want := []error{nil, errOdd}[i%2]; err != want {
				t.Errorf("writer %d: %v, want %v", i, err, want)
			}
		})
	}
	d.waitFor(20)
	release()
	wg.Wait()
	equal(t, "rows of those without an error", d.count(t), 10)
}

var lineRows = &Rows{Table: "lines", Once: []string{"text"}}

// What is written later is seen by what follows, taken back with its job, and fails for its own caller.
func TestWhatIsWrittenLaterBelongsToItsJobAsWell(t *testing.T) {
	d := fresh(t)
	errOdd := errors.New("odd")
	release := d.hold()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(x *Tx) error {
				text := any(fmt.Sprint(i))
				if i%4 == 3 {
					text = nil // which the table does not take
				}
				if x.Later(lineRows, []any{text}); i%4 == 3 {
					return nil
				}
				n, err := number(x.Context(), x, "SELECT count(*) FROM lines WHERE text = ?", text)
				if err == nil && n != 1 {
					t.Errorf("writer %d sees %d of its rows", i, n)
				}
				if err == nil && i%4 == 1 {
					err = errOdd
				}
				return err
			})
			if failed := err != nil; failed != (i%2 == 1) {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	d.waitFor(20)
	release()
	wg.Wait()
	equal(t, "rows of those without an error", d.count(t), 10)
}

// What many count in one transaction is added up, a row for each key.
func TestCountsOfManyAreAddedUp(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "a.db"), Schema{`CREATE TABLE counts (app INTEGER NOT NULL, name TEXT NOT NULL,
		first TEXT NOT NULL, yes INTEGER NOT NULL, no INTEGER NOT NULL, PRIMARY KEY (app, name)) STRICT`})
	counts := &Rows{Table: "counts", Key: []string{"app", "name"}, Once: []string{"first"}, Sums: []string{"yes", "no"}}
	for round := range 2 {
		release := d.hold()
		var wg sync.WaitGroup
		for i := range 70 {
			wg.Go(func() {
				err := d.Write(t.Context(), func(x *Tx) error {
					x.Later(counts, []any{1, "all", fmt.Sprint(round)}, 1, -2)
					x.Later(counts, []any{1, fmt.Sprint(i), ""}, 0, 1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		d.waitFor(70)
		release()
		wg.Wait()
		equal(t, "rows", d.number(t, "SELECT count(*) FROM counts"), 71)
		for column, want := range map[string]int64{"yes": 70, "no": -140} {
			equal(t, column, d.number(t, "SELECT "+column+" FROM counts WHERE name = 'all' AND first = '0'"), int64(round+1)*want)
		}
	}
}

// A refusal has nothing to undo, so its neighbours run once.
func TestOneWhoIsRefusedBeforeWritingCostsTheOthersNothing(t *testing.T) {
	d := fresh(t)
	errOdd := errors.New("odd")
	release := d.hold()
	var runs atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(x *Tx) error {
				runs.Add(1)
				if i%2 == 1 {
					return errOdd
				}
				return x.Exec("INSERT INTO lines VALUES (?)", fmt.Sprint(i))
			})
			if want := []error{nil, errOdd}[i%2]; err != want {
				t.Errorf("writer %d: %v, want %v", i, err, want)
			}
		})
	}
	d.waitFor(20)
	release()
	wg.Wait()
	equal(t, "rows", d.count(t), 10)
	equal(t, "runs", runs.Load(), 20)
}

func TestAPanicHitsOnlyTheOneWhoCausedIt(t *testing.T) {
	d := fresh(t)
	release := d.hold()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		d.Write(t.Context(), func(*Tx) error { panic("mine") })
	})
	for i := range 5 {
		wg.Go(func() {
			if err := d.add(t.Context(), fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	d.waitFor(6)
	release()
	wg.Wait()
	equal(t, "rows", d.count(t), 5)
}

func TestOneWhoGivesUpWhileWaitingChangesNothing(t *testing.T) {
	d := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	release := d.hold()
	done := make(chan error)
	go func() { done <- d.add(ctx, "late") }()
	d.waitFor(1)
	cancel()
	wantError(t, <-done, context.Canceled)
	release()
	wantError(t, d.add(ctx, "later"), context.Canceled)
	equal(t, "rows", d.count(t), 0)
}

// Cancelling in the middle must not interrupt the statement: SQLite would roll back the neighbours too.
func TestGivingUpInTheMiddleStillCommits(t *testing.T) {
	d := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	noError(t, d.Write(ctx, func(x *Tx) error {
		cancel()
		return x.Exec("INSERT INTO lines VALUES ('in time')")
	}))
	equal(t, "rows", d.count(t), 1)
}
