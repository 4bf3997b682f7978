package dispatch_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// world is Deliveries on a real store and the simulated WeChat, with one template.
type world struct {
	deliveries dispatch.Deliveries
	dir        string
	clock      *clock
	store      *store.Store
	sandbox    *sandbox.Server
	client     *wechat.Client
	keeper     *token.Keeper
	app        int64
	template   string
}

const (
	openID   = "oFqLoEA0699ge30abcdefghijklm"
	sendPath = "/cgi-bin/message/wxopen/template/send"
)

// clock is one for the store, the deliveries and WeChat; it moves when a test or a waiting delivery moves it.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// after lets the time pass at once.
func (c *clock) after(d time.Duration) <-chan time.Time {
	c.advance(d)
	done := make(chan time.Time, 1)
	done <- c.now()
	return done
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{dir: filepath.Join(t.TempDir(), "data"), clock: &clock{}}
	w.deliveries.Now, w.deliveries.After = w.clock.now, w.clock.after
	w.sandbox = sandbox.New(sandbox.Options{Now: w.clock.now})
	w.open(t)
	app, err := w.store.AddApp(ctx, store.Actor{}, store.App{AppID: sandbox.DefaultAppID, Name: "test", Base: "http://sandbox.invalid", Secret: sandbox.DefaultSecret, Sandbox: true})
	must(t, err)
	w.app = app.ID
	credentials := wechat.Credentials{Base: app.Base, AppID: app.AppID, Secret: app.Secret, Transport: w.sandbox.Transport()}
	w.keeper = token.New(app.AppID, func(ctx context.Context, _ bool) (wechat.Token, error) { return wechat.FetchToken(ctx, credentials) }, w.store, token.Options{Now: w.clock.now})
	w.client, err = wechat.NewClient(wechat.Config{Base: app.Base, Tokens: w.keeper, Transport: w.sandbox.Transport()})
	must(t, err)
	w.template, err = w.client.AddTemplate(ctx, "AT0002", []int{3, 4, 5})
	must(t, err)
	return w
}

func (w *world) open(t *testing.T) {
	t.Helper()
	st, err := store.Open(t.Context(), w.dir, store.Options{Now: w.clock.now})
	must(t, err)
	t.Cleanup(func() { st.Close() })
	w.store = st
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// journal is the store, for the system itself.
type journal struct{ *store.Store }

func (j journal) BeginSend(ctx context.Context, s dispatch.Send) (dispatch.Send, ledger.Right, error) {
	return j.Store.BeginSend(ctx, store.Actor{Name: "tester"}, s)
}

func (j journal) FinishSend(ctx context.Context, s dispatch.Send) error {
	return j.Store.FinishSend(ctx, store.Actor{Name: "tester"}, s)
}

// form is a form_id of openID's.
func (w *world) form(t *testing.T) string {
	t.Helper()
	id, err := w.sandbox.SubmitForm(sandbox.DefaultAppID, openID)
	must(t, err)
	return id
}

// payment is a prepay_id of openID's that WeChat's senders hear of after settle.
func (w *world) payment(t *testing.T, settle time.Duration) string {
	t.Helper()
	id, err := w.sandbox.PaySettling(sandbox.DefaultAppID, openID, settle)
	must(t, err)
	return id
}

func (w *world) under(formID, value string) wechat.Message {
	return wechat.Message{ToUser: openID, TemplateID: w.template, FormID: formID, Data: []wechat.Datum{
		{Key: "keyword1", Value: value}, {Key: "keyword2", Value: "2016年6月6日"}, {Key: "keyword3", Value: "咖啡"},
	}}
}

func (w *world) message(t *testing.T, value string) wechat.Message {
	t.Helper()
	return w.under(w.form(t), value)
}

func (w *world) sender() dispatch.Sender {
	return dispatch.Sender{Journal: journal{w.store}, WeChat: dispatch.Through(kind.Template, w.client)}
}

func (w *world) send(ctx context.Context, key string, m wechat.Message) (dispatch.Send, error) {
	return w.deliveries.Send(ctx, w.sender(), dispatch.Send{App: w.app, Key: key, Title: "购买成功通知"}, m)
}

func (w *world) right(t *testing.T, id string) ledger.Right {
	t.Helper()
	r, err := w.store.Right(t.Context(), w.app, id)
	must(t, err)
	return r
}

func (w *world) calls() int { return w.sandbox.Stats()[sendPath] }

func (w *world) delivered() int { return len(w.sandbox.Messages(sandbox.DefaultAppID, openID)) }
