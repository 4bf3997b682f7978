package pages

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

func (s *Site) rights(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.named(r).Allowance() == kind.Consent {
		return s.consents(w, r, v)
	}
	days, err := s.rightsKept(r.Context())
	if err != nil {
		return err
	}
	return s.drawRights(w, r, v, views.KeptForm{Days: &days}, nil)
}

// rightsKept is for how many days rights stay in the ledger after their end.
func (s *Site) rightsKept(ctx context.Context) (int, error) {
	value, err := s.Store.Setting(ctx, store.RightsKeptDays)
	if days, bad := strconv.Atoi(value); bad == nil {
		return days, err
	}
	return int(store.DefaultRightsKept / (24 * time.Hour)), err
}

// keepRightsFor changes that number.
func (s *Site) keepRightsFor(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.KeptForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.drawRights(w, r, v, form, problems)
	}
	if err := s.Store.SetSetting(r.Context(), v.actor(r), store.RightsKeptDays, form.Number()); err != nil {
		return err
	}
	return v.seeOther(w, r, "/rights", "rights_kept")
}

func (s *Site) drawRights(w http.ResponseWriter, r *http.Request, v *visit, kept views.KeptForm,
	wrong ui.Problems) error {
	filter, err := rightsFilter(r)
	if err != nil {
		return err
	}
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), wechat.MaxCount)
	maps.Copy(problems, wrong)
	p := views.RightsPage{Page: s.page(r, v), Filter: filter, Kept: kept, MaySet: v.may(auth.ManageApps),
		Past: r.URL.Query().Get("span") == "past", Problems: problems}
	p.Range = ui.Range{Path: "/rights", Query: filter.Values(), Offset: offset, Count: count}
	ctx, app := r.Context(), v.account.App.ID
	list := s.standings
	switch filter.By {
	case "right":
		list = s.rightsOneByOne
	case "leaving":
		list = s.leavingOnes
	}
	if err := list(ctx, app, &p); err != nil {
		return err
	}
	if err := s.countRights(ctx, app, &p); err != nil {
		return err
	}
	if p.Names, err = s.namesOf(ctx, v); err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Rights(p))
}

// countRights fills in what the whole ledger comes to, what is left of it by the day that it ends on, and how many
// people leave it.
func (s *Site) countRights(ctx context.Context, app int64, p *views.RightsPage) error {
	today := ledger.DayOf(s.Now())
	days, err := s.Store.RightDays(ctx, app, (today + 1 - chartDays).Start())
	if err != nil {
		return err
	}
	for _, d := range days {
		p.Sum.Reported, p.Sum.Used, p.Sum.Expired = p.Sum.Reported+d.Reported, p.Sum.Used+d.Used, p.Sum.Expired+d.Expired
	}
	left, err := s.Store.RightEndings(ctx, app)
	if err != nil {
		return err
	}
	for _, d := range left {
		p.Left += d.Ending
	}
	p.Today = leftOn(left, today)
	p.Day = dayLabel(today)
	p.Chart = endingByDay(p.Text, left, today)
	if p.Past {
		p.Chart = rightsChart(p.Text, days, today)
	}
	p.Empty = p.Range.Shown == 0 && p.Range.Offset == 0 && len(days) == 0 && !p.Filter.Narrow()
	p.Leaving, p.First, err = s.Store.Leaving(ctx, app)
	return err
}

// leavingOnes lists those who cannot be reached any more from tomorrow on, the first to leave first.
func (s *Site) leavingOnes(ctx context.Context, app int64, p *views.RightsPage) (err error) {
	var more bool
	p.People, more, err = s.Store.Unreachable(ctx, app, p.Range.Offset, p.Range.Count)
	p.Range.Shown, p.Range.Total = len(p.People), p.Range.Offset+len(p.People)
	if more || p.Range.Shown == 0 && p.Range.Offset > 0 {
		p.Range.Total = -1
	}
	return err
}

func rightsFilter(r *http.Request) (views.RightsFilter, error) {
	q := r.URL.Query()
	f := views.RightsFilter{By: q.Get("by"), Query: q.Get("q"), Kind: q.Get("source"), State: q.Get("state"),
		Ends: q.Get("ends")}
	if f.By == "" {
		f.By = views.RightsViews[0]
	}
	known := slices.Contains(views.RightsViews, f.By) &&
		slices.Contains([]string{"", ledger.Form, ledger.Payment}, f.Kind) &&
		(f.State == "" || slices.Contains(ledger.States, f.State))
	if _, err := time.Parse(time.DateOnly, f.Ends); f.Ends != "" && err != nil {
		known = false
	}
	if !known {
		return f, errBadRequest
	}
	return f, nil
}

// standings lists openids; what is searched for may be one, or one of its rights.
func (s *Site) standings(ctx context.Context, app int64, p *views.RightsPage) (err error) {
	rng := &p.Range
	if p.Filter.Query != "" {
		p.People, err = s.standingOf(ctx, app, p.Filter.Query)
		rng.Total = len(p.People)
		p.People = p.People[min(rng.Offset, len(p.People)):]
		rng.Shown = len(p.People)
		return err
	}
	var more bool
	p.People, more, err = s.Store.Balances(ctx, app, rng.Offset, rng.Count)
	rng.Shown, rng.Total = len(p.People), rng.Offset+len(p.People)
	if more || rng.Shown == 0 && rng.Offset > 0 {
		rng.Total = -1 // nobody counts a million of them
	}
	return err
}

func (s *Site) standingOf(ctx context.Context, app int64, query string) ([]ledger.Balance, error) {
	openID := query
	if r, err := s.Store.Right(ctx, app, query); err == nil {
		openID = r.OpenID
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	standing, err := s.Store.Balance(ctx, app, openID)
	if err != nil || standing == (ledger.Balance{OpenID: openID}) {
		return nil, err
	}
	return []ledger.Balance{standing}, nil
}

func (s *Site) rightsOneByOne(ctx context.Context, app int64, p *views.RightsPage) error {
	filter, err := s.rightsOf(ctx, app, p.Filter)
	if err != nil {
		return err
	}
	filter.Offset, filter.Count = p.Range.Offset, p.Range.Count
	if filter.OpenID != "" {
		if p.People, err = s.standingOf(ctx, app, filter.OpenID); err != nil {
			return err
		}
	}
	var total int
	p.Rights, total, err = s.Store.Rights(ctx, filter)
	p.Range.Shown = len(p.Rights)
	p.Range.Counted(total, store.LedgerCountedAtMost)
	return err
}

// rightsOf is the store's filter for the page's. An id that the ledger knows is
// searched for as one, everything else as an openid.
func (s *Site) rightsOf(ctx context.Context, app int64, f views.RightsFilter) (store.RightFilter, error) {
	filter := store.RightFilter{App: app, Source: f.Kind, State: f.State}
	if f.Ends != "" {
		filter.From = dayIn(f.Ends, "ends", nil, nil)
		filter.To = filter.From.AddDate(0, 0, 1)
	}
	if f.Query == "" {
		return filter, nil
	}
	_, err := s.Store.Right(ctx, app, f.Query)
	switch {
	case err == nil:
		filter.ID = f.Query
	case errors.Is(err, store.ErrNotFound):
		filter.OpenID, err = f.Query, nil
	}
	return filter, err
}

// rightsChart draws what became of rights, day by day up to today.
func rightsChart(t *text.Text, days []ledger.DayCount, today ledger.Day) ui.Chart {
	byDay := map[ledger.Day]ledger.DayCount{}
	for _, d := range days {
		byDay[d.Day] = d
	}
	series := []ui.Series{{Name: t.T("rights.reported"), Class: "n"}, {Name: t.T("rights.used"), Class: "g"},
		{Name: t.T("rights.expired"), Class: "u"}}
	return lastDays(t, "rights-chart", today, series, func(day ledger.Day) []int {
		d := byDay[day]
		return []int{d.Reported, d.Used, d.Expired}
	})
}

// reporting says how rights get here.
func (s *Site) reporting(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.render(w, r, http.StatusOK, views.Reporting(views.ReportingPage{
		Page: s.page(r, v), Snippets: views.Snippets{Base: s.publicBase(r), AppID: v.account.App.AppID},
	}))
}

// rightsCSV is the list as a file: everything that the filter shows.
func (s *Site) rightsCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.named(r).Allowance() == kind.Consent {
		return s.consentsCSV(w, r, v)
	}
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
	columns := []string{"number", "kind", "openid", "state", "left", "used", "held", "total", "made_at", "reported_at",
		"expires_at"}
	return s.exportCSV(w, r, v, "rights-"+fileDay(now)+".csv", columns,
		lines(s.Store.EachRight(r.Context(), filter), func(x store.Right) []string {
			return []string{
				x.ID, x.Source, x.OpenID, x.State(now), strconv.Itoa(x.Left()), strconv.Itoa(x.Used), strconv.Itoa(x.Held), strconv.Itoa(x.Total),
				timestamp(x.MadeAt), timestamp(x.ReportedAt), timestamp(x.ExpiresAt),
			}
		}))
}

// leavingChunk is how many openids the file of those who leave reads at a time.
const leavingChunk = 500

// leavingCSV names everybody who cannot be reached any more from tomorrow on.
func (s *Site) leavingCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := "unreachable-" + fileDay(s.Now()) + ".csv"
	all := s.leaving(r.Context(), v.account.App.ID)
	return s.exportCSV(w, r, v, name, []string{"openid", "usable", "last_until"},
		lines(all, func(x ledger.Balance) []string {
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
