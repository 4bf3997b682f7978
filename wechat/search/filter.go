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

// count says how many of the found titles fit the filter.
func (x *Index) count(all []found, filter Filter) (n int) {
	for _, f := range all {
		for _, p := range f.passages {
			if x.fits(&filter, x.passages[p].title) {
				n++
			}
		}
	}
	return n
}

// counts are how many of all titles fit each filter that was asked for.
type counts struct {
	mu sync.Mutex
	of map[bounds]int
}

// bounds are a filter's but for Among, which can be another at every look.
type bounds struct {
	suffix, category string
	min, max, typ    int
}

// countsKept is how many are kept: more than the facets have, for bounds can be typed.
const countsKept = 500

// countAll is count among all titles, which never change. It is on every page of the whole library.
func (x *Index) countAll(filter Filter) int {
	c := &x.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	key := bounds{filter.Suffix, filter.Category, filter.MinKeywords, filter.MaxKeywords, filter.Type}
	n, known := c.of[key]
	if !known {
		n = x.count(x.find(&asked{}, true), filter)
		if c.of == nil || len(c.of) >= countsKept {
			c.of = map[bounds]int{}
		}
		c.of[key] = n
	}
	return n
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
