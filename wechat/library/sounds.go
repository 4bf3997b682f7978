package library

import (
	_ "embed"
	"math/bits"
	"strings"
)

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
	syllables []string     // by number
	lists     [][]syllable // every list of readings; the first is empty
	list      []uint16     // by character from firstHan: which list
}

func readSounds() *sounds {
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
			}
			list = append(list, n)
		}
		for _, r := range characters {
			s.list[r-firstHan] = uint16(len(s.lists))
		}
		s.lists = append(s.lists, list)
	}
	return s
}

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
