package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/search"
)

// find answers what the current app and the visitor's role have that fits q: a
// page, or the choices that the palette shows.
func (s *Site) find(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.FindPage{Page: s.page(r, v)}
	p.Problems = s.forms.fill(r.URL.Query(), p.Text, &p.Form)
	if len(p.Problems) == 0 {
		f := finder{s: s, r: r, v: v, p: &p, text: strings.TrimSpace(p.Form.Text)}
		if err := f.all(); err != nil {
			return err
		}
	}
	if fragment(r) {
		return s.render(w, r, http.StatusOK, views.FindOptions(p))
	}
	return s.render(w, r, listStatus(p.Problems), views.Find(p))
}

// finder looks for one text in all that a person may see.
type finder struct {
	s    *Site
	r    *http.Request
	v    *visit
	p    *views.FindPage
	text string
}

const (
	foundAtMost = 6   // of a kind, so that every kind is seen
	foundAmong  = 200 // of the latest drafts and sends: to older ones leads their number, or their list
)

func (f *finder) all() error {
	f.pages()
	if f.text == "" {
		return nil
	}
	app := f.s.findsIn(f.v.account.App.ID)
	latest, err := f.s.Store.Latest(f.r.Context(), f.v.account.App.ID)
	if err != nil {
		return err
	}
	if f.v.may(auth.Browse) {
		f.titles()
		if err := f.templates(app, latest); err != nil {
			return err
		}
	}
	if f.v.may(auth.SeeDrafts) {
		if err := f.drafts(app, latest); err != nil {
			return err
		}
	}
	if f.v.may(auth.SeeSends) {
		return f.sends(app, latest)
	}
	return nil
}

// hits are the best; near misses only make noise here.
func (f *finder) hits(index *search.Index, most int) []search.Hit {
	return index.Search(search.Query{Text: f.text, Count: most, NoTypos: true}).Hits
}

// found is a hit as a place to go to.
func found(h search.Hit, href, note string) views.Found {
	one := views.Found{Href: href, Text: h.Title.Text, Note: note}
	if h.Where == search.InTitle {
		one.Spans = h.Spans
	}
	return one
}

// add puts what was found of a kind on the page.
func (f *finder) add(kind string, items []views.Found) {
	if len(items) > 0 {
		f.p.Groups = append(f.p.Groups, views.FoundGroup{Kind: kind, Items: items})
	}
}

// titles searches the mirror; its near misses are worth showing.
func (f *finder) titles() {
	index := f.v.account.Mirror.Index()
	if index == nil {
		f.p.Unsynced = true
		return
	}
	var items []views.Found
	result := index.Search(search.Query{Text: f.text, Count: foundAtMost})
	for _, hit := range result.Hits {
		note := hit.Title.ID
		if hit.Keyword >= 0 {
			note += " · " + hit.Title.Keywords[hit.Keyword].Name
		}
		items = append(items, chinese(found(hit, ui.TitleURL(hit.Title.ID), note)))
	}
	if result.Total > len(items) {
		all := "/library?" + url.Values{"q": {f.text}}.Encode()
		items = append(items, views.Found{Href: all, Text: f.p.T("find.more", "Count", result.Total)})
	}
	f.add("title", items)
}

// chinese says that a text is in Chinese, whatever the page is in.
func chinese(one views.Found) views.Found {
	one.Lang = "zh-CN"
	return one
}

// commands are what can be begun from anywhere, each with the permission it needs.
var commands = []struct {
	name, href string
	needs      auth.Permission
}{
	{"propose", "/drafts/new", auth.WriteDraft},
	{"sync", "/library/sync", auth.Browse},
}

// pages are those of the sidebar and the commands, by their names in every language.
func (f *finder) pages() {
	index := f.pagesIndex()
	most := foundAtMost
	if f.text == "" {
		most = 100 // all of them
	}
	var items []views.Found
	for _, hit := range f.hits(index, most) {
		items = append(items, found(hit, hit.Title.ID, ""))
	}
	f.add("page", items)
}

// pagesIndex is kept for every sidebar in every language: there are as many as there are roles.
func (f *finder) pagesIndex() *search.Index {
	key := f.p.Lang
	for _, item := range f.p.Nav {
		key += " " + item.Href
	}
	for _, c := range commands {
		key += " " + strconv.FormatBool(f.v.may(c.needs))
	}
	if kept, ok := f.s.pageFinds.Load(key); ok {
		return kept.(*search.Index)
	}
	var all []wechat.Title
	add := func(href string, name func(t *text.Text) string) {
		one := wechat.Title{ID: href, Text: name(f.p.Text)}
		for _, lang := range text.Languages {
			one.Keywords = append(one.Keywords, wechat.Keyword{Name: name(f.s.Texts.In(lang))})
		}
		all = append(all, one)
	}
	for _, item := range f.p.Nav {
		add(item.Href, func(t *text.Text) string { return t.T("nav." + item.Name) })
	}
	for _, c := range commands {
		if f.v.may(c.needs) {
			add(c.href, func(t *text.Text) string { return t.T("find.do_" + c.name) })
		}
	}
	index := search.NewIndex(all)
	f.s.pageFinds.Store(key, index)
	return index
}
