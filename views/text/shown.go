package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	shortAtMost    = 80  // characters of a name where it is one of many, or a heading
	sentenceAtMost = 200 // characters of what a sentence quotes
)

// Visible is s with a mark such as [U+202E] in the place of every character that would
// show as nothing or turn the direction of what is around it: controls, zero-width
// characters, and the marks of bidirectional text. Line breaks and tabs stay, and so do
// the joiners inside an emoji. A text of blanks alone is all marks.
func Visible(s string) string {
	blank := s != "" && strings.TrimSpace(s) == ""
	if !blank && strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		inside := i > 0 && i+1 < len(runes) && picture(runes[i-1]) && picture(runes[i+1])
		if blank || hidden(r) && (r != joiner || !inside) {
			fmt.Fprintf(&b, "[U+%04X]", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Short is s on one line: visible, and cut after 80 characters.
func Short(s string) string {
	if len(s) <= shortAtMost && oneLine(s) {
		return s
	}
	return cut(strings.Join(strings.Fields(Visible(s)), " "), shortAtMost)
}

// oneLine tells whether s has nothing that is marked, and single spaces alone.
func oneLine(s string) bool {
	space := true
	for _, r := range s {
		if !ordinary(r) && (hidden(r) || unicode.IsSpace(r)) || r == ' ' && space {
			return false
		}
		space = r == ' '
	}
	return !space || s == ""
}

// IsShort tells whether Short shows the whole of s.
func IsShort(s string) bool { return Short(s) == s }

// Initial is the first character of a name, and "?" where that would not show.
func Initial(s string) string {
	r, size := utf8.DecodeRuneInString(strings.TrimSpace(s))
	if size == 0 || hidden(r) {
		return "?"
	}
	return strings.ToUpper(string(r))
}

// Quoted is s as a sentence quotes it: visible, and cut after 200 characters.
func Quoted(s string) string { return cut(Visible(s), sentenceAtMost) }

// Ends is an id with its middle left out: enough to tell ids apart that begin, or end, alike. What a person typed for
// an id may hold anything.
func Ends(id string, first, last int) string {
	runes := []rune(id)
	if len(runes) <= first+last+2 {
		return Visible(id)
	}
	return Visible(string(runes[:first])) + "…" + Visible(string(runes[len(runes)-last:]))
}

func cut(s string, atMost int) string {
	if len(s) <= atMost {
		return s
	}
	n := 0
	for i := range s {
		if n == atMost {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// InJSON is JSON in which what Visible marks is escaped: it can be seen, and means the
// same.
func InJSON(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch high, low := utf16.EncodeRune(r); {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

const joiner = '\u200d'

// hidden tells whether a character shows as nothing, or turns what is around it.
func hidden(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\n' && r != '\t' && r != '\r'
	case ordinary(r):
		return false
	case r == '\u00ad', r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0':
		return true // soft hyphen, grapheme joiner, fillers of Hangul
	}
	return unicode.In(r, unicode.Cc, unicode.Cf)
}

// ordinary tells what most characters are: ASCII that shows, a blank among it, and Chinese.
func ordinary(r rune) bool { return r >= 0x20 && r < 0x7f || r > '\u3164' && r < 0xd800 }

// picture tells whether a joiner beside r can belong to an emoji.
func picture(r rune) bool {
	return r == '\ufe0f' || unicode.In(r, unicode.So, unicode.Sk)
}

// Retyped tells whether typed is the text, as it is or as a page shows it: some characters
// of a text cannot be seen, and a long one is cut.
func Retyped(typed, text string) bool {
	shown := Short(text)
	return slices.Contains([]string{text, Visible(text), shown, strings.TrimSuffix(shown, "…")}, typed)
}
