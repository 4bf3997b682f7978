package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"slices"
	"sync"
)

// Case is a title or some keywords on which WeChat's reviewers gave their word,
// or which stand in a library that they have approved.
type Case struct {
	Title    string    `json:"title"` // empty where the source names the keywords alone
	Keywords []Keyword `json:"keywords"`
	Rules    []string  `json:"rules"`    // of a refusal: the rules that its reason names; none where it cannot be read
	Reason   string    `json:"reason"`   // of a refusal: in our words
	Year     int       `json:"year"`     // of a refusal
	Reviewer bool      `json:"reviewer"` // of an approval: the wording is a reviewer's own proposal
	Source   string    `json:"source"`   // an address, or what it was found in
}

//go:embed cases/*.jsonl cases/figures.json
var caseFiles embed.FS

// Refused returns the real refusals that the rules are measured by.
var Refused = readCases("refused")

// Approved returns the real titles and keywords that stand.
var Approved = readCases("approved")

// standing returns the real titles and keywords of subscribe messages. No refusal of one is public with its title.
var standing = readCases("subscribe")

// approvedOf returns what stands of a kind of message.
func approvedOf(kind string) []Case {
	if kind == Subscribe {
		return standing()
	}
	return Approved()
}

// readCases reads a table of cases when it is first asked for. The tables are
// embedded, and a test reads both.
func readCases(name string) func() []Case {
	return sync.OnceValue(func() []Case {
		text, err := caseFiles.ReadFile("cases/" + name + ".jsonl")
		if err != nil {
			panic(err)
		}
		var cases []Case
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			var c Case
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				panic("audit: cases/" + name + ".jsonl: " + err.Error())
			}
			cases = append(cases, c)
		}
		return cases
	})
}

// approvedForms are the approved titles that can be models: those that show
// subject, act and state, and have nothing to do with marketing.
var approvedForms = sync.OnceValue(func() []approvedForm {
	var forms []approvedForm
	for _, c := range Approved() {
		if text := tight(c.Title); isModel(text) {
			forms = append(forms, approvedForm{c.Title, formOf(titleMeanings(), text, nil)})
		}
	}
	return forms
})

func isModel(text string) bool {
	body := withoutEnding(text)
	if body == text || substanceOf(body) != namedScenario || judgeTrade(readTrade(body)).level != "" {
		return false
	}
	level, _ := partsOf(body).missing()
	return level == ""
}

type approvedForm struct {
	title string
	form  form
}

// approvedScore is how much of two titles has to be the same for one to be shown
// beside the other, in thousandths.
const approvedScore = 400

// approvedLike returns approved titles that are like this one: rewrites that the
// library has, then those that have the most in common with it, best first.
func (p *proposal) approvedLike(rewrites []string) []string {
	var titles []string
	for _, r := range rewrites {
		for _, e := range p.options.Index.Same(r) {
			if e.Source == SourceLibrary && !slices.Contains(titles, e.Title) {
				titles = append(titles, e.Title)
			}
		}
	}
	if p.Kind == Subscribe {
		return titles // the shipped ones are of template messages
	}
	for _, title := range nearestApproved(p.title) {
		if len(titles) < maxRewrites && !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	return titles
}

// nearestApproved returns the shipped approved titles that have the most in common
// with a tight title, best first.
func nearestApproved(text string) []string {
	var buf [48]token
	f := formOf(titleMeanings(), text, buf[:0])
	var best [maxRewrites]struct {
		title string
		score int32
	}
	for _, a := range approvedForms() {
		score := dice(f.shared(a.form), f.weight, a.form.weight)
		if score < approvedScore || score <= best[len(best)-1].score || tight(a.title) == text {
			continue
		}
		best[len(best)-1].title, best[len(best)-1].score = a.title, score
		for i := len(best) - 1; i > 0 && best[i].score > best[i-1].score; i-- {
			best[i], best[i-1] = best[i-1], best[i]
		}
	}
	var titles []string
	for _, b := range best {
		if b.title != "" {
			titles = append(titles, b.title)
		}
	}
	return titles
}

// shared is the weight of the tokens that two forms have in common.
func (f form) shared(g form) int {
	weight := 0
	for i, j := 0, 0; i < len(f.tokens) && j < len(g.tokens); {
		switch order := cmp.Compare(f.tokens[i], g.tokens[j]); {
		case order == 0:
			weight += f.tokens[i].weight()
			i, j = i+1, j+1
		case order < 0:
			i++
		default:
			j++
		}
	}
	return weight
}

// names says whether the reason of a refusal is a rule.
func (c Case) names(rule string) bool { return slices.Contains(c.Rules, rule) }
