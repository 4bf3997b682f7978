package sandbox

import (
	"encoding/json"
	"sync"
)

// Shared keeps the state of a simulation that several processes serve as one.
type Shared interface {
	// Take waits until no other process is at the state. It answers the snapshot where that is newer than version, else
	// nil, and its version; giveBack ends the turn, with the next snapshot or nil where nothing was changed. While the
	// state cannot be had every process goes on with what it knows.
	Take(version int64) (snapshot []byte, newest int64, giveBack func(snapshot []byte))
}

// turn is the lock of the state. Where the simulation is shared, who has it has the state of all processes, and has
// handed it on when it is unlocked.
type turn struct {
	sync.Mutex
	server   *Server
	version  int64
	changes  uint64 // of the server, at the beginning
	giveBack func(snapshot []byte)
}

func (t *turn) Lock() {
	t.Mutex.Lock()
	if t.server == nil || t.server.o.Shared == nil {
		return
	}
	var newer []byte
	newer, t.version, t.giveBack = t.server.o.Shared.Take(t.version)
	if newer != nil {
		_ = t.server.adopt(newer) // one of another version of the program is left alone, until we change something
	}
	t.changes = t.server.changes
}

func (t *turn) Unlock() {
	if t.giveBack != nil {
		var next []byte
		if t.server.changes != t.changes {
			if raw, err := json.Marshal(snapshot{snapshotVersion, t.server.state}); err == nil {
				next, t.version = raw, t.version+1
			}
		}
		t.giveBack(next)
		t.giveBack = nil
	}
	t.Mutex.Unlock()
}
