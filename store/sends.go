package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"muban/wechat/dispatch"
)

// Send is one attempt to send a message, with its outcome.
type Send = dispatch.Send

// SendFilter picks sends of one app; another nil or zero field does not filter, Count 0 means 20.
type SendFilter struct {
	App                         int64
	Outcome, TemplateID, OpenID string
	ErrCode                     *int
	PersonID                    int64
	Person                      string    // the name, also of an API key: "api_key:abcdefgh"
	Right                       string    // the form_id or prepay_id
	Undecided                   bool      // unknown, and nobody has decided
	Text                        string    // somewhere in the values; letters of A-Z in either case
	From, To                    time.Time // when it was begun: From and later, before To
	Offset, Count               int
}

// SearchedSends is how many sends of an app Text looks at, the newest: there is no index of parts of words
// that would serve for one character.
const SearchedSends = 100_000

const sendColumns = `id, app, key, body_hash, template_id, title, openid, right_id, request, outcome, err_code, err_msg,
	reason, attempts, took_us, coalesce(person_id, 0), person_name, created_at, finished_at, decision, decided_by_name, decided_at`

// Send answers ErrNotFound when the app has none with this id.
func (s *Store) Send(ctx context.Context, app, id int64) (Send, error) {
	return one(ctx, s.readers, scanSend, "SELECT "+sendColumns+" FROM sends WHERE app = ? AND id = ?", app, id)
}

// SendByKey answers ErrNotFound when the app has none with this key.
func (s *Store) SendByKey(ctx context.Context, app int64, key string) (Send, error) {
	return sendByKey(ctx, s.readers, app, key)
}

func sendByKey(ctx context.Context, q querier, app int64, key string) (Send, error) {
	return one(ctx, q, scanSend, "SELECT "+sendColumns+" FROM sends WHERE app = ? AND key = ?", app, key)
}

// Sends answers one page, the newest first, and how many there are in all, up to CountedAtMost.
func (s *Store) Sends(ctx context.Context, f SendFilter) ([]Send, int, error) {
	return f.list().read(ctx, s.readers)
}

// EachSend answers every send that Sends lists on all its pages, the newest first.
func (s *Store) EachSend(ctx context.Context, f SendFilter) iter.Seq2[Send, error] {
	return f.list().each(ctx, s.readers)
}

func (f SendFilter) list() list[Send] {
	l := list[Send]{
		columns: sendColumns, table: "sends", order: "id DESC", scan: scanSend,
		offset: f.Offset, count: f.Count, countAtMost: CountedAtMost,
	}
	l.where.and("app = ?", f.App)
	andSet(&l.where, "outcome", f.Outcome)
	andSet(&l.where, "template_id", f.TemplateID)
	andSet(&l.where, "openid", f.OpenID)
	andSet(&l.where, "person_id", f.PersonID)
	andSet(&l.where, "person_name", f.Person)
	andSet(&l.where, "right_id", f.Right)
	if f.ErrCode != nil {
		l.where.and("err_code = ?", *f.ErrCode)
	}
	if f.Undecided {
		l.where.and("outcome = 'unknown' AND decision = ''")
	}
	f.when(&l)
	f.rare(&l)
	return l
}

// rare chooses the index of what is seldom, which SQLite would not: it knows no numbers. A partial index
// serves only a query that repeats its condition.
func (f SendFilter) rare(l *list[Send]) {
	switch {
	case f.OpenID != "":
	case f.ErrCode != nil && *f.ErrCode != 0:
		l.index = "sends_by_code"
		l.where.and("err_code <> 0")
	case f.Undecided || f.Outcome == dispatch.Unknown || f.Outcome == dispatch.Refused:
		l.index = "sends_troubled"
		l.where.and("outcome IN ('refused', 'unknown')")
	default:
		return
	}
	l.order = "id DESC"
}

// when looks at days and at words.
func (f SendFilter) when(l *list[Send]) {
	if !f.From.IsZero() {
		l.where.and("created_at >= ?", millis(f.From))
	}
	if !f.To.IsZero() {
		l.where.and("created_at < ?", millis(f.To))
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		l.order = "created_at DESC, id DESC" // as the index of the days has it
	}
	if f.Text == "" {
		return
	}
	to := int64(1) << 62
	if !f.To.IsZero() {
		to = millis(f.To)
	}
	l.where.and(`id >= coalesce((SELECT id FROM sends WHERE app = ? AND created_at < ? ORDER BY created_at DESC, id DESC
		LIMIT 1 OFFSET ?), 0) AND words LIKE ? ESCAPE '\'`, f.App, to, SearchedSends-1, likePattern(f.Text))
}

// LastSends answers the newest send, whatever its outcome, of each template that has any.
func (s *Store) LastSends(ctx context.Context, app int64, templateIDs []string) (map[string]Send, error) {
	last := make(map[string]Send, len(templateIDs))
	if len(templateIDs) == 0 {
		return last, nil
	}
	args := []any{app}
	for _, id := range templateIDs {
		args = append(args, id)
	}
	marks := strings.Repeat(", ?", len(templateIDs))[2:]
	all, err := many(ctx, s.readers, scanSend, "SELECT "+sendColumns+` FROM sends WHERE id IN
		(SELECT max(id) FROM sends WHERE app = ? AND template_id IN (`+marks+") GROUP BY template_id)", args...)
	for _, x := range all {
		last[x.TemplateID] = x
	}
	return last, err
}

func scanSend(r row) (x Send, err error) {
	var hash []byte
	var took int64
	err = r.Scan(&x.ID, &x.App, &x.Key, &hash, &x.TemplateID, &x.Title, &x.OpenID, &x.FormID, &x.Request, &x.Outcome,
		&x.ErrCode, &x.ErrMsg, &x.Reason, &x.Attempts, &took, &x.PersonID, &x.PersonName, instant{&x.CreatedAt}, instant{&x.FinishedAt},
		&x.Decision, &x.DecidedByName, instant{&x.DecidedAt})
	copy(x.BodyHash[:], hash)
	x.Duration = time.Duration(took) * time.Microsecond
	return x, err
}
