package audit

import (
	"strings"
	"unicode"
)

// fold writes full-width letters, digits and signs in their half-width form
// and capitals small, so that ＶＩＰ, VIP and vip compare as one. It returns s
// itself, without an allocation, when there is nothing to change.
func fold(s string) string {
	return strings.Map(foldRune, s)
}

func foldRune(r rune) rune {
	switch {
	case r == '\u3000':
		return ' '
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '帐': // 帐号 and 账号 are one word in two spellings; the library holds both
		return '账'
	}
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

// tight is fold without any white space: the form in which titles and keywords
// are compared.
func tight(s string) string {
	return strings.Map(func(r rune) rune {
		if isBlank(r) {
			return -1
		}
		return foldRune(r)
	}, s)
}

// isBlank says whether r shows nothing: white space, controls and the
// zero-width characters that copying from a page or a chat brings along.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || isInvisible(r)
}

func isInvisible(r rune) bool {
	return r != ' ' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == '\u3164')
}

func isHan(r rune) bool {
	return r >= '一' && r <= '鿿' || r > '鿿' && unicode.Is(unicode.Han, r) || r == '々'
}

func isASCIIWord(r rune) bool {
	return r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
