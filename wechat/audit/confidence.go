package audit

import (
	"encoding/json"
	"sync"
)

// Confidence is how often findings of a kind were right over the shipped cases.
// It is measured: TestTheFiguresAreThoseOfTheCases counts anew.
type Confidence string

const (
	Likely   Confidence = "likely"   // 多半会被拒
	Possible Confidence = "possible" // 可能会被拒
	Guidance Confidence = "guidance" // 供参考
)

// Text renders the confidence in "zh", or in English for any other language.
func (c Confidence) Text(lang string) string { return textsOf(lang)["noun."+string(c)] }

// Count is how often something fired over the shipped cases.
type Count struct {
	Refused  int `json:"refused"`  // refusals whose reason is the finding's rule
	Approved int `json:"approved"` // approved titles or keywords: false alarms
}

// figures are the counts over the shipped cases, by rule and by kind of finding.
type figures struct {
	Titles   Count            `json:"titles"`   // how many cases have a title
	Keywords Count            `json:"keywords"` // how many keywords the cases have
	Rules    map[string]Count `json:"rules"`
	Levels   map[string]Count `json:"levels"`   // by rule and level: "1.5 note"
	Findings map[string]Count `json:"findings"` // by key and level: "user.alarm warning"

	Subscribe *figures `json:"subscribe,omitempty"` // those of subscribe messages
}

// of are the figures of a kind of message.
func (f figures) of(kind string) figures {
	if kind == Subscribe && f.Subscribe != nil {
		return *f.Subscribe
	}
	return f
}

// messageOf is the kind of message that a rule is for.
func messageOf(rule string) string {
	if OfSubscribe(rule) {
		return Subscribe
	}
	return ""
}

var measured = sync.OnceValue(func() figures {
	var f figures
	text, err := caseFiles.ReadFile("cases/figures.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		panic("audit: cases/figures.json: " + err.Error())
	}
	return f
})

// The share from which a finding is likely, and possibly, right.
const (
	likelyShare   = 0.8
	possibleShare = 0.5
)

// confidenceOf weighs how often findings of a kind fired on refusals for this
// reason against how often they fired on what was approved, as if half of all
// proposals were refused: the shipped cases hold far more approvals than life
// does. One case is added on each side, so that a finding that never fired is
// not taken for certain.
//
// Where no shipped refusal confirms it, a finding is at most possible, unless it
// is an error by the written words of a clause that hardly ever misfires. A note
// is at most possible: where it is right, much else was wrong.
func confidenceOf(rule, key string, level Level) Confidence {
	return weigh(rule, level, measured().of(messageOf(rule)).Findings[key+" "+string(level)])
}

// weigh is confidenceOf for what was seen of a rule at a level.
func weigh(rule string, level Level, seen Count) Confidence {
	f := measured().of(messageOf(rule))
	total := f.Titles
	if onKeywords(rule) {
		total = f.Keywords
	}
	right := float64(seen.Refused+1) / float64(total.Refused+2)
	wrong := float64(seen.Approved+1) / float64(total.Approved+2)
	share := right / (right + wrong)
	switch {
	case level == Note && seen.Refused == 0:
		return Guidance
	case share >= likelyShare && (seen.Refused > 0 || level == Error) && level != Note:
		return Likely
	case share >= possibleShare:
		return Possible
	}
	return Guidance
}

// onKeywords says whether a rule judges keywords and their examples, not titles.
func onKeywords(rule string) bool {
	switch rule {
	case RuleSameTitle, RuleSimilarTitle, RuleEnding, RuleTitleWording, RuleScenario, RuleMarketing, RuleUserEvent,
		RuleLength, RuleSubEnding, RuleSubScenario, RuleSigns, RuleKnownTitle, RuleScene, RuleCategory, RuleTerm:
		return false
	}
	return true
}
