package library

import (
	"strings"
	"unicode"
)

// fold makes texts comparable: small letters, half width, and 帐 written as 账, for the
// library holds both spellings of 账号. Character for character, so that places stay.
func fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	switch {
	case r == '\u3000':
		return ' '
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '帐':
		return '账'
	}
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

// tidy folds what a person typed, without the blanks around it.
func tidy(s string) string { return strings.TrimSpace(fold(s)) }

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }
