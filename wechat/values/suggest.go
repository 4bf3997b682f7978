package values

import (
	"slices"
	"strings"
	"unicode"
)

// Suggest is what a person may put in the place of a value that is refused: words shortened to as many characters as
// their type takes, none of them broken, a range with the sign that WeChat reads, digits and signs in the width that
// it reads. It is never applied by itself. ok is false where nothing can be suggested: a number that is cut is another
// number.
func Suggest(typ, value string) (suggestion string, ok bool) {
	switch v := Check(typ, value, nil); {
	case v.OK() || v.Why == BadText:
		return "", false
	case typ == "thing":
		suggestion = strings.TrimSpace(strings.Map(visible, value))
	case typ == "time" || typ == "date":
		suggestion = widths.Replace(strings.TrimSpace(strings.Map(visible, value)))
	default:
		suggestion = strings.TrimSpace(narrow.Replace(value))
	}
	if v := Check(typ, suggestion, nil); v.Why == Long && slices.Contains(ofWords, typ) {
		suggestion = Shorten(suggestion, v.Limit)
	}
	return suggestion, suggestion != value && Check(typ, suggestion, nil).OK()
}

// ofWords are the types whose values say the same, if less, when they are cut.
var ofWords = []string{"thing", "name"}

// visible puts a space in the place of a control character.
func visible(c rune) rune {
	if unicode.IsControl(c) {
		return ' '
	}
	return c
}

// narrow turns the digits and signs of a Chinese keyboard into those of ASCII.
var narrow = func() *strings.Replacer {
	pairs := []string{"，", "", ",", ""} // between thousands
	for c := '！'; c <= '～'; c++ {
		pairs = append(pairs, string(c), string(c-'！'+'!'))
	}
	return strings.NewReplacer(pairs...)
}()

// widths does the same for times, where a dash between two of them is a range.
var widths = func() *strings.Replacer {
	pairs := []string{"〜", "~", "∼", "~", "˜", "~", "—", "~", "–", "~", "至", "~", "到", "~"}
	for c := '！'; c <= '～'; c++ {
		pairs = append(pairs, string(c), string(c-'！'+'!'))
	}
	return strings.NewReplacer(pairs...)
}()

// Shorten cuts value to at most so many characters as WeChat counts them, before what a reader takes for one
// character: an emoji of several code points, a letter with its accents, a flag.
func Shorten(value string, most int) string {
	n, end, flags := 0, 0, 0
	var before rune
	for i, c := range value {
		joined := before == zeroWidthJoiner || joins(c) || isFlag(c) && flags%2 == 1
		if !joined && n <= most {
			end = i
		}
		if isFlag(c) {
			flags++
		} else {
			flags = 0
		}
		n++
		before = c
	}
	if n <= most {
		return value
	}
	return strings.TrimRight(value[:end], " ")
}

const zeroWidthJoiner = '\u200d'

// joins tells that c belongs to the character before it.
func joins(c rune) bool {
	return c == zeroWidthJoiner || unicode.IsMark(c) || 0x1160 <= c && c <= 0x11ff || // the later parts of a 한글
		0x1f3fb <= c && c <= 0x1f3ff || 0xe0020 <= c && c <= 0xe007f
}

// isFlag tells that c is one of the two letters that make a flag.
func isFlag(c rune) bool { return 0x1f1e6 <= c && c <= 0x1f1ff }
