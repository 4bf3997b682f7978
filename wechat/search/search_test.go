package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"muban/wechat"
	"muban/wechat/search"
)

// oddLibrary is made of few characters, so that everything meets everything.
func oddLibrary(random *rand.Rand, n int) []wechat.Title {
	text := func(most int) string {
		var b strings.Builder
		for range random.IntN(most + 1) {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		return b.String()
	}
	titles := make([]wechat.Title, n)
	for i := range titles {
		titles[i] = wechat.Title{ID: fmt.Sprintf("AT%04d", random.IntN(50)*100+i), Text: text(7)}
		for k := range random.IntN(4) {
			titles[i].Keywords = append(titles[i].Keywords, wechat.Keyword{ID: k, Name: text(4), Example: text(8)})
		}
	}
	return titles
}

var alphabet = []rune("购买成功行银重置充值参加长通知提醒绿女帐账gmCｇ１2 ，ǖ\x00")

// oddQuery is something of the library, spelt or misspelt.
func oddQuery(random *rand.Rand, titles []wechat.Title) string {
	t := titles[random.IntN(len(titles))]
	text := []rune(t.Text)
	if len(t.Keywords) > 0 && random.IntN(2) == 0 {
		k := t.Keywords[random.IntN(len(t.Keywords))]
		text = []rune([]string{k.Name, k.Example, t.ID}[random.IntN(3)])
	}
	from := random.IntN(len(text) + 1)
	text = text[from : from+random.IntN(len(text)-from+1)]
	if random.IntN(2) == 0 {
		text = spell(random, text)
	}
	for range random.IntN(3) {
		text = slip(random, text)
	}
	return string(text)
}

func spell(random *rand.Rand, text []rune) []rune {
	var out []rune
	for _, r := range text {
		all := readings(r)
		switch what := random.IntN(4); {
		case len(all) == 0 || what == 0:
			out = append(out, r)
		case what == 1:
			out = append(out, rune(all[random.IntN(len(all))][0]))
		default:
			out = append(out, []rune(all[random.IntN(len(all))])...)
		}
	}
	return out
}

func slip(random *rand.Rand, text []rune) []rune {
	if len(text) == 0 {
		return []rune{alphabet[random.IntN(len(alphabet))]}
	}
	i := random.IntN(len(text))
	switch random.IntN(4) {
	case 0:
		return slices.Delete(slices.Clone(text), i, i+1)
	case 1:
		return slices.Insert(slices.Clone(text), i, alphabet[random.IntN(len(alphabet))])
	case 2:
		text = slices.Clone(text)
		text[i] = alphabet[random.IntN(len(alphabet))]
	default:
		text = slices.Clone(text)
		j := min(i+1, len(text)-1)
		text[i], text[j] = text[j], text[i]
	}
	return text
}

func TestSearchEqualsBruteForce(t *testing.T) {
	hows := map[search.How]int{}
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 7))
		titles := oddLibrary(random, 1+random.IntN(40))
		x := search.NewIndex(titles)
		for range 120 {
			query := oddQuery(random, titles)
			for _, m := range equalToBruteForce(t, x, titles, query) {
				hows[m.how]++
			}
		}
		for _, one := range alphabet { // and every single character, and every pair
			equalToBruteForce(t, x, titles, string(one))
			equalToBruteForce(t, x, titles, string([]rune{one, alphabet[random.IntN(len(alphabet))]}))
		}
	}
	for _, how := range []search.How{"", search.Literal, search.Pinyin, search.Near} {
		if hows[how] < 200 {
			t.Errorf("only %d matches by %q: the test says little", hows[how], how)
		}
	}
}

func equalToBruteForce(t *testing.T, x *search.Index, titles []wechat.Title, query string) []match {
	t.Helper()
	want := naive(titles, query)
	r := x.Search(search.Query{Text: query, Count: len(titles)})
	got := matches(r)
	if r.Total != len(want) || !slices.Equal(got, want) {
		t.Fatalf("%q:\n got %v of %d\nwant %v", query, got, r.Total, want)
	}
	for _, h := range r.Hits {
		sensible(t, query, h)
	}
	if again := x.Search(search.Query{Text: query, Offset: 3, Count: 2}); r.Total > 3 &&
		!slices.Equal(matches(again), want[3:min(5, len(want))]) {
		t.Fatalf("%q: the second page is not a part of the whole", query)
	}
	return want
}

func matches(r search.Result) []match {
	var all []match
	for _, h := range r.Hits {
		all = append(all, match{h.Title.ID, h.How, h.Where, h.Keyword})
	}
	return all
}

// sensible checks what is highlighted: some part of the text, between characters, and for
// a literal match the query itself.
func sensible(t *testing.T, query string, h search.Hit) {
	t.Helper()
	text := textOf(h)
	if h.How == "" {
		if h.Spans != nil {
			t.Fatalf("%v is highlighted though nothing was asked for", h.Spans)
		}
		return
	}
	if len(h.Spans) == 0 {
		t.Fatalf("%q: nothing of %q is highlighted", query, text)
	}
	end := 0
	for _, s := range h.Spans {
		if s[0] < end || s[1] <= s[0] || s[1] > len(text) || !utf8.RuneStart((text + "x")[s[0]]) ||
			!utf8.RuneStart((text + "x")[s[1]]) {
			t.Fatalf("%q: %v of %q", query, h.Spans, text)
		}
		end = s[1]
		if part := plain(text[s[0]:s[1]]); h.How == search.Literal &&
			!slices.ContainsFunc(strings.Fields(plain(query)),
				func(word string) bool { return strings.Contains(part, word) }) {
			t.Fatalf("%q: %q of %q is highlighted", query, part, text)
		}
	}
}

func textOf(h search.Hit) string {
	switch h.Where {
	case search.InTitle:
		return h.Title.Text
	case search.InID:
		return h.Title.ID
	case search.InKeyword:
		return h.Title.Keywords[h.Keyword].Name
	}
	return h.Title.Keywords[h.Keyword].Example
}

// FuzzSearch looks for panics, and for anything that brute force sees differently.
func FuzzSearch(f *testing.F) {
	titles := oddLibrary(rand.New(rand.NewPCG(1, 2)), 30)
	titles = append(titles, wechat.Title{ID: "AT\xff", Text: "坏\xff的İȺ字ｎｏ",
		Keywords: []wechat.Keyword{{Name: "", Example: "𠀀〇々"}}})
	x := search.NewIndex(titles)
	for _, seed := range []string{"", " ", "gmcg", "购买", "\xff", "İ", "ⱥ", "yin'hang", "ü", "zhzhzhzh", "a-b",
		"AT\xff", "𠀀", strings.Repeat("a", 64), strings.Repeat("行", 70)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if len(query) > 200 {
			return // brute force takes too long
		}
		equalToBruteForce(t, x, titles, query)
	})
}
