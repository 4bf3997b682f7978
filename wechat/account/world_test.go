package account_test

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/sandbox"
)

// world is one app at work on a simulated WeChat, with a store and a clock of its own.
type world struct {
	t       *testing.T
	store   *store.Store
	sandbox *sandbox.Server
	app     account.App
	ahead   atomic.Int64
	*account.Accounts
}

const base = "http://sandbox.invalid"

var discard = slog.New(slog.DiscardHandler)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.sandbox = sandbox.New(sandbox.Options{Now: w.now})
	var err error
	w.store, err = store.Open(t.Context(), t.TempDir(), store.Options{Now: w.now})
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.app, err = w.store.AddApp(t.Context(), store.Actor{}, account.App{
		AppID: sandbox.DefaultAppID, Name: "沙箱小程序", Base: base, Secret: sandbox.DefaultSecret, Sandbox: true,
	})
	must(t, err)
	w.restart()
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// restart is another process on the same store.
func (w *world) restart() {
	w.t.Helper()
	var err error
	w.Accounts, err = account.Open(w.t.Context(), account.Options{
		Store: w.store, Now: w.now, Log: discard, Transport: func(account.App) http.RoundTripper { return w.sandbox.Transport() },
	})
	must(w.t, err)
}

func (w *world) account() *account.Account { return w.Current(w.app.ID) }

// elsewhere is another program at work on the app's account, such as WeChat's own console.
func (w *world) elsewhere() *wechat.Client { return w.account().Client }

// list is how many templates the account has, as it is told now.
func (w *world) list() int {
	w.t.Helper()
	l, err := w.account().List(w.t.Context())
	must(w.t, err)
	return len(l.Templates)
}

// fill adds n templates elsewhere and answers their ids.
func (w *world) fill(n int) []string {
	w.t.Helper()
	var ids []string
	for _, title := range sandbox.Library(sandbox.DefaultSeed)[:n] {
		id, err := w.elsewhere().AddTemplate(w.t.Context(), title.ID, []int{title.Keywords[0].ID})
		must(w.t, err)
		ids = append(ids, id)
	}
	return ids
}

func (w *world) fault(f sandbox.Fault) {
	w.t.Helper()
	must(w.t, w.sandbox.AddFault(f))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
