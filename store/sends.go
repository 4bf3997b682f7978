package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"muban/store/db"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// Send is one attempt to send a message, with its outcome.
type Send = dispatch.Send

// SendFilter picks sends of one app; another nil or zero field does not filter, Count 0 means 20.
type SendFilter struct {
	App                         int64
	Kind                        string // of message
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

const sendColumns = `id, app, message_kind, key, body_hash, template_id, title, openid, right_id, request, outcome, err_code, err_msg,
	reason, attempts, took_us, msg_id, coalesce(person_id, 0), person_name, created_at, finished_at, decision, decided_by_name, decided_at`

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
	andSet(&l.where, "message_kind", f.Kind)
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
	case f.Undecided:
		l.index, l.order = "sends_undecided", "id DESC"
		return
	case f.Outcome == dispatch.Unknown || f.Outcome == dispatch.Refused:
		l.index = "sends_troubled"
		l.where.and("outcome IN ('refused', 'unknown')")
	default:
		return
	}
	l.order = "created_at DESC, id DESC"
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
	var args []any
	for _, id := range templateIDs {
		args = append(args, app, id)
	}
	// One look at the end of the index for each: a GROUP BY would read every send.
	newest := strings.Repeat(" UNION ALL SELECT max(id) FROM sends WHERE app = ? AND template_id = ?", len(templateIDs))
	all, err := many(ctx, s.readers, scanSend, "SELECT "+sendColumns+" FROM sends WHERE id IN ("+
		strings.TrimPrefix(newest, " UNION ALL ")+")", args...)
	for _, x := range all {
		last[x.TemplateID] = x
	}
	return last, err
}

func scanSend(r row) (x Send, err error) {
	var hash []byte
	var took int64
	err = r.Scan(&x.ID, &x.App, &x.Kind, &x.Key, &hash, &x.TemplateID, &x.Title, &x.OpenID, &x.FormID, &x.Request, &x.Outcome,
		&x.ErrCode, &x.ErrMsg, &x.Reason, &x.Attempts, &took, &x.MsgID, &x.PersonID, &x.PersonName, instant{&x.CreatedAt}, instant{&x.FinishedAt},
		&x.Decision, &x.DecidedByName, instant{&x.DecidedAt})
	copy(x.BodyHash[:], hash)
	x.Duration = time.Duration(took) * time.Microsecond
	return x, err
}

// SendCount is how many sends of one template ended in one way on one day of WeChat's calendar.
type SendCount struct {
	Day                 ledger.Day
	TemplateID, Outcome string
	ErrCode             int
	Sends               int
	Calls               int // of send: more than Sends where a payment had to settle
}

// countSend notes how a send ended. What it counts is never taken back: a later decision about an unknown
// send changes no outcome.
func (t *tx) countSend(x Send) {
	t.Later(sendHours, []any{x.App, hourOf(t.now), x.Outcome, x.Kind}, 1)
	t.Later(sendDays, []any{x.App, ledger.DayOf(t.now), x.TemplateID, x.Outcome, x.ErrCode, x.Kind}, 1, x.Attempts)
}

var (
	sendHours = &db.Rows{Table: "send_hours", Key: []string{"app", "hour", "outcome", "message_kind"}, Sums: []string{"sends"}}
	sendDays  = &db.Rows{Table: "send_days", Key: []string{"app", "day", "template_id", "outcome", "err_code"},
		Once: []string{"message_kind"}, Sums: []string{"sends", "calls"}}
)

// hourOf counts hours since 1970: each is an hour of a day in China too.
func hourOf(at time.Time) int64 { return at.Unix() / 3600 }

// HourCount is how many sends ended in one way in the hour that begins at Hour.
type HourCount struct {
	Hour    time.Time
	Outcome string
	Sends   int
}

// SendHours answers the counts of an app and a kind of message, "" for every one, for each hour that began from from on
// and before to, the oldest first.
func (s *Store) SendHours(ctx context.Context, app int64, kind string, from, to time.Time) ([]HourCount, error) {
	w := counted(app, kind)
	w.and("hour >= ? AND hour < ?", hourOf(from), hourOf(to))
	read := func(r row) (n HourCount, err error) {
		var hour int64
		err = r.Scan(&hour, &n.Outcome, &n.Sends)
		n.Hour = time.Unix(hour*3600, 0).UTC()
		return n, err
	}
	return many(ctx, s.readers, read, "SELECT hour, outcome, sum(sends) FROM send_hours"+w.String()+`
		GROUP BY hour, outcome ORDER BY hour, outcome`, w.args...)
}

// counted begins a look at what is counted of an app's sends: of one kind of message, or at "" of every one.
func counted(app int64, kind string) (w where) {
	w.and("app = ?", app)
	andSet(&w, "message_kind", kind)
	return w
}

// SendsUntil is how many sends of an app ended on at's day before at: whole hours as they were counted, and what was
// begun in the last one.
func (s *Store) SendsUntil(ctx context.Context, app int64, at time.Time) (int, error) {
	hour := at.Truncate(time.Hour)
	return one(ctx, s.readers, scan[int], `SELECT (SELECT coalesce(sum(sends), 0) FROM send_hours
			WHERE app = ? AND hour >= ? AND hour < ?)
		+ (SELECT count(*) FROM sends WHERE app = ? AND created_at >= ? AND created_at < ?)`,
		app, hourOf(ledger.DayOf(at).Start()), hourOf(hour), app, millis(hour), millis(at))
}

// SendCounts answers the counts of an app and a kind of message, "" for every one, for each day since one, the oldest
// first.
func (s *Store) SendCounts(ctx context.Context, app int64, kind string, since time.Time) ([]SendCount, error) {
	w := counted(app, kind)
	w.and("day >= ?", ledger.DayOf(since))
	return many(ctx, s.readers, scanSendCount, "SELECT day, template_id, outcome, err_code, sends, calls FROM send_days"+
		w.String()+" ORDER BY day, template_id, outcome, err_code", w.args...)
}

// SendTotal is how many sends of an app and a kind of message ended in one way, ever.
type SendTotal struct {
	App           int64
	Kind, Outcome string
	Sends         int64
}

// SendTotals answers those of every app.
func (s *Store) SendTotals(ctx context.Context) ([]SendTotal, error) {
	read := func(r row) (x SendTotal, err error) {
		err = r.Scan(&x.App, &x.Kind, &x.Outcome, &x.Sends)
		return x, err
	}
	return many(ctx, s.readers, read, `SELECT app, message_kind, outcome, sum(sends) FROM send_days
		GROUP BY app, message_kind, outcome ORDER BY app, message_kind, outcome`)
}

// CallsToday is how much of WeChat's daily quota of sends of a kind an app has used, as far as we know: others may
// call with the same account.
func (s *Store) CallsToday(ctx context.Context, app int64, kind string) (int, error) {
	w := counted(app, kind)
	w.and("day = ?", ledger.DayOf(s.now()))
	return one(ctx, s.readers, scan[int], "SELECT coalesce(sum(calls), 0) FROM send_days"+w.String(), w.args...)
}

func scanSendCount(r row) (n SendCount, err error) {
	err = r.Scan(&n.Day, &n.TemplateID, &n.Outcome, &n.ErrCode, &n.Sends, &n.Calls)
	return n, err
}

// Journal keeps the sends of one actor, as package dispatch asks for it.
type Journal struct {
	store *Store
	by    Actor
}

// JournalOf is the journal of what the actor sends.
func (s *Store) JournalOf(by Actor) Journal { return Journal{s, by} }

// BeginSend is Store.BeginSend by the journal's actor.
func (j Journal) BeginSend(ctx context.Context, x Send) (Send, Right, error) {
	return j.store.BeginSend(ctx, j.by, x)
}

// FinishSend is Store.FinishSend by the journal's actor.
func (j Journal) FinishSend(ctx context.Context, x Send) error {
	return j.store.FinishSend(ctx, j.by, x)
}

// SendByKey is Store.SendByKey.
func (j Journal) SendByKey(ctx context.Context, app int64, key string) (Send, error) {
	return j.store.SendByKey(ctx, app, key)
}
