package store

import (
	"context"

	"muban/wechat/ledger"
)

// Standing answers what an openid's rights come to; all counts are 0 for one that has none.
func (s *Store) Standing(ctx context.Context, app int64, openID string) (ledger.Balance, error) {
	all, err := s.standings(ctx, app, openID)
	if err != nil || len(all) == 0 {
		return ledger.Balance{OpenID: openID}, err
	}
	return all[0], nil
}

// Standings answers one page of openids, those with the newest rights first, and whether there are more.
func (s *Store) Standings(ctx context.Context, app int64, offset, count int) (page []ledger.Balance, more bool, err error) {
	// The newest right of each openid stands for it, so that a page costs what is on it.
	openIDs, err := many(ctx, s.readers, scan[string], `SELECT openid FROM rights r WHERE app = ? AND NOT EXISTS
			(SELECT 1 FROM rights n WHERE n.app = r.app AND n.openid = r.openid AND (n.expires_at, n.id) > (r.expires_at, r.id))
		ORDER BY expires_at DESC, id DESC LIMIT ? OFFSET ?`, app, count+1, max(0, offset))
	if err != nil {
		return nil, false, err
	}
	return s.standingsOf(ctx, app, openIDs, count)
}

// Unreachable answers the openids to which nothing can be sent any more from within a day on, unless they
// submit a form or pay before: those whose last usable right ends by then, the soonest first.
func (s *Store) Unreachable(ctx context.Context, app int64, offset, count int) (page []ledger.Balance, more bool, err error) {
	now := s.now()
	openIDs, err := many(ctx, s.readers, scan[string], `SELECT openid FROM rights r WHERE app = ? AND usable = 1
			AND expires_at > ? AND expires_at <= ? AND NOT EXISTS
			(SELECT 1 FROM rights n INDEXED BY `+ofOpenID+` WHERE n.app = r.app AND n.openid = r.openid AND n.usable = 1
				AND (n.expires_at, n.id) > (r.expires_at, r.id))
		ORDER BY expires_at, id LIMIT ? OFFSET ?`, app, millis(now), millis(now.Add(ledger.Soon)), count+1, max(0, offset))
	if err != nil {
		return nil, false, err
	}
	return s.standingsOf(ctx, app, openIDs, count)
}

func (s *Store) standingsOf(ctx context.Context, app int64, openIDs []string, count int) ([]ledger.Balance, bool, error) {
	more := len(openIDs) > count
	if more {
		openIDs = openIDs[:count]
	}
	page, err := s.standings(ctx, app, openIDs...)
	return page, more, err
}

// standings answers in the order of openIDs; one without a right is left out.
func (s *Store) standings(ctx context.Context, app int64, openIDs ...string) ([]ledger.Balance, error) {
	now := s.now()
	var all []ledger.Balance
	for _, openID := range openIDs {
		rights, err := many(ctx, s.readers, scanRight, "SELECT "+rightColumns+" FROM rights WHERE app = ? AND openid = ?", app, openID)
		if err != nil {
			return nil, err
		}
		if len(rights) > 0 {
			all = append(all, ledger.BalanceOf(rights, now))
		}
	}
	return all, nil
}

// UsableSends is how many messages an app may still send under all its rights.
func (s *Store) UsableSends(ctx context.Context, app int64) (int, error) {
	return one(ctx, s.readers, scan[int], `SELECT coalesce(sum(total - used - held), 0) FROM rights
		WHERE app = ? AND usable = 1 AND expires_at > ?`, app, millis(s.now()))
}
