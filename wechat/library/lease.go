package library

import (
	"context"
	"strconv"
	"time"
)

// Only one process reads an app's library at a time. The lease of one that crashed runs out
// before another goes on: leaseTime and elsewherePause together are what that takes at most.
const (
	leaseTime  = 15 * time.Second
	leaseRenew = 5 * time.Second
)

func (m *Mirror) lease() string { return "library:" + strconv.FormatInt(m.app, 10) }

// renew keeps the lease until ctx ends. It stops the sync when another process has it, and
// when the sync was cancelled from another process during a long wait.
func (m *Mirror) renew(ctx context.Context, stop func()) {
	ticker := time.NewTicker(leaseRenew)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		held, err := m.shelf.TakeLease(ctx, m.lease(), m.holder, leaseTime)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			m.options.Log.Warn("the lease of the library's mirror was not renewed", "app", m.app, "err", err)
		case !held || m.cancelled(ctx):
			stop()
			return
		}
	}
}

func (m *Mirror) cancelled(ctx context.Context) bool {
	orders, err := m.look(ctx)
	return err == nil && orders.Last.Outcome != Running
}
