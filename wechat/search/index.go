// Package search finds titles by what a person types: literally, by pinyin or other
// characters of the same sound, and with a slip of the hand.
package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

// Index finds titles by what a person types. What it finds never changes, and it is safe for concurrent use.
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
	keywords []int32 // by title: how many it has
	byID     []int32 // by title: its rank in each of the other orders
	byTitle  []int32
	grams    *grams
	spoken   *spoken
	fittings fittings
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
		x.keywords = append(x.keywords, int32(len(t.Keywords)))
		x.passages = append(x.passages, passage{number(t.Text), n, -1, 0}, passage{number(t.ID), n, -1, 1})
		for j, k := range t.Keywords {
			x.passages = append(x.passages, passage{number(k.Name), n, int32(j), 2},
				passage{number(k.Example), n, int32(j), 3})
		}
	}
	slices.SortFunc(x.passages, func(a, b passage) int {
		return cmp.Or(int(a.where-b.where), lengths[a.text]-lengths[b.text], int(a.title-b.title),
			int(a.keyword-b.keyword))
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

// spoken knows the texts that are searched by sound and for near misses, those of titles
// and keyword names, by their characters.
type spoken struct {
	*sounds
	numbers map[rune]int32
	runes   []rune  // by number: every different character
	texts   []int32 // in the order of relevance
	own     lists   // by place in texts: the numbers of its characters
	titles  int     // the first so many of texts are titles
	one     [26]heard
	two     [26 * 26]heard
}

// heard are the places in texts of those with a character, or two neighbours, whose readings begin so.
type heard []int32

func newSpoken(texts []string, passages []passage) *spoken {
	s := &spoken{sounds: readSounds(), numbers: map[rune]int32{}}
	met := newSet(len(texts))
	var sizes []int32
	for _, p := range passages {
		if p.spoken() && !met.has(p.text) {
			met.add(p.text)
			s.texts = append(s.texts, p.text)
			sizes = append(sizes, int32(len(texts[p.text])))
		}
		if places[p.where] == InTitle {
			s.titles = len(s.texts)
		}
	}
	s.own = newLists(sizes)
	for i, n := range s.texts {
		for _, r := range texts[n] {
			s.own.add(int32(i), s.number(r))
		}
		s.hear(int32(i))
	}
	return s
}

func (s *spoken) number(r rune) int32 {
	n, known := s.numbers[r]
	if !known {
		n = int32(len(s.runes))
		s.numbers[r] = n
		s.runes = append(s.runes, r)
	}
	return n
}

// hear notes with which letters the characters of a text begin.
func (s *spoken) hear(text int32) {
	add := func(list *heard) {
		if l := *list; len(l) == 0 || l[len(l)-1] != text {
			*list = append(l, text)
		}
	}
	var before letters
	for _, n := range s.own.of(text) {
		now := s.initials(s.runes[n])
		for b := range now.each {
			add(&s.one[b])
			for a := range before.each {
				add(&s.two[a*26+b])
			}
		}
		before = now
	}
}

// known are the numbers of a text's characters.
func (s *spoken) known(text string) []int32 {
	var all []int32
	for _, r := range text {
		all = append(all, s.numbers[r])
	}
	return all
}

// fold makes texts comparable: small letters, half width, and 帐 written as 账, for the
// library holds both spellings of 账号. Character for character, so that places stay.
func fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	switch {
	case r == '\u3000':
		return ' '
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '帐':
		return '账'
	case r > '\u3000' && r < '\ua640': // Chinese, in which there is no case to look up
		return r
	}
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

// tidy folds what a person typed, without the blanks around it.
func tidy(s string) string { return strings.TrimSpace(fold(s)) }

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }

// lists are many lists of numbers in one piece of memory.
type lists struct {
	ends []int32 // by list: where it ends so far
	from []int32 // by list: where it begins
	all  []int32
}

// newLists has room for as many numbers in each list as counts say.
func newLists(counts []int32) lists {
	l := lists{ends: make([]int32, len(counts)), from: make([]int32, len(counts))}
	sum := int32(0)
	for i, n := range counts {
		l.from[i], l.ends[i] = sum, sum
		sum += n
	}
	l.all = make([]int32, sum)
	return l
}

func (l *lists) add(list, n int32) {
	l.all[l.ends[list]] = n
	l.ends[list]++
}

func (l *lists) of(list int32) []int32 { return l.all[l.from[list]:l.ends[list]] }

// set is a set of small numbers.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) has(n int32) bool { return s[n>>6]&(1<<(n&63)) != 0 }
func (s set) add(n int32)      { s[n>>6] |= 1 << (n & 63) }

func (s set) addAll(numbers []int32) {
	for _, n := range numbers {
		s.add(n)
	}
}

// each goes through the set, the smallest first.
func (s set) each(yield func(int32) bool) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(int32(i<<6 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}
