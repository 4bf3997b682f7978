package audit

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"muban/wechat"
	"muban/wechat/values"
)

// subscribeKeywordRules are keywordRules for subscribe messages.
func subscribeKeywordRules() []rule {
	return append(subscribeNameRules(), subscribeCount, example, typed)
}

// subscribeNameRules judge the names of keywords.
func subscribeNameRules() []rule {
	return []rule{uniqueKeyword, fixedType, nameSigns, nameLength, oneNoun, vague}
}

// vague is broadKeyword without its notes: 备注 stands in the library many times.
func vague(p *proposal) []Finding {
	return slices.DeleteFunc(broadKeyword(p), func(f Finding) bool { return f.Level == Note })
}

// subscribeCount applies the limits of addTemplate; that a request for a title has the same is assumed.
func subscribeCount(p *proposal) []Finding {
	n := len(p.Keywords)
	f := Finding{Rule: RuleCount, Level: Error, at: spot{list: "keywords", i: whole}, Args: map[string]string{
		"count": strconv.Itoa(n), "fewest": strconv.Itoa(wechat.MinSubscribeKeywords),
		"most": strconv.Itoa(wechat.MaxSubscribeKeywords),
	}}
	switch {
	case n > wechat.MaxSubscribeKeywords:
		f.Key = "count.over"
	case n < wechat.MinSubscribeKeywords && p.options.Count:
		f.Key = "count.few"
	default:
		return nil
	}
	return []Finding{f}
}

// uniqueKeyword is sameKeyword: of keywords that are alike in meaning alone the source does not speak.
func uniqueKeyword(p *proposal) []Finding {
	found := sameKeyword(p)
	for i := range found {
		if f := &found[i]; f.Key == "keyword.similar" {
			f.Level, f.Key = Warning, "keyword.near"
		}
	}
	return found
}

// fixedType is knownKeyword: the type of a keyword that a title has cannot be changed by asking for it again.
func fixedType(p *proposal) []Finding {
	found := knownKeyword(p)
	for i := range found {
		found[i].Rule = RuleType
	}
	return found
}

// nameSigns is keywordWording without what is said of template messages alone.
func nameSigns(p *proposal) []Finding {
	return slices.DeleteFunc(keywordWording(p), func(f Finding) bool { return !ofSigns(f.Key) })
}

func nameLength(p *proposal) []Finding {
	var found []Finding
	for i, name := range p.names {
		n := utf8.RuneCountInString(name)
		if n == 0 || n >= fewestInName && n <= mostInName {
			continue
		}
		found = append(found, Finding{Rule: RuleKeyword, Level: Error, Key: "length.name", at: nameOf(i), Args: map[string]string{
			"name": p.Keywords[i].Name, "count": strconv.Itoa(n),
			"fewest": strconv.Itoa(fewestInName), "most": strconv.Itoa(mostInName),
		}})
	}
	return found
}

// typed judges the types of the keywords, and whether the examples fit them.
func typed(p *proposal) []Finding {
	var found []Finding
	for i, k := range p.Keywords {
		f := Finding{Rule: RuleType, Level: Error, at: spot{"keywords", i, ".type"}}
		f.Args = map[string]string{"name": k.Name, "example": k.Example, "type": k.Type}
		_, known := values.RuleOf(k.Type)
		switch {
		case k.Type == "" && p.names[i]+p.examples[i] == "", k.Type == "" && !p.options.Count:
			continue
		case k.Type == "":
			f.Key = "type.none"
		case !known || k.Type == "const": // of service accounts
			f.Key = "type.unknown"
		case strings.TrimSpace(k.Example) == "":
			continue // which is said already
		default:
			verdict := values.Check(k.Type, k.Example, nil)
			if verdict.OK() {
				continue
			}
			f.Rule, f.Key, f.Verdict, f.at = RuleSubExample, "type.refused", &verdict, exampleOf(i)
			if better, ok := values.Suggest(k.Type, k.Example); ok {
				f.Suggestion = better
			}
		}
		found = append(found, f)
	}
	return found
}
