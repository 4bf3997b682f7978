package auth

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NameError says why a name is refused: Why is "character", "script" or "blank".
type NameError struct{ Why string }

func (e *NameError) Error() string {
	switch e.Why {
	case "character":
		return "the name holds a character that cannot be seen, or that changes how text is read"
	case "script":
		return "the name mixes letters of different scripts, which look alike"
	}
	return "a name has at least one letter or digit"
}

// marksMost is how many accents one letter carries at the most, once those that belong together are one character.
const marksMost = 2

// CheckName tells whether somebody can be called so, by *NameError where not: every character is seen, and the letters
// are of one script. Latin letters may stand beside Chinese, Japanese or Korean ones, which resemble none of them. Whether
// the name looks like another person's is the store's to say, in the transaction that adds it.
func CheckName(name string) error {
	var scripts []string
	solid, marks := false, 0
	for _, r := range norm.NFC.String(name) {
		switch {
		case unicode.IsLetter(r) && !unseen[r]:
			solid, marks = true, 0
			scripts = append(scripts, scriptOf(r))
		case unicode.IsDigit(r):
			solid, marks = true, 0
		case unicode.IsMark(r) && marks < marksMost && solid && !unicode.Is(unicode.Variation_Selector, r) && !unseen[r]:
			marks++
		case r == ' ' || unicode.IsPunct(r) || r < unicode.MaxASCII && unicode.IsSymbol(r):
			marks = marksMost // nothing to put an accent on
		default:
			return &NameError{"character"}
		}
	}
	if !solid {
		return &NameError{"blank"}
	}
	if !together(scripts) {
		return &NameError{"script"}
	}
	return nil
}

// unseen are the letters and marks that have no shape: Hangul fillers, and the grapheme joiner.
var unseen = map[rune]bool{'\u115f': true, '\u1160': true, '\u3164': true, '\uffa0': true, '\u034f': true,
	'\u17b4': true, '\u17b5': true}

func scriptOf(r rune) string {
	for _, script := range []string{"Latin", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"} {
		if unicode.Is(unicode.Scripts[script], r) {
			return script
		}
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "Common"
}

// together tells whether the letters are of one script, or of Latin and one way to write Chinese, Japanese or Korean.
func together(scripts []string) bool {
	var seen, others = map[string]bool{}, 0
	for _, s := range scripts {
		if s == "Common" || seen[s] { // signs that several scripts share
			continue
		}
		seen[s] = true
		switch s {
		case "Latin", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo":
		default:
			others++
		}
	}
	if others > 0 {
		return len(seen) == 1
	}
	korean, japanese, taiwanese := seen["Hangul"], seen["Hiragana"] || seen["Katakana"], seen["Bopomofo"]
	return !(korean && japanese || korean && taiwanese || japanese && taiwanese)
}
