package library

import (
	"context"
	"time"
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
	s := State{Sync: o.Last, Good: o.Read, Daily: o.Daily}
	if o.Daily {
		s.NextDaily = o.nextDaily()
	}
	if !s.Running() {
		return s
	}
	if m.stop == nil {
		s.Elsewhere = p.err == nil // with trouble of our own, it is ours to go on with
		shelf := o.Last.Pass.progress()
		p.phase, p.done, p.total = shelf.phase, shelf.done, shelf.total
	}
	s.Phase, s.Done, s.Total, s.NextTry, s.Trouble = p.phase, p.done, p.total, p.next, p.err
	return s
}

// progress is all that the shelf alone tells.
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
