package pages

import (
	"strconv"

	"muban/views"
	"muban/views/text"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/search"
)

// commands are what can be begun from anywhere, each with the permission it needs.
var commands = []struct {
	name, href string
	needs      auth.Permission
}{
	{"propose", "/drafts/new", auth.WriteDraft},
	{"sync", "/library/sync", auth.Browse},
	{"rules", "/rules", auth.Browse},
	{"consents", "/rights?kind=" + kind.Subscribe.Name(), auth.SeeRights},
	{"ask", "/templates/ask", auth.Browse},
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
		page := found(hit, hit.Title.ID, "")
		page.Lang = ""
		items = append(items, page)
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
