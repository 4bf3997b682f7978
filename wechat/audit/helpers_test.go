package audit

import (
	"os"
	"strings"
	"testing"
)

// onTitle returns the worst level that a rule gives a bare title, "" for none.
func onTitle(title, rule string) Level {
	return worst(Check(Proposal{Title: title}, Options{}), rule, "title")
}

// worst returns the worst level of a rule's findings at a place, of any rule for "".
func worst(found []Finding, rule, where string) Level {
	rank := map[Level]int{Note: 1, Warning: 2, Error: 3}
	var level Level
	for _, f := range found {
		if (rule == "" || f.Rule == rule) && f.Where == where && rank[f.Level] > rank[level] {
			level = f.Level
		}
	}
	return level
}

// find returns the first finding of a rule at a place.
func find(t *testing.T, found []Finding, rule, where string) Finding {
	t.Helper()
	for _, f := range found {
		if f.Rule == rule && f.Where == where {
			return f
		}
	}
	t.Fatalf("no finding of rule %s at %s among %+v", rule, where, found)
	return Finding{}
}

// fieldsOf splits a table of titles that are written with white space between them.
func fieldsOf(table string) []string { return strings.Fields(table) }

func linesOf(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// underTitle is a proposal whose title draws nothing, with the given keywords.
func underTitle(keywords ...Keyword) Proposal {
	return Proposal{Title: "订单发货通知", Keywords: keywords}
}

// keywordOf reads a row of a table: name, tab, example.
func keywordOf(row string) Keyword {
	name, example, _ := strings.Cut(row, "\t")
	return Keyword{Name: name, Example: example}
}
