package search

import (
	"slices"
	"strings"
	"sync"
)

// Filter narrows what was found. Its zero value narrows nothing.
type Filter struct {
	Suffix                   string               // "" or the word that the title ends in: 提醒 or 通知
	MinKeywords, MaxKeywords int                  // bounds included; 0 is no bound
	Among                    func(id string) bool // nil for all titles
	Category                 string               // "" or the id of a category that the title is in
	Type                     int                  // 0 or wechat.OneTime or wechat.LongTerm
}

// count says how many of the found titles fit the filter. Without a text to look for all titles are found, so most of
// the work was done before.
func (x *Index) count(all []found, filter Filter) (n int) {
	fit := x.fitting(filter)
	if total(all) == len(x.titles) && filter.Among == nil {
		return fit.many
	}
	for _, f := range all {
		for _, p := range f.passages {
			if title := x.passages[p].title; fit.has(title) && (filter.Among == nil || filter.Among(x.titles[title].ID)) {
				n++
			}
		}
	}
	return n
}

// fitting are the titles that fit a filter but for Among: a bit for each, and how many they are.
type fitting struct {
	bits []uint64
	many int
}

func (f fitting) has(title int32) bool { return f.bits[title/64]>>(title%64)&1 != 0 }

// fittings are those of the filters that were asked for, as titles never change: the facets are on every page.
type fittings struct {
	mu sync.Mutex
	of map[bounds]fitting
}

// bounds are a filter's but for Among, which can be another at every look.
type bounds struct {
	suffix, category string
	min, max, typ    int
}

// fittingsKept is how many are kept: more than the facets have, for bounds can be typed.
const fittingsKept = 200

func (x *Index) fitting(filter Filter) fitting {
	filter.Among = nil
	key := bounds{filter.Suffix, filter.Category, filter.MinKeywords, filter.MaxKeywords, filter.Type}
	kept := &x.fittings
	kept.mu.Lock()
	defer kept.mu.Unlock()
	f, known := kept.of[key]
	if known {
		return f
	}
	f.bits = make([]uint64, (len(x.titles)+63)/64)
	for title := range x.titles {
		if x.fits(&filter, int32(title)) {
			f.bits[title/64] |= 1 << (title % 64)
			f.many++
		}
	}
	if kept.of == nil || len(kept.of) >= fittingsKept {
		kept.of = map[bounds]fitting{}
	}
	kept.of[key] = f
	return f
}

func (x *Index) filtered(q Filter, all []found) []found {
	kept := make([]found, len(all))
	for i, f := range all {
		kept[i].how = f.how
		for _, n := range f.passages {
			if x.fits(&q, x.passages[n].title) {
				kept[i].passages = append(kept[i].passages, n)
			}
		}
	}
	return kept
}

func (f *Filter) narrows() bool {
	return f.Suffix != "" || f.MinKeywords > 0 || f.MaxKeywords > 0 || f.Among != nil || f.Category != "" || f.Type != 0
}

// fits looks at the numbers first: they lie side by side, the titles do not.
func (x *Index) fits(q *Filter, title int32) bool {
	if n := int(x.keywords[title]); n < q.MinKeywords || q.MaxKeywords > 0 && n > q.MaxKeywords {
		return false
	}
	t := &x.titles[title]
	return (q.Suffix == "" || strings.HasSuffix(t.Text, q.Suffix)) &&
		(q.Type == 0 || q.Type == t.Type) &&
		(q.Category == "" || slices.Contains(t.Categories, q.Category)) &&
		(q.Among == nil || q.Among(t.ID))
}
