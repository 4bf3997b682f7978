package audit

import "strconv"

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
	Title    string
	Keywords []Keyword
}

// Keyword is one keyword with the example that WeChat asks for.
type Keyword struct {
	Name    string
	Example string
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
	Where      Place             // as the package comment says
	Key        string            // the sentence in the catalogue
	Args       map[string]string // what the sentence names
	Suggestion string            // what to put in Where instead; empty where none can be given
	Nearest    []Existing        // for 1.1 and 1.2: the titles meant, best first
}

// Check applies every rule to p and returns the findings ordered by place.
func Check(p Proposal, o Options) []Finding {
	c := &checker{options: o, combination: o.Index.isTitle(o.SourceID, p.Title)}
	c.title(p.Title)
	c.keywords(p)
	return c.found
}

// checker gathers the findings of one proposal.
type checker struct {
	options     Options
	combination bool // of keywords under a title that both stand in the library
	found       []Finding
}

// add takes a finding. Titles and keywords from the library have passed WeChat's
// review, whatever a rule makes of them; what a person puts together from them
// has not: a title that is there already, alike keywords, and their count.
func (c *checker) add(at spot, f Finding) {
	if c.combination {
		switch f.Rule {
		case RuleSameTitle, RuleSameKeyword, RuleSimilarKeyword, RuleCount:
		default:
			return
		}
	}
	f.Where = at.String()
	c.found = append(c.found, f)
}

// spot is where a finding lies. It costs an allocation only once it is written.
type spot struct {
	list string
	i    int // the place in the list, or one of the below
	part string
}

const whole = -1 // the list itself

// theTitle is where all findings on the title lie.
var theTitle = spot{list: "title", i: whole}

func (s spot) String() string {
	if s.i == whole {
		return s.list
	}
	return s.list + "[" + strconv.Itoa(s.i) + "]" + s.part
}
