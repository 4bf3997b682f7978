package store

import "context"

// Waiting is how much of one app waits for a person.
type Waiting struct {
	Reviews  int // drafts of others that were submitted for review
	Rejected int // drafts of the person's own that came back
	Unknown  int // sends of unknown outcome that nobody has decided
	Own      int // those of Unknown that the person sent
}

// Waiting answers what the navigation counts; on every page, so it is one look at three indexes.
func (s *Store) Waiting(ctx context.Context, app, person int64) (Waiting, error) {
	scan := func(r row) (w Waiting, err error) {
		err = r.Scan(&w.Reviews, &w.Rejected, &w.Unknown, &w.Own)
		return w, err
	}
	return one(ctx, s.readers, scan, `SELECT
		(SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state = 'review' AND coalesce(author, 0) <> ?),
		(SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state IN ('rejected', 'refused') AND author = ?),
		count(*), coalesce(sum(CASE WHEN person_id = ? THEN 1 ELSE 0 END), 0)
		FROM sends WHERE app = ? AND outcome = 'unknown' AND decision = ''`,
		app, person, app, person, person, app)
}
