package store

import (
	"context"
	"iter"
	"time"

	"muban/wechat/ledger"
)

// Right is one form_id or prepay_id.
type Right = ledger.Right

// RightFilter picks rights of one app; another zero field does not filter, Count 0 means 20.
type RightFilter struct {
	App           int64
	OpenID, ID    string // whole, in their own case
	Kind          string // ledger.Form or ledger.Payment
	State         string // one of ledger.States
	Offset, Count int
}

// CountedAtMost is where a list stops counting: counting a million rows costs more than the page that is
// shown of them. A total of CountedAtMost means "as many or more".
const CountedAtMost = 10_000

const rightColumns = `app, right_id, kind, openid, total, used, held, closed, made_at, reported_at, expires_at`

// ofOpenID is the index for what is of one openid. SQLite knows no numbers: it would as soon go through all
// rights that are usable.
const ofOpenID = "rights_by_openid"

// Right answers the app's right with this form_id or prepay_id, ErrNotFound when the ledger has none.
func (s *Store) Right(ctx context.Context, app int64, id string) (Right, error) {
	return right(ctx, s.readers, app, id)
}

func right(ctx context.Context, q querier, app int64, id string) (Right, error) {
	return one(ctx, q, scanRight, "SELECT "+rightColumns+" FROM rights WHERE app = ? AND right_id = ?", app, id)
}

// Rights answers one page, those that end last first, and how many there are in all, up to CountedAtMost.
// Usable ones come in the order in which they are picked: those that end first.
func (s *Store) Rights(ctx context.Context, f RightFilter) ([]Right, int, error) {
	return f.list(s.now()).read(ctx, s.readers)
}

func (f RightFilter) list(now time.Time) list[Right] {
	l := list[Right]{
		columns: rightColumns, table: "rights", order: "expires_at DESC, id DESC", scan: scanRight,
		offset: f.Offset, count: f.Count, countAtMost: CountedAtMost,
	}
	l.where.and("app = ?", f.App)
	if f.OpenID != "" {
		l.where.and("openid = ?", f.OpenID)
		l.index = ofOpenID
	}
	andSet(&l.where, "right_id", f.ID)
	andSet(&l.where, "kind", f.Kind)
	switch f.State {
	case "":
	case ledger.Usable:
		l.where.and("usable = 1 AND expires_at > ?", millis(now))
		l.order = "expires_at, id"
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
