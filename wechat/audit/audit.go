// Package audit holds WeChat's review rules for the titles and keywords of
// template messages (审核说明) and of subscribe messages as pure functions: no
// clock, no network, no database. It owns its texts in both languages, so that
// the command line can render a finding without the views.
//
// Where a finding lies is written as a JSON path: "title", "keywords",
// "keywords[2].name", "keywords[2].example", "values[0]". Numbers count from 0.
package audit

import (
	"cmp"
	"slices"
	"strconv"

	"muban/wechat/values"
)

// Level says how a reviewer would take a finding.
type Level string

const (
	Error   Level = "error"   // a reviewer would refuse it
	Warning Level = "warning" // a reviewer might refuse it
	Note    Level = "note"    // worth a look, and no ground for refusal
)

// Place is where a finding lies, as the package comment says.
type Place = string

// Proposal is what a reviewer gets to see: a title and its keywords in order.
type Proposal struct {
	Kind     string // of message: Subscribe, or else template
	Title    string
	Keywords []Keyword
	Subscription
}

// Subscription is what only a subscribe message says of itself.
type Subscription struct {
	Scene    string // the scene description
	Category string // the name of one of the account's
	Type     int    // wechat.OneTime or wechat.LongTerm, 0 for neither
}

// Subscribe is the kind of message whose own rules the proposal goes by.
const Subscribe = "subscribe"

// Keyword is one keyword with the example that WeChat asks for.
type Keyword struct {
	Name    string
	Example string
	Type    string // of its values, such as "thing", with Subscribe
}

// Options say what a proposal is compared with. The zero value checks the
// proposal by itself.
type Options struct {
	// Index holds the titles known elsewhere, for 1.1 and 1.2; nil compares with nothing.
	Index *Index
	// SourceID is the library title that the proposal combines: it is not
	// "another" title for 1.1. Where the index holds it, its wording has passed
	// WeChat's review, and only what the combination adds is judged.
	SourceID string
	// DraftID is the proposal's own id among the drafts of the index.
	DraftID string
	// Count says so when there is no keyword at all. A bare title leaves it off.
	Count bool
}

// Finding is what a rule says of one place of a proposal.
type Finding struct {
	Rule       string            // one of the Rule constants
	Level      Level             // how a reviewer would take it
	Confidence Confidence        // how often findings of this kind were right over the shipped cases
	Where      Place             // as the package comment says
	Key        string            // the sentence in the catalogue
	Args       map[string]string // what the sentence names
	Suggestion string            // what to put in Where instead; empty where none can be given
	Nearest    []Existing        // for 1.1 and 1.2: the titles meant, best first
	Rewrites   []string          // for 1.5: titles built from the words of this one, each of which passes
	Approved   []string          // for 1.5: titles like this one that WeChat has approved, best first
	Verdict    *values.Verdict   // of an example that its type refuses: the sentence's {why}

	at spot
}

// proposal is a Proposal as the rules read it: its texts are folded once.
type proposal struct {
	Proposal
	options     Options
	title       string   // tight
	body        string   // the title without its ending, or without what stands for one
	names       []string // the keywords' names, tight
	examples    []string // their examples, tight
	combination bool     // of keywords under a title that both stand in the library
	trial       bool     // what a suggestion would make: it gets no suggestions of its own
}

func newProposal(p Proposal, o Options) *proposal {
	q := &proposal{Proposal: p, options: o, combination: o.Index.isTitle(o.SourceID, p.Title), title: tight(p.Title)}
	q.body = q.title
	if endingOf(q.title) == "" {
		if mended := withEnding(clean(p.Title)); mended != "" {
			q.body = tight(mended) // 医院管理信息推送 is judged as 医院管理信息通知 is
		}
	}
	q.body = withoutEnding(q.body)
	q.names, q.examples = make([]string, len(p.Keywords)), make([]string, len(p.Keywords))
	for i, k := range p.Keywords {
		q.names[i], q.examples[i] = tight(k.Name), tight(k.Example)
	}
	return q
}

// rule judges a proposal. Rules know nothing of each other.
type rule func(*proposal) []Finding

// titleRules judge the title, keywordRules the keywords under it. They are
// functions as rules try their suggestions by all of them.
func titleRules() []rule {
	return []rule{sameTitle, ending, titleWording, scenario, userEvent, marketing}
}

func keywordRules() []rule {
	return []rule{
		keywordCount, sameKeyword, knownKeyword, keywordWording, oneNoun, broadKeyword, fitsTitle,
		example, sellingExample,
	}
}

// Check applies every rule to p and returns the findings ordered by place.
func Check(p Proposal, o Options) []Finding {
	q := newProposal(p, o)
	found := append(q.titleFindings(), q.keywordFindings()...)
	if p.Kind == Subscribe {
		found = append(found, q.allowed(q.requestFindings())...)
	}
	for i := range found {
		f := &found[i]
		if p.Kind == Subscribe {
			f.Rule = cmp.Or(subscribeClause[f.Rule], f.Rule)
		}
		f.Where = f.at.String()
		f.Confidence = confidenceOf(f.Rule, f.Key, f.Level)
	}
	return found
}

func (p *proposal) titleFindings() []Finding {
	if p.title == "" {
		return p.allowed([]Finding{{Rule: RuleEnding, Level: Error, Key: "title.empty", at: theTitle}})
	}
	var found []Finding
	judges := titleRules()
	if p.Kind == Subscribe {
		judges = subscribeTitleRules()
	}
	for _, judge := range judges {
		found = append(found, judge(p)...)
	}
	return p.allowed(found)
}

func (p *proposal) keywordFindings() []Finding {
	var found []Finding
	judges := keywordRules()
	if p.Kind == Subscribe {
		judges = subscribeKeywordRules()
	}
	for _, judge := range judges {
		found = append(found, judge(p)...)
	}
	return byRank(p.allowed(found), 2*len(p.Keywords)+2)
}

// byRank orders findings by their place, and those of one place by rule. It
// counts, as a list may be long and a finding is large.
func byRank(found []Finding, ranks int) []Finding {
	if len(found) < 2 {
		return found
	}
	next := make([]int32, ranks+1)
	for i := range found {
		next[found[i].at.rank()+1]++
	}
	for i := 1; i < len(next); i++ {
		next[i] += next[i-1]
	}
	ordered := make([]Finding, len(found))
	for _, f := range found {
		r := f.at.rank()
		ordered[next[r]] = f
		next[r]++
	}
	return ordered
}

// allowed leaves out what cannot be held against a combination. Titles and
// keywords from the library have passed WeChat's review, whatever a rule makes
// of them; what a person puts together from them has not: a title that is there
// already, alike keywords, and their count.
func (p *proposal) allowed(found []Finding) []Finding {
	if !p.combination {
		return found
	}
	return slices.DeleteFunc(found, func(f Finding) bool {
		switch f.Rule {
		case RuleSameTitle, RuleSameKeyword, RuleSimilarKeyword, RuleCount, RuleScene:
			return false
		}
		return true
	})
}

// spot is where a finding lies. It costs an allocation only once it is written.
type spot struct {
	list string
	i    int // the place in the list, or the one below
	part string
}

const whole = -1 // the list itself

// theTitle is where all findings on the title lie.
var theTitle = spot{list: "title", i: whole}

func nameOf(i int) spot    { return spot{"keywords", i, ".name"} }
func exampleOf(i int) spot { return spot{"keywords", i, ".example"} }

func (s spot) String() string {
	if s.i == whole {
		return s.list
	}
	return s.list + "[" + strconv.Itoa(s.i) + "]" + s.part
}

// rank orders the places of keywords: the list, then each name and its example.
func (s spot) rank() int {
	switch {
	case s.i == whole:
		return 0
	case s.part != ".name":
		return 2*s.i + 2
	}
	return 2*s.i + 1
}
