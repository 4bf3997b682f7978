package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// grams know where every character, every two and every three in a row are.
type grams struct {
	short, long map[gram]int32 // of one or two characters, of three: their numbers
	best        lists          // by number of a short one: the best passage of each title that has it
	texts       lists          // by number of a long one: the texts with it
}

// gram is one to three characters in a row; none where there are fewer.
type gram [3]rune

const none rune = -1

func gramOf(runes []rune) gram {
	g := gram{none, none, none}
	copy(g[:], runes)
	return g
}

func newGrams(texts []string, passages []passage, titles int) *grams {
	g := &grams{}
	var byText lists
	g.long, byText = number(texts, 3, 3)
	g.texts = invert(len(g.long), len(texts), func(i int) []int32 { return byText.of(int32(i)) })
	g.short, byText = number(texts, 1, 2)
	all := invert(len(g.short), len(passages), func(i int) []int32 { return byText.of(passages[i].text) })
	g.best = first(all, passages, titles)
	return g
}

// number numbers the grams of some lengths and answers them by text, each once.
func number(texts []string, shortest, longest int) (numbers map[gram]int32, byText lists) {
	sizes := make([]int32, len(texts))
	for i, text := range texts {
		sizes[i] = int32((longest - shortest + 1) * utf8.RuneCountInString(text))
	}
	byText, numbers = newLists(sizes), map[gram]int32{}
	var last []int32 // by gram: the last text that had it, counted from 1
	var runes []rune
	for i, text := range texts {
		runes = appendRunes(runes[:0], text)
		for from := range runes {
			for to := from + shortest; to <= min(from+longest, len(runes)); to++ {
				g := gramOf(runes[from:to])
				n, known := numbers[g]
				if !known {
					n = int32(len(last))
					numbers[g], last = n, append(last, 0)
				}
				if last[n] != int32(i)+1 {
					last[n] = int32(i) + 1
					byText.add(int32(i), n)
				}
			}
		}
	}
	return numbers, byText
}

func appendRunes(to []rune, text string) []rune {
	for _, r := range text {
		to = append(to, r)
	}
	return to
}

// invert answers, for every number, in which of the lists it is.
func invert(numbers, many int, list func(int) []int32) lists {
	counts := make([]int32, numbers)
	for i := range many {
		for _, n := range list(i) {
			counts[n]++
		}
	}
	inverse := newLists(counts)
	for i := range many {
		for _, n := range list(i) {
			inverse.add(n, int32(i))
		}
	}
	return inverse
}

// first keeps of each list the first passage of each title.
func first(all lists, passages []passage, titles int) lists {
	met := make([]int32, titles) // by title: the last list that had it, counted from 1
	kept := lists{from: make([]int32, len(all.from)), ends: make([]int32, len(all.from))}
	to := int32(0)
	for n := range all.from {
		kept.from[n] = to
		for _, i := range all.of(int32(n)) {
			if title := passages[i].title; met[title] != int32(n)+1 {
				met[title] = int32(n) + 1
				all.all[to] = i // never ahead of what is still to be read
				to++
			}
		}
		kept.ends[n] = to
	}
	kept.all = append([]int32(nil), all.all[:to]...)
	return kept
}

// literal answers, of each title that has all words of text, the best passage with the first.
func (x *Index) literal(words []string) []int32 {
	hits := x.word(words[0])
	for _, word := range words[1:] {
		have := newSet(len(x.titles))
		for _, n := range x.word(word) {
			have.add(x.passages[n].title)
		}
		hits = slices.DeleteFunc(slices.Clone(hits), func(n int32) bool { return !have.has(x.passages[n].title) })
	}
	return hits
}

// word answers the best passage of each title that it is a part of.
func (x *Index) word(text string) []int32 {
	runes := []rune(text)
	if len(runes) <= 2 {
		if n, known := x.grams.short[gramOf(runes)]; known {
			return x.grams.best.of(n)
		}
		return nil
	}
	matching := newSet(len(x.passages))
	for _, i := range x.grams.rarest(runes) {
		if len(runes) == 3 || strings.Contains(x.texts[i], text) {
			matching.addAll(x.at.of(i))
		}
	}
	return x.bestOf(matching, nil)
}

// rarest are the texts with those three characters in a row that the fewest have.
func (g *grams) rarest(runes []rune) (texts []int32) {
	for i := range runes[2:] {
		n, known := g.long[gramOf(runes[i:i+3])]
		if !known {
			return nil
		}
		if some := g.texts.of(n); i == 0 || len(some) < len(texts) {
			texts = some
		}
	}
	return texts
}

// bestOf answers the best of these passages of each title, without the titles of but.
func (x *Index) bestOf(passages set, but []int32) (best []int32) {
	seen := newSet(len(x.titles))
	for _, n := range but {
		seen.add(x.passages[n].title)
	}
	for n := range passages.each {
		if title := x.passages[n].title; !seen.has(title) {
			seen.add(title)
			best = append(best, n)
		}
	}
	return best
}
