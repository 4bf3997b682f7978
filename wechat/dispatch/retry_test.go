package dispatch_test

import (
	"context"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// A new prepay_id answers 41028 for its first seconds.
func TestFault21_ANewPaymentThatIsNotKnownYetIsTriedAgainUntilItIs(t *testing.T) {
	w := newWorld(t)
	id := w.payment(t, 12*time.Second)
	s, err := w.send(t.Context(), "one", w.under(id, "a"))
	if err != nil || s.Outcome != dispatch.Sent || s.Attempts != 4 || w.calls() != 4 || w.delivered() != 1 {
		t.Fatalf("%s after %d attempts, %d calls, %d delivered, %v", s.Outcome, s.Attempts, w.calls(), w.delivered(), err)
	}
	if r := w.right(t, id); r.Used != 1 || r.Left() != 2 {
		t.Errorf("%+v", r)
	}
	if n, err := w.store.CallsToday(t.Context(), w.app, "template"); err != nil || n != 4 {
		t.Errorf("%d calls of today's quota, %v", n, err)
	}
}

func TestFault21_AnUnpaidPaymentIsGivenUpAfterItsFirstMinute(t *testing.T) {
	w := newWorld(t)
	id := w.payment(t, time.Hour)
	s, err := w.send(t.Context(), "one", w.under(id, "a"))
	if err != nil || s.Outcome != dispatch.Refused || s.ErrCode != 41028 || s.Attempts < 12 || s.Attempts > 14 {
		t.Fatalf("%s %d after %d attempts, %v", s.Outcome, s.ErrCode, s.Attempts, err)
	}
	if r := w.right(t, id); r.Closed != ledger.EndInvalid {
		t.Errorf("%+v", r)
	}
}

func TestFault21_AnOldPaymentAndAFormAreTriedOnce(t *testing.T) {
	w := newWorld(t)
	old := w.payment(t, time.Hour)
	_, err := w.store.ReportRights(t.Context(), actor, w.app, []ledger.Report{{OpenID: openID, ID: old, When: w.clock.now().Add(-time.Minute)}})
	must(t, err)
	for key, id := range map[string]string{"payment": old, "form": "0123456789abcdef"} {
		s, err := w.send(t.Context(), key, w.under(id, "a"))
		if err != nil || s.ErrCode != 41028 || s.Attempts != 1 {
			t.Errorf("%s: %d after %d attempts, %v", key, s.ErrCode, s.Attempts, err)
		}
	}
}

// Nobody has to wait: the send goes on, and the same key asks how it stands.
func TestACallerWhoDoesNotWaitForAPaymentIsToldThatItIsUnderWay(t *testing.T) {
	w := newWorld(t)
	ctx, leave := context.WithCancel(t.Context())
	pause := make(chan time.Time)
	w.deliveries.After = func(d time.Duration) <-chan time.Time {
		w.clock.advance(d)
		leave()
		return pause
	}
	m := w.under(w.payment(t, time.Second), "a")
	s, err := w.send(ctx, "one", m)
	if err != nil || s.Outcome != dispatch.Pending || s.ID == 0 || s.Replayed {
		t.Fatalf("%+v, %v", s, err)
	}
	pause <- w.clock.now()
	s, err = w.send(t.Context(), "one", m)
	if err != nil || s.Outcome != dispatch.Sent || s.Attempts != 2 || !s.Replayed || w.delivered() != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
}

// A stop does not turn what is certainly not sent into an unknown outcome.
func TestAStopEndsTheWaitingWithTheLastAnswer(t *testing.T) {
	w := newWorld(t)
	waits := make(chan bool)
	w.deliveries.After = func(time.Duration) <-chan time.Time { close(waits); return nil }
	id := w.payment(t, time.Hour)
	go w.send(t.Context(), "one", w.under(id, "a"))
	<-waits
	w.deliveries.Close()
	s, err := w.store.SendByKey(t.Context(), w.app, "one")
	if err != nil || s.Outcome != dispatch.Refused || s.ErrCode != 41028 {
		t.Fatalf("%+v, %v", s, err)
	}
}

// A payment sends three messages, side by side, while it settles.
func TestAPaymentSendsThreeAtOnceWhileItSettles(t *testing.T) {
	w := newWorld(t)
	w.deliveries.After = time.After
	id := w.payment(t, 0)
	ends := make(chan dispatch.Send)
	for _, key := range []string{"a", "b", "c", "d"} {
		go func() {
			s, err := w.send(t.Context(), key, w.under(id, key))
			if err != nil {
				s.Outcome = "told"
			}
			ends <- s
		}()
	}
	got := map[string]int{}
	for range 4 {
		got[(<-ends).Outcome]++
	}
	if got[dispatch.Sent] != 3 || got["told"] != 1 || w.delivered() != 3 {
		t.Fatalf("%v, %d delivered", got, w.delivered())
	}
}

// A panic in one send is that caller's error and leaves the others alone.
func TestAPanicIsTheCallersOwn(t *testing.T) {
	w := newWorld(t)
	sender := w.sender()
	sender.WeChat = panics{}
	if _, err := w.deliveries.Send(t.Context(), sender, dispatch.Send{App: w.app, Key: "one"}, w.message(t, "a")); err == nil {
		t.Fatal("no error")
	}
	if s, err := w.send(t.Context(), "two", w.message(t, "b")); err != nil || s.Outcome != dispatch.Sent {
		t.Fatal(s, err)
	}
}

type panics struct{}

func (panics) Send(context.Context, wechat.Message) (string, error) { panic("odd") }
