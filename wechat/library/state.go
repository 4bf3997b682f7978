package library

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
)

// Store is where mirrors are kept and syncs survive a restart: store.Store.
type Store interface {
	Requests
	Stage
	Leases
}

// Requests is what is wanted of a mirror, and what there is of it.
type Requests interface {
	// LibraryOrders says what there is to do for an app's library of a kind of message.
	LibraryOrders(ctx context.Context, app int64, kind string) (Orders, error)
	// LibraryTitles are those of the last complete sync, in WeChat's order.
	LibraryTitles(ctx context.Context, app int64, kind string) ([]wechat.Title, error)
	// StartSyncUnasked is a start without a person; ErrRunning when one is under way.
	StartSyncUnasked(ctx context.Context, app int64, kind string) error
}

// Orders are what people, and the syncs before, left in the store for an app.
type Orders struct {
	Last  Sync      // the latest sync, under way or ended; ID 0 when there was none
	Good  int64     // the sync that the mirror is of; 0 when there is none
	Read  time.Time // when that one ended
	Daily bool

	Categories []wechat.Category // of the account as that one found them; nil where the kind has none
}

// Stage holds the titles of a sync under way; ErrEnded when it is not any more.
type Stage interface {
	// StagedTitles are those staged so far, in no order.
	StagedTitles(ctx context.Context, sync int64) ([]Staged, error)
	// StageTitles keeps how far the pass is, titles as they are now, and which are gone.
	StageTitles(ctx context.Context, sync int64, p Pass, titles []Staged, gone []string) error
	// EndSync ends a sync as Complete or Failed. With Complete the staged titles replace the
	// mirror and the changes are recorded, all at once.
	EndSync(ctx context.Context, sync int64, outcome string, r Report, changes []Change) error
}

// Leases let one process of several do the work (store.TakeLease).
type Leases interface {
	TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (taken bool, err error)
	ReleaseLease(ctx context.Context, name, holder string) error
}

// Sync is one reading of an app's whole library, under way or ended.
type Sync struct {
	ID, App            int64
	By                 string // who started it; "" for the daily one
	StartedAt, EndedAt time.Time
	Outcome            string // Running, Complete, Cancelled or Failed
	Pass               Pass   // of the titles: the one under way, or the last
	Report
}

// SyncsKept is how many ended syncs of an app are remembered, with their changes.
const SyncsKept = 20

// How a sync can stand.
const (
	Running   = "running"
	Complete  = "complete" // its titles are the mirror; Missing and Unsettled say what it lacks
	Cancelled = "cancelled"
	Failed    = "failed" // Err and ErrCode say why; the mirror before it stays
)

// Report is what a sync leaves behind.
type Report struct {
	Titles, Keywords int       // how many the mirror has
	Missing          []Missing // titles in the library whose keywords could not be read
	Unsettled        bool      // the library kept changing: titles may be missing that nobody can name
	ErrCode          int       // with Failed: WeChat's errcode, 0 where it was not WeChat that refused
	Reason           string    // with Failed: one of Reasons; "" where ErrCode says it all
	Err              string    // with Failed: the same as text, in English, without secrets
	Counts           Counts    // of the changes against the mirror before; nil for the first

	Categories []wechat.Category // of the account, whose titles these are; nil where the kind has none
}

// Missing is a title that the library lists and does not open.
type Missing struct {
	ID, Text string
	Code     int    // errcode
	Msg      string // errmsg, whole
}

// Pass is one reading of the list of titles, page after page. The list can change under
// way, and then titles move from page to page and slip by: a sync ends with a pass that met
// as many titles as there are, and no others than the passes before it.
type Pass struct {
	Number  int  // from 1
	Next    int  // the offset to read next
	Total   int  // titles in the library, as WeChat said last
	Over    bool // the end of the list was reached
	Changed bool // it did not find what the passes before it had found
}

// complete reports whether there is nothing left to read.
func (p Pass) complete() bool { return p.Over && !p.Changed }

// Staged is a title as a sync under way has it.
type Staged struct {
	wechat.Title          // Keywords nil until they are read; Categories are those in which Pass met it
	Place        int      // in the list, from 0
	Pass         int      // the last that listed it
	Refused      *Missing // WeChat's refusal to open it, at the last try
}

// Errors of the store, and the reasons of a failed sync that are not WeChat's.
var (
	ErrRunning  = errors.New("library: a sync is under way already")
	ErrEnded    = errors.New("library: the sync is not under way any more")
	ErrEmpty    = errors.New("library: WeChat's library came back empty")
	ErrUnopened = errors.New("library: WeChat opens too few of its titles")
)

// State is what a page shows of a mirror.
type State struct {
	Sync                // the one under way; else the last one, with ID 0 where there was none
	Elsewhere bool      // another process is at it, or nobody yet
	Phase     string    // PhaseTitles, PhaseKeywords or PhaseCheck; "" while none is under way
	Done      int       // of Total, in this phase
	Total     int       // 0 while it is not known
	NextTry   time.Time // while it waits after trouble, WeChat's or our own: until when; else zero
	Trouble   error     // what the trouble is; nil while there is none
	Good      time.Time // when the mirror was read to its end; zero before the first
	Daily     bool
	NextDaily time.Time // zero unless Daily

	Listed []wechat.Category // the account's categories as the mirror has them
}

// Running reports whether a sync is under way.
func (s State) Running() bool { return s.Outcome == Running }

// The phases of a sync.
const (
	PhaseTitles   = "titles"
	PhaseKeywords = "keywords"
	PhaseCheck    = "check" // the list of titles once more: it may have changed under way
)

// progress is how far the sync in this process is.
type progress struct {
	phase       string
	done, total int
	next        time.Time
	err         error
}

// State returns the present state. It is cheap: it asks nobody.
func (m *Mirror) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, p := m.orders, m.progress
	s := State{Sync: o.Last, Good: o.Read, Daily: o.Daily, Listed: o.Categories}
	if o.Daily {
		s.NextDaily = o.nextDaily()
	}
	if !s.Running() {
		return s
	}
	if m.stop == nil {
		s.Elsewhere = p.err == nil // with trouble of our own, it is ours to go on with
	}
	if m.stop == nil || p.phase == "" { // or nothing was asked for yet
		kept := o.Last.Pass.progress()
		p.phase, p.done, p.total = kept.phase, kept.done, kept.total
	}
	s.Phase, s.Done, s.Total, s.NextTry, s.Trouble = p.phase, p.done, p.total, p.next, p.err
	return s
}

// progress is all that the store alone tells.
func (p Pass) progress() progress {
	switch {
	case p.Over:
		return progress{phase: PhaseKeywords}
	case p.Number > 1:
		return progress{phase: PhaseCheck, done: p.Next, total: p.Total}
	}
	return progress{phase: PhaseTitles, done: p.Next, total: p.Total}
}

// begin notes that a sync begins in this process, or with nil that it ended.
func (m *Mirror) begin(stop context.CancelFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop, m.progress = stop, progress{}
}

func (m *Mirror) show(p progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress = p
}
