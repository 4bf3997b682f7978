package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// title applies 审核说明 1.1 to 1.6.
func (c *checker) title(title string) {
	text := tight(title)
	if text == "" {
		c.add(theTitle, Finding{Rule: RuleEnding, Level: Error, Key: "title.empty"})
		return
	}
	c.sameTitle(text)
	c.ending(title)
	c.wording(RuleTitleWording, theTitle, strings.TrimRightFunc(title, unicode.IsSpace)) // 1.3 names what is behind the ending
	c.scenario(text)
	c.marketing(text)
}

// ending applies 审核说明 1.3. WeChat compares to the letter, so an ending that
// only shows after trimming is named, and not passed over in silence.
func (c *checker) ending(title string) {
	if endingOf(title) != "" {
		return
	}
	f := Finding{Rule: RuleEnding, Level: Error, Key: "ending.missing", Suggestion: mendTitle(title)}
	if trimmed := strings.TrimRightFunc(title, isBlank); endingOf(trimmed) != "" {
		f.Level, f.Key = Warning, "ending.trimmed"
	}
	c.add(theTitle, f)
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

// mendTitle returns the title cleaned and ended as 1.3 and 1.4 ask, or nothing
// where what is left names no service.
func mendTitle(title string) string {
	mended := withEnding(clean(title))
	if mended == title || substanceOf(tight(mended)) == noScenario {
		return ""
	}
	return mended
}

func withEnding(title string) string {
	if title == "" || endingOf(title) != "" {
		return title
	}
	for _, near := range nearEndings {
		if rest, ok := strings.CutSuffix(title, near.written); ok && rest != "" {
			if endingOf(rest) != "" {
				return rest
			}
			return rest + near.mended
		}
	}
	for _, word := range pendingWords {
		if strings.Contains(title, word) {
			return title + "提醒"
		}
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
var nearEndings = []struct{ written, mended string }{
	{"温馨提示", "提醒"}, {"友情提示", "提醒"}, {"提示信息", "提醒"}, {"提示", "提醒"}, {"提醒单", "提醒"}, {"提醒函", "提醒"}, {"提醒消息", "提醒"}, {"提醒信息", "提醒"}, {"小提醒", "提醒"},
	{"通知单", "通知"}, {"通知书", "通知"}, {"通知函", "通知"}, {"通知消息", "通知"}, {"通知信息", "通知"}, {"消息推送", "通知"}, {"推送", "通知"}, {"推送消息", "通知"},
	{"公告", "通知"}, {"通告", "通知"}, {"告知", "通知"}, {"告知书", "通知"}, {"告知单", "通知"}, {"播报", "通知"}, {"通报", "通知"}, {"快报", "通知"}, {"速报", "通知"}, {"喜报", "通知"},
	{"消息", "通知"}, {"通知模板", "通知"}, {"提醒模板", "提醒"}, {"模板消息", "通知"}, {"通知栏", "通知"}, {"知会", "通知"}, {"回执", "通知"}, {"警报", "提醒"}, {"告警", "提醒"}, {"催告", "提醒"},
}

// pendingWords open titles of what is still to be done: 提醒 suits them better than 通知.
var pendingWords = []string{"待", "未", "即将", "将", "快要", "逾期", "到期", "过期", "预约", "开始", "还款", "缴费", "续费"}
