package library

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"muban/wechat"
	"muban/wechat/search"
)

// Options are all optional.
type Options struct {
	Kind string           // of message that the titles are for: "template"
	Page int              // titles to ask for at a time; wechat.MaxCount
	Now  func() time.Time // time.Now
	Pace *Pace            // of the questions to WeChat, to share it with a Direct; 5 a second
	Log  *slog.Logger     // discards
	// Unasked: the first sync begins by itself, as soon as Run does.
	Unasked bool
}

// Mirror keeps a copy of one app's whole title library and brings it up to date. To start
// or cancel a sync, write so to the store (store.StartSync, CancelSync, SetDailySync) and
// then call Wake. It is safe for concurrent use.
type Mirror struct {
	app     int64
	source  Source
	store   Store
	options Options
	holder  string                    // of the lease: this mirror and no other
	copy    atomic.Pointer[localCopy] // nil before the first good mirror
	loading sync.Mutex                // one load at a time
	wake    chan struct{}             // to Run

	mu       sync.Mutex
	orders   Orders
	progress progress
	stop     context.CancelFunc // ends the sync under way in this process; nil while there is none
}

const (
	lookPause      = time.Minute     // between looks at the store
	elsewherePause = 3 * time.Second // the same while another process is at a sync
	day            = 24 * time.Hour
)

// NewMirror is empty until Load or Run has read the store.
func NewMirror(app int64, source Source, store Store, o Options) *Mirror {
	o.Kind, o.Page = cmp.Or(o.Kind, "template"), cmp.Or(o.Page, wechat.MaxCount)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pace == nil {
		o.Pace = NewPace(0)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Mirror{app: app, source: source, store: store, options: o, holder: rand.Text(),
		wake: make(chan struct{}, 1)}
}

// Titles is the library as it was read last, with keywords, in WeChat's order; nil before
// the first sync. It is not to be changed.
func (m *Mirror) Titles() []wechat.Title {
	if c := m.copy.Load(); c != nil {
		return c.titles
	}
	return nil
}

// Title is one of Titles. Its Keywords are nil where WeChat did not open it.
func (m *Mirror) Title(id string) (wechat.Title, bool) {
	c := m.copy.Load()
	if c == nil {
		return wechat.Title{}, false
	}
	i, found := c.byID[id]
	if !found {
		return wechat.Title{}, false
	}
	return c.titles[i], true
}

// Index finds titles among Titles; nil before the first sync.
func (m *Mirror) Index() *search.Index {
	if c := m.copy.Load(); c != nil {
		return c.index
	}
	return nil
}

// Version is another number whenever Titles and Index are others; 0 before the first sync.
func (m *Mirror) Version() uint64 {
	if c := m.copy.Load(); c != nil {
		return uint64(c.sync)
	}
	return 0
}

// Wake tells that something was started, cancelled or switched in the store: State knows of
// it when Wake returns, and Run acts on it at once. It also ends a wait after trouble.
func (m *Mirror) Wake(ctx context.Context) error {
	orders, err := m.look(ctx)
	if err == nil {
		m.follow(orders)
	}
	m.mu.Lock()
	if m.stop != nil {
		m.stop() // it goes on from what is stored, unless it was cancelled there
	}
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return err
}

// Load reads the last good mirror from the store, if it is not the one served already. State
// tells of a sync's end only when its titles are there.
func (m *Mirror) Load(ctx context.Context) error {
	m.loading.Lock()
	defer m.loading.Unlock()
	orders, err := m.look(ctx)
	if err != nil {
		return err
	}
	c := m.copy.Load()
	if orders.Good == 0 || c != nil && c.sync == orders.Good {
		m.follow(orders)
		return nil
	}
	titles, err := m.store.LibraryTitles(ctx, m.app, m.options.Kind)
	if err != nil {
		return fmt.Errorf("library: read the mirror: %w", err)
	}
	m.copy.Store(newCopy(orders.Good, titles))
	m.follow(orders)
	return nil
}

func (m *Mirror) look(ctx context.Context) (Orders, error) {
	orders, err := m.store.LibraryOrders(ctx, m.app, m.options.Kind)
	if err != nil {
		return Orders{}, fmt.Errorf("library: look what there is to do: %w", err)
	}
	return orders, nil
}

func (m *Mirror) follow(orders Orders) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.orders = orders
}

func (m *Mirror) ordered() Orders {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.orders
}

// Run does the syncs that the store asks for until ctx ends, whose error it returns. One
// that was interrupted, by a restart or a crash, goes on where it was.
func (m *Mirror) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-m.wake:
		}
		pause, err := m.tend(ctx)
		var next time.Time
		if err != nil && ctx.Err() == nil {
			m.options.Log.Error("the mirror of the library", "app", m.app, "err", err)
			pause, next = lookPause, m.options.Now().Add(lookPause)
		}
		m.troubled(err, next)
		timer.Reset(pause)
	}
}

// tend does what is due and says how long to wait then.
func (m *Mirror) tend(ctx context.Context) (time.Duration, error) {
	if err := m.Load(ctx); err != nil {
		return 0, err
	}
	orders := m.ordered()
	if orders.Last.Outcome == Running {
		return m.sync(ctx)
	}
	first := m.options.Unasked && orders.Last.ID == 0
	if !orders.Daily && !first {
		return lookPause, nil
	}
	if due := orders.nextDaily().Sub(m.options.Now()); due > 0 && !first {
		return min(due, lookPause), nil
	}
	err := m.store.StartSyncUnasked(ctx, m.app, m.options.Kind)
	if errors.Is(err, ErrRunning) { // somebody was quicker
		err = nil
	}
	return 0, err
}

// nextDaily counts from the last start, however that sync ended: no day has two.
func (o Orders) nextDaily() time.Time { return o.Last.StartedAt.Add(day) }

// sync does the sync under way, unless another process is at it.
func (m *Mirror) sync(ctx context.Context) (time.Duration, error) {
	taken, err := m.store.TakeLease(ctx, m.lease(), m.holder, leaseTime)
	if err != nil || !taken {
		return elsewherePause, err
	}
	working, stop := context.WithCancel(ctx)
	m.begin(stop)
	renewed := make(chan struct{})
	go func() { defer close(renewed); m.renew(working, stop) }()

	err = m.read(working)
	stop()
	<-renewed
	m.begin(nil)
	// Also when ctx has ended: the next run shall not have to wait for the lease.
	if err := m.store.ReleaseLease(context.WithoutCancel(ctx), m.lease(), m.holder); err != nil {
		m.options.Log.Warn("the lease of the library's mirror stays until it runs out", "app", m.app, "err", err)
	}
	if errors.Is(err, ErrEnded) || errors.Is(err, context.Canceled) { // cancelled, woken or at the end
		err = nil
	}
	return 0, err
}

// localCopy is a mirror as it is served. It never changes; another takes its place.
type localCopy struct {
	sync   int64 // which one read it
	titles []wechat.Title
	byID   map[string]int
	index  *search.Index
}

func newCopy(sync int64, titles []wechat.Title) *localCopy {
	pack(titles)
	c := &localCopy{sync: sync, titles: titles, byID: make(map[string]int, len(titles)),
		index: search.NewIndex(titles)}
	for i, t := range titles {
		c.byID[t.ID] = i
	}
	return c
}

// pack keeps every text once and all next to each other: a library says 备注 a thousand times.
func pack(titles []wechat.Title) {
	places := map[string]int{}
	var all strings.Builder
	eachText(titles, func(text *string) {
		if _, known := places[*text]; !known {
			places[*text] = all.Len()
			all.WriteString(*text)
		}
	})
	packed := all.String()
	for i := range titles {
		// Without the room that reading them left.
		titles[i].Keywords, titles[i].Categories = slices.Clone(titles[i].Keywords), slices.Clone(titles[i].Categories)
	}
	eachText(titles, func(text *string) {
		at := places[*text]
		*text = packed[at : at+len(*text)]
	})
}

func eachText(titles []wechat.Title, do func(*string)) {
	for i := range titles {
		t := &titles[i]
		do(&t.ID)
		do(&t.Text)
		for c := range t.Categories {
			do(&t.Categories[c])
		}
		for k := range t.Keywords {
			do(&t.Keywords[k].Name)
			do(&t.Keywords[k].Example)
			do(&t.Keywords[k].Rule)
		}
	}
}
