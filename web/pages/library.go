package pages

import (
	"bufio"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
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
// from WeChat while there is no mirror yet. A search that is typed, and a row that
// gets the focus, ask for their parts alone.
func (s *Site) library(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	q := r.URL.Query()
	offset, count, problems := paging(q, s.Texts.In(v.lang), wechat.MaxCount)
	used, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	state := v.account.Mirror.State()
	p := views.LibraryPage{
		Page: s.page(r, v), Problems: problems, Used: used, Ours: used.by(v), MaySync: v.may(auth.SyncLibrary), State: state,
		Kind: v.account.Kind, Own: v.account.App.DefaultKind(), Peek: q.Get("peek"),
		Range: ui.Range{Path: "/library", Query: filters(q, searchFields...), Offset: offset, Count: count},
	}
	if index := v.account.Mirror.Index(); index != nil {
		p.Synced = len(v.account.Mirror.Titles())
		s.search(index, &p)
	} else if err := direct(r, v, &p); err != nil {
		return err
	}
	if p.Preview, err = s.preview(r, v, &p); err != nil {
		return err
	}
	switch {
	case !fragment(r):
		return s.render(w, r, listStatus(problems), views.Library(&p))
	case p.Peek != "":
		return s.render(w, r, listStatus(problems), views.LibraryPeek(&p))
	}
	return s.render(w, r, listStatus(problems), views.LibraryParts(&p))
}

// direct fills in a page of the list as WeChat gives it.
func direct(r *http.Request, v *visit, p *views.LibraryPage) error {
	page, err := v.account.Library.List(r.Context(), p.Range.Offset, p.Range.Count)
	if err != nil {
		return err
	}
	p.Form.Text = p.Range.Query.Get("q") // looked for in vain, and said so
	p.Range.Query = filters(p.Range.Query, "kind")
	p.Range.Shown, p.Range.Total = len(page.Titles), page.Total
	p.Takes = v.account.Library.Takes(page.Total)
	for i := range page.Titles {
		p.Found.Hits = append(p.Found.Hits, search.Hit{Title: &page.Titles[i], Keyword: -1})
	}
	return nil
}

// search fills in what the filters of the URL find in the mirror.
func (s *Site) search(index *search.Index, p *views.LibraryPage) {
	kept := p.Range.Query
	form, query, refused := s.searched(p.Text, kept, p.Ours)
	if p.Form = form; len(refused) > 0 {
		maps.Copy(p.Problems, refused)
		return
	}
	query.Offset, query.Count = p.Range.Offset, p.Range.Count
	p.Facets, query.Facets = facetsOf(p.Kind, kept, len(p.Used) > 0, p.Ours)
	p.Categories = categoriesOf(p.State, kept)
	within := query.Filter
	for _, c := range p.Categories {
		within.Category = c.ID
		query.Facets = append(query.Facets, within)
	}
	p.Found = index.Search(query)
	p.Range.Shown, p.Range.Total = len(p.Found.Hits), p.Found.Total
}

// searchFields are what the list and its exports are narrowed and sorted by.
var searchFields = []string{"q", "suffix", "min", "max", "ours", "sort", "kind", "category", "type"}

// searched reads the search from the filters of the URL, and says what is wrong
// with it. ours tells the titles that our apps use.
func (s *Site) searched(
	t *text.Text, kept url.Values, ours func(id string) bool,
) (views.LibrarySearch, search.Query, ui.Problems) {
	var form views.LibrarySearch
	if len(kept) == 0 { // most visits: nothing to decode
		return form, search.Query{}, nil
	}
	problems := s.forms.fill(kept, t, &form)
	filter := filterOf(kept, ours)
	if len(problems) == 0 && form.Max != "" && filter.MinKeywords > filter.MaxKeywords {
		problems["min"] = t.T("search.bad_bounds", "Min", form.Min, "Max", form.Max)
	}
	return form, search.Query{Text: strings.TrimSpace(form.Text), Filter: filter, Sort: form.Sort}, problems
}

// exportLibrary answers the titles that the filters find, with their keywords, as
// a file.
func (s *Site) exportLibrary(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	index := v.account.Mirror.Index()
	if index == nil {
		return errNoMirror
	}
	used, err := s.usages.get(r.Context())
	if err != nil {
		return err
	}
	_, query, problems := s.searched(s.Texts.In(v.lang), filters(r.URL.Query(), searchFields...), used.by(v))
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

// preview is the card of one title beside the list: the one that has the focus, or
// the first. A list that WeChat gave has no keywords to draw it with.
func (s *Site) preview(r *http.Request, v *visit, p *views.LibraryPage) (*views.LibraryPreview, error) {
	title, known := v.account.Mirror.Title(p.Peek)
	if !known && p.Peek == "" && p.Synced > 0 && len(p.Found.Hits) > 0 {
		title, known = *p.Found.Hits[0].Title, true
	}
	if !known {
		return nil, nil
	}
	fields := title.Keywords[:min(len(title.Keywords), previewFields)]
	shown := &views.LibraryPreview{Title: title, Card: ui.CardOf(v.account.App.Name, title.Text, s.Now(), fields, -1)}
	shown.Card.Subscribe = title.Type != 0
	if !p.Ours(title.ID) {
		return shown, nil
	}
	uses, err := s.Store.TitleUses(r.Context(), title.ID)
	for _, use := range uses {
		if use.TemplateID != "" && v.sees(use.App) {
			shown.Uses = append(shown.Uses, use)
		}
	}
	return shown, err
}

// previewFields is how many keywords the card of a preview shows.
const previewFields = 5

// titleApps are the apps that have a template under a title, by its id.
type titleApps map[string][]int64

// by tells which titles the apps use that are there for the visitor.
func (t titleApps) by(v *visit) func(id string) bool {
	return func(id string) bool { return slices.ContainsFunc(t[id], v.sees) }
}

// usages keeps which of our apps use each title, for the list that is looked at
// most. Templates come and go in many ways, also in another process, so it is read
// again after a few seconds and not when one of them says so.
type usages struct {
	store *store.Store
	now   func() time.Time

	mu     sync.Mutex
	read   time.Time
	titles titleApps
}

const usagesFresh = 5 * time.Second

// get is the usage by title id, which is not to be changed.
func (u *usages) get(ctx context.Context) (titleApps, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if age := u.now().Sub(u.read); age >= 0 && age < usagesFresh {
		return u.titles, nil
	}
	titles, err := u.store.TitleApps(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	u.titles, u.read = titles, u.now()
	return u.titles, nil
}
