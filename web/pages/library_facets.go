package pages

import (
	"maps"
	"net/url"
	"strconv"

	"muban/views"
	"muban/wechat/search"
)

// facets are the filters of the library that are chosen with a click: what each
// sets in the address, and what it takes out of it because both cannot be.
var facets = []struct {
	id      string // of its text
	group   int
	set     map[string]string
	without string
}{
	{"many", 0, map[string]string{"min": "6"}, "max"},
	{"few", 0, map[string]string{"max": "5"}, "min"},
	{"notice", 1, map[string]string{"suffix": "通知"}, ""},
	{"reminder", 1, map[string]string{"suffix": "提醒"}, ""},
	{"ours", 2, map[string]string{"ours": "1"}, ""},
}

// facetsOf are the facets beside a search with these filters, each with what the
// address becomes by it. Bounds of one's own are one more, to be taken away; titles
// of ours are none where no app has any.
func facetsOf(kept url.Values, used bool) []views.Facet {
	var all []views.Facet
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
		if one.On && f.group == 0 {
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
	f := search.Filter{Suffix: kept.Get("suffix")}
	f.MinKeywords, _ = strconv.Atoi(kept.Get("min")) // digits, or a problem that is told
	f.MaxKeywords, _ = strconv.Atoi(kept.Get("max"))
	if kept.Get("ours") != "" {
		f.Among = ours
	}
	return f
}
