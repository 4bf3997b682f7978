// Package web is the front hall of the console: it builds everything, guards the doors
// (the pages for people, the API for business servers), and keeps house.
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"muban/static"
	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/api"
	"muban/web/auth"
	"muban/web/pages"
	"muban/web/push"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
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
	// After is how a send waits for a payment to settle: time.After when it is nil.
	After func(time.Duration) <-chan time.Time
	// SendWait is how long a page is kept back for the outcome of a send; 5 s when it
	// is zero.
	SendWait time.Duration
}

// Server is the console: it builds the doors, guards them, and keeps house.
type Server struct {
	Config

	static       *static.Tree
	sessions     *auth.Sessions
	accounts     *account.Accounts
	keyUse       auth.KeyUse
	events       *auth.Events
	metrics      *metrics
	courier      *alert.Courier
	alarms       *account.Alarms
	sender       dispatch.Deliveries
	api          *api.API
	push         *push.Push
	site         *pages.Site
	mux          *http.ServeMux
	damaged      atomic.Bool
	base         string // path of PublicURL that everything lives below, "" for none
	pruned       time.Time
	rightsLooked time.Time
	sandboxSaved uint64 // the simulation's Changes when it was last written
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
	s := &Server{Config: c, static: tree, base: basePath(c.PublicURL),
		sessions: auth.NewSessions(c.Store, c.Now, secure), events: auth.NewEvents(c.Log, c.Now)}
	s.sender.Now, s.sender.After, s.sender.Log = c.Now, c.After, c.Log
	s.metrics = newMetrics(s)
	s.courier = alert.NewCourier(c.Store, alert.CourierOptions{Now: c.Now, Log: c.Log, AllowPrivate: c.AllowPrivateAPI})
	if err := s.restoreSandbox(); err != nil {
		return nil, err
	}
	texts := text.LoadTexts()
	if err := s.openAccounts(ctx, texts); err != nil {
		return nil, err
	}
	s.openDoors(texts)
	return s, nil
}

// sandboxBase stands for the simulation inside this process. The name cannot be
// resolved (RFC 2606), so a request that strayed would go nowhere.
const sandboxBase = "http://sandbox.invalid"

// openAccounts loads the apps. A console without one opens on the sandbox.
func (s *Server) openAccounts(ctx context.Context, texts *text.Texts) error {
	apps, err := s.Store.Apps(ctx)
	if err == nil && len(apps) == 0 {
		_, err = s.Store.AddApp(ctx, store.Actor{}, store.App{
			AppID: sandbox.DefaultAppID, Name: "沙箱小程序", Base: sandboxBase, Secret: sandbox.DefaultSecret, Sandbox: true,
		})
		if errors.Is(err, store.ErrTaken) { // another machine was quicker
			err = nil
		}
	}
	if err != nil {
		return err
	}
	s.accounts, err = account.Open(ctx, account.Options{
		Store: s.Store, Now: s.Now, Log: s.Log, Timeout: s.Timeout, LibraryPause: s.LibraryPause,
		Transport: s.transport, OnFetch: s.metrics.refreshed,
		Observe: func(app store.App, next http.RoundTripper) http.RoundTripper {
			return clocked{next, s.metrics.upstream, app.AppID}
		},
	})
	if err == nil {
		ofAlert, ofNews := pages.Notices(texts, s.PublicURL, s.appOf)
		s.alarms = account.NewAlarms(s.accounts, ofAlert, ui.BanUntil)
		s.Store.TellBy(ofNews)
	}
	return err
}

// appOf is the app with an id, as far as it has to be known to be named.
func (s *Server) appOf(id int64) store.App {
	if acct, ok := s.accounts.ByID(id); ok {
		return acct.App
	}
	return store.App{ID: id}
}

// transport is how an app's API is reached: the simulation in this process, or
// the network. nil is the network with public addresses alone.
func (s *Server) transport(app store.App) http.RoundTripper {
	switch {
	case app.Sandbox:
		return s.Sandbox.Transport()
	case s.AllowPrivateAPI:
		return wechat.PrivateTransport()
	}
	return nil
}

// openDoors builds what is behind Handler.
func (s *Server) openDoors(texts *text.Texts) {
	keys, passwords := auth.NewKeys(s.Store, cmp.Or(s.KeyRate, 1000)), auth.NewPasswords()
	s.api = api.New(api.Options{
		Store: s.Store, Log: s.Log, Now: s.Now, Texts: texts, Accounts: s.accounts, Keys: keys, KeyUse: &s.keyUse, Sender: &s.sender,
		Events:  s.events,
		Metrics: s.metrics, Local: s.fromThisMachine, OnHandOut: s.metrics.handOut,
	})
	s.site = pages.New(pages.Options{
		Store: s.Store, Sandbox: s.Sandbox, Log: s.Log, Now: s.Now, PublicURL: s.PublicURL, Base: s.base,
		AllowPrivateAPI: s.AllowPrivateAPI, Static: s.static, Texts: texts,
		Sessions: s.sessions, Passwords: passwords, Throttle: auth.NewThrottle(s.Store, s.Now, s.sessions, passwords,
			s.events),
		Factor: auth.NewSecondFactor(s.Store, s.Now, s.sessions, passwords), Keys: keys, Events: s.events,
		Accounts: s.accounts, Alarms: s.alarms, Courier: s.courier, Sender: &s.sender, SendWait: s.SendWait,
	})
	s.push = push.New(push.Options{
		Store: s.Store, Log: s.Log, Now: s.Now, Accounts: s.accounts, Settings: s.pushHome(),
	})
	s.mux = http.NewServeMux()
	s.mux.Handle("GET /static/", s.static)
	for _, h := range s.health() {
		s.mux.HandleFunc(h.pattern, h.answer)
	}
	s.mux.Handle("/", s.site)
}

// A door answers the requests of one kind of caller, and draws its own failures.
type door interface {
	http.Handler
	CrossSite(http.ResponseWriter, *http.Request)
	Panicked(http.ResponseWriter, *http.Request)
}

// door is the one that the request is for.
func (s *Server) door(r *http.Request) door {
	switch {
	case s.api.Serves(r):
		return s.api
	case s.push.Serves(r):
		return s.push
	}
	return s.site
}

// Handler is the console behind its middleware.
func (s *Server) Handler() http.Handler {
	return s.below(s.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.api.Serves(r):
			s.api.ServeHTTP(w, r)
		case s.push.Serves(r):
			s.push.ServeHTTP(w, r)
		default:
			s.mux.ServeHTTP(w, r)
		}
	})))
}

// Routes are the patterns of all doors and of health, each with what it needs.
func (s *Server) Routes() iter.Seq2[string, auth.Permission] {
	return func(yield func(string, auth.Permission) bool) {
		for _, h := range s.health() {
			if !yield(h.pattern, auth.Anyone) {
				return
			}
		}
		for _, pattern := range s.push.Patterns() {
			if !yield(pattern, auth.Anyone) {
				return
			}
		}
		for _, routes := range []iter.Seq2[string, auth.Permission]{s.site.Routes(), s.api.Routes()} {
			for pattern, needs := range routes {
				if !yield(pattern, needs) {
					return
				}
			}
		}
	}
}
