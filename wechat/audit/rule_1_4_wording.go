package audit

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

// titleWording applies 审核说明 1.4: no symbols and no personal wording. White
// space behind the title is a matter of 1.3.
func titleWording(p *proposal) []Finding {
	seen := offencesOf(strings.TrimRightFunc(p.Title, unicode.IsSpace))
	if seen == (offences{}) {
		return nil
	}
	return seen.findings(RuleTitleWording, theTitle, p.mendedTitle())
}

// keywordWording applies 2.3, which says the same of keywords.
func keywordWording(p *proposal) []Finding {
	var found []Finding
	for i, k := range p.Keywords {
		if p.names[i] == "" {
			continue
		}
		if seen := offencesOf(k.Name); seen != (offences{}) {
			found = append(found, seen.findings(RuleKeywordWording, nameOf(i), p.mendedName(i, clean(k.Name)))...)
		}
	}
	return found
}

// mendedName returns a name for keyword i, or nothing where the other rules of
// keywords would refuse it. Each trial looks at all keywords, so a list far over
// the limit gets none.
func (p *proposal) mendedName(i int, name string) string {
	if p.trial || len(p.Keywords) > 2*wechat.MaxKeywords || name == "" || name == p.Keywords[i].Name {
		return ""
	}
	q := *p
	q.trial = true
	q.Keywords, q.names = slices.Clone(p.Keywords), slices.Clone(p.names)
	q.Keywords[i].Name, q.names[i] = name, tight(name)
	judges := []rule{sameKeyword, knownKeyword, keywordWording, oneNoun, broadKeyword, fitsTitle}
	if p.Kind == Subscribe {
		judges = subscribeNameRules()
	}
	for _, judge := range judges {
		for _, f := range judge(&q) {
			// A keyword below is named for being like this one.
			if f.Level != Note && (f.at == nameOf(i) || f.Args["position"] == strconv.Itoa(i+1)) {
				return ""
			}
		}
	}
	return name
}

// findings names each kind of offence once.
func (seen offences) findings(rule string, at spot, suggestion string) []Finding {
	var found []Finding
	for o, piece := range seen {
		if piece == "" {
			continue
		}
		found = append(found, Finding{
			Rule: rule, Level: offenceLevels[o].level, Key: offenceLevels[o].key,
			Args: map[string]string{"text": piece}, Suggestion: suggestion, at: at,
		})
	}
	return found
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
	{"<", ">"}, {"{{", ""}, {"}}", ""}, {"${", "}"}, {"&nbsp", ""},
	{"&lt", ""}, {"&gt", ""}, {"&amp", ""}, {"&#", ""}, {"&quot", ""},
	{"**", ""}, {"__", ""}, {"```", ""}, {"[/", "]"}, {"](", ")"},
	{`\n`, ""}, {`\r`, ""}, {`\t`, ""}, {`\u`, ""}, {"http://", ""}, {"https://", ""},
	{"www.", ""}, {".data", ""}, {"%s", ""}, {"%d", ""},
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

// manner is why a word has no place in a title or keyword (审核说明 1.4 and 2.3:
// 个性化字词等没有行业通用性的内容).
type manner uint8

const (
	plain    manner = iota // innocent, and listed to shield a shorter word inside it
	chatty                 // pet names, slang, moods: a reviewer refuses them
	closing                // a particle that is chatty only where the text ends
	pronoun                // speaks to somebody instead of naming the matter
	brand                  // names one company, where a title serves a whole line of business
	oneSelf                // 亲: an address, unless a word of kinship or closeness holds it
	sentence               // words of a whole sentence, where a title is a name
)

// personalWords is read by longest match over folded text.
var personalWords = readLexicon("personal", map[string]manner{
	"chatty": chatty, "closing": closing, "pronoun": pronoun, "sentence": sentence, "brand": brand,
	"oneSelf": oneSelf, "plain": plain,
})
