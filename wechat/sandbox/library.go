package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"muban/wechat"
)

// realTitles are the titles of WeChat's library that public sources tell of, a line each.
// Keywords whose id no source tells stand in names_without_id and get ids that are free;
// the same list completes short ones. Where id_assumed is set, the title's id is ours too.
//
//go:embed library.jsonl
var realTitles string

// shelfEnd is the highest id, as a number. In the documentation's day there were ids up to
// at least AT2430.
const shelfEnd = 2440

// Library is the title library: the titles known from WeChat first, in the order of the
// file, then as many composed ones as the scenes give. It is the same for the same seed.
func Library(seed uint64) []wechat.Title {
	known := newGlossary(words, rand.New(rand.NewPCG(seed, 1)))
	titles := readTitles(realTitles, known)
	composed := composeTitles(scenes, known)
	random := rand.New(rand.NewPCG(seed, 2))
	random.Shuffle(len(composed), func(i, j int) { composed[i], composed[j] = composed[j], composed[i] })
	for i, n := range scatter(len(composed), free(titles), random) {
		composed[i].ID = fmt.Sprintf("AT%04d", n)
		number(composed[i].Keywords, random)
	}
	return append(titles, composed...)
}

// WriteLibrary writes titles as JSON lines, the form that `muban audit -library` reads:
// {"id","title","keywords":[{"keyword_id","name","example"}]}; those of subscribe messages have a type, categories and
// the rule of each keyword besides.
func WriteLibrary(w io.Writer, titles []wechat.Title) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, t := range titles {
		line := struct {
			ID         string        `json:"id"`
			Title      string        `json:"title"`
			Type       int           `json:"type,omitempty"`
			Categories []string      `json:"categories,omitempty"`
			Keywords   []keywordLine `json:"keywords"`
		}{t.ID, t.Text, t.Type, t.Categories, keywordLines(t.Keywords)}
		if err := e.Encode(line); err != nil {
			return fmt.Errorf("sandbox: write library: %w", err)
		}
	}
	return nil
}

// realTitle is a line of realTitles.
type realTitle struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Keywords []keywordLine `json:"keywords"`
	Names    []string      `json:"names_without_id"`
}

func readTitles(lines string, known *glossary) []wechat.Title {
	var titles []wechat.Title
	for line := range strings.Lines(lines) {
		var t realTitle
		if err := json.Unmarshal([]byte(line), &t); err != nil {
			panic("sandbox: library.jsonl: " + err.Error()) // embedded: a test reads it
		}
		titles = append(titles, wechat.Title{ID: t.ID, Text: t.Title, Keywords: t.keywords(known)})
	}
	return titles
}

// keywords are in the order of their ids.
func (t realTitle) keywords(known *glossary) []wechat.Keyword {
	taken := map[int]bool{}
	var keywords []wechat.Keyword
	for _, k := range t.Keywords {
		taken[k.ID] = true
		if k.Example == "" {
			k.Example = known.example(k.Name)
		}
		keywords = append(keywords, wechat.Keyword{ID: k.ID, Name: k.Name, Example: k.Example})
	}
	id := 1
	for _, name := range t.Names {
		for taken[id] {
			id++
		}
		keywords = append(keywords, wechat.Keyword{ID: id, Name: name, Example: known.example(name)})
		id++
	}
	slices.SortFunc(keywords, func(a, b wechat.Keyword) int { return a.ID - b.ID })
	return keywords
}

// free are the numbers that no title has yet, ascending. Those below 10 are WeChat's own.
func free(titles []wechat.Title) []int {
	taken := map[int]bool{}
	for _, t := range titles {
		n, _ := strconv.Atoi(strings.TrimPrefix(t.ID, "AT"))
		taken[n] = true
	}
	var numbers []int
	for n := 10; n <= shelfEnd; n++ {
		if !taken[n] {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// scatter picks n of the numbers, ascending and with gaps of chance all the way.
func scatter(n int, numbers []int, random *rand.Rand) []int {
	picked := make([]int, n)
	for i := range picked {
		from, to := i*len(numbers)/n, (i+1)*len(numbers)/n
		picked[i] = numbers[from+random.IntN(to-from)]
	}
	return picked
}

// number gives keywords ids that ascend, with a gap now and then.
func number(keywords []wechat.Keyword, random *rand.Rand) {
	id := 0
	for i := range keywords {
		id++
		if random.IntN(8) == 0 {
			id += 1 + random.IntN(3)
		}
		keywords[i].ID = id
	}
}
