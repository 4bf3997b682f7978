package pages

import (
	"maps"
	"net/url"
	"strconv"

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
	id      string // of its text
	group   int
	set     map[string]string
	without string
}

var facets = []facet{
	{"many", 0, map[string]string{"min": "6"}, "max"},
	{"few", 0, map[string]string{"max": "5"}, "min"},
	{"notice", 1, map[string]string{"suffix": "通知"}, ""},
	{"reminder", 1, map[string]string{"suffix": "提醒"}, ""},
	{"ours", 2, map[string]string{"ours": "1"}, ""},
}

// typed are the facets of a kind whose titles have types.
var typed = []facet{
	{"once", 0, map[string]string{"type": "once"}, ""},
	{"long", 0, map[string]string{"type": "long"}, ""},
	{"ours", 2, map[string]string{"ours": "1"}, ""},
}

// typeOf is the type of titles that an address asks for; 0 for all.
var typeOf = map[string]int{"once": wechat.OneTime, "long": wechat.LongTerm}

// facetsOf are the facets beside a search with these filters, each with what the
// address becomes by it. Bounds of one's own are one more, to be taken away; titles
// of ours are none where no app has any.
func facetsOf(k kind.Kind, kept url.Values, used bool) []views.Facet {
	var all []views.Facet
	facets := facets
	if k.Limits().Types != nil {
		facets = typed
	}
	sized := kept.Get("min") + kept.Get("max")
	for _, f := range facets {
		if f.id == "ours" && !used && kept.Get("ours") == "" {
			continue
		}
		one := views.Facet{ID: f.id, Group: f.group, On: kept.Get(f.without) == "", Chosen: maps.Clone(kept), Left: maps.Clone(kept)}
		delete(one.Chosen, f.without)
		for name, value := range f.set {
			one.On = one.On && kept.Get(name) == value
			one.Chosen.Set(name, value)
			delete(one.Left, name)
		}
		if one.On && f.without != "" {
			sized = ""
		}
		all = append(all, one)
	}
	if sized != "" {
		own := views.Facet{ID: "between", On: true, Chosen: kept, Left: maps.Clone(kept)}
		delete(own.Left, "min")
		delete(own.Left, "max")
		all = append([]views.Facet{own}, all...)
	}
	return all
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
	chosen, rest := kept.Get("category"), maps.Clone(kept)
	delete(rest, "category")
	all := make([]views.Category, 1, len(state.Listed)+1)
	all[0] = views.Category{On: chosen == "", Href: ui.Address("/library", rest)}
	others := ""
	if len(rest) > 0 {
		others = "&" + rest.Encode()
	}
	for _, c := range state.Listed {
		all = append(all, views.Category{ID: c.ID, Name: c.Name, On: chosen == c.ID,
			Href: "/library?category=" + url.QueryEscape(c.ID) + others})
	}
	return all
}
