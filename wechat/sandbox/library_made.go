package sandbox

import (
	_ "embed"
	"math/rand/v2"
	"slices"
	"strings"

	"muban/wechat"
)

// scenes is the table of lines of business that titles are composed from; its own
// comment says how it is written.
//
//go:embed scenes.txt
var scenes string

// words says what stands as an example for a keyword.
//
//go:embed words.txt
var words string

// composeTitles makes a title of every event in the table. They have no ids yet.
func composeTitles(table string, known *glossary) []wechat.Title {
	var events []event
	var titles []wechat.Title
	for line := range entries(table) {
		head, tail, _ := strings.Cut(line, "：")
		if name, isEvent := strings.CutPrefix(head, "@"); isEvent {
			events = append(events, event{name, strings.Fields(tail)})
			continue
		}
		happenings, keywords, _ := strings.Cut(tail, "|")
		common := strings.Fields(keywords)
		for happening := range strings.FieldsSeq(happenings) {
			title := head + happening
			names := slices.Concat(common, follow(title, events))
			titles = append(titles, wechat.Title{Text: title, Keywords: known.keywords(names)})
		}
	}
	return titles
}

// event is a part of titles that brings keywords with it: 取消 brings 取消原因.
type event struct {
	name     string
	keywords []string
}

func follow(title string, events []event) []string {
	var keywords []string
	for _, e := range events {
		if strings.Contains(title, e.name) {
			keywords = append(keywords, e.keywords...)
		}
	}
	return keywords
}

// entries yields the lines that are neither empty, nor comments, nor headings.
func entries(table string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(table) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "//") || line[0] == '#' {
				continue
			}
			if !yield(line) {
				return
			}
		}
	}
}

// glossary knows fitting examples for keywords.
type glossary struct {
	byName   map[string][]string
	byEnding map[string][]string // 时间: fits every name that ends so
	random   *rand.Rand
}

func newGlossary(table string, random *rand.Rand) *glossary {
	g := &glossary{byName: map[string][]string{}, byEnding: map[string][]string{}, random: random}
	for line := range entries(table) {
		name, examples, _ := strings.Cut(line, " = ")
		into := g.byName
		if ending, isEnding := strings.CutPrefix(name, "*"); isEnding {
			name, into = ending, g.byEnding
		}
		into[name] = strings.Split(examples, " / ")
	}
	return g
}

// example picks one that fits the name, or "" where the glossary has none.
func (g *glossary) example(name string) string {
	examples, listed := g.byName[name]
	if !listed {
		examples = g.forEnding(name)
		g.byName[name] = examples
	}
	if len(examples) == 0 {
		return ""
	}
	return examples[g.random.IntN(len(examples))]
}

// forEnding finds the examples for the longest ending listed.
func (g *glossary) forEnding(name string) []string {
	for i := range name {
		if examples, listed := g.byEnding[name[i:]]; listed {
			return examples
		}
	}
	return nil
}

// keywords makes keywords of names or of name=example. The first of equal names counts.
func (g *glossary) keywords(names []string) []wechat.Keyword {
	keywords := make([]wechat.Keyword, 0, len(names))
	for _, name := range names {
		name, example, given := strings.Cut(name, "=")
		if slices.ContainsFunc(keywords, func(k wechat.Keyword) bool { return k.Name == name }) {
			continue
		}
		if !given {
			example = g.example(name)
		}
		keywords = append(keywords, wechat.Keyword{Name: name, Example: example})
	}
	return keywords
}
