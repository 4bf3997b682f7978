package search

import (
	_ "embed"
	"math/bits"
	"strings"
	"sync"
)

// longest is the most characters that a query by pinyin or a near one may have: one bit each.
const longest = 63

// sounding answers the best passage of each title that sounds like the query, without the
// titles of but.
func (x *Index) sounding(q *pronounced, but []int32) []int32 {
	if q == nil {
		return nil
	}
	matching := newSet(len(x.passages))
	for i := range x.spoken.candidates(q).each {
		if from, _ := q.in(x.spoken.own.of(i)); from >= 0 {
			x.addSpoken(matching, x.spoken.texts[i], false)
		}
	}
	return x.bestOf(matching, but)
}

// addSpoken adds the passages of a text that are spoken, or titles alone: an id or an example
// may have the same text.
func (x *Index) addSpoken(to set, text int32, titles bool) {
	for _, n := range x.at.of(text) {
		if p := &x.passages[n]; p.spoken() && (!titles || places[p.where] == InTitle) {
			to.add(n)
		}
	}
}

// candidates are the texts with two neighbours that begin as q's first two characters may.
func (s *spoken) candidates(q *pronounced) set {
	firsts, seconds := q.begins()
	some := newSet(len(s.texts))
	for a := range firsts.each {
		if seconds == 0 {
			some.addAll(s.one[a])
		}
		for b := range seconds.each {
			some.addAll(s.two[a*26+b])
		}
	}
	return some
}

// pronounced is a query to be compared by its sound. Each character of a text takes, from
// the letters of the query, one of its readings in full, or its initial (z of zhong, or
// zh); the last may be cut short, as people type. A character in the query takes one of
// the same sound.
type pronounced struct {
	*spoken
	asked []rune
	steps [][]uint8  // by place in the query and syllable: how many letters it takes; 0 if it does not fit
	after [][]uint64 // by number of a character and place: what places it leads to; made when it is met
	room  []uint64   // for more of them
}

// query is nil where text can sound like nothing here, or is too long to be compared.
func (s *spoken) query(text string) *pronounced {
	q := &pronounced{spoken: s, after: make([][]uint64, len(s.runes))}
	for _, r := range text {
		switch {
		case r == 'ü':
			r = 'v' // as it is typed
		case between(r):
			continue
		}
		if _, met := s.numbers[r]; !met && s.initials(r) == 0 {
			return nil // no text has it, and nothing sounds like it
		}
		q.asked = append(q.asked, r)
	}
	if len(q.asked) == 0 || len(q.asked) > longest || s.initials(q.asked[0]) == 0 {
		return nil
	}
	for at := range q.asked {
		q.steps = append(q.steps, q.stepsAt(at))
	}
	return q
}

// between tells what people put between syllables.
func between(r rune) bool { return r == ' ' || r == '\'' || r == '’' || r == '-' }

func (q *pronounced) stepsAt(at int) []uint8 {
	steps := make([]uint8, len(q.syllables))
	if !isLetter(q.asked[at]) {
		return steps
	}
	rest := string(q.asked[at:])
	for _, n := range q.begin[q.asked[at]-'a'] {
		s := q.syllables[n]
		if strings.HasPrefix(rest, s) {
			steps[n] = uint8(len(s))
		} else if strings.HasPrefix(s, rest) {
			steps[n] = uint8(len(rest))
		}
	}
	return steps
}

// begins tells with which letters the first and second character of a match can begin;
// seconds is empty where the match can be of one character, or of one that is not read.
func (q *pronounced) begins() (firsts, seconds letters) {
	firsts = q.initials(q.asked[0])
	for _, n := range q.lengths() {
		if n == len(q.asked) || q.initials(q.asked[n]) == 0 {
			return firsts, 0
		}
		seconds |= q.initials(q.asked[n])
	}
	return firsts, seconds
}

// lengths are how many characters of the query the first one of a match can take.
func (q *pronounced) lengths() []int {
	all := []int{1}
	if !isLetter(q.asked[0]) {
		return all
	}
	if len(q.asked) > 1 && digraph(q.asked[0], q.asked[1]) {
		all = append(all, 2)
	}
	for _, n := range q.steps[0] {
		if n > 0 {
			all = append(all, int(n))
		}
	}
	return all
}

// digraph tells the initials that are written with two letters.
func digraph(a, b rune) bool { return b == 'h' && (a == 'z' || a == 'c' || a == 's') }

// in finds q in a text: the first place where it begins, and where it ends; -1 if nowhere.
func (q *pronounced) in(text []int32) (from, to int) {
	for from, c := range text {
		if q.behind(c)[0] == 0 {
			continue
		}
		if to := q.fit(text[from:]); to > 0 {
			return from, from + to
		}
	}
	return -1, -1
}

// fit answers how many characters of text a match takes that begins with the first, 0 if
// none does. It goes through the text with the set of places that the query can be at.
func (q *pronounced) fit(text []int32) int {
	places := uint64(1)
	for i, c := range text {
		behind, next := q.behind(c), uint64(0)
		for ; places != 0; places &= places - 1 {
			next |= behind[bits.TrailingZeros64(places)]
		}
		if next>>len(q.asked) != 0 {
			return i + 1
		}
		if next == 0 {
			return 0
		}
		places = next
	}
	return 0
}

// behind says, for every place in the query, at which places a character leads out of it.
func (q *pronounced) behind(c int32) []uint64 {
	if q.after[c] == nil {
		n := len(q.asked)
		if len(q.room) < n {
			q.room = make([]uint64, 64*n)
		}
		q.after[c], q.room = q.room[:n:n], q.room[n:]
		for at := range q.asked {
			q.after[c][at] = q.taken(at, q.runes[c])
		}
	}
	return q.after[c]
}

func (q *pronounced) taken(at int, r rune) (places uint64) {
	c := q.asked[at]
	if !isLetter(c) {
		if q.alike(c, r) {
			return 1 << (at + 1)
		}
		return 0
	}
	if c == r {
		return 1 << (at + 1)
	}
	for _, n := range q.of(r) {
		s := q.syllables[n]
		if rune(s[0]) != c {
			continue
		}
		places |= 1 << (at + 1)
		if step := q.steps[at][n]; step > 0 {
			places |= 1 << (at + int(step))
		}
		if len(s) > 1 && digraph(c, rune(s[1])) && at+1 < len(q.asked) && q.asked[at+1] == 'h' {
			places |= 1 << (at + 2)
		}
	}
	return places
}

// readingsText has a line for every list of readings, the commonest first, without tones:
// the readings with commas between them, a space, and the characters that are read so. It
// is made from go-pinyin's dictionary, and a test proves that it says the same: the
// dictionary itself is a map that every start of the program would have to build.
//
//go:embed readings.txt
var readingsText string

// The characters of readingsText: Unicode's first block of them, which has all of the
// library's and 20,000 more.
const (
	firstHan = '一'
	lastHan  = '鿿'
)

// syllable is one way to read a character, such as "gou", as a number.
type syllable uint16

// sounds tells how characters are read.
type sounds struct {
	syllables []string       // by number
	begin     [26][]syllable // by their first letter
	lists     [][]syllable   // every list of readings; the first is empty
	list      []uint16       // by character from firstHan: which list
}

// readSounds reads the dictionary, once: it takes a millisecond, longer than to index a
// hundred titles. What it answers never changes.
var readSounds = sync.OnceValue(func() *sounds {
	s := &sounds{lists: [][]syllable{nil}, list: make([]uint16, lastHan-firstHan+1)}
	numbers := map[string]syllable{}
	for line := range strings.Lines(readingsText) {
		readings, characters, _ := strings.Cut(strings.TrimSpace(line), " ")
		var list []syllable
		for reading := range strings.SplitSeq(readings, ",") {
			n, known := numbers[reading]
			if !known {
				n = syllable(len(s.syllables))
				numbers[reading] = n
				s.syllables = append(s.syllables, reading)
				s.begin[reading[0]-'a'] = append(s.begin[reading[0]-'a'], n)
			}
			list = append(list, n)
		}
		for _, r := range characters {
			s.list[r-firstHan] = uint16(len(s.lists))
		}
		s.lists = append(s.lists, list)
	}
	return s
})

// of are the readings of a character, the commonest first; none where it is not read.
func (s *sounds) of(r rune) []syllable {
	if r < firstHan || r > lastHan {
		return nil
	}
	return s.lists[s.list[r-firstHan]]
}

// alike reports whether two characters have a reading in common.
func (s *sounds) alike(a, b rune) bool {
	if a == b {
		return true
	}
	for _, x := range s.of(a) {
		for _, y := range s.of(b) {
			if x == y {
				return true
			}
		}
	}
	return false
}

// spell writes text by the commonest reading of each character.
func (s *sounds) spell(text string) string {
	var b strings.Builder
	for _, r := range text {
		if readings := s.of(r); len(readings) > 0 {
			b.WriteString(s.syllables[readings[0]])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// initials are the letters that a character's readings begin with, as a set; a letter is
// its own.
func (s *sounds) initials(r rune) letters {
	if isLetter(r) {
		return 1 << (r - 'a')
	}
	var set letters
	for _, n := range s.of(r) {
		set |= 1 << (s.syllables[n][0] - 'a')
	}
	return set
}

// letters is a set of the letters a to z.
type letters uint32

// each goes through the letters of the set, from 0 for a.
func (set letters) each(yield func(int) bool) {
	for ; set != 0; set &= set - 1 {
		if !yield(bits.TrailingZeros32(uint32(set))) {
			return
		}
	}
}
