package store

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"muban/store/db"
	"muban/wechat/ledger"
)

// Right is one form_id or prepay_id.
type Right = ledger.Right

// RightFilter picks rights of one app; another zero field does not filter, Count 0 means 20.
type RightFilter struct {
	App           int64
	OpenID, ID    string    // whole, in their own case
	Source        string    // ledger.Form or ledger.Payment
	State         string    // one of ledger.States
	From, To      time.Time // when they end: From and later, before To
	Offset, Count int
}

const rightColumns = `app, right_id, source, openid, total, used, held, closed, made_at, reported_at, expires_at`

// ofOpenID is the index for what is of one openid. SQLite knows no numbers: it would as soon go through all
// rights that are usable.
const ofOpenID = "rights_by_openid"

// areUsable is the index for what is usable; SQLite would as soon go through what is over.
const areUsable = "rights_usable"

// Right answers the app's right with this form_id or prepay_id, ErrNotFound when the ledger has none.
func (s *Store) Right(ctx context.Context, app int64, id string) (Right, error) {
	return right(ctx, s.readers, app, id)
}

func right(ctx context.Context, q querier, app int64, id string) (Right, error) {
	return one(ctx, q, scanRight, "SELECT "+rightColumns+" FROM rights WHERE app = ? AND right_id = ?", app, id)
}

// Rights answers one page, those that end last first, and how many there are in all, up to LedgerCountedAtMost.
// Usable ones come in the order in which they are picked: those that end first.
func (s *Store) Rights(ctx context.Context, f RightFilter) ([]Right, int, error) {
	return f.list(s.now()).read(ctx, s.readers)
}

func (f RightFilter) list(now time.Time) list[Right] {
	l := list[Right]{
		columns: rightColumns, table: "rights", order: "expires_at DESC, id DESC", scan: scanRight,
		offset: f.Offset, count: f.Count, countAtMost: LedgerCountedAtMost,
	}
	l.where.and("app = ?", f.App)
	if f.OpenID != "" {
		l.where.and("openid = ?", f.OpenID)
		l.index = ofOpenID
	}
	andSet(&l.where, "right_id", f.ID)
	andSet(&l.where, "source", f.Source)
	if !f.From.IsZero() {
		l.where.and("expires_at >= ?", millis(f.From))
	}
	if !f.To.IsZero() {
		l.where.and("expires_at < ?", millis(f.To))
	}
	switch f.State {
	case "":
	case ledger.Usable:
		l.where.and("usable = 1 AND expires_at > ?", millis(now))
		l.order, l.index = "expires_at, id", cmp.Or(l.index, areUsable)
	case ledger.Held:
		l.where.and("closed = '' AND held > 0 AND used + held = total")
	default: // one that has just expired is among them once KeepRights has closed it
		l.where.and("closed <> '' AND closed = ?", f.State)
	}
	return l
}

// EachRight answers every right that Rights lists on all its pages, the newest first.
func (s *Store) EachRight(ctx context.Context, f RightFilter) iter.Seq2[Right, error] {
	return f.list(s.now()).each(ctx, s.readers)
}

func scanRight(r row) (x Right, err error) {
	err = r.Scan(&x.App, &x.ID, &x.Source, &x.OpenID, &x.Total, &x.Used, &x.Held, &x.Closed,
		instant{&x.MadeAt}, instant{&x.ReportedAt}, instant{&x.ExpiresAt})
	return x, err
}

// Receipt is what became of one reported right.
type Receipt struct {
	Right   Right           // as it stands in the ledger, or as it was reported
	Known   bool            // it was there already, and is as it was
	Cleaned bool            // a "prepay_id=" was taken off its id
	Refused *ledger.Refusal // nil: it is in the ledger
}

// ReportRights takes rights into the ledger, all that are good of them in one transaction, and answers for
// each in its order what became of it. It is idempotent by id: a second report of the same openid's changes
// nothing.
func (s *Store) ReportRights(ctx context.Context, by Actor, app int64, reports []ledger.Report) (receipts []Receipt,
	err error) {
	err = s.write(ctx, func(t *tx) error {
		receipts, err = t.reportRights(by, app, reports)
		return err
	})
	return receipts, err
}

func (t *tx) reportRights(by Actor, app int64, reports []ledger.Report) ([]Receipt, error) {
	receipts := make([]Receipt, len(reports))
	var good []Right
	for i, p := range reports {
		x := &receipts[i]
		var err error
		if x.Right, x.Cleaned, err = ledger.Admit(app, p, stored(t.now)); err == nil {
			good = append(good, x.Right)
		} else if !errors.As(err, &x.Refused) {
			return nil, err
		}
	}
	added, err := t.addRights(good)
	if err != nil {
		return nil, err
	}
	tally, days := map[string]int{}, []ledger.DayCount{}
	for i := range receipts {
		x := &receipts[i]
		if x.Refused == nil && !added[x.Right.ID] {
			x.Right, err = t.knownRight(x.Right)
			if x.Known = err == nil; !x.Known && !errors.As(err, &x.Refused) {
				return nil, err
			}
		}
		delete(added, x.Right.ID) // a second report of it finds the first one's
		result := x.result()
		if tally[result]++; result == "new" {
			days = append(days, ledger.Reported(x.Right, t.now)...)
		}
	}
	t.countRights(app, days...)
	return receipts, t.record(by, app, ActRightReport, "", tally)
}

// result is the receipt in a word.
func (r Receipt) result() string {
	switch {
	case r.Refused != nil:
		return "refused"
	case r.Known:
		return "known"
	}
	return "new"
}

// addRights adds those that are not in the ledger yet, and answers their ids.
func (t *tx) addRights(all []Right) (added map[string]bool, err error) {
	added = map[string]bool{}
	for len(all) > 0 {
		n := db.AtOnce(len(all))
		var args []any
		for _, r := range all[:n] {
			args = append(args, r.App, r.ID, r.Source, r.OpenID, r.Total, millis(r.MadeAt), millis(r.ReportedAt), millis(r.ExpiresAt))
		}
		ids, err := many(t.ctx, t, scan[string], `INSERT INTO rights (app, right_id, source, openid, total, made_at, reported_at, expires_at)
			VALUES `+strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?)", n)[2:]+" ON CONFLICT (app, right_id) DO NOTHING RETURNING right_id", args...)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			added[id] = true
		}
		all = all[n:]
	}
	return added, nil
}

// knownRight answers the right that is in the ledger already. Another openid's is refused.
func (t *tx) knownRight(r Right) (Right, error) {
	known, err := right(t.ctx, t, r.App, r.ID)
	if err == nil && known.OpenID != r.OpenID {
		return r, &ledger.Refusal{Reason: ledger.Foreign, Right: r}
	}
	return known, err
}

// countRights adds to what is counted of an app's rights on some days.
func (t *tx) countRights(app int64, days ...ledger.DayCount) {
	for _, n := range days {
		if n != (ledger.DayCount{Day: n.Day}) {
			t.Later(rightDays, []any{app, n.Day}, n.Reported, n.Used, n.Spent, n.Expired, n.Rejected, n.Ending)
		}
	}
}

var rightDays = &db.Rows{Table: "right_days", Key: []string{"app", "day"},
	Sums: []string{"reported", "used", "spent", "expired", "rejected", "ending"}}

// RightDays answers what became of an app's rights on each day since one, the oldest first. A day without
// anything is left out.
func (s *Store) RightDays(ctx context.Context, app int64, since time.Time) ([]ledger.DayCount, error) {
	return many(ctx, s.readers, scanTally, `SELECT day, reported, used, spent, expired, rejected, 0 FROM right_days
		WHERE app = ? AND day >= ? AND reported + used + spent + expired + rejected > 0 ORDER BY day`,
		app, ledger.DayOf(since))
}

// RightEndings answers on which days the sends end that are left of an app's rights, from today on. Sends that are
// under way count as left. What ended today is among them for a minute, until KeepRights has seen it.
func (s *Store) RightEndings(ctx context.Context, app int64) ([]ledger.DayCount, error) {
	return many(ctx, s.readers, scanTally, `SELECT day, 0, 0, 0, 0, 0, ending FROM right_days
		WHERE app = ? AND day >= ? AND ending > 0 ORDER BY day`, app, ledger.DayOf(s.now()))
}

func scanTally(r row) (n ledger.DayCount, err error) {
	err = r.Scan(&n.Day, &n.Reported, &n.Used, &n.Spent, &n.Expired, &n.Rejected, &n.Ending)
	return n, err
}

// Balance answers what an openid's rights come to; all counts are 0 for one that has none.
func (s *Store) Balance(ctx context.Context, app int64, openID string) (ledger.Balance, error) {
	all, err := s.balances(ctx, app, openID)
	if err != nil || len(all) == 0 {
		return ledger.Balance{OpenID: openID}, err
	}
	return all[0], nil
}

// Balances answers one page of openids, those with the newest rights first, and whether there are more.
func (s *Store) Balances(ctx context.Context, app int64, offset, count int) (page []ledger.Balance, more bool,
	err error) {
	// The newest right of each openid stands for it, so that a page costs what is on it.
	openIDs, err := many(ctx, s.readers, scan[string], `SELECT openid FROM rights r WHERE app = ? AND NOT EXISTS
			(SELECT 1 FROM rights n WHERE n.app = r.app AND n.openid = r.openid AND (n.expires_at, n.id) > (r.expires_at, r.id))
		ORDER BY expires_at DESC, id DESC LIMIT ? OFFSET ?`, app, count+1, max(0, offset))
	if err != nil {
		return nil, false, err
	}
	return s.balancesOf(ctx, app, openIDs, count)
}

// leaves is true of the last usable right of an openid, where that ends between two instants.
const leaves = `app = ? AND usable = 1 AND expires_at > ? AND expires_at <= ? AND NOT EXISTS
	(SELECT 1 FROM rights n INDEXED BY ` + ofOpenID + ` WHERE n.app = r.app AND n.openid = r.openid AND n.usable = 1
		AND (n.expires_at, n.id) > (r.expires_at, r.id))`

// Unreachable answers the openids to which nothing can be sent any more from within a day on, unless they
// submit a form or pay before: those whose last usable right ends by then, the soonest first.
func (s *Store) Unreachable(ctx context.Context, app int64, offset, count int) (page []ledger.Balance, more bool,
	err error) {
	now := s.now()
	openIDs, err := many(ctx, s.readers, scan[string], "SELECT openid FROM rights r INDEXED BY "+areUsable+" WHERE "+leaves+
		" ORDER BY expires_at, id LIMIT ? OFFSET ?", app, millis(now), millis(now.Add(ledger.Soon)), count+1, max(0, offset))
	if err != nil {
		return nil, false, err
	}
	return s.balancesOf(ctx, app, openIDs, count)
}

func (s *Store) balancesOf(ctx context.Context, app int64, openIDs []string, count int) ([]ledger.Balance, bool,
	error) {
	more := len(openIDs) > count
	if more {
		openIDs = openIDs[:count]
	}
	page, err := s.balances(ctx, app, openIDs...)
	return page, more, err
}

// balances answers in the order of openIDs; one without a right is left out.
func (s *Store) balances(ctx context.Context, app int64, openIDs ...string) ([]ledger.Balance, error) {
	if len(openIDs) == 0 {
		return nil, nil
	}
	var w where
	w.and("app = ?", app)
	among(&w, "openid", openIDs)
	rights, err := many(ctx, s.readers, scanRight, "SELECT "+rightColumns+" FROM rights INDEXED BY "+ofOpenID+w.String(), w.args...)
	if err != nil {
		return nil, err
	}
	of := map[string][]Right{}
	for _, r := range rights {
		of[r.OpenID] = append(of[r.OpenID], r)
	}
	now, all := s.now(), []ledger.Balance{}
	for _, openID := range openIDs {
		if len(of[openID]) > 0 {
			all = append(all, ledger.BalanceOf(of[openID], now))
		}
	}
	return all, nil
}

// UsableSends is how many messages an app may still send under all its rights: those that are left, as they are counted
// by day, without those that are under way. What ended today is among them for a minute, as with RightEndings.
func (s *Store) UsableSends(ctx context.Context, app int64) (int, error) {
	today := ledger.DayOf(s.now())
	return one(ctx, s.readers, scan[int], `SELECT (SELECT coalesce(sum(ending), 0) FROM right_days WHERE app = ? AND day >= ?)
		- (SELECT coalesce(sum(held), 0) FROM rights WHERE app = ? AND held > 0 AND closed = '' AND expires_at >= ?)`,
		app, today, app, millis(today.Start()))
}

// rights are the allowances of template messages; see allowances.
type rights struct{ *tx }

func (t rights) byID(app int64, id string) (Right, error) { return right(t.ctx, t, app, id) }

func (t rights) find(x Send) (Right, error) {
	if x.FormID == "" {
		return pick(t.ctx, t, x.App, x.OpenID, millis(t.now.Add(ledger.Patience)))
	}
	r, err := right(t.ctx, t, x.App, ledger.Bare(x.FormID))
	if !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if r, _, err = ledger.Admit(x.App, ledger.Report{OpenID: x.OpenID, ID: x.FormID}, stored(t.now)); err != nil {
		return r, err
	}
	if _, err = t.addRights([]Right{r}); err != nil {
		return r, err
	}
	t.countRights(x.App, ledger.Reported(r, t.now)...)
	return r, nil
}

// pick is the openid's usable right that ends first, and not before a send under it would have its answer.
func pick(ctx context.Context, q querier, app int64, openID string, after int64) (Right, error) {
	r, err := one(ctx, q, scanRight, "SELECT "+rightColumns+" FROM rights INDEXED BY "+ofOpenID+
		" WHERE app = ? AND openid = ? AND usable = 1 AND expires_at > ? ORDER BY expires_at, id LIMIT 1", app, openID, after)
	if errors.Is(err, ErrNotFound) {
		none := Right{App: app, OpenID: openID}
		return none, &ledger.Refusal{Reason: ledger.None, Right: none}
	}
	return r, err
}

func (t rights) change(before, after Right) error {
	if err := t.update("UPDATE rights SET used = ?, held = ?, closed = ? WHERE app = ? AND right_id = ?", after.Used, after.Held,
		after.Closed, after.App, after.ID); err != nil {
		return err
	}
	t.countRights(after.App, ledger.Change(before, after, t.now)...)
	return nil
}
