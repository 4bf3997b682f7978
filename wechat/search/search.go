package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"muban/wechat"
)

// Query is what is looked for.
type Query struct {
	Text          string // "" finds every title
	Filter               // which of them
	Sort          string // ByRelevance (also ""), ByID or ByTitle
	Offset, Count int    // Count 0 or less answers the total alone
	NoTypos       bool   // near misses are not looked for

	Facets []Filter // each is counted in place of Filter
}

// The orders of a result. By relevance means literal matches first, then pinyin, then near
// misses; within each: title, id, keyword name, example; within each: the shorter text
// first, then WeChat's order. Without Text it is WeChat's order.
const (
	ByRelevance = "relevance"
	ByID        = "id"
	ByTitle     = "title" // as a dictionary has it: by pinyin
)

// Result is one page of what was found.
type Result struct {
	Hits   []Hit
	Total  int   // on all pages
	Counts []int // by facet: how many there would be with that filter

	index *Index
	asked *asked
}

// Mark says what of another text of a title that was found fits the query, to the letter or by its sound: byte
// offsets, from and to.
func (r Result) Mark(text string) [][2]int {
	if r.asked == nil || r.asked.text == "" {
		return nil
	}
	folded := fold(text)
	if spans := r.index.spans(Literal, folded, text, r.asked); len(spans) > 0 || r.asked.sound == nil {
		return spans
	}
	if from, _ := r.asked.sound.in(r.index.spoken.known(folded)); from < 0 {
		return nil
	}
	return r.index.spans(Pinyin, folded, text, r.asked)
}

// Hit is one title found, and by which of its texts: the best one.
type Hit struct {
	Title   *wechat.Title // of the mirror: not to be changed
	How     How           // "" where the query has no text
	Where   Where
	Keyword int      // index in Title.Keywords; -1 unless Where is InKeyword or InExample
	Spans   [][2]int // what to highlight in that text: byte offsets, from and to
}

// How says how a text fits the query.
type How string

// The ways a text can fit, best first.
const (
	Literal How = "literal" // as typed, but for case and width
	Pinyin  How = "pinyin"  // by its sound: gmcg, goumai, or other characters of the same sound
	Near    How = "near"    // one or two letters off, or two of them swapped
)

// Where says in which text of a title the match is.
type Where string

// The texts of a title, best first. By pinyin and by near misses only titles and keyword
// names are looked through, and by misspelt pinyin only titles.
const (
	InTitle   Where = "title"
	InID      Where = "id"
	InKeyword Where = "keyword"
	InExample Where = "example"
)

// Search answers one page of the titles that fit q. Of several words, a title has to have
// each in some text of its own, and the hit is where the first is. Pinyin is looked for
// where q has letters. Other characters of the same sound are looked for only where nothing else fits,
// and near misses only where those do not either.
func (x *Index) Search(q Query) Result {
	a := &asked{text: tidy(q.Text)}
	a.words = strings.Fields(a.text)
	all := x.find(a, q.NoTypos)
	result := x.page(q, a, all)
	result.Counts, result.index, result.asked = make([]int, len(q.Facets)), x, a
	for i, f := range q.Facets {
		result.Counts[i] = x.count(all, f)
	}
	return result
}

// asked is the text of a query, folded, and how it sounds: nil where that was not asked for.
type asked struct {
	text  string
	words []string // of text
	sound *pronounced
}

// found has passages, one of a title, best first.
type found struct {
	how      How
	passages []int32
}

func (x *Index) find(a *asked, noTypos bool) []found {
	if a.text == "" {
		return []found{{"", x.titled}}
	}
	literal, pinyin := x.literal(a.words), []int32(nil)
	if len(literal) == 0 || strings.ContainsFunc(a.text, isLetter) {
		a.sound = x.spoken.query(a.text)
		pinyin = x.sounding(a.sound, literal)
	}
	if len(literal)+len(pinyin) == 0 && !noTypos {
		return []found{{Near, x.near(a.text)}}
	}
	return []found{{Literal, literal}, {Pinyin, pinyin}}
}

func total(all []found) (n int) {
	for _, f := range all {
		n += len(f.passages)
	}
	return n
}

// page filters and sorts where it is asked to, and cuts.
func (x *Index) page(q Query, a *asked, all []found) Result {
	if q.Filter.narrows() {
		all = x.filtered(q.Filter, all)
	}
	if ranks := x.order(q.Sort); ranks != nil {
		all = x.sorted(all, ranks)
	}
	result := Result{Total: total(all)}
	skip := max(0, q.Offset)
	result.Hits = make([]Hit, 0, min(max(0, q.Count), max(0, result.Total-skip)))
	for _, f := range all {
		from := min(skip, len(f.passages))
		skip -= from
		for _, n := range f.passages[from:] {
			if len(result.Hits) >= q.Count {
				return result
			}
			result.Hits = append(result.Hits, x.hit(f.how, n, a))
		}
	}
	return result
}

func (x *Index) hit(how How, n int32, a *asked) Hit {
	e := &x.passages[n]
	h := Hit{Title: &x.titles[e.title], How: how, Where: places[e.where], Keyword: int(e.keyword)}
	h.Spans = x.spans(how, x.texts[e.text], h.text(), a)
	return h
}

// text is the one that matched, as WeChat wrote it.
func (h Hit) text() string {
	switch h.Where {
	case InTitle:
		return h.Title.Text
	case InID:
		return h.Title.ID
	case InKeyword:
		return h.Title.Keywords[h.Keyword].Name
	}
	return h.Title.Keywords[h.Keyword].Example
}

func (x *Index) order(sort string) []int32 {
	switch sort {
	case ByID:
		return x.byID
	case ByTitle:
		return x.byTitle
	}
	return nil
}

// sorted puts every match at its title's rank and closes the gaps.
func (x *Index) sorted(all []found, ranks []int32) []found {
	type match struct {
		passage int32
		how     How
	}
	slots := make([]match, len(x.titles))
	for i := range slots {
		slots[i].passage = -1
	}
	for _, f := range all {
		for _, n := range f.passages {
			slots[ranks[x.passages[n].title]] = match{n, f.how}
		}
	}
	var runs []found
	for _, m := range slots {
		if m.passage < 0 {
			continue
		}
		if len(runs) == 0 || runs[len(runs)-1].how != m.how {
			runs = append(runs, found{how: m.how})
		}
		last := &runs[len(runs)-1]
		last.passages = append(last.passages, m.passage)
	}
	return runs
}

// spans says what of a text, as WeChat wrote it, fits the query: byte offsets.
func (x *Index) spans(how How, folded, original string, a *asked) [][2]int {
	var spans [][2]int // in folded
	switch how {
	case Literal:
		for _, word := range a.words {
			spans = append(spans, occurrences(folded, word)...)
		}
		spans = merged(spans)
	case Pinyin:
		runes := []rune(folded)
		from, to := a.sound.in(x.spoken.known(folded))
		spans = [][2]int{{len(string(runes[:from])), len(string(runes[:to]))}}
	case Near:
		spans = x.nearest(folded, a.text)
	}
	if folded != original {
		for i, s := range spans {
			spans[i] = [2]int{unfold(original, folded, s[0]), unfold(original, folded, s[1])}
		}
	}
	return spans
}

func occurrences(text, query string) [][2]int {
	var spans [][2]int
	for at := 0; ; {
		i := strings.Index(text[at:], query)
		if i < 0 {
			return spans
		}
		spans = append(spans, [2]int{at + i, at + i + len(query)})
		at += i + len(query)
	}
}

// merged puts spans in order, those that touch as one.
func merged(spans [][2]int) [][2]int {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	all := spans[:1]
	for _, s := range spans[1:] {
		if last := &all[len(all)-1]; s[0] <= last[1] {
			last[1] = max(last[1], s[1])
		} else {
			all = append(all, s)
		}
	}
	return all
}

// unfold is the place in the original that a place in its folded form comes from.
func unfold(original, folded string, at int) (place int) {
	for range folded[:at] {
		_, size := utf8.DecodeRuneInString(original[place:])
		place += size
	}
	return place
}
