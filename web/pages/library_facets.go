package pages

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/library"
	"muban/wechat/search"
)

// facet is a filter of the library that is chosen with a click: what it sets in the
// address, and what it takes out of it because both cannot be.
type facet struct {
	id          string // of its text
	group       int
	name, value string
	without     string
}

var facets = []facet{
	{"many", 0, "min", "6", "max"},
	{"few", 0, "max", "5", "min"},
	{"notice", 1, "suffix", "通知", ""},
	{"reminder", 1, "suffix", "提醒", ""},
	{"ours", 2, "ours", "1", ""},
}

// typed are the facets of a kind whose titles have types.
var typed = []facet{
	{"once", 0, "type", "once", ""},
	{"long", 0, "type", "long", ""},
	{"ours", 2, "ours", "1", ""},
}

// typeOf is the type of titles that an address asks for; 0 for all.
var typeOf = map[string]int{"once": wechat.OneTime, "long": wechat.LongTerm}

// facetsOf are the facets beside a search with these filters, each with the address that takes it or leaves it, and
// what each is counted by. Bounds of one's own are one more, to be taken away; titles of ours are none where no app
// has any.
func facetsOf(
	k kind.Kind, kept url.Values, used bool, ours func(id string) bool,
) (all []views.Facet, by []search.Filter) {
	facets := facets
	if k.Limits().Types != nil {
		facets = typed
	}
	if sized := kept.Get("min") + kept.Get("max"); sized != "" && !slices.ContainsFunc(facets, func(f facet) bool {
		return f.without != "" && f.on(kept)
	}) {
		all = append(all, views.Facet{ID: "between", On: true, Href: without(kept, "min", "max")})
		by = append(by, filterOf(kept, ours))
	}
	for _, f := range facets {
		if f.id == "ours" && !used && kept.Get("ours") == "" {
			continue
		}
		one, chosen := views.Facet{ID: f.id, Group: f.group, On: f.on(kept)}, kept
		if one.On {
			one.Href = without(kept, f.name)
		} else {
			chosen = maps.Clone(kept)
			delete(chosen, f.without)
			chosen.Set(f.name, f.value)
			one.Href = ui.Address("/library", chosen)
		}
		all, by = append(all, one), append(by, filterOf(chosen, ours))
	}
	return all, by
}

// on tells whether the facet is chosen.
func (f facet) on(kept url.Values) bool {
	return kept.Get(f.name) == f.value && kept.Get(f.without) == ""
}

// without is the address of the list without some of its filters.
func without(kept url.Values, names ...string) string {
	left := maps.Clone(kept)
	for _, name := range names {
		delete(left, name)
	}
	return ui.Address("/library", left)
}

// filterOf is what the filters of an address leave. ours tells the titles that our
// apps use.
func filterOf(kept url.Values, ours func(id string) bool) search.Filter {
	f := search.Filter{Suffix: kept.Get("suffix"), Category: kept.Get("category"), Type: typeOf[kept.Get("type")]}
	f.MinKeywords, f.MaxKeywords = bound(kept.Get("min")), bound(kept.Get("max"))
	if kept.Get("ours") != "" {
		f.Among = ours
	}
	return f
}

// bound is a number of keywords, 0 for none: digits, or a problem that is told.
func bound(typed string) int {
	if typed == "" { // most: an error costs more than the look
		return 0
	}
	n, _ := strconv.Atoi(typed)
	return n
}

// categoriesOf are the account's categories, each with the address of the list in it. They are many, so what the
// addresses share is put together once.
func categoriesOf(state library.State, kept url.Values) []views.Category {
	if len(state.Listed) == 0 {
		return nil
	}
	chosen, all := kept.Get("category"), make([]views.Category, 1, len(state.Listed)+1)
	all[0] = views.Category{On: chosen == "", Href: without(kept, "category")}
	_, others, some := strings.Cut(all[0].Href, "?")
	if some {
		others = "&" + others
	}
	for _, c := range state.Listed {
		all = append(all, views.Category{ID: c.ID, Name: c.Name, On: chosen == c.ID,
			Href: "/library?category=" + url.QueryEscape(c.ID) + others})
	}
	return all
}
