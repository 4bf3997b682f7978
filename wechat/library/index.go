package library

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"muban/wechat"
)

// Index finds titles by what a person types. It never changes and is safe for concurrent use.
//
// Every place where a title has a text is a passage: the title itself, its id, the names and
// examples of its keywords. Passages stand in the order of relevance, so what is found needs
// no sorting. Many share a text, so texts are looked at and not passages.
type Index struct {
	titles   []wechat.Title
	texts    []string // every different one, folded
	passages []passage
	at       lists   // by text: its passages
	titled   []int32 // by title: the passage of its text
	byID     []int32 // by title: its rank in each of the other orders
	byTitle  []int32
	grams    *grams
	spoken   *spoken
}

// passage is a place where a title has a text.
type passage struct {
	text, title int32
	keyword     int32 // an index; -1 for the title's own texts
	where       int8  // index in places
}

var places = [...]Where{InTitle, InID, InKeyword, InExample}

// NewIndex takes hold of titles, which are not to be changed any more.
func NewIndex(titles []wechat.Title) *Index {
	x := &Index{titles: titles}
	x.read()
	x.grams = newGrams(x.texts, x.passages, len(titles))
	x.spoken = newSpoken(x.texts, x.passages)
	x.byID, x.byTitle = x.ranks()
	return x
}

// read puts the texts of all titles into the order of relevance: by place, the shorter
// first, for the less else a text says the more it is what was meant, then in WeChat's order.
func (x *Index) read() {
	numbers := map[string]int32{}
	var lengths []int // of texts, in characters
	number := func(text string) int32 {
		text = fold(text)
		n, known := numbers[text]
		if !known {
			n = int32(len(x.texts))
			numbers[text] = n
			x.texts, lengths = append(x.texts, text), append(lengths, utf8.RuneCountInString(text))
		}
		return n
	}
	for i, t := range x.titles {
		n := int32(i)
		x.passages = append(x.passages, passage{number(t.Text), n, -1, 0}, passage{number(t.ID), n, -1, 1})
		for j, k := range t.Keywords {
			x.passages = append(x.passages, passage{number(k.Name), n, int32(j), 2}, passage{number(k.Example), n, int32(j), 3})
		}
	}
	slices.SortFunc(x.passages, func(a, b passage) int {
		return cmp.Or(int(a.where-b.where), lengths[a.text]-lengths[b.text], int(a.title-b.title), int(a.keyword-b.keyword))
	})
	x.titled = make([]int32, len(x.titles))
	counts := make([]int32, len(x.texts))
	for n, p := range x.passages {
		counts[p.text]++
		if places[p.where] == InTitle {
			x.titled[p.title] = int32(n)
		}
	}
	x.at = newLists(counts)
	for n, p := range x.passages {
		x.at.add(p.text, int32(n))
	}
}

// spoken passages are those that people know by ear.
func (p passage) spoken() bool { return places[p.where] == InTitle || places[p.where] == InKeyword }

// ranks are the orders by id, numbers by their size, and by title as a dictionary has it.
func (x *Index) ranks() (byID, byTitle []int32) {
	keys := make([]string, len(x.titles))
	for i, n := range x.titled {
		keys[i] = x.spoken.spell(x.texts[x.passages[n].text])
	}
	byID = ranks(len(x.titles), func(a, b int32) int {
		s, t := x.titles[a].ID, x.titles[b].ID
		return cmp.Or(len(s)-len(t), strings.Compare(s, t))
	})
	byTitle = ranks(len(x.titles), func(a, b int32) int {
		return cmp.Or(strings.Compare(keys[a], keys[b]), strings.Compare(x.titles[a].Text, x.titles[b].Text))
	})
	return byID, byTitle
}

func ranks(n int, compare func(a, b int32) int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, compare)
	ranks := make([]int32, n)
	for rank, title := range order {
		ranks[title] = int32(rank)
	}
	return ranks
}
