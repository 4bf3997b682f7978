package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"muban/wechat/ledger"
)

// ConsentFilter picks what users said to templates of one app; another zero field does not filter, Count 0 means 20.
type ConsentFilter struct {
	App                int64
	OpenID, TemplateID string
	State              string // one of ConsentStates
	Offset, Count      int
}

// ConsentStates are what ConsentFilter tells apart: those to whom a message can be sent, those whose last answer was
// no, and those of whom sends without an outcome hold a consent.
var ConsentStates = []string{ledger.Usable, ledger.EndRefused, ledger.Held}

const balanceColumns = `app, openid, template_id, long_term, unused, held, used, refused, source, updated_at`

// Consents answers one page, what changed last first, and how many there are in all, up to LedgerCountedAtMost.
func (s *Store) Consents(ctx context.Context, f ConsentFilter) ([]ledger.Consents, int, error) {
	return f.list().read(ctx, s.readers)
}

func (f ConsentFilter) list() list[ledger.Consents] {
	l := list[ledger.Consents]{
		columns: balanceColumns, table: "consent_balances", order: "updated_at DESC, openid DESC, template_id DESC", scan: scanConsents,
		offset: f.Offset, count: f.Count, countAtMost: LedgerCountedAtMost,
	}
	l.where.and("app = ?", f.App)
	andSet(&l.where, "openid", f.OpenID)
	andSet(&l.where, "template_id", f.TemplateID)
	switch f.State {
	case ledger.Usable:
		l.where.and("unused > 0")
		l.index = "consent_balances_usable"
	case ledger.EndRefused:
		l.where.and("refused = 1")
		l.index = "consent_balances_refused"
	case ledger.Held:
		l.where.and("held > 0")
		l.index = "consent_balances_held"
	}
	switch { // SQLite knows no numbers
	case f.OpenID != "":
		l.index, l.order = "", "+"+l.order // one user has few; by time it would go through everybody's
	case f.TemplateID != "" && f.State != ledger.Held:
		l.index = "consent_balances_by_template"
	}
	return l
}

// EachConsents answers what Consents lists on all its pages, by openid.
func (s *Store) EachConsents(ctx context.Context, f ConsentFilter) iter.Seq2[ledger.Consents, error] {
	l := f.list()
	query := "SELECT " + l.columns + " FROM " + l.table + l.where.String() +
		" AND (openid > ? OR openid = ? AND template_id > ?) ORDER BY openid, template_id LIMIT ?"
	return func(yield func(ledger.Consents, error) bool) {
		var last ledger.Consents
		for n := chunk; n == chunk; {
			page, err := many(ctx, s.readers, l.scan, query,
				append(l.where.args[:len(l.where.args):len(l.where.args)], last.OpenID, last.OpenID, last.TemplateID, chunk)...)
			for _, c := range page {
				if last = c; !yield(c, nil) {
					return
				}
			}
			if err != nil {
				yield(ledger.Consents{}, err)
				return
			}
			n = len(page)
		}
	}
}

// ConsentsOf answers what one user said to each template of the app that they were asked for.
func (s *Store) ConsentsOf(ctx context.Context, app int64, openID string) ([]ledger.Consents, error) {
	return many(ctx, s.readers, scanConsents, "SELECT "+balanceColumns+` FROM consent_balances
		WHERE app = ? AND openid = ? ORDER BY template_id`, app, openID)
}

// ConsentsTo answers what some users said to one template; one who was never asked is left out.
func (s *Store) ConsentsTo(ctx context.Context, app int64, templateID string, openIDs ...string) (map[string]ledger.Consents, error) {
	said := map[string]ledger.Consents{}
	if len(openIDs) == 0 {
		return said, nil
	}
	args := []any{app, templateID}
	for _, id := range openIDs {
		args = append(args, id)
	}
	all, err := many(ctx, s.readers, scanConsents, "SELECT "+balanceColumns+` FROM consent_balances
		WHERE app = ? AND template_id = ? AND openid IN (`+strings.Repeat(", ?", len(openIDs))[2:]+")", args...)
	for _, c := range all {
		said[c.OpenID] = c
	}
	return said, err
}

func scanConsents(r row) (c ledger.Consents, err error) {
	err = r.Scan(&c.App, &c.OpenID, &c.TemplateID, &c.Long, &c.Left, &c.Held, &c.Used, &c.Refused, &c.Source,
		instant{&c.UpdatedAt})
	return c, err
}

// Answered is one answer that the ledger knows.
type Answered struct {
	What, Source    string
	Counts          bool // as an accept that nothing has ended since
	SaidAt, HeardAt time.Time
}

// Answers answers what one user said to one template, the last first, at most so many.
func (s *Store) Answers(ctx context.Context, app int64, openID, templateID string, most int) ([]Answered, error) {
	return many(ctx, s.readers, scanAnswered, `SELECT a.answer, a.source, a.era = b.era AND a.answer = 'accept', a.said_at, a.reported_at
		FROM consent_answers a JOIN consent_balances b
			ON b.app = a.app AND b.openid = a.openid AND b.template_id = a.template_id
		WHERE a.app = ? AND a.openid = ? AND a.template_id = ? ORDER BY a.said_at DESC, a.reported_at DESC LIMIT ?`,
		app, openID, templateID, most)
}

func scanAnswered(r row) (a Answered, err error) {
	err = r.Scan(&a.What, &a.Source, &a.Counts, instant{&a.SaidAt}, instant{&a.HeardAt})
	return a, err
}

// ConsentCount is who can be reached with one template, and how often.
type ConsentCount struct {
	TemplateID  string
	Users, Left int // users that can be reached; sends to them, without those to users of LongTerm
	Held        int // sends that have no outcome yet
	LongTerm    int // users, of those that can be reached, who said yes without an end
}

// ConsentCounts answers the counts of each template that users were asked for, those that reach most users first.
func (s *Store) ConsentCounts(ctx context.Context, app int64) ([]ConsentCount, error) {
	return many(ctx, s.readers, scanConsentCount, `SELECT template_id, users, unused, held, long_term FROM consent_counts
		WHERE app = ? ORDER BY users DESC, template_id`, app)
}

// UsableConsents is how many sends the one-time consents of an app still allow, and of how many users long-term ones stand.
func (s *Store) UsableConsents(ctx context.Context, app int64) (once, long int, err error) {
	counts, err := s.ConsentCounts(ctx, app)
	for _, c := range counts {
		once, long = once+c.Left, long+c.LongTerm
	}
	return once, long, err
}

func scanConsentCount(r row) (c ConsentCount, err error) {
	err = r.Scan(&c.TemplateID, &c.Users, &c.Left, &c.Held, &c.LongTerm)
	return c, err
}

// ConsentDays answers what became of an app's consents on each day since one, the oldest first; "" is every template.
func (s *Store) ConsentDays(ctx context.Context, app int64, templateID string, since time.Time) ([]ledger.ConsentDay, error) {
	var w where
	w.and("app = ?", app)
	w.and("day >= ?", ledger.DayOf(since))
	andSet(&w, "template_id", templateID)
	return many(ctx, s.readers, scanConsentDay, "SELECT day, sum(accepted), sum(used), sum(refused), sum(emptied), sum(declined) FROM consent_days"+
		w.String()+" GROUP BY day ORDER BY day", w.args...)
}

// ConsentDaysByTemplate answers the same of every template that anything became of, by its id; "" are all together.
func (s *Store) ConsentDaysByTemplate(ctx context.Context, app int64, since time.Time) (map[string][]ledger.ConsentDay, error) {
	of := map[string][]ledger.ConsentDay{}
	_, err := many(ctx, s.readers, func(r row) (d ledger.ConsentDay, err error) {
		var id string
		if err = r.Scan(&id, &d.Day, &d.Accepted, &d.Used, &d.Refused, &d.Emptied, &d.Declined); err != nil {
			return d, err
		}
		of[id] = append(of[id], d)
		if n := len(of[""]); n > 0 && of[""][n-1].Day == d.Day {
			of[""][n-1] = of[""][n-1].Plus(d)
		} else {
			of[""] = append(of[""], d)
		}
		return d, nil
	}, `SELECT template_id, day, accepted, used, refused, emptied, declined FROM consent_days WHERE app = ? AND day >= ?
		ORDER BY day, template_id`, app, ledger.DayOf(since))
	return of, err
}

func scanConsentDay(r row) (d ledger.ConsentDay, err error) {
	err = r.Scan(&d.Day, &d.Accepted, &d.Used, &d.Refused, &d.Emptied, &d.Declined)
	return d, err
}

// PopupAnswers are how often users said yes and no when they were asked for a template.
type PopupAnswers struct {
	TemplateID, Moment string // Moment is "" for every one, told or not
	Yes, No            int
}

// AnswersSince answers what users said to each template of an app since a day began.
func (s *Store) AnswersSince(ctx context.Context, app int64, since time.Time) ([]PopupAnswers, error) {
	return many(ctx, s.readers, scanPopupAnswers, `SELECT template_id, '', sum(accepted), sum(declined) FROM consent_days
		WHERE app = ? AND day >= ? GROUP BY template_id ORDER BY template_id`, app, ledger.DayOf(since))
}

// AnswersByMoment answers the same by the moment at which a page asked, as far as the pages told it.
func (s *Store) AnswersByMoment(ctx context.Context, app int64, since time.Time) ([]PopupAnswers, error) {
	return many(ctx, s.readers, scanPopupAnswers, `SELECT template_id, moment, sum(accepted), sum(declined) FROM consent_moments
		WHERE app = ? AND day >= ? GROUP BY template_id, moment ORDER BY template_id, moment`, app, ledger.DayOf(since))
}

func scanPopupAnswers(r row) (a PopupAnswers, err error) {
	err = r.Scan(&a.TemplateID, &a.Moment, &a.Yes, &a.No)
	return a, err
}
