package audit

import (
	"slices"
	"sync"
)

// RuleInfo is what a page says of one rule.
type RuleInfo struct {
	ID       string // one of the Rule constants
	Name     string // 审核说明 1.3, Review rule 1.3
	Clause   string // its words in Chinese, or our rendering of them
	Judges   string // what we look at
	Source   string // where the clause stands
	Reviewer bool   // no clause: what reviewers answered
	Good     []Example
	Bad      []Example
	Passes   []string // made by us to show the clause
	Fails    []string
	// Right is on how many of Refused real refusals the rule fired where it was
	// the reason, False on how many of Approved real titles or keywords it fired
	// although they stand. A rule with few refusals behind it says so by Right.
	Right, Refused, False, Approved int
	// Levels are those at which the rule spoke over these cases, the gravest first.
	Levels []LevelInfo
}

// LevelInfo is how right a rule was at one level over the shipped cases. A finding
// of its own may be surer, or less sure, than its level.
type LevelInfo struct {
	Level      Level
	Confidence Confidence
	Count
}

// Example is a real title or keyword that a rule is shown by.
type Example struct {
	Text   string // a title, or "keyword：value"
	Source string // an address, or what it was found in
}

// maxExamples is how many good and how many bad examples a rule is shown by.
const maxExamples = 4

// Catalogue describes every rule for a kind of message, in the order of Rules, in
// "zh" or in English for any other language. The counts are those over the shipped
// cases. What is returned is shared: it is not to be changed.
func Catalogue(kind, lang string) []RuleInfo {
	switch {
	case kind == Subscribe && lang == "zh":
		return subscribeZH()
	case kind == Subscribe:
		return subscribeEN()
	case lang == "zh":
		return catalogueZH()
	}
	return catalogueEN()
}

// To find examples, some hundred cases are judged: once is enough.
var (
	catalogueZH = sync.OnceValue(func() []RuleInfo { return catalogue("", "zh") })
	catalogueEN = sync.OnceValue(func() []RuleInfo { return catalogue("", "en") })
	subscribeZH = sync.OnceValue(func() []RuleInfo { return catalogue(Subscribe, "zh") })
	subscribeEN = sync.OnceValue(func() []RuleInfo { return catalogue(Subscribe, "en") })
)

func catalogue(kind, lang string) []RuleInfo {
	f := measured().of(kind)
	var list []RuleInfo
	for _, c := range clausesOf(kind) {
		seen, total := f.Rules[c.rule], f.Titles
		if onKeywords(c.rule) {
			total = f.Keywords
		}
		info := RuleInfo{
			ID: c.rule, Name: RuleName(c.rule, lang), Clause: Clause(c.rule, lang),
			Judges: say(lang, "rule."+ruleWords[c.rule], map[string]string{}), Source: c.source(), Reviewer: c.ours(),
			Right: seen.Refused, Refused: f.reasons(c.rule), False: seen.Approved, Approved: total.Approved,
			Levels: f.levels(c.rule),
		}
		info.Bad = badExamples(c.rule)
		info.Good = goodExamples(kind, c.rule)
		info.Passes, info.Fails = texts(shownBy[c.rule].good), texts(shownBy[c.rule].bad)
		if kind == Subscribe {
			info.Good, info.Bad = orMade(info.Good, info.Passes, lang), orMade(info.Bad, info.Fails, lang)
		}
		list = append(list, info)
	}
	return list
}

// byUs is the source of an example that we made.
const byUs noun = "made"

// orMade are real examples or, where there are none, those that we made.
func orMade(list []Example, made []string, lang string) []Example {
	if len(list) > 0 {
		return list
	}
	for _, text := range made {
		list = append(list, Example{text, textsOf(lang)["noun."+string(byUs)]})
	}
	return list
}

// levels are those at which a rule spoke.
func (f figures) levels(rule string) []LevelInfo {
	var list []LevelInfo
	for _, level := range []Level{Error, Warning, Note} {
		if seen, spoke := f.Levels[rule+" "+string(level)]; spoke {
			list = append(list, LevelInfo{level, weigh(rule, level, seen), seen})
		}
	}
	return list
}

// reasons is how many of the refusals name a rule.
func (f figures) reasons(rule string) int {
	n := 0
	for _, c := range Refused() {
		if c.names(rule) {
			n++
		}
	}
	return n
}

// ruleWords are the keys of the sentences that say what a rule judges.
var ruleWords = map[string]string{
	RuleSameTitle: "same", RuleSimilarTitle: "similar", RuleEnding: "ending", RuleTitleWording: "wording",
	RuleScenario: "scenario", RuleMarketing: "marketing", RuleSameKeyword: "keywordsame",
	RuleSimilarKeyword: "keywordsimilar",
	RuleKeywordWording: "keywordwording", RuleExample: "example", RuleBroadKeyword: "broad", RuleCount: "count",
	RuleInducement: "lure", RuleHarassment: "harass", RuleAdvertising: "selling",
	RuleUserEvent: "user", RuleOneNoun: "noun", RuleFit: "fit",
	RuleLength: "length", RuleSubEnding: "ending", RuleSubScenario: "scene", RuleSigns: "signs",
	RuleKnownTitle: "known", RuleKeyword: "name", RuleUnique: "unique", RuleAlike: "keywordsimilar", RuleVague: "broad",
	RuleSubExample: "fitting", RuleType: "type", RuleSubCount: "count", RuleScene: "description",
	RuleCategory: "category", RuleTerm: "term",
}

// ours says whether the rule is one of the reviewers'.
func (c clause) ours() bool {
	return slices.Contains([]string{RuleUserEvent, RuleOneNoun, RuleFit}, c.rule)
}

// source is where the words of a clause stand.
func (c clause) source() string {
	switch c.rule {
	case RuleUserEvent:
		return "https://developers.weixin.qq.com/community/develop/doc/000662121f88087b6c3982d3550800"
	case RuleOneNoun:
		return "https://developers.weixin.qq.com/community/develop/doc/0006e24c2a4c6888b31a1214e56800"
	case RuleFit:
		return "https://developers.weixin.qq.com/community/develop/doc/00000ad4b74500105989557475b400"
	case RuleSubCount, RuleScene:
		return ofAdd
	case RuleTerm, RuleCategory:
		return ofGuide
	}
	if OfSubscribe(c.rule) {
		return ofStaff
	}
	return "https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/template-message.html"
}

// badExamples are the refusals that a rule was the reason of. The clause on broad
// keywords names one itself.
func badExamples(rule string) []Example {
	var list []Example
	for _, c := range Refused() {
		if text := c.shown(rule); text != "" && c.names(rule) && len(list) < maxExamples {
			list = append(list, Example{text, c.Source})
		}
	}
	if rule == RuleBroadKeyword && len(list) < maxExamples {
		list = append(list, Example{"内容", "审核说明 2.5"})
	}
	return list
}

// goodExamples are approved titles or keywords that a rule has nothing to say of:
// reviewers' own proposals first.
func goodExamples(kind, rule string) []Example {
	var proposed, others []Example
	for _, c := range approvedOf(kind) {
		list := &others
		if c.Reviewer {
			list = &proposed
		}
		if kind == Subscribe && (ofRequest(rule) || onKeywords(rule) && len(c.Keywords) == 0) {
			continue // it shows nothing of the rule
		}
		if text := c.shown(rule); text != "" && len(*list) < maxExamples && c.passes(kind, rule) {
			*list = append(*list, Example{text, c.Source})
		}
	}
	all := append(proposed, others...)
	return all[:min(len(all), maxExamples)]
}

// passes says whether a rule has nothing to say of a case.
func (c Case) passes(kind, rule string) bool {
	p := Proposal{Kind: kind, Title: c.Title, Keywords: c.Keywords}
	return !slices.ContainsFunc(Check(p, Options{}), func(f Finding) bool {
		return f.Rule == rule || onKeywords(rule) && f.Rule == RuleCount
	})
}

// shown is what of a case shows a rule: its title, or a keyword with its value.
func (c Case) shown(rule string) string {
	if !onKeywords(rule) {
		return c.Title
	}
	for _, k := range c.Keywords {
		switch {
		case k.Example != "":
			return k.Name + "：" + k.Example
		case rule != RuleExample:
			return k.Name
		}
	}
	if rule == RuleExample {
		return "" // a keyword without its value shows nothing of 2.4
	}
	return c.Title
}

// Fact is something about how WeChat's review goes, beside the draft.
type Fact struct {
	key    string
	Source string
}

// Text renders the fact in "zh", or in English for any other language.
func (f Fact) Text(lang string) string { return say(lang, f.key, nil) }

// Process returns what to know before handing a proposal in.
func Process() []Fact {
	const threads = "https://developers.weixin.qq.com/community/personal/oCJUsw_UdkvEpwZa693Eg49MaAGE/follow"
	const notes = "mp.weixin.qq.com：添加模板 页的说明"
	return []Fact{
		{"process.monthly", notes}, {"process.days", notes}, {"process.edited", notes}, {"process.public", notes},
		{"process.reasons", threads},
	}
}
