package audit

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"
)

var rewrite = flag.Bool("update", false, "write cases/figures.json anew")

// What a page says of a rule, and how sure a finding is said to be, is counted
// here. Keywords of approved titles are judged one by one: most of them are taken
// from lists to choose from, and from several templates of one title.
func TestTheFiguresAreThoseOfTheCases(t *testing.T) {
	counted := countFigures()
	if *rewrite {
		text, err := json.MarshalIndent(counted, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("cases/figures.json", append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shipped := measured(); !reflect.DeepEqual(counted, shipped) {
		t.Errorf("the figures are not those of the cases: go test ./wechat/audit -run Figures -update\ncounted %+v\nshipped %+v", counted, shipped)
	}
}

// judgedCase are the findings on a case: on its title, and on its keywords.
func judgedCase(kind string, c Case) (onTitle, onKeyword []Finding) {
	if c.Title != "" {
		onTitle = Check(Proposal{Kind: kind, Title: c.Title}, Options{})
	}
	for _, k := range c.Keywords {
		for _, f := range Check(Proposal{Kind: kind, Title: c.Title, Keywords: []Keyword{k}}, Options{}) {
			if f.at.i != whole && f.Key != "example.empty" { // the sources seldom give examples
				onKeyword = append(onKeyword, f)
			}
		}
	}
	return onTitle, onKeyword
}

func countFigures() figures {
	f := figuresOf("", Refused(), Approved())
	subscribe := figuresOf(Subscribe, nil, standing())
	f.Subscribe = &subscribe
	return f
}

func figuresOf(kind string, refused, approved []Case) figures {
	f := figures{Rules: map[string]Count{}, Levels: map[string]Count{}, Findings: map[string]Count{}}
	for _, c := range refused {
		onTitle, onKeyword := judgedCase(kind, c)
		if c.Title != "" {
			f.Titles.Refused++
		}
		f.Keywords.Refused += len(c.Keywords)
		seen := map[string]bool{}
		for _, found := range append(onTitle, onKeyword...) {
			right := c.names(found.Rule)
			note(f.Rules, found.Rule, seen, right, func(n *Count) { n.Refused++ })
			note(f.Levels, found.Rule+" "+string(found.Level), seen, right, func(n *Count) { n.Refused++ })
			note(f.Findings, found.Key+" "+string(found.Level), seen, right, func(n *Count) { n.Refused++ })
		}
	}
	for _, c := range approved {
		onTitle, onKeyword := judgedCase(kind, c)
		if c.Title != "" {
			f.Titles.Approved++
		}
		f.Keywords.Approved += len(c.Keywords)
		seen := map[string]bool{}
		for _, found := range onTitle {
			note(f.Rules, found.Rule, seen, true, func(n *Count) { n.Approved++ })
			note(f.Levels, found.Rule+" "+string(found.Level), seen, true, func(n *Count) { n.Approved++ })
			note(f.Findings, found.Key+" "+string(found.Level), seen, true, func(n *Count) { n.Approved++ })
		}
		for _, found := range onKeyword {
			note(f.Rules, found.Rule, nil, true, func(n *Count) { n.Approved++ })
			note(f.Levels, found.Rule+" "+string(found.Level), nil, true, func(n *Count) { n.Approved++ })
			note(f.Findings, found.Key+" "+string(found.Level), nil, true, func(n *Count) { n.Approved++ })
		}
	}
	return f
}

// note counts a name, once a case where seen is given.
func note(counts map[string]Count, name string, seen map[string]bool, right bool, add func(*Count)) {
	if !right || seen[name] {
		return
	}
	if seen != nil {
		seen[name] = true
	}
	n := counts[name]
	add(&n)
	counts[name] = n
}
