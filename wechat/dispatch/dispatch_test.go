package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// world is a desk on a real store and the simulated WeChat, with one template.
type world struct {
	desk     dispatch.Desk
	store    *store.Store
	sandbox  *sandbox.Server
	client   *wechat.Client
	app      int64
	template string
}

const openID = "oFqLoEA0699ge30abcdefghijklm"

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	app, err := st.AddApp(ctx, store.Actor{}, store.App{AppID: sandbox.DefaultAppID, Name: "test", Base: "http://sandbox.invalid", Secret: sandbox.DefaultSecret, Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, sandbox: sandbox.New(sandbox.Options{}), app: app.ID}
	credentials := wechat.Credentials{Base: app.Base, AppID: app.AppID, Secret: app.Secret, Transport: w.sandbox.Transport()}
	keeper := token.New(app.AppID, func(ctx context.Context) (wechat.Token, error) { return wechat.FetchToken(ctx, credentials) }, st, token.Options{})
	if w.client, err = wechat.NewClient(wechat.Config{Base: app.Base, Tokens: keeper, Transport: w.sandbox.Transport()}); err != nil {
		t.Fatal(err)
	}
	if w.template, err = w.client.AddTemplate(ctx, "AT0002", []int{3, 4, 5}); err != nil {
		t.Fatal(err)
	}
	return w
}

// journal is the store, for the system itself.
type journal struct{ *store.Store }

func (j journal) BeginSend(ctx context.Context, s dispatch.Send) (dispatch.Send, error) {
	return j.Store.BeginSend(ctx, store.Actor{}, s)
}

func (j journal) FinishSend(ctx context.Context, s dispatch.Send) error {
	return j.Store.FinishSend(ctx, store.Actor{}, s)
}

func (w *world) message(t *testing.T, value string) wechat.Message {
	t.Helper()
	form, err := w.sandbox.SubmitForm(sandbox.DefaultAppID, openID)
	if err != nil {
		t.Fatal(err)
	}
	return wechat.Message{ToUser: openID, TemplateID: w.template, FormID: form, Data: []wechat.Datum{{Key: "keyword1", Value: value}}}
}

func (w *world) send(ctx context.Context, key string, m wechat.Message) (dispatch.Send, error) {
	return w.desk.Send(ctx, journal{w.store}, w.client, dispatch.Send{App: w.app, Key: key, Title: "购买成功通知"}, m)
}

func (w *world) calls() int { return w.sandbox.Stats()["/cgi-bin/message/wxopen/template/send"] }

// faults.md 16
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

// faults.md 16
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
	m := w.message(t, "a")
	for i, want := range []int{0, 41029} {
		s, err := w.send(t.Context(), fmt.Sprint(i), m)
		if err != nil || s.ErrCode != want {
			t.Errorf("send %d: errcode %d, %v", i, s.ErrCode, err)
		}
		stored, err := w.store.Send(t.Context(), w.app, s.ID)
		if err != nil || stored.Outcome != s.Outcome || stored.ErrCode != want || stored.ErrMsg != s.ErrMsg {
			t.Errorf("stored: %+v, %v", stored, err)
		}
	}
}

// faults.md 18
func TestALostAnswerIsUnknownAndIsNotRepeated(t *testing.T) {
	w := newWorld(t)
	m := w.message(t, "a")
	if err := w.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/message/wxopen/template/send", Times: 1, Drop: "after"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := w.send(t.Context(), "one", m)
		if err != nil || s.Outcome != dispatch.Unknown || s.Reason != "no_answer" {
			t.Errorf("%s %s, %v", s.Outcome, s.Reason, err)
		}
	}
	if n := w.calls(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// leaver is a sender whose caller has gone by the time it is asked.
type leaver struct {
	dispatch.Sender
	leave context.CancelFunc
}

func (l leaver) Send(ctx context.Context, m wechat.Message) error {
	l.leave()
	return l.Sender.Send(ctx, m)
}

// faults.md 18, 19
func TestWhoeverLeavesThePageLeavesARecordAllTheSame(t *testing.T) {
	w := newWorld(t)
	ctx, leave := context.WithCancel(t.Context())
	s, err := w.desk.Send(ctx, journal{w.store}, leaver{w.client, leave}, dispatch.Send{App: w.app, Key: "one"}, w.message(t, "a"))
	if err != nil || s.Outcome != dispatch.Sent {
		t.Fatalf("%s, %v", s.Outcome, err)
	}
	if stored, err := w.store.Send(t.Context(), w.app, s.ID); err != nil || stored.Outcome != dispatch.Sent {
		t.Errorf("stored: %s, %v", stored.Outcome, err)
	}
}

func TestEveryEndOfACallIsJudged(t *testing.T) {
	for _, c := range []struct {
		err             error
		outcome, reason string
		code            int
	}{
		{nil, dispatch.Sent, "", 0},
		{&wechat.Error{Op: "send", Code: 41028, Msg: "invalid form id"}, dispatch.Refused, "", 41028},
		{&wechat.Error{Op: "send", Code: 99999, Msg: "unheard of"}, dispatch.Refused, "", 99999},
		{&wechat.CallError{Op: "send", Kind: wechat.ErrUnreachable}, dispatch.Refused, "unreachable", 0},
		{&wechat.CallError{Op: "send", Kind: wechat.ErrRedirect, Status: 302}, dispatch.Refused, "redirect", 0},
		{&wechat.CallError{Op: "send", Kind: wechat.ErrNoAnswer}, dispatch.Unknown, "no_answer", 0},
		{&wechat.CallError{Op: "send", Kind: wechat.ErrTimeout}, dispatch.Unknown, "timeout", 0},
		{&wechat.CallError{Op: "send", Kind: wechat.ErrStatus, Status: 502}, dispatch.Unknown, "status", 0},
		{&wechat.CallError{Op: "send", Kind: wechat.ErrNotJSON}, dispatch.Unknown, "not_json", 0},
		{wechat.ErrNotAdded, dispatch.Refused, "not_added", 0},
		{wechat.ErrOutcomeUnknown, dispatch.Unknown, "add_unknown", 0},
	} {
		outcome, code, _, reason := dispatch.Judge(c.err)
		if outcome != c.outcome || code != c.code || reason != c.reason {
			t.Errorf("%v: %s %d %s, want %s %d %s", c.err, outcome, code, reason, c.outcome, c.code, c.reason)
		}
	}
}
