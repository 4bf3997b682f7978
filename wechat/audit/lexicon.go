package audit

import (
	"embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// fold writes full-width letters, digits and signs in their half-width form
// and capitals small, so that ＶＩＰ, VIP and vip compare as one. It returns s
// itself, without an allocation, when there is nothing to change.
func fold(s string) string {
	return strings.Map(foldRune, s)
}

func foldRune(r rune) rune {
	switch {
	case r == '帐': // 帐号 and 账号 are one word in two spellings; the library holds both
		return '账'
	case r >= '一' && r <= '鿿':
		return r
	case r == '\u3000':
		return ' '
	case r >= '！' && r <= '～':
		r -= '！' - '!'
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
	if r >= '一' && r <= '鿿' {
		return false
	}
	return unicode.IsSpace(r) || isInvisible(r)
}

func isInvisible(r rune) bool {
	if r >= '一' && r <= '鿿' || r > ' ' && r < 0x7f {
		return false // nearly every character of a title
	}
	return r != ' ' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
		r == '\u2028' || r == '\u2029' || r == '\u3164')
}

func isHan(r rune) bool {
	return r >= '一' && r <= '鿿' || r > '鿿' && unicode.Is(unicode.Han, r) || r == '々'
}

func isASCIIWord(r rune) bool {
	return r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// lexicon finds the words of a table in running Chinese, which puts no spaces
// between them. Where several words fit, the longest one wins: 优惠券 is not
// 优惠, and 亲子 is not the address 亲. A table can so shield an innocent word
// by holding it too. A lexicon does not change once built.
type lexicon[S any] struct {
	senses  map[string]S
	lengths map[rune][]int // by first rune: the word lengths in bytes, longest first
	longest int            // in bytes, so that a suffix is looked for at the end only
}

// section is one part of a word table: what its words have in common.
type section struct {
	sense  string
	source string   // which clause asks for the words, or where they are from
	lines  []string // words with spaces between them
}

//go:embed words/*.txt
var wordFiles embed.FS

// sections reads the table words/name.txt: a line [sense] source opens a section,
// # begins a comment, every other line holds words. The tables are embedded and
// tests read each of them, so one that cannot be read is a mistake in the program.
func sections(name string) []section {
	text, err := wordFiles.ReadFile("words/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	var list []section
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			sense, source, _ := strings.Cut(line[1:], "]")
			list = append(list, section{sense: sense, source: strings.TrimSpace(source)})
		default:
			last := &list[len(list)-1]
			last.lines = append(last.lines, line)
		}
	}
	return list
}

// readLexicon builds a lexicon from a table when it is first asked for: a console
// that starts does not wait for words that nobody has typed.
func readLexicon[S any](name string, senses map[string]S) func() *lexicon[S] {
	return sync.OnceValue(func() *lexicon[S] {
		l := emptyLexicon[S]()
		for _, part := range sections(name) {
			sense, known := senses[part.sense]
			if !known {
				panic("audit: words/" + name + ".txt: unknown sense " + part.sense)
			}
			for _, line := range part.lines {
				for word := range strings.FieldsSeq(line) {
					l.add(word, sense)
				}
			}
		}
		return l
	})
}

func emptyLexicon[S any]() *lexicon[S] {
	return &lexicon[S]{senses: map[string]S{}, lengths: map[rune][]int{}}
}

func (l *lexicon[S]) add(word string, sense S) {
	l.senses[word] = sense
	l.longest = max(l.longest, len(word))
	first, _ := utf8.DecodeRuneInString(word)
	lengths := l.lengths[first]
	if slices.Contains(lengths, len(word)) {
		return
	}
	lengths = append(lengths, len(word))
	slices.SortFunc(lengths, func(a, b int) int { return b - a })
	l.lengths[first] = lengths
}

// prefix returns the longest word that s begins with.
func (l *lexicon[S]) prefix(s string) (word string, sense S, ok bool) {
	first, _ := utf8.DecodeRuneInString(s)
	for _, n := range l.lengths[first] {
		if n > len(s) {
			continue
		}
		if sense, ok = l.senses[s[:n]]; ok {
			return s[:n], sense, true
		}
	}
	return "", sense, false
}

// next returns what s begins with: a word of the lexicon, or else one rune.
func (l *lexicon[S]) next(s string) (piece string, sense S, known bool) {
	if word, sense, ok := l.prefix(s); ok {
		return word, sense, true
	}
	_, n := utf8.DecodeRuneInString(s)
	return s[:n], sense, false
}

// within says whether any word of the lexicon stands in s.
func (l *lexicon[S]) within(s string) bool {
	_, _, ok := l.first(s)
	return ok
}

// first returns the first word of the lexicon in s.
func (l *lexicon[S]) first(s string) (word string, sense S, ok bool) {
	for len(s) > 0 {
		piece, sense, known := l.next(s)
		if known {
			return piece, sense, true
		}
		s = s[len(piece):]
	}
	return "", sense, false
}

// longestSuffix returns the sense of the longest word that s ends with.
func (l *lexicon[S]) longestSuffix(s string) (word string, sense S, ok bool) {
	for i := max(0, len(s)-l.longest); i < len(s); i++ {
		if sense, ok = l.senses[s[i:]]; ok {
			return s[i:], sense, true
		}
	}
	return "", sense, false
}
