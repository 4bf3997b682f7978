package store

import (
	"context"
	"time"
)

// answersKept is for how long an answer is remembered at the least, so that a repeated report of it is known.
const answersKept = 7 * 24 * time.Hour

// KeepConsents removes what has been over for longer than RightsKeptDays says: answers, consents that allow no more and
// that no send holds, and what became of messages. What can be sent stays, however old. It answers how many rows it
// removed.
func (s *Store) KeepConsents(ctx context.Context) (pruned int, err error) {
	kept, err := s.rightsKept(ctx)
	if err != nil {
		return 0, err
	}
	kept = max(kept, answersKept)
	for _, prune := range []string{
		`DELETE FROM consent_answers WHERE (app, openid, template_id, ref) IN (SELECT app, openid, template_id, ref
			FROM consent_answers WHERE app = ? AND reported_at < ? ORDER BY reported_at LIMIT ?)`,
		`DELETE FROM consents WHERE id IN (SELECT id FROM consents WHERE app = ? AND closed <> '' AND made_at < ? AND held = 0
			ORDER BY made_at LIMIT ?)`,
		`DELETE FROM message_receipts WHERE (app, msg_id) IN (SELECT app, msg_id FROM message_receipts WHERE app = ? AND reported_at < ?
			ORDER BY reported_at LIMIT ?)`,
	} {
		n, err := s.prune(ctx, prune, kept)
		if pruned += n; err != nil {
			return pruned, err
		}
	}
	return pruned, nil
}

// prune removes rows of every app in batches, by a query of app, time and number.
func (s *Store) prune(ctx context.Context, query string, kept time.Duration) (pruned int, err error) {
	apps, err := many(ctx, s.readers, scan[int64], "SELECT id FROM apps")
	for _, app := range apps {
		n, err := s.inBatches(ctx, func(t *tx) (int, error) {
			gone, err := t.affect(query, app, millis(t.now.Add(-kept)), keepingBatch)
			return int(gone), err
		})
		if pruned += n; err != nil {
			return pruned, err
		}
	}
	return pruned, err
}
