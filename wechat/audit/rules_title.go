package audit

import (
	"strings"
	"unicode"
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
