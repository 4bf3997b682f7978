// Package sandbox is a simulated WeChat for the template messages and the subscribe messages of
// mini programs: the paths, verbs, bodies and errcodes of api.weixin.qq.com for tokens, the calls
// that manage templates, and send, over state of its own, with users who consent or refuse, events
// that are pushed, a clock that can be set, faults that can be injected, and a library that can
// change: POST /sandbox/library with one or more of
//
//	{"remove":["AT0003"],"rename":{"AT0004":"…"},
//	 "add":[{"id":"AT9001","title":"…","keywords":[{"keyword_id":1,"name":"…","example":"…"}]}],"first":true}
//
// answers {"titles":N}. A reset undoes it.
//
// It is written from the documentation, not from our client: the two share types of the
// library only. Where no document says what WeChat does, a comment says "assumed".
package sandbox

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"muban/wechat"
)

// The simulator's fixed names.
const (
	DefaultAppID  = "wx00000000sandbox1"
	BesideAppID   = "wx00000000sandbox2" // for a console to add, which has an app DefaultAppID of its own
	DefaultSecret = "sandbox-secret-00000000000000000"
	DefaultSeed   = 599
)

// Options of a simulator. The zero value is a WeChat as documented.
type Options struct {
	Seed         uint64            // of ids and of the composed part of the library; DefaultSeed when 0
	Now          func() time.Time  // the base clock, which Advance adds to; time.Now when nil
	MaxTemplates int               // in one account, of template messages; wechat.MaxTemplates when 0
	DailyQuota   int               // sends an app and day; wechat.DailyQuota when 0
	Settle       time.Duration     // for how long a new prepay_id answers 41028, as real ones do for seconds
	AppName      string            // of the default app, as a card shows it
	OtherApps    []string          // AppIDs of further apps, with DefaultSecret
	Pushes       http.RoundTripper // what events are pushed through; one without proxies when nil
	Shared       Shared            // nil: this process alone has the simulation
}

// Server is one simulated WeChat. It is safe for concurrent use.
type Server struct {
	o       Options
	library func() *shelf // that of the seed, built by the first call that needs it
	titles  func() *subscribeShelf
	pushes  pushes

	pushTransport http.RoundTripper
	homeTransport http.RoundTripper
	home          func(appID string) (Push, error) // see PushHome
	guard         *http.CrossOriginProtection

	mu      turn
	state   state
	owners  map[string]*app // by token: an index of state
	edited  *shelf          // the library as state.Edits leave it; nil until it is asked for
	sending map[string]bool // apps and openids that a subscribe message is under way to
	answers uint64          // counts refusals, for their rid
	changes uint64
}

// New returns a simulator with the app DefaultAppID and o.OtherApps.
func New(o Options) *Server {
	o.Seed = cmp.Or(o.Seed, DefaultSeed)
	o.MaxTemplates = cmp.Or(o.MaxTemplates, wechat.MaxTemplates)
	o.DailyQuota = cmp.Or(o.DailyQuota, wechat.DailyQuota)
	o.AppName = cmp.Or(o.AppName, "沙箱小程序")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pushes == nil {
		o.Pushes = &http.Transport{DisableKeepAlives: true} // no proxy; events are few
	}
	s := &Server{o: o, guard: http.NewCrossOriginProtection()}
	s.mu.server = s
	s.library = sync.OnceValue(func() *shelf { return newShelf(Library(o.Seed)) })
	s.titles = sync.OnceValue(func() *subscribeShelf { return newSubscribeShelf(o.Seed) })
	s.sending, s.pushTransport = map[string]bool{}, o.Pushes
	s.state, s.owners = o.initialState(0), map[string]*app{}
	return s
}

// AppName is the name of the default app.
func (s *Server) AppName() string { return s.o.AppName }

// Now is the simulated time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the simulated clock, also backwards.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Offset += d
	s.changes++
}

// Ahead is how far the simulated clock is ahead of the base clock.
func (s *Server) Ahead() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Offset
}

// Changes is a counter that grows with every change of what Snapshot keeps, the
// statistics excepted.
func (s *Server) Changes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// Stats counts the calls by path, the faulty ones included.
func (s *Server) Stats() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := make(map[string]int, len(s.state.Stats))
	for path, n := range s.state.Stats {
		stats[path] = n
	}
	return stats
}

// Retire takes the API offline, as WeChat did on 2020-01-10, or puts it back.
func (s *Server) Retire(retired bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Retired = retired
	s.changes++
}

// Retired reports whether the API is offline.
func (s *Server) Retired() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Retired
}

// AddApp adds an app, or gives a known one another secret.
func (s *Server) AddApp(appID, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.state.Apps[appID]; known != nil {
		known.Secret = secret
	} else {
		s.state.Apps[appID] = &app{ID: appID, Secret: secret}
	}
	s.changes++
}

// now is the simulated time, for those who hold the lock. Without a monotonic reading,
// so that it survives a snapshot unchanged.
func (s *Server) now() time.Time { return s.o.Now().Round(0).Add(s.state.Offset) }

// call is one request, by whichever way it came.
type call struct {
	method, path string
	query        string // raw
	body         []byte
	tooLarge     bool   // the body was cut at maxBody
	contentType  string // of the body, without its parameters
	ip           string // of the caller
}

// reply is the answer to a call. With drop the connection is closed instead.
type reply struct {
	status      int
	contentType string
	body        []byte
	drop        bool
}

// serve answers one call. Its error is that of a context that ended during a delay.
func (s *Server) serve(ctx context.Context, c call) (reply, error) {
	if isControl(c.path) {
		return s.control(c), nil
	}
	began := time.Now()
	fault := s.receive(c.path)
	leave, alone := s.enter(c)
	defer leave()
	var r reply
	if alone {
		r = s.afflicted(fault, c)
	} else {
		r = s.together()
	}
	s.remember(c, r.body, began)
	return r, wait(ctx, time.Duration(fault.Delay))
}

// receive counts a call and takes the fault that awaits it, if any.
func (s *Server) receive(path string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known(path) {
		s.state.Stats[path]++
	}
	return s.takeFault(path)
}
