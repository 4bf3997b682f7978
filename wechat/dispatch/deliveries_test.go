package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// Fault 16: a double click or a replay sends once.
func TestAHundredClicksWithOneKeySendOnce(t *testing.T) {
	w := newWorld(t)
	m := w.message(t, "TIT造舰厂")
	var clicks sync.WaitGroup
	for range 100 {
		clicks.Go(func() {
			s, err := w.send(context.Background(), "one", m)
			if err != nil || s.Outcome != dispatch.Sent {
				t.Errorf("%+v, %v", s.Outcome, err)
			}
		})
	}
	clicks.Wait()
	if n := w.calls(); n != 1 {
		t.Errorf("%d calls", n)
	}
	if n := len(w.sandbox.Messages(sandbox.DefaultAppID, openID)); n != 1 {
		t.Errorf("%d messages delivered", n)
	}
}

func TestTheSameKeyWithAnotherMessageIsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.send(t.Context(), "one", w.message(t, "a")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.send(t.Context(), "one", w.message(t, "b")); !errors.Is(err, dispatch.ErrKeyReused) {
		t.Errorf("%v", err)
	}
	if n := w.calls(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestARefusalIsRecordedWithItsCode(t *testing.T) {
	w := newWorld(t)
	used, never := w.message(t, "a"), w.under("0123456789abcdef", "a")
	must(t, w.client.Send(t.Context(), used)) // by somebody else
	for i, c := range []struct {
		m      wechat.Message
		code   int
		closed string
	}{{used, 41029, ledger.EndUsedUp}, {never, 41028, ledger.EndInvalid}} {
		s, err := w.send(t.Context(), fmt.Sprint(i), c.m)
		if err != nil || s.Outcome != dispatch.Refused || s.ErrCode != c.code || s.Attempts != 1 {
			t.Errorf("send %d: %+v, %v", i, s, err)
		}
		stored, err := w.store.Send(t.Context(), w.app, s.ID)
		if err != nil || stored.Outcome != s.Outcome || stored.ErrCode != c.code || stored.ErrMsg != s.ErrMsg {
			t.Errorf("stored: %+v, %v", stored, err)
		}
		if r := w.right(t, c.m.FormID); r.Closed != c.closed {
			t.Errorf("right: %+v", r)
		}
	}
}

// Fault 18: after a lost answer nothing is repeated by itself.
func TestALostAnswerIsUnknownAndIsNotRepeated(t *testing.T) {
	w := newWorld(t)
	m := w.message(t, "a")
	if err := w.sandbox.AddFault(sandbox.Fault{Path: sendPath, Times: 1, Drop: "after"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := w.send(t.Context(), "one", m)
		if err != nil || s.Outcome != dispatch.Unknown || s.Reason != "no_answer" {
			t.Errorf("%s %s, %v", s.Outcome, s.Reason, err)
		}
	}
	if r := w.right(t, m.FormID); w.calls() != 1 || w.delivered() != 1 || r.Held != 1 {
		t.Errorf("%d calls, %d delivered, %+v", w.calls(), w.delivered(), r)
	}
}

// "System busy" may have been said after the message went out: a payment's right stays held for it.
func TestFault59_ABusyWeChatLeavesASendUnknownAndItsRightHeld(t *testing.T) {
	w := newWorld(t)
	for want, id := range map[int]string{1: w.form(t), 3: w.payment(t, 0)} {
		must(t, w.sandbox.AddFault(sandbox.Fault{Path: sendPath, Times: 1, ErrCode: new(-1)}))
		for range 2 {
			s, err := w.send(t.Context(), id, w.under(id, "a"))
			if err != nil || s.Outcome != dispatch.Unknown || s.ErrCode != -1 || s.Attempts != 1 {
				t.Fatalf("%+v, %v", s, err)
			}
		}
		if r := w.right(t, id); r.Total != want || r.Held != 1 || r.Used != 0 || r.Closed != "" {
			t.Errorf("%+v", r)
		}
	}
	if w.calls() != 2 {
		t.Errorf("%d calls", w.calls())
	}
}

// leaver is a sender whose caller has gone by the time it is asked.
type leaver struct {
	dispatch.WeChat
	leave context.CancelFunc
}

func (l leaver) Send(ctx context.Context, m wechat.Message) (string, error) {
	l.leave()
	return l.WeChat.Send(ctx, m)
}

func TestACallerWhoLeavesLeavesARecordAllTheSame(t *testing.T) {
	w := newWorld(t)
	ctx, leave := context.WithCancel(t.Context())
	sender := w.sender()
	sender.WeChat = leaver{sender.WeChat, leave}
	s, err := w.deliveries.Send(ctx, sender, dispatch.Send{App: w.app, Key: "one"}, w.message(t, "a"))
	if err != nil || s.ID == 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.deliveries.Close()
	if stored, err := w.store.Send(t.Context(), w.app, s.ID); err != nil || stored.Outcome != dispatch.Sent {
		t.Errorf("stored: %s, %v", stored.Outcome, err)
	}
}

// leaving is the penalties' book of somebody who leaves while it is read.
type leaving struct {
	penalties
	leave context.CancelFunc
}

func (l leaving) InForce(ctx context.Context, app int64) (dispatch.Ban, bool, error) {
	l.leave()
	return l.penalties.InForce(ctx, app)
}

func TestACallerWhoLeavesDuringTheChecksIsToldHowTheSendStands(t *testing.T) {
	w := newWorld(t)
	m, pre, sender := w.known(t), w.preflight(), w.sender()
	ctx, leave := context.WithCancel(t.Context())
	pre.Penalties = leaving{leave: leave}
	sender.Preflight = &pre
	s, err := w.deliveries.Send(ctx, sender, dispatch.Send{App: w.app, Key: "one"}, m)
	if err != nil || s.ID == 0 || s.Outcome != dispatch.Pending && s.Outcome != dispatch.Sent {
		t.Fatalf("%+v, %v", s, err)
	}
	w.deliveries.Close()
	if w.delivered() != 1 {
		t.Errorf("%d delivered", w.delivered())
	}
}
