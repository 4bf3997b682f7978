package store

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
func (s *Store) hold() (release func()) {
	s.writer.turn <- struct{}{}
	return func() { <-s.writer.turn }
}

// waitFor returns when n writers wait for the turn.
func (s *Store) waitFor(n int) {
	for {
		s.writer.queue.mu.Lock()
		waiting := len(s.writer.queue.jobs)
		s.writer.queue.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

func TestWritersThatMeetShareATransactionButNotTheirErrors(t *testing.T) {
	f := newFixture(t)
	errOdd := errors.New("odd")
	release := f.hold()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := f.write(t.Context(), func(x *tx) error {
				_, committed, err := f.Activities(t.Context(), ActivityFilter{Act: "test"})
				if err != nil || committed > 0 {
					t.Errorf("%d rows were committed before writer %d, %v", committed, i, err)
				}
				if err := x.record(Actor{}, 0, "test", object("n", i), nil); err != nil || i%2 == 0 {
					return err
				}
				return errOdd
			})
			if want := []error{nil, errOdd}[i%2]; err != want {
				t.Errorf("writer %d: %v, want %v", i, err, want)
			}
		})
	}
	f.waitFor(20)
	release()
	wg.Wait()
	_, total, err := f.Activities(t.Context(), ActivityFilter{Act: "test"})
	noError(t, err)
	equal(t, "rows of those without an error", total, 10)
}

// A refusal has nothing to undo, so its neighbours run once.
func TestWhoIsRefusedBeforeWritingCostsTheOthersNothing(t *testing.T) {
	f := newFixture(t)
	errOdd := errors.New("odd")
	release := f.hold()
	var runs atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := f.write(t.Context(), func(t *tx) error {
				runs.Add(1)
				if i%2 == 1 {
					return errOdd
				}
				return t.record(Actor{}, 0, "test", object("n", i), nil)
			})
			if want := []error{nil, errOdd}[i%2]; err != want {
				t.Errorf("writer %d: %v, want %v", i, err, want)
			}
		})
	}
	f.waitFor(20)
	release()
	wg.Wait()
	_, total, err := f.Activities(t.Context(), ActivityFilter{Act: "test"})
	noError(t, err)
	equal(t, "rows", total, 10)
	equal(t, "runs", runs.Load(), 20)
}

func TestAPanicHitsOnlyTheOneWhoCausedIt(t *testing.T) {
	f := newFixture(t)
	release := f.hold()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		f.write(t.Context(), func(*tx) error { panic("mine") })
	})
	for i := range 5 {
		wg.Go(func() {
			if err := f.Record(t.Context(), Actor{}, 0, "test", fmt.Sprint(i), ""); err != nil {
				t.Error(err)
			}
		})
	}
	f.waitFor(6)
	release()
	wg.Wait()
	_, total, err := f.Activities(t.Context(), ActivityFilter{Act: "test"})
	noError(t, err)
	equal(t, "rows", total, 5)
}

func TestWhoeverGivesUpWhileWaitingChangesNothing(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	release := f.hold()
	done := make(chan error)
	go func() { done <- f.Record(ctx, Actor{}, 0, "test", "", "") }()
	f.waitFor(1)
	cancel()
	wantError(t, <-done, context.Canceled)
	release()
	wantError(t, f.Record(ctx, Actor{}, 0, "test", "", ""), context.Canceled)
	_, total, err := f.Activities(t.Context(), ActivityFilter{Act: "test"})
	noError(t, err)
	equal(t, "rows", total, 0)
}

// Cancelling in the middle must not interrupt the statement: SQLite would roll back the neighbours too.
func TestGivingUpInTheMiddleStillCommits(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	noError(t, f.write(ctx, func(t *tx) error {
		cancel()
		return t.record(Actor{}, 0, "test", "", nil)
	}))
	_, total, err := f.Activities(t.Context(), ActivityFilter{Act: "test"})
	noError(t, err)
	equal(t, "rows", total, 1)
}

func TestFault39_EightHundredReadThenWriteTransactionsAtOnce(t *testing.T) {
	f := newFixture(t)
	beside := open(t, f.dir, f.clock) // as another process would
	d := f.draft(t, "0")
	const transactions = 800
	var wg sync.WaitGroup
	for i := range transactions {
		wg.Go(func() {
			s := []*Store{f.Store, beside}[i%2]
			err := s.write(t.Context(), func(t *tx) error {
				now, err := t.draft(d.App, d.ID)
				if err != nil {
					return err
				}
				return t.update("UPDATE drafts SET version = ? WHERE id = ?", now.Version+1, d.ID)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	read, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "version", read.Version, d.Version+transactions)
}

func TestFault40_AFullDiskIsSaidAndLosesNothing(t *testing.T) {
	f := newFixture(t)
	pages, err := one(t.Context(), f.readers, scan[int], "PRAGMA page_count")
	noError(t, err)
	_, err = one(t.Context(), f.writer.conn, scan[int], fmt.Sprintf("PRAGMA max_page_count = %d", pages+20))
	noError(t, err)

	kept := map[string]int64{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d/%d", w, i)
				large := attempt(f.app.ID, key)
				large.Request = make([]byte, 2000)
				x, _, err := f.BeginSend(t.Context(), f.by, large)
				if err != nil {
					if !errors.Is(err, ErrFull) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				kept[key] = x.ID
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(kept) == 0 {
		t.Fatal("nothing went in before the disk was full")
	}
	noError(t, f.Check(t.Context()))
	_, total, err := f.Sends(t.Context(), SendFilter{App: f.app.ID})
	noError(t, err)
	equal(t, "sends", total, len(kept))
	for key, id := range kept {
		x, err := f.SendByKey(t.Context(), f.app.ID, key)
		noError(t, err)
		equal(t, "id of "+key, x.ID, id)
	}
	_, err = one(t.Context(), f.writer.conn, scan[int], "PRAGMA max_page_count = 100000")
	noError(t, err)
	f.send(t, "there is room again", "tpl")
}
