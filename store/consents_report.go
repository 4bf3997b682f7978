package store

import (
	"context"
	"fmt"
	"time"

	"muban/store/db"
	"muban/wechat/ledger"
)

// AnswerReceipt is what became of one answer that was reported.
type AnswerReceipt struct {
	Known    bool // it was reported before: nothing changed
	Counted  bool // it brought a consent
	Consents ledger.Consents
}

// ReportAnswers takes what users said into the ledger, all in one transaction, and tells for each in its order what
// became of it. An accept that is reported by a page, by WeChat and by a person counts once, and so does one
// that is reported again; see ledger.Accepts. Answers follow the time at which they were said: an older accept does not
// revive what a newer no has ended, and an older no takes nothing from a newer accept.
func (s *Store) ReportAnswers(ctx context.Context, by Actor, app int64, answers []ledger.Answer) (
	receipts []AnswerReceipt, err error,
) {
	err = s.write(ctx, func(t *tx) error {
		receipts = make([]AnswerReceipt, len(answers))
		tally := map[string]int{}
		for i, a := range answers {
			if receipts[i], err = t.answer(app, a); err != nil {
				return err
			}
			switch {
			case receipts[i].Counted:
				tally["new"]++
			case !receipts[i].Known && (a.What == ledger.Reject || a.What == ledger.Ban):
				tally["refused"]++
			default:
				tally["known"]++
			}
		}
		return t.record(by, app, ActConsentReport, "", tally)
	})
	return receipts, err
}

// balance is a row of consent_balances while it changes.
type balance struct {
	ledger.Consents
	era                 int64
	endedAt, acceptedAt time.Time
	before              ledger.Consents
}

// balanceOf answers the row of one user and one template, and makes it; nobody else changes it until t has ended.
func (t *tx) balanceOf(app int64, openID, templateID string) (*balance, error) {
	b, err := one(t.ctx, t, scanBalance, `INSERT INTO consent_balances (app, openid, template_id, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (app, openid, template_id) DO UPDATE SET era = consent_balances.era
		RETURNING `+balanceColumns+", era, ended_at, accepted_at", app, openID, templateID, millis(t.now))
	b.before = b.Consents
	return &b, err
}

func scanBalance(r row) (b balance, err error) {
	err = r.Scan(&b.App, &b.OpenID, &b.TemplateID, &b.Long, &b.Left, &b.Held, &b.Used, &b.Refused, &b.Source,
		instant{&b.UpdatedAt}, &b.era, instant{&b.endedAt}, instant{&b.acceptedAt})
	return b, err
}

func (t *tx) answer(app int64, a ledger.Answer) (r AnswerReceipt, err error) {
	b, err := t.balanceOf(app, a.OpenID, a.TemplateID)
	if err != nil {
		return r, err
	}
	a.When = b.timeOf(a, t.now)
	if a.Ref == "" {
		if a.Ref, err = t.ownRef(b); err != nil {
			return r, err
		}
	}
	era := b.era
	if a.What == ledger.Accept && !ledger.Newer(a.When, b.endedAt) {
		era-- // what ended the others has ended it as well
	}
	rows, err := t.affect(`INSERT INTO consent_answers (app, openid, template_id, ref, answer, source, era, said_at, reported_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app, openid, template_id, ref) DO NOTHING`,
		app, a.OpenID, a.TemplateID, a.Ref, a.What, a.Source, era, millis(a.When), millis(t.now))
	if err != nil || rows == 0 {
		return AnswerReceipt{Known: err == nil, Consents: b.Consents}, err
	}
	b.Source, b.UpdatedAt = a.Source, stored(t.now)
	switch {
	case a.What == ledger.Accept && era == b.era:
		r.Counted, err = t.accept(b, a)
	case a.What == ledger.Declined:
		b.Refused = b.Refused || b.Left == 0 && a.When.After(b.acceptedAt)
	case a.What != ledger.Accept && (b.endedAt.IsZero() || ledger.Newer(a.When, b.endedAt)):
		err = t.endConsents(b, a)
	}
	if err == nil && a.Declines() {
		err = t.decline(b, a)
	}
	if err == nil {
		t.countMoment(b, a)
		err = t.saveBalance(b)
	}
	r.Consents = b.Consents
	return r, err
}

// decline counts a no to a popup, unless it is the other report of one that is counted.
func (t *tx) decline(b *balance, a ledger.Answer) error {
	sources, err := t.said(b, `(answer = 'declined' OR answer = 'reject' AND source IN ('page', 'hand'))
		AND said_at BETWEEN ? AND ?`, millis(a.When.Add(-ledger.PairWithin)), millis(a.When.Add(ledger.PairWithin)))
	if err != nil || !another(sources, a) {
		return err
	}
	t.countConsents(b, ledger.ConsentDay{Declined: 1})
	return nil
}

// countMoment counts an answer where it was asked for. Pages alone tell that, so each of their reports is one popup.
func (t *tx) countMoment(b *balance, a ledger.Answer) {
	accepted, declined := 0, 0
	switch {
	case a.Moment == "":
		return
	case a.What == ledger.Accept:
		accepted = 1
	case a.Declines():
		declined = 1
	default:
		return
	}
	t.Later(consentMoments, []any{b.App, ledger.DayOf(t.now), b.TemplateID, a.Moment}, accepted, declined)
}

var consentMoments = &db.Rows{Table: "consent_moments", Key: []string{"app", "day", "template_id", "moment"},
	Sums: []string{"accepted", "declined"}}

// timeOf is when an answer was said. Nothing is said later than now; what has no time is said last.
func (b *balance) timeOf(a ledger.Answer, now time.Time) time.Time {
	now = stored(now)
	switch {
	case !a.When.IsZero() && a.When.Before(now):
		return stored(a.When)
	case !a.When.IsZero():
		return now
	}
	for _, said := range []time.Time{b.endedAt, b.acceptedAt} {
		if said.After(now) {
			now = said
		}
	}
	return now
}

// ownRef is for a report that nothing can repeat.
func (t *tx) ownRef(b *balance) (string, error) {
	n, err := one(t.ctx, t, scan[int64], "SELECT count(*) FROM consent_answers WHERE app = ? AND openid = ? AND template_id = ?",
		b.App, b.OpenID, b.TemplateID)
	return fmt.Sprintf("own:%d:%d", millis(t.now), n), err
}

// accept makes a consent of an accept, unless it is the other report of one that is there.
func (t *tx) accept(b *balance, a ledger.Answer) (counted bool, err error) {
	b.Long, b.Refused = a.Long, false
	if a.When.After(b.acceptedAt) {
		b.acceptedAt = a.When
	}
	if b.Long && b.Left > 0 {
		return false, nil
	}
	sources, err := t.accepts(b)
	if err != nil || !b.Long && !another(sources, a) {
		return false, err
	}
	t.addConsent(b, a)
	return true, nil
}

// another tells whether there would be fewer taps without a, which sources have already. It takes a out of them.
func another(sources [][]time.Time, a ledger.Answer) bool {
	with := ledger.Accepts(sources...)
	own := ledger.Witness(a.Source)
	sources[own] = without(sources[own], a.When)
	return ledger.Accepts(sources...) < with
}

// without takes one of times away.
func without(times []time.Time, gone time.Time) (rest []time.Time) {
	for i, at := range times {
		if at.Equal(gone) {
			return append(rest, times[i+1:]...)
		}
		rest = append(rest, at)
	}
	return rest
}

// accepts are when the accepts of the era were said, by ledger.Witness.
func (t *tx) accepts(b *balance) (sources [][]time.Time, err error) {
	return t.said(b, "era = ? AND answer = 'accept'", b.era)
}

// said is when answers were said that a condition picks, by ledger.Witness.
func (t *tx) said(b *balance, condition string, args ...any) (sources [][]time.Time, err error) {
	type said struct {
		source string
		at     time.Time
	}
	all, err := many(t.ctx, t, func(r row) (x said, err error) {
		err = r.Scan(&x.source, instant{&x.at})
		return x, err
	}, `SELECT source, said_at FROM consent_answers
		WHERE app = ? AND openid = ? AND template_id = ? AND `+condition, append([]any{b.App, b.OpenID, b.TemplateID}, args...)...)
	sources = make([][]time.Time, ledger.Witnesses)
	for _, x := range all {
		i := ledger.Witness(x.source)
		sources[i] = append(sources[i], x.at)
	}
	return sources, err
}

func (t *tx) addConsent(b *balance, a ledger.Answer) {
	b.Left++
	t.Later(newConsents, []any{b.App, b.OpenID, b.TemplateID, a.Source, b.Long, b.era, millis(a.When), millis(t.now)})
	t.countConsents(b, ledger.ConsentDay{Accepted: 1})
}

var newConsents = &db.Rows{Table: "consents",
	Once: []string{"app", "openid", "template_id", "source", "long_term", "era", "made_at", "reported_at"}}

// endConsents begins an era: what was said before a is over.
func (t *tx) endConsents(b *balance, a ledger.Answer) error {
	end := a.When
	b.era, b.endedAt, b.Refused = b.era+1, end, a.What != ledger.Emptied
	second := end.Truncate(time.Second).Add(time.Second) // see ledger.Newer
	moved, err := t.affect(`UPDATE consent_answers SET era = ?
		WHERE app = ? AND openid = ? AND template_id = ? AND era = ? AND answer = 'accept' AND said_at >= ?`,
		b.era, b.App, b.OpenID, b.TemplateID, b.era-1, millis(second))
	if err != nil {
		return err
	}
	accepts := 0
	if moved > 0 {
		b.Refused = false
		sources, err := t.accepts(b)
		if err != nil {
			return err
		}
		accepts = ledger.Accepts(sources...)
	}
	return t.keepConsents(b, a, accepts)
}

// keepConsents carries so many consents of the last era into the new one, and closes the others.
func (t *tx) keepConsents(b *balance, a ledger.Answer, accepts int) error {
	if b.Long {
		accepts = min(accepts, 1)
	}
	all, err := many(t.ctx, t, scanReserved, `SELECT id, made_at, reserved_at FROM consents
		WHERE app = ? AND openid = ? AND template_id = ? AND era = ? AND closed IN ('', 'spent')`,
		b.App, b.OpenID, b.TemplateID, b.era-1)
	if err != nil {
		return err
	}
	kept := ledger.Kept(all, a.When, accepts)
	for _, id := range kept {
		if err := t.exec("UPDATE consents SET era = ? WHERE id = ?", b.era, id); err != nil {
			return err
		}
	}
	closed := ledger.EndRefused
	if a.What == ledger.Emptied {
		closed = ledger.EndEmptied
	}
	ended, err := t.affect(`UPDATE consents SET closed = ?
		WHERE app = ? AND openid = ? AND template_id = ? AND era = ? AND closed = ''`, closed, b.App, b.OpenID, b.TemplateID, b.era-1)
	if err != nil {
		return err
	}
	if b.Left, err = t.unused(b); err != nil {
		return err
	}
	for range accepts - len(kept) {
		t.addConsent(b, ledger.Answer{Source: a.Source, When: b.acceptedAt})
	}
	if closed == ledger.EndEmptied {
		t.countConsents(b, ledger.ConsentDay{Emptied: int(ended)})
	} else {
		t.countConsents(b, ledger.ConsentDay{Refused: int(ended)})
	}
	return nil
}

func scanReserved(r row) (c ledger.Reserved, err error) {
	err = r.Scan(&c.ID, instant{&c.MadeAt}, instant{&c.At})
	return c, err
}

// unused counts the sends that could begin, from the consents themselves.
func (t *tx) unused(b *balance) (int, error) {
	return one(t.ctx, t, scan[int], `SELECT count(*) FROM consents
		WHERE app = ? AND openid = ? AND template_id = ? AND closed = '' AND (long_term = 1 OR held = 0)`, b.App, b.OpenID, b.TemplateID)
}

// saveBalance stores b, and what its step does to the counts of the template.
func (t *tx) saveBalance(b *balance) error {
	err := t.update(`UPDATE consent_balances SET long_term = ?, unused = ?, held = ?, used = ?, refused = ?, source = ?, era = ?,
			ended_at = ?, accepted_at = ?, updated_at = ?
		WHERE app = ? AND openid = ? AND template_id = ?`, b.Long, b.Left, b.Held, b.Used, b.Refused, b.Source, b.era,
		millis(b.endedAt), millis(b.acceptedAt), millis(b.UpdatedAt), b.App, b.OpenID, b.TemplateID)
	if err != nil {
		return err
	}
	if was, is := countOf(b.before), countOf(b.Consents); was != is {
		t.Later(consentCounts, []any{b.App, b.TemplateID},
			is.Users-was.Users, is.Left-was.Left, is.Held-was.Held, is.LongTerm-was.LongTerm)
	}
	return nil
}

var consentCounts = &db.Rows{Table: "consent_counts", Key: []string{"app", "template_id"},
	Sums: []string{"users", "unused", "held", "long_term"}}

// countOf is what one user adds to the counts of a template.
func countOf(c ledger.Consents) (n ConsentCount) {
	n.Held = c.Held
	switch {
	case c.Left > 0 && c.Long:
		n.Users, n.LongTerm = 1, 1
	case c.Left > 0:
		n.Users, n.Left = 1, c.Left
	}
	return n
}

// countConsents adds to what is counted of a template's consents today.
func (t *tx) countConsents(b *balance, n ledger.ConsentDay) {
	if n != (ledger.ConsentDay{}) {
		t.Later(consentDays, []any{b.App, b.TemplateID, ledger.DayOf(t.now)}, n.Accepted, n.Used, n.Refused, n.Emptied, n.Declined)
	}
}

var consentDays = &db.Rows{Table: "consent_days", Key: []string{"app", "template_id", "day"},
	Sums: []string{"accepted", "used", "refused", "emptied", "declined"}}
