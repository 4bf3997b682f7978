// Package web serves the console: routes with their permissions, handlers,
// sessions and middleware. A handler decodes a form, calls the domain, and
// draws a page; it holds no rule and no SQL.
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"muban/static"
	"muban/store"
	"muban/views"
	"muban/wechat/alert"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// Config is everything the console needs from outside.
type Config struct {
	Store   *store.Store
	Sandbox *sandbox.Server
	// SandboxFile keeps the simulation over restarts; "" keeps it in memory.
	SandboxFile string
	Log         *slog.Logger
	Now         func() time.Time // time.Now
	// PublicURL is the address people use, for cookies and links:
	// "https://muban.example.com". With https, cookies are Secure; with a path,
	// everything lives below it.
	PublicURL string
	// AllowPrivateAPI lets an app's API base be this machine or a private
	// network: for tests and for a simulator beside.
	AllowPrivateAPI bool
	// TrustedProxies are whose X-Forwarded-For is believed; from anybody else it
	// is what anybody can write.
	TrustedProxies []netip.Prefix
	// Timeout bounds one call to WeChat; 10 s when it is zero.
	Timeout time.Duration
	// LibraryPause is how long a sync of a title library waits between two
	// questions to WeChat; 200 ms when it is zero, next to nothing in the sandbox.
	LibraryPause time.Duration
	// KeyRate is how many calls a second each API key is good for, and five times
	// as many at once; 1,000 when it is zero.
	KeyRate int
}

// Server is the console.
type Server struct {
	Config

	static       *static.Tree
	texts        *views.Texts
	sessions     *sessionStore
	accounts     *accounts
	passwords    *passwords
	judging      chan struct{} // holds one: the sign-in that is judged
	forms        *forms
	keys         *keys
	tally        tally
	metrics      *metrics
	watch        *alert.Watch
	courier      *alert.Courier
	alarms       alarms
	lookups      lookups
	usages       usages
	sender       dispatch.Desk
	sendWait     time.Duration
	drawn        drawn
	routes       []route
	damaged      atomic.Bool
	base         string // path of PublicURL that everything lives below, "" for none
	pruned       time.Time
	sandboxSaved uint64 // the simulation's Changes when it was last written
	// started makes ETags of an earlier process invalid.
	started int64
}

// New prepares the console over an open store.
func New(ctx context.Context, c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	secure := false
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf("the public URL %q is not an http or https address", c.PublicURL)
		}
		secure = u.Scheme == "https"
	}
	tree, err := static.Load()
	if err != nil {
		return nil, err
	}
	s := &Server{
		Config: c, static: tree, texts: views.LoadTexts(), passwords: newPasswords(), judging: make(chan struct{}, 1),
		sessions: newSessionStore(c.Store, c.Now, secure), started: c.Now().UnixNano(), base: basePath(c.PublicURL),
	}
	s.usages.store, s.usages.now = c.Store, c.Now
	s.sender.Now, s.sendWait = c.Now, sendWait
	s.forms, s.keys, s.metrics = newForms(), newKeys(cmp.Or(c.KeyRate, 1000)), newMetrics(s)
	s.watch = s.newWatch()
	s.courier = alert.NewCourier(c.Store, alert.CourierOptions{Now: c.Now, Log: c.Log, AllowPrivate: c.AllowPrivateAPI})
	if err := s.restoreSandbox(); err != nil {
		return nil, err
	}
	if s.accounts, err = openAccounts(ctx, s); err != nil {
		return nil, err
	}
	s.routes = s.table()
	return s, nil
}

// refreshed is told of every fetch of a token that this process made.
func (s *Server) refreshed(e token.Event) {
	s.metrics.refreshed(e)
}

// Run does the console's own work until ctx ends: tokens refreshed ahead of
// expiry, sessions pruned, the simulation kept. It answers once all of it has
// stopped.
func (s *Server) Run(ctx context.Context) {
	s.accounts.start(ctx)
	defer s.accounts.wait()
	defer s.sender.Close()
	var beside sync.WaitGroup
	beside.Go(func() { _ = s.courier.Run(ctx) }) // it ends with ctx
	beside.Go(func() { s.lookForDamage(ctx) })
	beside.Go(func() { s.keepRights(ctx) })
	defer beside.Wait()
	tick := time.NewTicker(housekeeping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.keepHouse(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			s.keepHouse(ctx)
		}
	}
}

// lookForDamage reads the whole database, of which store.Open has read a large one
// not at all and a small one without its indexes. That takes processor and disk, so
// those who wait for the console to be there again come first.
func (s *Server) lookForDamage(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(housekeeping):
	}
	if err := s.Store.Check(ctx); err != nil && ctx.Err() == nil {
		s.damaged.Store(true)
		s.Log.Error("the database is damaged; restore a backup", "err", err)
	}
}

// housekeeping is how often what is kept in memory reaches the disk. A process
// that is killed forgets no more than this of the sandbox and of when sessions
// were last seen.
const housekeeping = 5 * time.Second

func (s *Server) keepHouse(ctx context.Context) {
	for _, chore := range []struct {
		failed string
		do     func(context.Context) error
	}{
		{"sessions were not written", s.sessions.flush},
		{"the use of API keys was not written", s.flushTally},
		{"the accounts' templates were not written", s.keepLists},
		{"who asked for templates was not written", func(ctx context.Context) error { return s.lookups.flush(ctx, s.Store) }},
		{"apps that another process changed were not read", s.accounts.reload},
		{"alerts were not looked after", s.watchApps},
		{"what is too old was not removed", s.prune},
		{"the sandbox was not saved", s.saveSandbox},
	} {
		if err := chore.do(ctx); err != nil {
			s.Log.Error(chore.failed, "err", err)
		}
	}
}

func (s *Server) restoreSandbox() error {
	if s.SandboxFile == "" {
		return nil
	}
	snapshot, err := os.ReadFile(s.SandboxFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.Sandbox.Restore(snapshot)
	}
	if err != nil {
		return fmt.Errorf("the sandbox's state in %s cannot be read; remove the file to begin a new sandbox: %w", s.SandboxFile, err)
	}
	s.sandboxSaved = s.Sandbox.Changes()
	return nil
}

func (s *Server) saveSandbox(context.Context) error {
	changes := s.Sandbox.Changes()
	if s.SandboxFile == "" || changes == s.sandboxSaved {
		return nil
	}
	snapshot, err := s.Sandbox.Snapshot()
	if err != nil {
		return err
	}
	if err := writeWhole(s.SandboxFile, snapshot); err != nil {
		return err
	}
	s.sandboxSaved = changes
	return nil
}

// writeWhole replaces a file so that a crash leaves the old or the new one.
func writeWhole(file string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
