package library

import "muban/wechat"

// Change is one difference between two mirrors of the same library.
type Change struct {
	What          Difference
	TitleID       string
	Title         string // its text now, or the last one it had
	Keyword       int    // keyword_id; 0 for a change of the title itself
	Name          string // the keyword's name now, or the last one it had
	Before, After string // the text, name or example that was changed, and what it is now
}

// Difference names what happened.
type Difference string

// The differences. Keywords of a title that is itself new or gone are not told one by one.
const (
	TitleNew       Difference = "title_new"
	TitleGone      Difference = "title_gone"
	TitleRenamed   Difference = "title_renamed"
	KeywordNew     Difference = "keyword_new"
	KeywordGone    Difference = "keyword_gone"
	KeywordRenamed Difference = "keyword_renamed"
	KeywordExample Difference = "keyword_example"
	KeywordRule    Difference = "keyword_rule" // the type of its values
)

// Counts says how many changes there are of each kind.
type Counts map[Difference]int

// Changes compares two mirrors, the titles in the order of now, those gone at the end. A
// title whose keywords are not known in one of the two has no changes of keywords.
func Changes(before, now []wechat.Title) []Change {
	var all []Change
	old, kept := titlesByID(before), titlesByID(now)
	for _, t := range now {
		was, known := old[t.ID]
		switch {
		case !known:
			all = append(all, Change{What: TitleNew, TitleID: t.ID, Title: t.Text})
			continue
		case was.Text != t.Text:
			all = append(all, Change{What: TitleRenamed, TitleID: t.ID, Title: t.Text, Before: was.Text,
				After: t.Text})
		}
		if was.Keywords != nil && t.Keywords != nil {
			all = append(all, keywordChanges(was, t)...)
		}
	}
	for _, t := range before {
		if _, still := kept[t.ID]; !still {
			all = append(all, Change{What: TitleGone, TitleID: t.ID, Title: t.Text})
		}
	}
	return all
}

func keywordChanges(before, now wechat.Title) []Change {
	var all []Change
	note := func(kind Difference, k wechat.Keyword, before, after string) {
		all = append(all, Change{What: kind, TitleID: now.ID, Title: now.Text, Keyword: k.ID, Name: k.Name,
			Before: before, After: after})
	}
	old, kept := keywordsByID(before), keywordsByID(now)
	for _, k := range now.Keywords {
		was, known := old[k.ID]
		if !known {
			note(KeywordNew, k, "", "")
			continue
		}
		if was.Name != k.Name {
			note(KeywordRenamed, k, was.Name, k.Name)
		}
		if was.Example != k.Example {
			note(KeywordExample, k, was.Example, k.Example)
		}
		if was.Rule != k.Rule {
			note(KeywordRule, k, was.Rule, k.Rule)
		}
	}
	for _, k := range before.Keywords {
		if _, still := kept[k.ID]; !still {
			note(KeywordGone, k, "", "")
		}
	}
	return all
}

func titlesByID(titles []wechat.Title) map[string]wechat.Title {
	m := make(map[string]wechat.Title, len(titles))
	for _, t := range titles {
		m[t.ID] = t
	}
	return m
}

func keywordsByID(t wechat.Title) map[int]wechat.Keyword {
	m := make(map[int]wechat.Keyword, len(t.Keywords))
	for _, k := range t.Keywords {
		m[k.ID] = k
	}
	return m
}

func count(changes []Change) Counts {
	counts := Counts{}
	for _, c := range changes {
		counts[c.What]++
	}
	return counts
}
