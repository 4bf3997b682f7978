package search_test

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"muban/wechat"
	"muban/wechat/search"
)

// match is what a search says of one title.
type match struct {
	id      string
	how     search.How
	where   search.Where
	keyword int
}

// candidate is one text of one title.
type candidate struct {
	match
	text         []rune // folded
	title, place int
	slips        int
}

// naive looks at every text of every title, one after another, as the documentation of
// Search says and with nothing of its making.
func naive(titles []wechat.Title, query string) []match {
	q := []rune(strings.TrimSpace(plain(query)))
	var all []candidate
	for i, t := range titles {
		add := func(where search.Where, place, keyword int, text string) {
			all = append(all, candidate{match{t.ID, "", where, keyword}, []rune(plain(text)), i, place, 0})
		}
		add(search.InTitle, 0, -1, t.Text)
		add(search.InID, 1, -1, t.ID)
		for k, w := range t.Keywords {
			add(search.InKeyword, 2, k, w.Name)
			add(search.InExample, 3, k, w.Example)
		}
	}
	if len(q) == 0 {
		return everyTitle(all)
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Or(a.place-b.place, len(a.text)-len(b.text)) })
	taken := map[int]bool{}
	words := strings.Fields(string(q))
	hits := choose(all, taken, search.Literal, func(c *candidate) bool {
		return strings.Contains(string(c.text), words[0]) && !slices.ContainsFunc(words[1:], func(word string) bool {
			return !slices.ContainsFunc(all, func(o candidate) bool {
				return o.title == c.title &&
					strings.Contains(string(o.text), word)
			})
		})
	})
	lettered := slices.ContainsFunc(q, isSmall)
	if lettered || len(hits) == 0 {
		hits = append(hits, choose(all, taken, search.Pinyin,
			func(c *candidate) bool { return c.spoken() && sounds(c.text, syllabic(q)) })...)
	}
	if len(hits) > 0 {
		return hits
	}
	most := forgiven(q)
	for i := range all {
		all[i].slips = all[i].slipsFrom(q)
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.slips - b.slips })
	return choose(all, taken, search.Near, func(c *candidate) bool { return c.spoken() && c.slips <= most })
}

func everyTitle(all []candidate) (hits []match) {
	for _, c := range all {
		if c.where == search.InTitle {
			hits = append(hits, c.match)
		}
	}
	return hits
}

func choose(all []candidate, taken map[int]bool, how search.How, fits func(*candidate) bool) (hits []match) {
	for i := range all {
		c := &all[i]
		if !taken[c.title] && fits(c) {
			taken[c.title] = true
			c.how = how
			hits = append(hits, c.match)
		}
	}
	return hits
}

func (c *candidate) spoken() bool { return c.where == search.InTitle || c.where == search.InKeyword }

func isSmall(r rune) bool { return r >= 'a' && r <= 'z' }

func plain(s string) string {
	var out []rune
	for _, r := range s {
		if r == '　' {
			r = ' '
		}
		if r > 0xff00 && r < 0xff5f {
			r -= 0xfee0
		}
		if r == '帐' {
			r = '账'
		}
		out = append(out, unicode.ToLower(r))
	}
	return string(out)
}

func readings(r rune) []string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	var all []string
	if r < 0x4e00 || r > 0x9fff {
		return nil
	}
	for _, s := range pinyin.SinglePinyin(r, args) {
		if !slices.Contains(all, s) && !strings.ContainsFunc(s, func(r rune) bool { return !isSmall(r) }) {
			all = append(all, s)
		}
	}
	return all
}

// syllabic is a query without what people put between syllables.
func syllabic(q []rune) []rune {
	q = slices.DeleteFunc(slices.Clone(q), func(r rune) bool { return strings.ContainsRune(" '’-", r) })
	for i, r := range q {
		if r == 'ü' {
			q[i] = 'v'
		}
	}
	return q
}

func sounds(text, q []rune) bool {
	if len(q) == 0 || len(q) > 63 || !isSmall(q[0]) && readings(q[0]) == nil {
		return false
	}
	for from := range text {
		if sound(text[from:], q) {
			return true
		}
	}
	return false
}

func sound(text, q []rune) bool {
	if len(q) == 0 {
		return true
	}
	if len(text) == 0 {
		return false
	}
	if q[0] == text[0] && sound(text[1:], q[1:]) {
		return true
	}
	if !isSmall(q[0]) {
		return slices.ContainsFunc(readings(q[0]),
			func(s string) bool { return slices.Contains(readings(text[0]), s) }) && sound(text[1:], q[1:])
	}
	for _, s := range readings(text[0]) {
		if strings.HasPrefix(s, string(q)) {
			return true
		}
		takes := []string{s, s[:1]}
		if strings.HasPrefix(s, "zh") || strings.HasPrefix(s, "ch") || strings.HasPrefix(s, "sh") {
			takes = append(takes, s[:2])
		}
		for _, take := range takes {
			if strings.HasPrefix(string(q), take) && sound(text[1:], q[len(take):]) {
				return true
			}
		}
	}
	return false
}

// spelt says whether a misspelt query is one in pinyin.
func spelt(q []rune) bool {
	return !slices.ContainsFunc(q, func(r rune) bool { return !isSmall(r) && !strings.ContainsRune(" '’-", r) })
}

func forgiven(q []rune) int {
	n, first, second := len(q), 3, 6
	if spelt(q) {
		n, first, second = len(letters(q)), 4, 8
	}
	switch {
	case n == 2 && len(q) == 2:
		return 1
	case n < first || n > 63:
		return -1
	case n < second:
		return 1
	}
	return 2
}

func letters(q []rune) []rune {
	return slices.DeleteFunc(slices.Clone(q), func(r rune) bool { return !isSmall(r) })
}

func (c *candidate) slipsFrom(q []rune) int {
	const far = 100
	switch {
	case len(q) == 2:
		if strings.Contains(string(c.text), string([]rune{q[1], q[0]})) {
			return 0
		}
		return far
	case !spelt(q):
		return fewest(q, c.text)
	case c.where != search.InTitle:
		return far
	}
	least := far
	for _, spelling := range spellings(c.text) {
		least = min(least, fewest(letters(q), []rune(spelling)))
	}
	return least
}

// spellings have at most one character that is not read as it commonly is.
func spellings(text []rune) []string {
	common := func(r rune) string {
		if all := readings(r); len(all) > 0 {
			return all[0]
		}
		return string(r)
	}
	var all []string
	for odd := -1; odd < len(text); odd++ {
		var others []string
		if odd >= 0 {
			others = readings(text[odd])
		} else {
			others = []string{""}
		}
		for _, other := range others {
			s := ""
			for i, r := range text {
				if i == odd {
					s += other
				} else {
					s += common(r)
				}
			}
			all = append(all, s)
		}
	}
	return all
}

// fewest is the table of distances, the first row of zeros: the match may begin anywhere.
func fewest(q, text []rune) int {
	d := make([][]int, len(q)+1)
	for i := range d {
		d[i] = make([]int, len(text)+1)
		d[i][0] = i
	}
	for i := 1; i <= len(q); i++ {
		for j := 1; j <= len(text); j++ {
			cost := 1
			if q[i-1] == text[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && q[i-1] == text[j-2] && q[i-2] == text[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return slices.Min(d[len(q)])
}
