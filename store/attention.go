package store

import (
	"context"
	"strings"
	"time"

	"muban/wechat/ledger"
)

// FirstUndecided is the oldest send that waits for a decision, of one person or, at 0, of anybody; ErrNotFound for
// none.
func (s *Store) FirstUndecided(ctx context.Context, app, person int64) (Send, error) {
	of := where{}
	of.and("app = ? AND outcome = 'unknown' AND decision = ''", app)
	andSet(&of, "person_id", person)
	return one(ctx, s.readers, scanSend, "SELECT "+sendColumns+" FROM sends"+of.String()+" ORDER BY id LIMIT 1",
		of.args...)
}

// OwnDrafts counts a person's drafts in an app by their states; the deleted do not count.
func (s *Store) OwnDrafts(ctx context.Context, app, author int64) (map[string]int, error) {
	counts := map[string]int{}
	_, err := many(ctx, s.readers, func(r row) (none struct{}, err error) {
		var state string
		var n int
		err = r.Scan(&state, &n)
		counts[state] = n
		return none, err
	}, "SELECT state, count(*) FROM drafts WHERE app = ? AND deleted_at = 0 AND author = ? GROUP BY state", app, author)
	return counts, err
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

// Done are the acts of those named that a person has done, ever.
func (s *Store) Done(ctx context.Context, person int64, acts ...string) (map[string]bool, error) {
	done := map[string]bool{}
	for _, act := range acts {
		n, err := one(ctx, s.readers, scan[int], `SELECT count(*) FROM (SELECT 1 FROM activities
			WHERE person_id = ? AND act = ? LIMIT 1) AS found`, person, act)
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

// TemplatesBy answers the templates of an app, but for those that are gone, that came of a draft of the author's.
func (s *Store) TemplatesBy(ctx context.Context, app, author int64) ([]Template, error) {
	return many(ctx, s.readers, scanTemplate, "SELECT "+templateColumns+` FROM templates WHERE app = ? AND deleted_at = 0
		AND draft_id IN (SELECT id FROM drafts WHERE app = ? AND author = ?) ORDER BY added_at DESC, template_id`,
		app, app, author)
}

// OwnSendCounts answers how a person's sends of a kind of message, "" for every one, ended since a day, by day, and those
// of the last day by the hour. They are counted one by one: a person has few.
func (s *Store) OwnSendCounts(ctx context.Context, app, person int64, kind string, since time.Time,
	last ledger.Day) (days []SendCount, hours []HourCount, err error) {
	w := counted(app, kind)
	w.and("person_id = ? AND created_at >= ?", person, millis(since))
	_, err = many(ctx, s.readers, func(r row) (none struct{}, err error) {
		var hour int64
		n := SendCount{}
		err = r.Scan(&hour, &n.TemplateID, &n.Outcome, &n.ErrCode, &n.Sends)
		at := time.Unix(hour*3600, 0).UTC()
		if n.Day = ledger.DayOf(at); n.Day == last {
			hours = append(hours, HourCount{Hour: at, Outcome: n.Outcome, Sends: n.Sends})
		}
		days = append(days, n)
		return none, err
	}, "SELECT created_at / 3600000 AS hour, template_id, outcome, err_code, count(*) FROM sends"+w.String()+
		" GROUP BY hour, template_id, outcome, err_code", w.args...)
	return days, hours, err
}

// UsableOf is how many messages may still be sent to each of some openids; one without any is left out.
func (s *Store) UsableOf(ctx context.Context, app int64, openIDs ...string) (map[string]int, error) {
	usable := map[string]int{}
	if len(openIDs) == 0 {
		return usable, nil
	}
	args := []any{app, millis(s.now())}
	for _, id := range openIDs {
		args = append(args, id)
	}
	_, err := many(ctx, s.readers, func(r row) (none struct{}, err error) {
		var id string
		var n int
		err = r.Scan(&id, &n)
		usable[id] = n
		return none, err
	}, "SELECT openid, sum(total - used - held) FROM rights INDEXED BY "+ofOpenID+` WHERE app = ? AND usable = 1
		AND expires_at > ? AND openid IN (`+strings.Repeat(", ?", len(openIDs))[2:]+") GROUP BY openid", args...)
	return usable, err
}
