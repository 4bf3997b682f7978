package store

import (
	"context"
	"time"

	"muban/wechat/ledger"
)

// Waiter is somebody whom an app's work may wait for, and what of it they may do.
type Waiter struct {
	App, Person int64
	Reviews     bool // what others handed in is theirs to review
	Writes      bool // their own drafts come back to them
	Decides     bool // any send without an outcome is theirs to decide
	DecidesOwn  bool // those that they sent themselves are
}

// Waiting is how much of an app's work waits for one person.
type Waiting struct{ Reviews, Rejected, Undecided int }

// Drafts is how many drafts it is about.
func (w Waiting) Drafts() int { return w.Reviews + w.Rejected }

// WaitingFor counts what waits for somebody. Nobody reviews their own draft here, whatever SelfApproval says. It is
// asked for every page, so it reads no more than what it counts.
func (s *Store) WaitingFor(ctx context.Context, w Waiter) (Waiting, error) {
	if !w.Reviews && !w.Writes && !w.Decides && !w.DecidesOwn {
		return Waiting{}, nil
	}
	read := func(r row) (n Waiting, err error) {
		err = r.Scan(&n.Reviews, &n.Rejected, &n.Undecided)
		return n, err
	}
	return one(ctx, s.readers, read, `SELECT
		(SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state = 'review' AND coalesce(author, 0) <> ?),
		(SELECT count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND state = 'rejected' AND author = ?),
		(SELECT count(*) FROM sends WHERE app = ? AND outcome = 'unknown' AND decision = '' AND (person_id = ? OR ? = 1))`,
		appIf(w.Reviews, w.App), w.Person, appIf(w.Writes, w.App), w.Person, appIf(w.Decides || w.DecidesOwn, w.App),
		w.Person, w.Decides)
}

// appIf is app where something of it is to be counted, and 0, which no app has, where it is not.
func appIf(counted bool, app int64) int64 {
	if counted {
		return app
	}
	return 0
}

// FirstUndecided is the oldest send that waits for a decision, of one person or, at 0, of anybody; ErrNotFound for
// none.
func (s *Store) FirstUndecided(ctx context.Context, app, person int64) (Send, error) {
	of := where{}
	of.and("app = ? AND outcome = 'unknown' AND decision = ''", app)
	andSet(&of, "person_id", person)
	return one(ctx, s.readers, scanSend, "SELECT "+sendColumns+" FROM sends"+of.String()+" ORDER BY id LIMIT 1",
		of.args...)
}

// OwnDrafts counts a person's drafts in an app by where they are: their states, "letter" for those of the rejected that
// WeChat refused. The deleted do not count.
func (s *Store) OwnDrafts(ctx context.Context, app, author int64) (map[string]int, error) {
	counts := map[string]int{}
	_, err := many(ctx, s.readers, func(r row) (none struct{}, err error) {
		var state string
		var n int
		err = r.Scan(&state, &n)
		counts[state] += n
		return none, err
	}, `SELECT CASE WHEN state = 'rejected' AND 'letter' = (SELECT verdict FROM reviews WHERE draft = drafts.id
			ORDER BY id DESC LIMIT 1) THEN 'letter' ELSE state END AS place, count(*)
		FROM drafts WHERE app = ? AND deleted_at = 0 AND author = ? GROUP BY place`, app, author)
	return counts, err
}

// SubmittedSince is how many proposals of an app were handed in to WeChat since then; what became of them does not
// matter.
func (s *Store) SubmittedSince(ctx context.Context, app int64, since time.Time) (int, error) {
	return one(ctx, s.readers, scan[int], "SELECT count(*) FROM activities WHERE act = ? AND app = ? AND at >= ?",
		ActDraftSubmitted, app, millis(since))
}

// CommentsTo answers the newest comments of others on drafts of an author that are not deleted, with the titles of
// those.
func (s *Store) CommentsTo(ctx context.Context, app, author int64, count int) (comments []Comment, titles []string,
	err error) {
	comments, err = many(ctx, s.readers, func(r row) (c Comment, err error) {
		var title string
		err = r.Scan(&c.ID, &c.Draft, &c.PersonID, &c.PersonName, &c.Text, instant{&c.At}, &title)
		titles = append(titles, title)
		return c, err
	}, `SELECT comments.id, draft, coalesce(person_id, 0), person_name, text, at, title
		FROM comments JOIN drafts ON drafts.id = draft WHERE app = ? AND deleted_at = 0 AND author = ?
			AND coalesce(person_id, 0) <> ? ORDER BY comments.id DESC LIMIT ?`, app, author, author, count)
	return comments, titles, err
}

// Done are the acts of those named that a person has done in an app, ever.
func (s *Store) Done(ctx context.Context, app, person int64, acts ...string) (map[string]bool, error) {
	done := map[string]bool{}
	for _, act := range acts {
		n, err := one(ctx, s.readers, scan[int], `SELECT count(*) FROM (SELECT 1 FROM activities
			WHERE person_id = ? AND act = ? AND app = ? LIMIT 1) AS found`, person, act, app)
		if err != nil {
			return nil, err
		}
		done[act] = n > 0
	}
	return done, nil
}

// Leaving counts the openids that Unreachable lists, up to CountedAtMost, and says when the first of them leaves.
func (s *Store) Leaving(ctx context.Context, app int64) (n int, first time.Time, err error) {
	now := s.now()
	_, err = one(ctx, s.readers, func(r row) (none struct{}, err error) {
		err = r.Scan(&n, instant{&first})
		return none, err
	}, `SELECT count(*), coalesce(min(expires_at), 0) FROM (SELECT expires_at FROM rights r WHERE `+leaves+`
		ORDER BY expires_at LIMIT ?) AS leaving`, app, millis(now), millis(now.Add(ledger.Soon)), CountedAtMost)
	return n, first, err
}
