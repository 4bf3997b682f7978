package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

// requestFindings judge what a subscribe message says of itself beside title and keywords. A bare title says nothing.
func (p *proposal) requestFindings() []Finding {
	if !p.options.Count {
		return nil
	}
	return append(append(sceneDescription(p), category(p)...), term(p)...)
}

// ofRequest tells whether a rule is about what requestFindings judge.
func ofRequest(rule string) bool {
	return rule == RuleScene || rule == RuleCategory || rule == RuleTerm
}

// sceneDescription applies sceneDesc of addTemplate: 200021 where it is empty or illegal. That a request for a title
// has the same is assumed.
func sceneDescription(p *proposal) []Finding {
	n := utf8.RuneCountInString(strings.TrimSpace(p.Scene))
	f := Finding{Rule: RuleScene, Level: Error, at: spot{list: "scenario", i: whole}}
	f.Args = map[string]string{"count": strconv.Itoa(n), "most": strconv.Itoa(wechat.MaxScene)}
	switch {
	case n == 0:
		f.Key = "scene.none"
	case n > wechat.MaxScene:
		f.Key = "scene.long"
	case strings.ContainsFunc(strings.TrimSpace(p.Scene), unicode.IsControl):
		f.Key = "scene.control"
	default:
		return nil
	}
	return []Finding{f}
}

func category(p *proposal) []Finding {
	if strings.TrimSpace(p.Category) != "" {
		return nil
	}
	return []Finding{{Rule: RuleCategory, Level: Warning, Key: "category.none", at: spot{list: "category", i: whole}}}
}

// term judges whether the messages may be long-term. Which categories are public services no source lists: it is told
// by their names.
func term(p *proposal) []Finding {
	f := Finding{Rule: RuleTerm, at: spot{list: "type", i: whole}, Args: map[string]string{"category": p.Category}}
	switch {
	case p.Type == wechat.OneTime:
		return nil
	case p.Type != wechat.LongTerm:
		f.Level, f.Key = Warning, "term.none"
	case p.Category == "":
		f.Level, f.Key = Note, "term.public"
	case publicServices().within(tight(p.Category)):
		return nil
	default:
		f.Level, f.Key = Warning, "term.other"
	}
	return []Finding{f}
}

// publicServices are words in the names of categories for which there are long-term messages.
var publicServices = readLexicon("public_services", map[string]bool{"public": true})
