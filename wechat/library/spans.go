package library

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// spans says what of a text, as WeChat wrote it, fits the query: byte offsets.
func (x *Index) spans(kind Kind, folded, original, query string) [][2]int {
	var spans [][2]int // in folded
	switch kind {
	case Literal:
		for _, word := range strings.Fields(query) {
			spans = append(spans, occurrences(folded, word)...)
		}
		spans = merged(spans)
	case Pinyin:
		runes := []rune(folded)
		from, to := x.spoken.query(query).in(x.spoken.known(folded))
		spans = [][2]int{{len(string(runes[:from])), len(string(runes[:to]))}}
	case Near:
		spans = x.nearest(folded, query)
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
			for _, other := range []cell{{before[i+1].distance + 1, before[i+1].from}, {now[i].distance + 1, now[i].from}} {
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
