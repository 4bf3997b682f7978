package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// shanghai is WeChat's zone: its days of quota end at midnight there.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// state is everything that a snapshot keeps.
type state struct {
	Serial  uint64 // counts what was minted; survives a reset, so that no id comes twice
	Offset  time.Duration
	Retired bool
	Other   bool `json:",omitempty"` // see TakeOtherSide
	Apps    map[string]*app
	Faults  []Fault
	Stats   map[string]int // calls by path
	LastID  int            // of the messages delivered
	Edits   []LibraryEdit  `json:",omitempty"` // of the library, oldest first
}

// app is one mini program's account.
type app struct {
	ID, Secret      string
	Classic, Stable purse
	Forced          daily     // forced refreshes of the stable token
	ForcedAt        time.Time // the last of them
	Templates       []template
	TemplateLimit   int              `json:",omitempty"` // 0: the usual number
	Rights          []*right         // oldest first
	Calls           map[string]daily // by path
	DailyLimits     map[string]int   `json:",omitempty"` // by path; 0: the usual number
	Refused         []seen           `json:",omitempty"` // oldest first
	Delivered       []Delivered

	Categories         []string `json:",omitempty"` // ids; nil: the usual ones
	SubscribeTemplates []subscribeTemplate
	SubscribeLimit     int                     `json:",omitempty"` // of them; 0: the usual number
	Consents           map[consentKey]*consent // by consentKey
	Push               *Push                   `json:",omitempty"`

	rights map[string]*right // an index of Rights by ID
}

func (o Options) initialState(serial uint64) state {
	s := state{Serial: serial, Apps: map[string]*app{}, Stats: map[string]int{}}
	for _, id := range append([]string{DefaultAppID}, o.OtherApps...) {
		s.Apps[id] = &app{ID: id, Secret: DefaultSecret}
	}
	return s
}

// Reset restores the initial state: its first apps, no rights, no consents, no faults, nowhere to push to, no
// offset of the clock. Ids go on as if nothing had happened, for others may have kept the old ones.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.owners, s.edited = s.o.initialState(s.state.Serial), map[string]*app{}, nil
	s.pushes.forget()
	s.changes++
}

// daily counts within one day of Shanghai.
type daily struct {
	Day   int64 // since 1970-01-01
	Count int
}

func dayOf(now time.Time) int64 { return (now.Unix() + 8*60*60) / (24 * 60 * 60) }

func (d daily) on(now time.Time) int {
	if d.Day != dayOf(now) {
		return 0
	}
	return d.Count
}

func (d *daily) add(now time.Time) { d.Count, d.Day = d.on(now)+1, dayOf(now) }

// mint gives bytes that no other call for this seed gives.
func (s *Server) mint(purpose string) [32]byte {
	s.state.Serial++
	return s.hash(purpose, s.state.Serial)
}

func (s *Server) hash(purpose string, n uint64) [32]byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 64), s.o.Seed)
	b = binary.BigEndian.AppendUint64(b, n)
	return sha256.Sum256(append(b, purpose...))
}

// snapshotVersion is of the form of a snapshot; another one is refused.
const snapshotVersion = 1

type snapshot struct {
	Version int
	State   state
}

// Snapshot is the whole state as JSON: apps, tokens, templates, rights, consents, messages, quota,
// faults, the clock's offset and the edits of the library. It holds secrets. The library
// itself is not in it, as the seed says all of it.
func (s *Server) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(snapshot{snapshotVersion, s.state})
}

// Restore puts a snapshot in the place of the state. After an error the state is as it was.
func (s *Server) Restore(raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.adopt(raw)
}

func (s *Server) adopt(raw []byte) error {
	kept := snapshot{State: s.o.initialState(0)}
	kept.State.Apps = nil
	if err := json.Unmarshal(raw, &kept); err != nil {
		return fmt.Errorf("sandbox: not a snapshot: %w", err)
	}
	if kept.Version != snapshotVersion {
		return fmt.Errorf("sandbox: a snapshot of version %d, not %d", kept.Version, snapshotVersion)
	}
	owners, err := kept.State.index()
	if err != nil {
		return err
	}
	s.state, s.owners, s.edited = kept.State, owners, nil
	s.changes++
	return nil
}

// index rebuilds what can be derived: who owns a token, and the rights by id.
func (st *state) index() (map[string]*app, error) {
	owners := map[string]*app{}
	for id, app := range st.Apps {
		if app == nil || app.ID != id {
			return nil, fmt.Errorf("sandbox: a snapshot with a broken app %q", id)
		}
		for _, t := range slices.Concat(app.Classic.Issued, app.Stable.Issued) {
			owners[t.Value] = app
		}
		for _, r := range app.Rights {
			if r == nil {
				return nil, errors.New("sandbox: a snapshot with a broken right")
			}
			app.index(r)
		}
		for _, c := range app.Consents {
			if c == nil {
				return nil, errors.New("sandbox: a snapshot with a broken consent")
			}
		}
		if app.Push != nil && app.Push.check() != nil {
			return nil, errors.New("sandbox: a snapshot with a broken push")
		}
	}
	if len(st.Apps) == 0 {
		return nil, errors.New("sandbox: a snapshot without an app")
	}
	return owners, nil
}
