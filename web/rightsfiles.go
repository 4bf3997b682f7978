package web

import (
	"context"
	"iter"
	"net/http"
	"strconv"
	"time"

	"muban/store"
	"muban/wechat/ledger"
)

// rightsCSV is the list as a file: everything that the filter shows.
func (s *Site) rightsCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := rightsFilter(r)
	if err != nil {
		return err
	}
	filter, err := s.rightsOf(r.Context(), v.account.App.ID, f)
	if err != nil {
		return err
	}
	if f.By == "openid" && filter.ID != "" { // by openid, an id stands for whose it is
		known, err := s.Store.Right(r.Context(), v.account.App.ID, filter.ID)
		if err != nil {
			return err
		}
		filter.ID, filter.OpenID = "", known.OpenID
	}
	now := s.Now()
	header := []string{"id", "kind", "openid", "state", "left", "used", "held", "total", "made_at", "reported_at", "expires_at"}
	return writeCSV(w, "rights-"+now.UTC().Format("20060102")+".csv", header, lines(s.Store.EachRight(r.Context(), filter), func(x store.Right) []string {
		return []string{
			x.ID, x.Source, x.OpenID, x.State(now), strconv.Itoa(x.Left()), strconv.Itoa(x.Used), strconv.Itoa(x.Held), strconv.Itoa(x.Total),
			timestamp(x.MadeAt), timestamp(x.ReportedAt), timestamp(x.ExpiresAt),
		}
	}))
}

// lines are those of a file, one for each of all.
func lines[T any](all iter.Seq2[T, error], cells func(T) []string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for v, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(cells(v), nil) {
				return
			}
		}
	}
}

// timestamp is a time as a spreadsheet and a program both read it, "" for none.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// leavingChunk is how many openids the file of those who leave reads at a time.
const leavingChunk = 500

// leavingCSV names everybody who cannot be reached any more from tomorrow on.
func (s *Site) leavingCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := "unreachable-" + s.Now().UTC().Format("20060102") + ".csv"
	all := s.leaving(r.Context(), v.account.App.ID)
	return writeCSV(w, name, []string{"openid", "usable", "last_until"}, lines(all, func(x ledger.Balance) []string {
		return []string{x.OpenID, strconv.Itoa(x.Usable), timestamp(x.LastUntil)}
	}))
}

func (s *Site) leaving(ctx context.Context, app int64) iter.Seq2[ledger.Balance, error] {
	return func(yield func(ledger.Balance, error) bool) {
		for offset, more := 0, true; more; offset += leavingChunk {
			var page []ledger.Balance
			var err error
			page, more, err = s.Store.Unreachable(ctx, app, offset, leavingChunk)
			if err != nil {
				yield(ledger.Balance{}, err)
				return
			}
			for _, x := range page {
				if !yield(x, nil) {
					return
				}
			}
		}
	}
}
