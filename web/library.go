package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/search"
)

// library lists the titles: those of the mirror, which can be searched, or a page
// from WeChat while there is no mirror yet.
func (s *Site) library(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.account.Mirror.Index() == nil {
		return s.directLibrary(w, r, v)
	}
	return s.mirroredLibrary(w, r, v)
}

func (s *Site) directLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	offset, count, problems := paging(q, s.Texts.In(v.lang), wechat.MaxCount)
	page, _, err := v.account.Library.List(r.Context(), offset, count)
	if err != nil {
		return err
	}
	usages, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	p := views.LibraryPage{
		Page: s.page(r, v), Hits: make([]search.Hit, len(page.Titles)), Usages: usages, Problems: problems, MaySync: v.may(SyncLibrary),
		Range: ui.Range{Path: "/library", Offset: offset, Count: count, Shown: len(page.Titles), Total: page.Total},
	}
	p.Form.Text = q.Get("q") // looked for in vain, and said so
	for i := range page.Titles {
		p.Hits[i] = search.Hit{Title: &page.Titles[i], Keyword: -1}
	}
	return s.render(w, r, listStatus(problems), views.Library(p))
}

func (s *Site) mirroredLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	q, t := r.URL.Query(), s.Texts.In(v.lang)
	offset, count, problems := paging(q, t, wechat.MaxCount)
	mirror, state := v.account.Mirror, v.account.Mirror.State()
	usages, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	age, running := ui.AgeOf(s.Now().Sub(state.Good)), state.Running()
	kept := filters(r, searchFields...)
	form, query, refused := s.searched(t, kept)
	var found search.Result
	if len(refused) == 0 {
		query.Offset, query.Count = offset, count
		found = mirror.Index().Search(query)
	}
	for name, problem := range refused {
		problems[name] = problem
	}
	return s.render(w, r, listStatus(problems), views.Library(views.LibraryPage{
		Page: s.page(r, v), Form: form, Hits: found.Hits, Usages: usages, Problems: problems, MaySync: v.may(SyncLibrary),
		Mirror: &views.MirrorNote{Good: state.Good, Age: age, Titles: len(mirror.Titles()), Running: running},
		Range: ui.Range{
			Path: "/library", Query: kept, Offset: offset, Count: count, Shown: len(found.Hits), Total: found.Total,
		},
	}))
}

// searchFields are what the list and its exports are narrowed and sorted by.
var searchFields = []string{"q", "suffix", "min", "max", "sort"}

// searched reads the search from the filters of the URL, and says what is wrong
// with it.
func (s *Site) searched(t *text.Text, kept url.Values) (views.LibrarySearch, search.Query, ui.Problems) {
	var form views.LibrarySearch
	if len(kept) == 0 { // most visits: nothing to decode
		return form, search.Query{}, nil
	}
	problems := s.forms.fill(kept, t, &form)
	least, _ := strconv.Atoi(form.Min) // digits by now, or a problem
	most, _ := strconv.Atoi(form.Max)
	if len(problems) == 0 && form.Max != "" && least > most {
		problems["min"] = t.T("search.bad_bounds", "Min", form.Min, "Max", form.Max)
	}
	return form, search.Query{
		Text: strings.TrimSpace(form.Text), Suffix: form.Suffix, MinKeywords: least, MaxKeywords: most, Sort: form.Sort,
	}, problems
}
