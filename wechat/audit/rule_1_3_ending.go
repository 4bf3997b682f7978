package audit

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// ending applies 审核说明 1.3. WeChat compares to the letter, so an ending that
// only shows after trimming is named, and not passed over in silence.
func ending(p *proposal) []Finding {
	if endingOf(p.Title) != "" {
		return nil
	}
	f := Finding{Rule: RuleEnding, Level: Error, Key: "ending.missing", Suggestion: p.mendedTitle(), at: theTitle}
	if trimmed := strings.TrimRightFunc(p.Title, isBlank); endingOf(trimmed) != "" {
		f.Level, f.Key = Warning, "ending.trimmed"
	}
	return []Finding{f}
}

// endingOf returns the ending that 1.3 asks for, or nothing.
func endingOf(title string) string {
	for _, e := range endings {
		if strings.HasSuffix(title, e) {
			return e
		}
	}
	return ""
}

// mendedTitle returns the title cleaned and ended as 1.3 and 1.4 ask, or nothing
// where what is left would be refused as well: 医院管理信息推送 does not become
// a title by ending in 通知.
func (p *proposal) mendedTitle() string {
	if p.trial {
		return ""
	}
	mended := withEnding(clean(p.Title))
	if mended == p.Title || !passesAsTitle(p.Kind, mended) {
		return ""
	}
	return mended
}

// passesAsTitle says whether no rule but those about other titles has an error
// or a warning for a title.
func passesAsTitle(kind, title string) bool {
	q := newProposal(Proposal{Kind: kind, Title: title}, Options{})
	q.trial = true
	return q.title != "" && !slices.ContainsFunc(q.titleFindings(), func(f Finding) bool { return f.Level != Note })
}

func withEnding(title string) string {
	if title == "" || endingOf(title) != "" {
		return title
	}
	if written, mended, near := nearEndings().longestSuffix(title); near && written != title {
		rest := title[:len(title)-len(written)]
		if endingOf(rest) != "" {
			return rest
		}
		return rest + mended
	}
	if pendingWords().within(title) {
		return title + "提醒"
	}
	return title + "通知"
}

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

// endings are how a title has to end (审核说明 1.3).
var endings = [...]string{"提醒", "通知"}

// nearEndings are what people write instead, with the ending that says the same.
var nearEndings = readLexicon("endings", map[string]string{"提醒": "提醒", "通知": "通知"})

// pendingWords are in titles of what is still to be done: 提醒 suits them better than 通知.
var pendingWords = readLexicon("pending", map[string]bool{"pending": true})
