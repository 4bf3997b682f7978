package web

import (
	"context"
	"errors"
	"time"
)

const pruneEvery = time.Hour

// How long the history of the central server is kept.
const (
	fetchesKept  = 30 * 24 * time.Hour
	handoutsKept = 400 * 24 * time.Hour // a year to look back on; a row an hour and key
	alertsKept   = 400 * 24 * time.Hour
)

// prune removes what is too old, once an hour.
func (s *Server) prune(ctx context.Context) error {
	now := s.Now()
	if now.Sub(s.pruned) < pruneEvery {
		return nil
	}
	s.pruned = now
	return errors.Join(
		s.Store.PruneTokenEvents(ctx, now.Add(-fetchesKept)),
		s.Store.PruneHandouts(ctx, now.Add(-handoutsKept)),
		s.Store.PruneAlerts(ctx, now.Add(-alertsKept)),
	)
}
