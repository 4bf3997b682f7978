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
func (s *Server) library(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.account.Mirror.Index() == nil {
		return s.directLibrary(w, r, v)
	}
	return s.mirroredLibrary(w, r, v)
}

func (s *Server) directLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	offset, count, problems := paging(q, s.texts.In(v.lang), wechat.MaxCount)
	page, generation, err := v.account.Library.List(r.Context(), offset, count)
	if err != nil {
		return err
	}
	usages, edition, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	if len(problems) == 0 && plainList(q) && s.unchanged(w, r, s.libraryTag(r, v, "direct", generation, edition)) {
		return nil
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

func (s *Server) mirroredLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	q, t := r.URL.Query(), s.texts.In(v.lang)
	offset, count, problems := paging(q, t, wechat.MaxCount)
	mirror, state := v.account.Mirror, v.account.Mirror.State()
	usages, edition, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	age, running := ui.AgeOf(s.Now().Sub(state.Good)), state.Running()
	kind := "mirror" + age.Unit + strconv.Itoa(age.N) + strconv.FormatBool(running)
	if len(problems) == 0 && plainList(q) && s.unchanged(w, r, s.libraryTag(r, v, kind, mirror.Version(), edition)) {
		return nil
	}
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
func (s *Server) searched(t *text.Text, kept url.Values) (views.LibrarySearch, search.Query, ui.Problems) {
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

// libraryTag names all that the page is made of: this process and its embedded
// files, the person, their roles and the way they look at it, the app and the
// switcher's list, the titles as they were read, how often they are used, and the
// alerts.
func (s *Server) libraryTag(r *http.Request, v *visit, kind string, generation, usages uint64) string {
	b := append(make([]byte, 0, 128), '"')
	for _, n := range []int64{s.started, v.person.ID, v.account.App.ID, int64(s.accounts.Version()), int64(generation), int64(usages), s.alarms.Version()} {
		b = append(strconv.AppendInt(b, n, 36), '-')
	}
	for _, app := range v.apps {
		b = append(strconv.AppendInt(b, app.ID, 36), '-')
	}
	for _, text := range []string{kind, string(v.person.Role), string(v.role), v.lang, v.theme, r.URL.RawQuery} {
		b = append(append(b, text...), '-')
	}
	return string(append(b, '"'))
}

// plainList tells whether a URL's query holds nothing but a page of the list: no
// message of an act, and nothing that a stranger made up to fill the memory.
func plainList(q url.Values) bool {
	for name := range q {
		if name != "offset" && name != "count" {
			return false
		}
	}
	return true
}
