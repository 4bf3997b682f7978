package library

import (
	"context"
	"time"

	"muban/wechat"
)

// Shelf is where mirrors are kept and syncs survive a restart: the store.
type Shelf interface {
	Desk
	Stage
	Leases
}

// Desk is what is wanted of a mirror, and what there is of it.
type Desk interface {
	// LibraryOrders says what there is to do for an app.
	LibraryOrders(ctx context.Context, app int64) (Orders, error)
	// LibraryTitles are those of the last complete sync, in WeChat's order.
	LibraryTitles(ctx context.Context, app int64) ([]wechat.Title, error)
	// StartDailySync is a start without a person; ErrRunning when one is under way.
	StartDailySync(ctx context.Context, app int64) error
}

// Orders are what people, and the syncs before, left on the shelf for an app.
type Orders struct {
	Last  Sync      // the latest sync, under way or ended; ID 0 when there was none
	Good  int64     // the sync that the mirror is of; 0 when there is none
	Read  time.Time // when that one ended
	Daily bool
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
	TakeLease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error)
	ReleaseLease(ctx context.Context, name, holder string) error
}
