// Package webtest is a whole console for tests: on a store of its own, with its
// simulated WeChat and a clock that tests set, and with browsers and business servers
// that use it over HTTP.
package webtest

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/store"
	"muban/store/pgtest"
	"muban/web"
	"muban/wechat/alert"
	"muban/wechat/sandbox"
)

const Patience = 90 * time.Second // how long one condition may take to come true

// Console is a whole console on a store of its own, with its simulated WeChat
// and a clock that tests set.
type Console struct {
	*httptest.Server
	T       testing.TB
	Dir     string // of the store
	Store   *store.Store
	Sandbox *sandbox.Server
	Muban   *web.Server
	Clock   *clock
	Log     *logbook // of a test; a benchmark's is not kept
	dsn     string   // of the PostgreSQL database; "" on SQLite
	after   atomic.Pointer[func(time.Duration) <-chan time.Time]
}

// KeepConfig is the harness's own.
func KeepConfig(*web.Config) {}

// logbook is what the console logged so far.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// clock starts now and moves when it is told to.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// NewConsole starts a console with one person of each role, named as the role.
func NewConsole(t testing.TB) *Console {
	t.Helper()
	return NewConsoleWith(t, func(*web.Config) {})
}

// KeepHouse does what Run does every few seconds, and at its end.
func (c *Console) KeepHouse() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.Muban.Run(ctx)
}

func NewConsoleWith(t testing.TB, change func(*web.Config)) *Console {
	t.Helper()
	files, err := peopled()
	if err != nil {
		t.Fatal(err)
	}
	c := OpenStore(t, files)
	c.Start(change)
	return c
}

// NewEmptyConsole is before its first sign-in: token is that of its set-up link.
func NewEmptyConsole(t testing.TB, token string) *Console {
	t.Helper()
	c := OpenStore(t, nil)
	sum := sha256.Sum256([]byte(token))
	if err := c.Store.SetSetupToken(context.Background(), sum[:], c.Clock.Now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.Start(func(*web.Config) {})
	return c
}

// OpenStore is a console whose directory holds the files. With MUBAN_TEST_ENGINE=postgres the database among them is
// moved to PostgreSQL first.
func OpenStore(t testing.TB, files map[string][]byte) *Console {
	t.Helper()
	c := &Console{T: t, Dir: t.TempDir(), Clock: &clock{}, Log: &logbook{}}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st, err := store.Open(context.Background(), c.Dir, store.Options{Now: c.Clock.Now, Log: c.Logger(), Database: c.database(files)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(c.actsAreKnown)
	c.Store, c.Sandbox = st, sandbox.New(sandbox.Options{Now: c.Clock.Now})
	return c
}

// database is "" on SQLite.
func (c *Console) database(files map[string][]byte) string {
	c.T.Helper()
	if !OnPostgres() {
		return ""
	}
	dsn := pgtest.Database(c.T)
	c.dsn = dsn
	if files["muban.db"] != nil {
		Must(c.T, store.Data{Dir: c.Dir}.Move(context.Background(), dsn, io.Discard, io.Discard))
		Must(c.T, os.Remove(filepath.Join(c.Dir, "muban.db")))
	}
	return dsn
}

// OnPostgres tells whether consoles keep their data in PostgreSQL.
func OnPostgres() bool { return os.Getenv(pgtest.EngineVariable) == "postgres" }

// OnSQLite skips a test that looks into SQLite's file.
func (c *Console) OnSQLite() {
	c.T.Helper()
	if OnPostgres() {
		c.T.Skip("of SQLite alone")
	}
}

func (c *Console) Logger() *slog.Logger {
	if _, ok := c.T.(*testing.T); !ok {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(c.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Start serves the console over what the store holds by now.
func (c *Console) Start(change func(*web.Config)) {
	c.T.Helper()
	config := web.Config{Store: c.Store, Sandbox: c.Sandbox, Log: c.Logger(), Now: c.Clock.Now, AllowPrivateAPI: true,
		After: c.wait}
	change(&config)
	var err error
	if c.Muban, err = web.New(context.Background(), config); err != nil {
		c.T.Fatal(err)
	}
	c.Server = httptest.NewServer(c.Muban.Handler())
	c.T.Cleanup(c.Server.Close)
}

// Restored is the console from a backup of now, put where nothing but the key is: what happened since is not known.
// The simulated WeChat is the same.
func (c *Console) Restored() *Console {
	c.T.Helper()
	c.OnSQLite()
	const key, database = "muban.key", "muban.db"
	ctx, dir, files := context.Background(), c.T.TempDir(), map[string][]byte{}
	backup := filepath.Join(c.T.TempDir(), "backup.db")
	Must(c.T, c.Store.Backup(ctx, store.Actor{}, backup))
	_, err := store.Restore(ctx, dir, backup, store.Options{
		Now: c.Clock.Now, Log: c.Logger(), KeyFile: filepath.Join(c.Dir, key),
	})
	Must(c.T, err)
	for name, in := range map[string]string{key: c.Dir, database: dir} {
		files[name], err = os.ReadFile(filepath.Join(in, name))
		Must(c.T, err)
	}
	restored := OpenStore(c.T, files)
	restored.Sandbox = c.Sandbox
	restored.Start(KeepConfig)
	return restored
}

// wait is how the console's sends wait for a payment to settle.
func (c *Console) wait(d time.Duration) <-chan time.Time {
	if after := c.after.Load(); after != nil {
		return (*after)(d)
	}
	return time.After(d)
}

// Hasten lets a payment of a moment ago settle without a wait.
func (c *Console) Hasten() {
	at := make(chan time.Time)
	close(at)
	c.settleBy(at)
}

// Unsettled keeps a payment of a moment ago from settling until the test says so.
func (c *Console) Unsettled() (settle func()) {
	again := make(chan time.Time)
	c.settleBy(again)
	return func() { close(again) }
}

func (c *Console) settleBy(at <-chan time.Time) {
	after := func(time.Duration) <-chan time.Time { return at }
	c.after.Store(&after)
}

// Deliver sends what is due to the webhook.
func (c *Console) Deliver(ctx context.Context) {
	courier := alert.NewCourier(c.Store, alert.CourierOptions{Now: c.Clock.Now, Log: c.Logger(), AllowPrivate: true})
	for courier.Deliver(ctx) == nil {
	}
}

// Await waits for what a running console does in the background.
func Await(t testing.TB, what string, is func() bool) {
	t.Helper()
	again, late := time.NewTicker(20*time.Millisecond), time.After(Patience)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("never %s", what)
		}
	}
}
