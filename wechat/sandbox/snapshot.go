package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// snapshotVersion is of the form of a snapshot; another one is refused.
const snapshotVersion = 1

type snapshot struct {
	Version int
	State   state
}

// Snapshot is the whole state as JSON: apps, tokens, templates, rights, messages, quota,
// faults, the clock's offset and the edits of the library. It holds secrets. The library
// itself is not in it, as the seed says all of it.
func (s *Server) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(snapshot{snapshotVersion, s.state})
}

// Restore puts a snapshot in the place of the state. After an error the state is as it was.
func (s *Server) Restore(raw []byte) error {
	kept := snapshot{State: initialState(0)}
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
	s.mu.Lock()
	defer s.mu.Unlock()
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
	}
	if len(st.Apps) == 0 {
		return nil, errors.New("sandbox: a snapshot without an app")
	}
	return owners, nil
}
