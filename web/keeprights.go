package web

import (
	"context"
	"time"
)

// rightsKeeping is how often rights whose time is over are closed, and old ones
// removed. A right is no longer usable from its last second on, kept or not.
const rightsKeeping = time.Minute

func (s *Server) keepRights(ctx context.Context) {
	tick := time.NewTicker(rightsKeeping)
	defer tick.Stop()
	for {
		if _, _, err := s.Store.KeepRights(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("rights were not tidied up", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
