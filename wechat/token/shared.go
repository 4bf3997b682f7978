package token

import (
	"context"
	"time"
)

// Shared is what several processes on one store have in common beside the token. Where
// it fails a keeper goes on alone: a token that is needed is fetched (faults.md 14).
type Shared interface {
	Lease
	Journal
}

// Lease lets one of them fetch at a time (faults.md 9).
type Lease interface {
	// TakeLease takes or renews; held is false while another holder's lease is alive.
	TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error)
	ReleaseLease(ctx context.Context, name, holder string) error
}

// Journal keeps every fetch: for people to read, and for a process to know what the
// others, and it itself before a restart, have done.
type Journal interface {
	// BeginFetch records a fetch that is about to be made, and answers its ID.
	BeginFetch(ctx context.Context, e Event) (id int64, err error)
	// EndFetch records the outcome of the fetch e.ID.
	EndFetch(ctx context.Context, e Event) error
	// Fetches answers the app's fetches that began at since or later, oldest first.
	Fetches(ctx context.Context, appID string, since time.Time) ([]Event, error)
}
