package audit

import (
	"strings"
	"unicode/utf8"
)

// maxCleaned bounds the texts that get a suggestion, in characters: a longer one
// is no title and no keyword that wants a little mending.
const maxCleaned = 40

// clean returns a text without what 1.4 and 2.3 object to: signs, white space,
// chatty words and pronouns. Company names stay: what should stand in their
// place only a person can tell.
func clean(text string) string {
	if utf8.RuneCountInString(text) > maxCleaned {
		return ""
	}
	return strings.TrimSpace(withoutPersonal(withoutSigns(withoutTags(text))))
}

// withoutSigns keeps letters, digits and what stands between two of them.
func withoutSigns(text string) string {
	var b strings.Builder
	before := ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		piece, rest := text[i:i+size], text[i+size:]
		i += size
		if isWordRune(r) || signOf(r, before, rest) >= offForeign {
			b.WriteString(piece)
		}
		before = r
	}
	return b.String()
}

// withoutPersonal removes the words that notePersonal names. Folding a text of
// letters and digits may shorten full-width ones, so the pieces are taken from
// the folded text where the lengths differ.
func withoutPersonal(text string) string {
	folded := fold(text)
	if len(folded) != len(text) {
		text = folded
	}
	var b strings.Builder
	for i, before := 0, ' '; i < len(folded); {
		piece, m, known := personalWords().next(folded[i:])
		rest := folded[i+len(piece):]
		if !known || !standsAlone(piece, before, rest) || !removable(m, rest) {
			b.WriteString(text[i : i+len(piece)])
		}
		before, _ = utf8.DecodeLastRuneInString(piece)
		i += len(piece)
	}
	return b.String()
}

func removable(m manner, rest string) bool {
	switch m {
	case chatty, oneSelf, pronoun, sentence:
		return true
	case closing:
		return closes(rest)
	}
	return false
}

// withoutTags removes <…> and the entities of HTML.
func withoutTags(text string) string {
	for strings.Contains(text, "<") {
		before, inner, _ := strings.Cut(text, "<")
		_, after, closed := strings.Cut(inner, ">")
		if !closed {
			break
		}
		text = before + after
	}
	for _, entity := range []string{"&nbsp;", "&lt;", "&gt;", "&amp;", "&quot;"} {
		text = strings.ReplaceAll(text, entity, "")
	}
	return text
}
