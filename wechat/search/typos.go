package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// near answers the best passage of each title that text is in but for a slip of the hand:
// a character too many, too few or wrong, or two neighbours swapped. One slip is forgiven
// from 3 characters or 4 letters on, two from 6 or 8. Fewer slips come first. Characters are
// compared with titles and keyword names, letters with the pinyin of titles.
func (x *Index) near(text string) (best []int32) {
	if utf8.RuneCountInString(text) == 2 {
		return slices.DeleteFunc(slices.Clone(x.word(swapped(text))),
			func(n int32) bool { return !x.passages[n].spoken() })
	}
	s := newSlips(text)
	if s == nil {
		return nil
	}
	by := make([]set, s.most+1) // the passages by number of slips
	for n := range by {
		by[n] = newSet(len(x.passages))
	}
	for i, n := range s.all(x.spoken) {
		if n <= s.most {
			x.addSpoken(by[n], x.spoken.texts[i], s.spelt)
		}
	}
	for _, passages := range by {
		best = append(best, x.bestOf(passages, best)...)
	}
	return best
}

// swapped is a text of two characters the other way round: of so short a text no other slip
// is forgiven.
func swapped(text string) string {
	_, n := utf8.DecodeRuneInString(text)
	return text[n:] + text[:n]
}

// slips compares a query with texts, allowing for slips of the hand.
type slips struct {
	runes []rune
	most  int  // slips forgiven
	spelt bool // letters alone: compared with pinyin
}

// newSlips is nil where text is too short to be guessed at, or too long.
func newSlips(text string) *slips {
	s := &slips{spelt: !strings.ContainsFunc(text, func(r rune) bool { return !isLetter(r) && !between(r) })}
	if s.spelt {
		text = strings.Join(strings.FieldsFunc(text, between), "")
	}
	s.runes = []rune(text)
	n := len(s.runes)
	switch {
	case n > longest || n < 3 || s.spelt && n < 4:
		return nil
	case n >= 8 || n >= 6 && !s.spelt:
		s.most = 2
	default:
		s.most = 1
	}
	return s
}

// all answers, by place in the spoken texts, with how many slips the query is in each; of
// spelt ones, in each title.
func (s *slips) all(texts *spoken) []int {
	if s.spelt {
		own := s.ownLetters()
		all := make([]int, texts.titles)
		for i := range all {
			all[i], _, _ = own.in(texts, texts.own.of(int32(i)))
		}
		return all
	}
	own := make([]uint64, len(texts.runes)) // by number: the character's places in the query
	for i, r := range s.runes {
		if n, known := texts.numbers[r]; known {
			own[n] |= 1 << i
		}
	}
	all := make([]int, len(texts.texts))
	for i := range all {
		c := newColumn(len(s.runes))
		for _, n := range texts.own.of(int32(i)) {
			c.next(own[n])
		}
		all[i] = c.least
	}
	return all
}

// column is one column of the table of distances between a query and a text, as words of
// bits: a character of the text costs a few operations, whatever the query's length (Hyyrö 2003).
type column struct {
	up, down         uint64 // by place: the distance is one more, or less, than at the place before
	diagonal, before uint64
	length           int
	distance, least  int // of the whole query: here, and wherever it was least
}

func newColumn(length int) column {
	return column{up: ^uint64(0), length: length, distance: length, least: length}
}

// next takes a character of the text, which the query has at these places.
func (c *column) next(here uint64) {
	swap := (^c.diagonal & here) << 1 & c.before
	c.diagonal = ((here & c.up) + c.up) ^ c.up | here | c.down | swap
	right, left := c.down|^(c.diagonal|c.up), c.diagonal&c.up
	last := uint64(1) << (c.length - 1)
	if right&last != 0 {
		c.distance++
	} else if left&last != 0 {
		c.distance--
	}
	c.least = min(c.least, c.distance)
	right, left = right<<1, left<<1 // a match may begin anywhere, so nothing comes in
	c.up, c.down = left|^(c.diagonal|right), right&c.diagonal
	c.before = here
}

// ownLetters are a spelt query's letters: at which places each is.
type ownLetters struct {
	places ['z' + 1]uint64
	length int
	usual  []column // room for in
}

func (s *slips) ownLetters() *ownLetters {
	o := &ownLetters{length: len(s.runes)}
	for i, r := range s.runes {
		o.places[r] |= 1 << i
	}
	return o
}

// in is the least number of slips with which the query is in the pinyin of a text: with the
// commonest reading of every character, or another one of one character, odd.
func (o *ownLetters) in(texts *spoken, text []int32) (least, odd, reading int) {
	usual := append(o.usual[:0], newColumn(o.length)) // before each character
	for i, n := range text {
		usual = append(usual, usual[i])
		o.read(&usual[i+1], texts, n, 0)
	}
	o.usual = usual
	least = usual[len(text)].least
	for i, n := range text {
		for other := 1; other < len(texts.of(texts.runes[n])); other++ {
			c := usual[i]
			o.read(&c, texts, n, other)
			for j := i + 1; j < len(text) && !c.goesOnAs(usual[j]); j++ {
				o.read(&c, texts, text[j], 0)
			}
			if c.least < least {
				least, odd, reading = c.least, i, other
			}
		}
	}
	return least, odd, reading
}

// read takes the letters of one of a character's readings.
func (o *ownLetters) read(c *column, texts *spoken, character int32, reading int) {
	r := texts.runes[character]
	readings := texts.of(r)
	if len(readings) == 0 {
		here := uint64(0)
		if isLetter(r) {
			here = o.places[r]
		}
		c.next(here)
		return
	}
	for _, letter := range []byte(texts.syllables[readings[reading]]) {
		c.next(o.places[letter])
	}
}

// goesOnAs reports whether all that comes is as from other.
func (c column) goesOnAs(other column) bool {
	other.least = c.least
	return c == other
}

// spelling is a text in pinyin.
type spelling struct {
	letters string
	from    []int // by character: where its letters begin
}

// spelling writes a text by the commonest readings, but for one character.
func (s *sounds) spelling(runes []rune, odd, reading int) spelling {
	var b strings.Builder
	x := spelling{from: make([]int, 0, len(runes))}
	for i, r := range runes {
		x.from = append(x.from, b.Len())
		all := s.of(r)
		switch {
		case len(all) == 0:
			b.WriteRune(r)
		case i == odd:
			b.WriteString(s.syllables[all[reading]])
		default:
			b.WriteString(s.syllables[all[0]])
		}
	}
	x.letters = b.String()
	return x
}

// nearest is where the query is in a text with the fewest slips.
func (x *Index) nearest(text, query string) [][2]int {
	if utf8.RuneCountInString(query) == 2 {
		return occurrences(text, swapped(query))
	}
	s := newSlips(query)
	if !s.spelt {
		runes := []rune(text)
		from, to := align(s.runes, runes)
		return [][2]int{{len(string(runes[:from])), len(string(runes[:to]))}}
	}
	_, odd, reading := s.ownLetters().in(x.spoken, x.spoken.known(text))
	spelt := x.spoken.spelling([]rune(text), odd, reading)
	from, to := align(s.runes, []rune(spelt.letters))
	return [][2]int{spelt.characters(text, from, to)}
}

// characters are those of text, by bytes, that have the letters from..to.
func (s spelling) characters(text string, from, to int) (span [2]int) {
	i := 0
	for at, r := range text {
		if s.from[i] <= from {
			span[0] = at
		}
		if s.from[i] < to {
			span[1] = at + utf8.RuneLen(r)
		}
		i++
	}
	return span
}

// align finds the part of text that differs least from query: the table that slips keeps
// in bits, written out, with the beginning of the match beside every distance.
func align(query, text []rune) (from, to int) {
	type cell struct{ distance, from int }
	var before2, before []cell
	now := make([]cell, len(query)+1)
	for i := range now {
		now[i].distance = i
	}
	least := now[len(query)]
	for j, c := range text {
		before2, before, now = before, now, make([]cell, len(query)+1)
		now[0] = cell{0, j + 1}
		for i, q := range query {
			best := before[i]
			if q != c {
				best.distance++
			}
			for _, other := range []cell{{before[i+1].distance + 1, before[i+1].from},
				{now[i].distance + 1, now[i].from}} {
				if other.distance < best.distance {
					best = other
				}
			}
			if i > 0 && j > 0 && q == text[j-1] && query[i-1] == c && before2[i-1].distance+1 < best.distance {
				best = cell{before2[i-1].distance + 1, before2[i-1].from}
			}
			now[i+1] = best
		}
		if last := now[len(query)]; last.distance < least.distance {
			least, to = last, j+1
		}
	}
	return least.from, to
}
