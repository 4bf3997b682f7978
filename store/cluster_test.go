package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// cluster is several Muban processes on one database, and the WeChat that they ask. The
// SQLite files, the keepers and the simulator are the real ones; each process has a Store
// of its own. It lives in a synctest bubble, whose clock is everybody's.
type cluster struct {
	dir    string
	app    App
	wechat *sandbox.Server
	ambush atomic.Pointer[string] // what befalls the next process that fetches: it is killed "before" or "after" WeChat's answer, or falls into "sleep"
	fuse   atomic.Int64           // at the write that brings it to 0 the process that makes it is killed
	takes  atomic.Int64           // how long WeChat takes; a time.Duration
	count  int                    // of processes
	inStep bool                   // all are due in the same moment, not one after the other
}

func inCluster(t *testing.T, f func(*testing.T, *cluster)) {
	t.Helper()
	onSQLite(t) // the bubble's clock would wait for the connection that listens
	synctest.Test(t, func(t *testing.T) {
		c := &cluster{dir: t.TempDir(), wechat: sandbox.New(sandbox.Options{})}
		s := c.open(t)
		defer s.Close()
		c.takes.Store(int64(time.Second))
		var err error
		c.app, err = s.AddApp(t.Context(), Actor{}, App{AppID: sandbox.DefaultAppID, Name: "Shop", Secret: sandbox.DefaultSecret})
		noError(t, err)
		f(t, c)
	})
}

func (c *cluster) open(t *testing.T) *Store {
	t.Helper()
	s, err := tryOpen(t, c.dir, Options{Log: slog.New(slog.DiscardHandler)})
	noError(t, err)
	return s
}

// process is one of them: a keeper, and all that it can do to the world.
type process struct {
	*token.Keeper
	*Store
	c      *cluster
	name   string
	halt   func()        // ends its Run
	stop   func()        // ends it in good order
	buried chan struct{} // closed at the end: then what hangs in a killed process may go
	killed atomic.Bool
	frozen atomic.Pointer[chan struct{}] // until it is closed the process stands still
}

// start runs a process until the test ends.
func (c *cluster) start(t *testing.T) *process {
	t.Helper()
	c.count++
	p := &process{Store: c.open(t), c: c, name: fmt.Sprint("process ", c.count), buried: make(chan struct{})}
	p.Keeper = token.New(c.app.AppID, p.fetch, p, token.Options{Shared: p, Process: p.name, Jitter: c.jitter(c.count)})
	ctx, cancel := context.WithCancel(context.Background())
	p.halt = cancel
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	p.stop = sync.OnceFunc(func() {
		cancel()
		close(p.buried)
		running.Wait()
		synctest.Wait()
		p.Close()
	})
	t.Cleanup(p.stop)
	return p
}

// jitter makes the first process the first to be due.
func (c *cluster) jitter(n int) func(time.Duration) time.Duration {
	return func(d time.Duration) time.Duration {
		if c.inStep {
			return d
		}
		return d + d/10/time.Duration(n)
	}
}

// kill is kill −9: nothing more comes out of the process, and nothing goes in.
func (p *process) kill() {
	p.killed.Store(true)
	p.halt() // its Run must not wait for a lock of a dead goroutine: the bubble's clock would stand still
}

// freeze is a machine that sleeps, or a debugger.
func (p *process) freeze() {
	still := make(chan struct{})
	p.frozen.Store(&still)
}

func (p *process) thaw() { close(*p.frozen.Swap(nil)) }

func (p *process) alive() error {
	if still := p.frozen.Load(); still != nil {
		<-*still
	}
	if p.killed.Load() {
		<-p.buried
		return errors.New("killed")
	}
	return nil
}

// mayWrite is alive for what leaves a trace in the database.
func (p *process) mayWrite() error {
	if p.c.fuse.Add(-1) == 0 {
		p.kill()
	}
	return p.alive()
}

// fetch has WeChat's answer in its middle.
func (p *process) fetch(ctx context.Context, _ bool) (wechat.Token, error) {
	if err := p.alive(); err != nil {
		return wechat.Token{}, err
	}
	half := time.Duration(p.c.takes.Load() / 2)
	time.Sleep(half)
	if p.c.springs("before") {
		p.kill()
	}
	if err := p.alive(); err != nil {
		return wechat.Token{}, err
	}
	got, err := wechat.FetchToken(ctx, p.c.credentials())
	time.Sleep(half)
	if p.c.springs("after") {
		p.kill()
	}
	if p.c.springs("sleep") {
		p.freeze()
	}
	return got, errors.Join(err, p.alive())
}

func (c *cluster) lieInWait(what string) { c.ambush.Store(&what) }

func (c *cluster) springs(what string) bool {
	w := c.ambush.Load()
	return w != nil && *w == what && c.ambush.CompareAndSwap(w, nil)
}

func (c *cluster) credentials() wechat.Credentials {
	return wechat.Credentials{AppID: c.app.AppID, Secret: c.app.Secret, Transport: c.wechat.Transport()}
}

// fetches is how often WeChat was asked for a token.
func (c *cluster) fetches() int { return c.wechat.Stats()["/cgi-bin/token"] }

// works tells whether WeChat takes the token.
func (c *cluster) works(t *testing.T, value wechat.Secret) bool {
	t.Helper()
	client, err := wechat.NewClient(wechat.Config{Tokens: only(value), Transport: c.wechat.Transport()})
	noError(t, err)
	_, err = client.ListTemplates(t.Context(), 0, 1)
	if err != nil && !errors.Is(err, wechat.ErrToken) {
		t.Fatal(err)
	}
	return err == nil
}

// only is a source of one token: all that a business server has that reports nothing.
type only wechat.Secret

func (o only) Token(context.Context) (wechat.Secret, error) { return wechat.Secret(o), nil }
func (o only) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return "", wechat.ErrToken
}

// What a keeper does with its store, as long as its process lives.

func (p *process) LoadToken(ctx context.Context, appID string) (token.Record, error) {
	if err := p.alive(); err != nil {
		return token.Record{}, err
	}
	return p.Store.LoadToken(ctx, appID)
}

func (p *process) SaveToken(ctx context.Context, appID string, r token.Record) error {
	if err := p.mayWrite(); err != nil {
		return err
	}
	return p.Store.SaveToken(ctx, appID, r)
}

func (p *process) TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	if err := p.mayWrite(); err != nil {
		return false, err
	}
	return p.Store.TakeLease(ctx, name, holder, ttl)
}

func (p *process) ReleaseLease(ctx context.Context, name, holder string) error {
	if err := p.mayWrite(); err != nil {
		return err
	}
	return p.Store.ReleaseLease(ctx, name, holder)
}

func (p *process) BeginFetch(ctx context.Context, e token.Event) (int64, error) {
	if err := p.mayWrite(); err != nil {
		return 0, err
	}
	return p.Store.BeginFetch(ctx, e)
}

func (p *process) EndFetch(ctx context.Context, e token.Event) error {
	if err := p.mayWrite(); err != nil {
		return err
	}
	return p.Store.EndFetch(ctx, e)
}
