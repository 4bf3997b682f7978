package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// noteSigns looks for everything in a text that is neither a Chinese character
// nor a Latin letter nor a digit.
func noteSigns(text string, seen *offences) {
	if tag := markup(text); tag != "" {
		seen.note(offMarkup, tag)
	}
	before := ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if !isWordRune(r) {
			noteSign(text, i, size, r, before, seen)
		}
		before = r
	}
}

// noteSign notes the sign that ends at end, and that it stands there twice:
// 通知！！ is louder than a title may be.
func noteSign(text string, end, size int, r, before rune, seen *offences) {
	if r == before && !unicode.IsSpace(r) && !isEmoji(r) && !isInvisible(r) {
		seen.note(offRepeated, text[end-2*size:end])
	}
	kind := signOf(r, before, text[end:])
	if kind == offInvisible && isEmoji(before) {
		kind = offEmoji // the joiners inside one emoji
	}
	if kind < offenceCount {
		seen.note(kind, visible(text[end-size:end], r))
	}
}

func isWordRune(r rune) bool { return isHan(r) || isASCIIWord(r) || r == '〇' }

// signOf returns the kind of offence that r is, or offenceCount for none.
func signOf(r, before rune, rest string) offence {
	after, _ := utf8.DecodeRuneInString(rest)
	switch folded := foldRune(r); {
	case isInvisible(r) || r == utf8.RuneError:
		return offInvisible
	case isEmoji(r):
		return offEmoji
	case unicode.IsSpace(r):
		if isASCIIWord(before) && isASCIIWord(after) {
			return offenceCount // between two Latin words
		}
		return offSpace
	case isASCIIWord(folded):
		return offenceCount // full-width letters and digits
	case strings.ContainsRune("-.&+/", folded) && isASCIIWord(before) && isASCIIWord(after):
		return offenceCount // Wi-Fi, 2.0, O2O/B2C
	case strings.ContainsRune("()/、·-—&.+%", folded):
		return offPunctuation
	case unicode.IsLetter(r):
		return offForeign
	}
	return offSymbol
}

// isEmoji covers the pictures of Unicode, and the marks that colour and join them.
func isEmoji(r rune) bool {
	switch {
	case r >= 0x1F000 && r <= 0x1FBFF, r >= 0xE0000 && r <= 0xE007F:
		return true
	case r >= 0x2600 && r <= 0x27BF, r >= 0x2B00 && r <= 0x2BFF, r >= 0x2300 && r <= 0x23FF:
		return true
	}
	return r == 0xFE0F || r == 0x20E3 || r == 0x3030 || r == 0x303D || r == 0x3297 || r == 0x3299
}

// markups are what betrays a text written for a program: tags, entities,
// placeholders, links. Each begins with the first and holds the second later.
var markups = []struct{ open, close string }{
	{"<", ">"}, {"{{", ""}, {"}}", ""}, {"${", "}"}, {"&nbsp", ""}, {"&lt", ""}, {"&gt", ""}, {"&amp", ""}, {"&#", ""}, {"&quot", ""},
	{"**", ""}, {"__", ""}, {"```", ""}, {"[/", "]"}, {"](", ")"}, {`\n`, ""}, {`\r`, ""}, {`\t`, ""}, {`\u`, ""}, {"http://", ""}, {"https://", ""}, {"www.", ""}, {".data", ""}, {"%s", ""}, {"%d", ""},
}

func markup(text string) string {
	if !strings.ContainsAny(text, "<{}$&*_`[]\\/.%") {
		return ""
	}
	lower := strings.ToLower(text)
	for _, m := range markups {
		if i := strings.Index(lower, m.open); i >= 0 && strings.Contains(lower[i+len(m.open):], m.close) {
			return m.open
		}
	}
	return ""
}

// visible returns how a finding shows a sign: what cannot be seen by its code point.
func visible(piece string, r rune) string {
	if isBlank(r) || r == utf8.RuneError {
		return codePoint(r)
	}
	return piece
}

func codePoint(r rune) string {
	const hex = "0123456789ABCDEF"
	digits := [6]byte{}
	n := len(digits)
	for ; r > 0 || n > 2; r >>= 4 {
		n--
		digits[n] = hex[r&15]
	}
	return "U+" + string(digits[n:])
}
