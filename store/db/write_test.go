package db

import (
	"context"
	"errors"
	"fmt"
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
