package audit

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// How many characters a title of subscribe messages has, and the name of a keyword.
const (
	fewestInTitle, mostInTitle = 4, 10
	fewestInName, mostInName   = 2, 5
)

// subscribeTitleRules are titleRules for subscribe messages: what no source says of these is left out.
func subscribeTitleRules() []rule {
	return []rule{knownTitle, titleLength, ending, signs, concreteScene}
}

// titleLength applies sub-length. A longer title may be one that nobody has shortened yet: a suggestion is a person's.
func titleLength(p *proposal) []Finding {
	n := utf8.RuneCountInString(p.title)
	f := Finding{Rule: RuleLength, Level: Error, at: theTitle, Args: map[string]string{
		"count": strconv.Itoa(n), "fewest": strconv.Itoa(fewestInTitle), "most": strconv.Itoa(mostInTitle),
	}}
	switch {
	case n < fewestInTitle:
		f.Key = "length.short"
	case n > mostInTitle:
		f.Key = "length.long"
	default:
		return nil
	}
	return []Finding{f}
}

// knownTitle is sameTitle, which WeChat does not say of subscribe messages: its library has titles of one name in
// several categories. What is there already can be used at once, so it is said.
func knownTitle(p *proposal) []Finding {
	found := sameTitle(p)
	for i := range found {
		f := &found[i]
		if p.combination {
			continue // a note already
		}
		switch f.Rule {
		case RuleSameTitle:
			f.Level, f.Key = Warning, "known."+f.Nearest[0].place()
		case RuleSimilarTitle:
			f.Level, f.Key = Note, "known.near"
			if f.Nearest[0].place() != SourceLibrary {
				f.Key = "known.ours"
			}
		}
	}
	return found
}

// concreteScene is scenario without the parts of a title that reviewers of template messages ask for: 取餐提醒 stands in
// the library.
func concreteScene(p *proposal) []Finding {
	return slices.DeleteFunc(scenario(p), func(f Finding) bool {
		return !slices.Contains([]string{"scenario.none", "scenario.vague", "scenario.stateless", "scenario.unreadable"}, f.Key) ||
			f.Level == Note
	})
}

// signs is titleWording without what is said of template messages alone: chatty words, company names and the like.
func signs(p *proposal) []Finding {
	return slices.DeleteFunc(titleWording(p), func(f Finding) bool { return !ofSigns(f.Key) })
}

// ofSigns tells whether a finding on wording is about symbols, and not about words.
func ofSigns(key string) bool {
	for o := offMarkup; o <= offSpace; o++ {
		if offenceLevels[o].key == key {
			return true
		}
	}
	return false
}
