package pages

import (
	"bufio"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
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
	page, err := v.account.Library.List(r.Context(), offset, count)
	if err != nil {
		return err
	}
	usages, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	p := views.LibraryPage{
		Page: s.page(r, v), Hits: make([]search.Hit, len(page.Titles)), Usages: usages, Problems: problems, MaySync: v.may(auth.SyncLibrary),
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
		Page: s.page(r, v), Form: form, Hits: found.Hits, Usages: usages, Problems: problems, MaySync: v.may(auth.SyncLibrary),
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

// exportLibrary answers the titles that the filters find, with their keywords, as
// a file.
func (s *Site) exportLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	index := v.account.Mirror.Index()
	if index == nil {
		return errNoMirror
	}
	_, query, problems := s.searched(s.Texts.In(v.lang), filters(r, searchFields...))
	if len(problems) > 0 {
		return errBadRequest
	}
	query.Count = len(v.account.Mirror.Titles())
	hits := index.Search(query).Hits
	name := "library-" + v.account.App.AppID
	switch r.URL.Query().Get("format") {
	case "csv":
		return s.exportCSV(w, r, v, name+".csv", []string{"number", "title", "keyword_id", "name", "example"}, keywordRows(hits))
	case "json":
		return s.writeTitles(w, r, v, name+".json", hits)
	}
	return errBadRequest
}

// keywordRows are one row for each keyword, and one for a title without any.
func keywordRows(hits []search.Hit) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, h := range hits {
			if len(h.Title.Keywords) == 0 && !yield([]string{h.Title.ID, h.Title.Text, "", "", ""}, nil) {
				return
			}
			for _, k := range h.Title.Keywords {
				if !yield([]string{h.Title.ID, h.Title.Text, strconv.Itoa(k.ID), k.Name, k.Example}, nil) {
					return
				}
			}
		}
	}
}

// titleFile is a title in the file, as muban audit -library and the sandbox have it.
type titleFile struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Keywords []keywordFile `json:"keywords"`
}

type keywordFile struct {
	ID      int    `json:"keyword_id"`
	Name    string `json:"name"`
	Example string `json:"example"`
	Rule    string `json:"rule,omitempty"`
}

// writeTitles answers one array, a title a line.
func (s *Site) writeTitles(w http.ResponseWriter, r *http.Request, v *visit, name string, hits []search.Hit) error {
	if err := s.export(r, v, name); err != nil {
		return err
	}
	download(w, name, "application/json; charset=utf-8")
	out := bufio.NewWriterSize(w, 32<<10)
	separator := "[\n"
	for _, h := range hits {
		line, err := json.Marshal(titleFile{h.Title.ID, h.Title.Text, keywordFiles(h.Title.Keywords)})
		if err != nil {
			return cutShort(w, err)
		}
		_, _ = out.WriteString(separator) // an error stays until Flush
		_, _ = out.Write(line)
		separator = ",\n"
	}
	if len(hits) == 0 {
		_, _ = out.WriteString("[")
	}
	_, _ = out.WriteString("\n]\n")
	_ = out.Flush() // fails where the reader has gone
	return nil
}

func keywordFiles(list []wechat.Keyword) []keywordFile {
	all := make([]keywordFile, len(list))
	for i, k := range list {
		all[i] = keywordFile(k)
	}
	return all
}

// usages keeps how often our apps use each title, for the list that is looked at
// most. Templates and drafts come and go in many ways, also in another process,
// so it is read again after a few seconds and not when one of them says so.
type usages struct {
	store *store.Store
	now   func() time.Time

	mu      sync.Mutex
	read    time.Time
	byTitle map[string]store.TitleUsage
}

const usagesFresh = 5 * time.Second

// get is the usage by title id, which is not to be changed.
func (u *usages) get(ctx context.Context) (map[string]store.TitleUsage, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if age := u.now().Sub(u.read); age >= 0 && age < usagesFresh {
		return u.byTitle, nil
	}
	byTitle, err := u.store.TitleUsages(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	u.byTitle, u.read = byTitle, u.now()
	return u.byTitle, nil
}
