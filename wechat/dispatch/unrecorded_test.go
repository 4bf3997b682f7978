package dispatch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// fullDisk is a journal that can begin a send and then take nothing until there is room.
type fullDisk struct {
	journal
	mu    sync.Mutex
	room  bool
	tries int
}

var errFull = errors.New("disk full")

func (f *fullDisk) FinishSend(ctx context.Context, s dispatch.Send) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tries++; !f.room {
		return errFull
	}
	return f.journal.FinishSend(ctx, s)
}

func (f *fullDisk) makeRoom() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room = true
}

// paced tells when a delivery waits, and lets it go on when the test says so.
func (w *world) paced() (waiting chan struct{}, next chan time.Time) {
	waiting, next = make(chan struct{}, 1), make(chan time.Time)
	w.deliveries.After = func(time.Duration) <-chan time.Time {
		waiting <- struct{}{}
		return next
	}
	return waiting, next
}

func TestFault56_AKnownOutcomeIsKeptUntilTheStoreTakesIt(t *testing.T) {
	for name, c := range map[string]struct {
		fault   *sandbox.Fault
		outcome string
		code    int
		state   string // of the right in the end
	}{
		"sent":    {nil, dispatch.Sent, 0, ledger.EndSpent},
		"refused": {&sandbox.Fault{Path: sendPath, ErrCode: new(41029)}, dispatch.Refused, 41029, ledger.EndUsedUp},
		"unknown": {&sandbox.Fault{Path: sendPath, Drop: "after"}, dispatch.Unknown, 0, ledger.Held},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.known(t)
			if c.fault != nil {
				must(t, w.sandbox.AddFault(*c.fault))
			}
			waiting, next := w.paced()
			disk := &fullDisk{journal: journal{w.store}}
			by := dispatch.Sender{Journal: disk, WeChat: dispatch.Through(kind.Template, w.client)}
			asked := dispatch.Send{App: w.app, Key: "one"}
			for replayed := range 3 { // the callers are told, the first and those who ask again
				s, err := w.deliveries.Send(t.Context(), by, asked, m)
				if err != nil || s.Outcome != c.outcome || s.ErrCode != c.code || !s.Unrecorded || s.Replayed != (replayed > 0) {
					t.Fatalf("%+v, %v", s, err)
				}
				<-waiting
				if replayed < 2 {
					next <- time.Time{}
				}
			}
			stored, err := w.store.SendByKey(t.Context(), w.app, "one")
			if latest := w.deliveries.Latest(stored); err != nil || stored.Outcome != dispatch.Pending || latest.Outcome != c.outcome {
				t.Fatalf("stored %s, known %s, %v", stored.Outcome, latest.Outcome, err)
			}
			disk.makeRoom()
			next <- time.Time{}
			w.deliveries.Close()
			stored, err = w.store.SendByKey(t.Context(), w.app, "one")
			if err != nil || stored.Outcome != c.outcome || stored.ErrCode != c.code || w.calls() != 1 {
				t.Errorf("%+v, %v, %d calls", stored, err, w.calls())
			}
			if state := w.right(t, m.FormID).State(w.clock.now()); state != c.state {
				t.Errorf("right %s", state)
			}
		})
	}
}

func TestFault56_AStopTriesOnceMoreToRecordWhatIsKept(t *testing.T) {
	w := newWorld(t)
	w.paced()
	disk := &fullDisk{journal: journal{w.store}}
	s, err := w.deliveries.Send(t.Context(), dispatch.Sender{Journal: disk, WeChat: dispatch.Through(kind.Template, w.client)}, dispatch.Send{App: w.app, Key: "one"}, w.known(t))
	if err != nil || !s.Unrecorded {
		t.Fatalf("%+v, %v", s, err)
	}
	disk.makeRoom()
	w.deliveries.Close()
	if stored, err := w.store.Send(t.Context(), w.app, s.ID); err != nil || stored.Outcome != dispatch.Sent || disk.tries != 2 {
		t.Errorf("%s after %d tries, %v", stored.Outcome, disk.tries, err)
	}
}

// committed loses the store's own answer: the outcome is there, and the caller hears of an error.
type committed struct{ journal }

func (c committed) FinishSend(ctx context.Context, s dispatch.Send) error {
	return errors.Join(c.journal.FinishSend(ctx, s), errFull)
}

func TestFault56_AnOutcomeThatWasWrittenAllTheSameIsNotWrittenAgain(t *testing.T) {
	w := newWorld(t)
	by := dispatch.Sender{Journal: committed{journal{w.store}}, WeChat: dispatch.Through(kind.Template, w.client)}
	s, err := w.deliveries.Send(t.Context(), by, dispatch.Send{App: w.app, Key: "one"}, w.known(t))
	if err != nil || s.Outcome != dispatch.Sent || s.Unrecorded {
		t.Errorf("%+v, %v", s, err)
	}
}
