package pages

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// ofConsents tells whether the ledger of consents is asked for. The page of rights has a filter "kind" of its own.
func (v *visit) ofConsents(r *http.Request) bool {
	q := r.URL.Query()
	return (!q.Has("kind") || kind.Known(q.Get("kind"))) && v.named(r).Allowance() == kind.Consent
}

// consentsFilter is what of the ledger is asked for.
func consentsFilter(r *http.Request, v *visit) (views.ConsentsFilter, store.ConsentFilter, error) {
	q := r.URL.Query()
	f := views.ConsentsFilter{OpenID: q.Get("q"), Template: q.Get("template"), State: q.Get("state"), Kind: q.Get("kind")}
	if f.State != "" && !slices.Contains(store.ConsentStates, f.State) {
		return f, store.ConsentFilter{}, errBadRequest
	}
	return f, store.ConsentFilter{
		App: v.account.App.ID, OpenID: f.OpenID, TemplateID: f.Template, State: f.State,
	}, nil
}

// forecastDays is how far back a forecast looks.
const forecastDays = 14

// consents is the ledger of what users allowed: who can be reached with which template, and how often.
func (s *Site) consents(w http.ResponseWriter, r *http.Request, v *visit) error {
	asked, filter, err := consentsFilter(r, v)
	if err != nil {
		return err
	}
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), wechat.MaxCount)
	filter.Offset, filter.Count = offset, count
	p := views.ConsentsPage{Page: s.page(r, v), Filter: asked, Problems: problems, Own: v.account.App.DefaultKind()}
	ctx, app := r.Context(), v.account.App.ID
	list, total, err := s.Store.Consents(ctx, filter)
	if err != nil {
		return err
	}
	p.List = list
	p.Range = ui.Range{Path: "/rights", Query: asked.Values(), Offset: offset, Count: count, Shown: len(list)}
	p.Range.Counted(total, store.CountedAtMost)
	if p.Counts, err = s.Store.ConsentCounts(ctx, app); err != nil {
		return err
	}
	now := s.Now()
	p.Lasts = make([]int, len(p.Counts))
	for i, c := range p.Counts[:min(len(p.Counts), wechat.MaxCount)] {
		days, err := s.Store.ConsentDays(ctx, app, c.TemplateID, now.Add(-forecastDays*24*time.Hour))
		if err != nil {
			return err
		}
		p.Lasts[i] = ledger.Forecast(c.Left, days, ledger.DayOf(now))
	}
	if p.Names, err = s.namesOf(ctx, v); err != nil {
		return err
	}
	if p.Titles, err = s.subscribeTitles(r, v); err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Consents(p))
}

// subscribeTitles are the titles of the account's subscribe templates, by template_id.
func (s *Site) subscribeTitles(r *http.Request, v *visit) (map[string]string, error) {
	titles := map[string]string{}
	of := v.account.Of(kind.Subscribe)
	if l, err := of.LastList(r.Context()); err == nil {
		for _, t := range l.Templates {
			titles[t.ID] = t.Title
		}
	}
	known, err := of.Known(r.Context())
	for _, t := range known {
		titles[t.TemplateID] = t.Title
	}
	return titles, err
}

// consentsCSV is the ledger as a file: everything that the filter shows.
func (s *Site) consentsCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	_, filter, err := consentsFilter(r, v)
	if err != nil {
		return err
	}
	columns := []string{"openid", "template_id", "term", "left", "held", "used", "refused", "source", "updated_at"}
	return s.exportCSV(w, r, v, "consents-"+fileDay(s.Now())+".csv", columns,
		lines(s.Store.EachConsents(r.Context(), filter), func(c ledger.Consents) []string {
			return []string{
				c.OpenID, c.TemplateID, views.TermOf(c), strconv.Itoa(c.Left), strconv.Itoa(c.Held), strconv.Itoa(c.Used),
				strconv.FormatBool(c.Refused), c.Source, timestamp(c.UpdatedAt),
			}
		}))
}
