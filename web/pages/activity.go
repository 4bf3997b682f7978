package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
)

// activity lists who did what. Its filter is its address.
func (s *Site) activity(w http.ResponseWriter, r *http.Request, v *visit) error {
	text := s.Texts.In(v.lang)
	offset, count, problems := paging(r.URL.Query(), text, wechat.MaxCount)
	p := views.ActivityPage{Page: s.page(r, v), Acts: store.Acts(), Problems: problems}
	f := s.activityFilter(r, v, &p)
	f.Offset, f.Count = offset, count
	var total int
	var err error
	if p.Activities, total, err = s.Store.Activities(r.Context(), f); err != nil {
		return err
	}
	if p.People, err = s.Store.People(r.Context()); err != nil {
		return err
	}
	if p.Names, err = s.namesIn(r.Context(), p.People, p.Activities); err != nil {
		return err
	}
	kept := filters(r.URL.Query(), "person", "act", "object", "from", "until", "all")
	p.Range = ui.Range{Path: "/activity", Query: kept, Offset: offset, Count: count, Shown: len(p.Activities)}
	p.Range.Counted(total, store.CountedAtMost)
	p.Export = (&url.URL{Path: "/activity/export", RawQuery: kept.Encode()}).RequestURI()
	return s.render(w, r, listStatus(p.Problems), views.Activity(p))
}

// namesIn answers what the things in these lines are called, as far as they are there.
func (s *Site) namesIn(ctx context.Context, people []store.Person, lines []store.Activity) (map[string]string, error) {
	names := map[string]string{}
	for _, person := range people {
		names["person:"+strconv.FormatInt(person.ID, 10)] = person.Name
	}
	looked := map[int64]bool{}
	for _, a := range lines {
		if kind, id, _ := strings.Cut(a.Object, ":"); kind == "draft" {
			n, _ := strconv.ParseInt(id, 10, 64) // 0 is no draft's
			d, err := s.Store.Draft(ctx, a.App, n)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			names[a.Object] = d.Title
		}
		if looked[a.App] {
			continue
		}
		looked[a.App] = true
		app, err := s.Store.App(ctx, a.App)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		names["app:"+strconv.FormatInt(a.App, 10)], names["app:"+app.AppID] = app.Name, app.Name
		known, err := s.Store.Templates(ctx, a.App)
		if err != nil {
			return nil, err
		}
		for _, t := range known {
			names["template:"+t.TemplateID] = t.Title
		}
		keys, err := s.Store.APIKeys(ctx, a.App)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			names["api_key:"+k.Prefix] = k.Name
		}
	}
	return names, nil
}

// activityFilter reads the filter; what is wrong with it is in p.Problems, and does
// not filter.
func (s *Site) activityFilter(r *http.Request, v *visit, p *views.ActivityPage) store.ActivityFilter {
	query := r.URL.Query()
	if query.Get("person") == "" {
		query.Del("person") // the first option of its list
	}
	for name, problem := range s.forms.fill(query, p.Text, &p.Filter) {
		p.Problems[name] = problem
	}
	f := store.ActivityFilter{Act: p.Filter.Act, PersonID: p.Filter.Person, Object: p.Filter.Object}
	if f.People = f.PersonID == views.EveryPerson; f.People {
		f.PersonID = 0
	}
	if !p.Filter.All {
		f.App = &v.account.App.ID
	}
	if f.Act != "" && !slices.Contains(p.Acts, f.Act) {
		p.Problems["act"] = p.T("problem.oneof", "Field", p.T("activity.act"), "Value", text.Excerpt(f.Act))
		f.Act = ""
	}
	f.From, _ = day(p.Filter.From)
	if until, err := day(p.Filter.Until); err == nil {
		f.Until = until.AddDate(0, 0, 1) // that day too
	}
	return f
}

// day reads a form's date, in Beijing.
func day(text string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, text, ui.Beijing)
}

// exportActivity is the same list as a file, all pages of it.
func (s *Site) exportActivity(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.ActivityPage{Page: s.page(r, v), Acts: store.Acts(), Problems: ui.Problems{}}
	f := s.activityFilter(r, v, &p)
	if len(p.Problems) > 0 {
		return errBadRequest
	}
	columns := []string{"number", "time", "person", "address", "app", "act", "object", "detail"}
	return s.exportCSV(w, r, v, "muban-activity.csv", columns, lines(s.Store.EachActivity(r.Context(), f), activityCells))
}

func activityCells(a store.Activity) []string {
	return []string{
		strconv.FormatInt(a.ID, 10), timestamp(a.At), a.PersonName, a.Addr,
		strconv.FormatInt(a.App, 10), a.Act, a.Object, a.Detail,
	}
}
