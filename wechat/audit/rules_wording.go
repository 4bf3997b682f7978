package audit

import (
	"strings"
	"unicode/utf8"
)

// wording applies 审核说明 1.4 to a title, and 2.3 to a keyword: no symbols and
// no personal wording. Each kind of offence is named once.
func (c *checker) wording(rule string, at spot, text string) {
	seen := offencesOf(text)
	if seen == (offences{}) {
		return
	}
	suggestion := clean(text)
	if at == theTitle {
		suggestion = mendTitle(text)
	}
	if suggestion == text {
		suggestion = ""
	}
	for o, piece := range seen {
		if piece == "" {
			continue
		}
		c.add(at, Finding{
			Rule: rule, Level: offenceLevels[o].level, Key: offenceLevels[o].key,
			Args: map[string]string{"text": piece}, Suggestion: suggestion,
		})
	}
}

// offence is a kind of wording that has no general use in a trade.
type offence uint8

const (
	offMarkup offence = iota
	offInvisible
	offEmoji
	offRepeated
	offSymbol
	offPunctuation
	offSpace
	offForeign
	offChatty
	offSentence
	offPronoun
	offBrand
	offenceCount
)

// offences holds, by kind, the first piece of text that offends.
type offences [offenceCount]string

func (o *offences) note(kind offence, piece string) {
	if o[kind] == "" {
		o[kind] = piece
	}
}

var offenceLevels = [offenceCount]struct {
	level Level
	key   string
}{
	offMarkup:      {Error, "wording.markup"},
	offInvisible:   {Error, "wording.invisible"},
	offEmoji:       {Error, "wording.emoji"},
	offRepeated:    {Error, "wording.repeated"},
	offSymbol:      {Error, "wording.symbol"},
	offPunctuation: {Warning, "wording.punctuation"}, // brackets and dashes: some approved keywords hold them
	offSpace:       {Warning, "wording.space"},
	offForeign:     {Warning, "wording.foreign"},
	offChatty:      {Error, "wording.chatty"},
	offSentence:    {Warning, "wording.sentence"},
	offPronoun:     {Warning, "wording.pronoun"},
	offBrand:       {Warning, "wording.brand"},
}

func offencesOf(text string) offences {
	var seen offences
	noteSigns(text, &seen)
	if seen[offMarkup] != "" {
		seen[offSymbol], seen[offRepeated] = "", "" // the markup's own
	}
	notePersonal(text, &seen)
	return seen
}

// notePersonal looks for words that only one shop, one age or one mood uses.
func notePersonal(text string, seen *offences) {
	rest := fold(text)
	for before := ' '; len(rest) > 0; {
		piece, m, known := personalWords().next(rest)
		rest = rest[len(piece):]
		if known && standsAlone(piece, before, rest) {
			notePersonalWord(piece, m, rest, seen)
		}
		before, _ = utf8.DecodeLastRuneInString(piece)
	}
}

func notePersonalWord(piece string, m manner, rest string, seen *offences) {
	switch m {
	case chatty, oneSelf:
		seen.note(offChatty, piece)
	case closing:
		if closes(rest) {
			seen.note(offChatty, piece)
		}
	case pronoun:
		seen.note(offPronoun, piece)
	case sentence:
		seen.note(offSentence, piece)
	case brand:
		seen.note(offBrand, piece)
	}
}

// standsAlone says whether a word in Latin letters or digits is a word of its
// own: nb is slang, and NBA is none. Chinese has no such bounds.
func standsAlone(piece string, before rune, rest string) bool {
	first, _ := utf8.DecodeRuneInString(piece)
	if !isASCIIWord(first) {
		return true
	}
	after, _ := utf8.DecodeRuneInString(rest)
	return !isASCIIWord(before) && !isASCIIWord(after)
}

// closes says whether nothing but an ending or signs follows.
func closes(rest string) bool {
	rest = strings.TrimLeftFunc(rest, func(r rune) bool { return !isHan(r) && !isASCIIWord(r) })
	return rest == "" || endingOf(rest) == rest
}
