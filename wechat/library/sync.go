package library

import (
	"errors"
	"time"

	"muban/wechat"
)

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

// settled reports whether there is nothing left to read.
func (p Pass) settled() bool { return p.Over && !p.Changed }

// Staged is a title as a sync under way has it.
type Staged struct {
	wechat.Title          // Keywords nil until they are read
	Place        int      // in the list, from 0
	Pass         int      // the last that listed it
	Refused      *Missing // WeChat's refusal to open it, at the last try
}

// Errors of the shelf, and the reasons of a failed sync that are not WeChat's.
var (
	ErrRunning  = errors.New("library: a sync is under way already")
	ErrEnded    = errors.New("library: the sync is not under way any more")
	ErrEmpty    = errors.New("library: WeChat's library came back empty")
	ErrUnopened = errors.New("library: WeChat opens too few of its titles")
)
