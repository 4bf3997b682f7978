package audit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Said is a part of WeChat's letter about a proposal, and the place it is about; Where is "" for the whole of it.
type Said struct {
	Where Place // "title", "scenario" or a keyword's name
	Text  string
}

// ReadLetter takes the letter by which WeChat refuses a proposal apart: every sentence that names the title, a keyword
// or the scenario stands at that place, the rest is about the whole and comes first. A sentence that names two
// keywords stands at both. Sentences of one place are joined as they came; nothing is left out.
//
// How WeChat words these letters is written down nowhere (assumed from those that developers have shown), so what is
// not understood is told of the whole.
func ReadLetter(letter string, p Proposal) []Said {
	var said []Said
	add := func(where Place, text string, newLine bool) {
		at := slices.IndexFunc(said, func(s Said) bool { return s.Where == where })
		if at < 0 {
			said = append(said, Said{where, text})
			return
		}
		if newLine {
			said[at].Text += "\n"
		}
		said[at].Text += text
	}
	for line := range strings.Lines(letter) {
		first := map[Place]bool{}
		for _, sentence := range sentencesOf(line) {
			for _, where := range p.namedIn(sentence) {
				add(where, sentence, !first[where])
				first[where] = true
			}
		}
	}
	slices.SortStableFunc(said, func(a, b Said) int { return placeRank(a.Where) - placeRank(b.Where) })
	return said
}

// placeRank orders places as they stand on a proposal, the whole first.
func placeRank(where Place) int {
	switch rest, keyword := strings.CutPrefix(where, "keywords["); {
	case where == "":
		return 0
	case where == "title":
		return 1
	case keyword:
		n, _ := strconv.Atoi(strings.TrimSuffix(rest, "].name"))
		return 3 + n
	}
	return 2
}

// sentencesOf splits a line behind the signs that end a sentence, unless they stand in quotes. Blank ones are left out.
func sentencesOf(line string) []string {
	var all []string
	keep := func(text string) {
		if text = strings.TrimFunc(text, unicode.IsSpace); text != "" {
			all = append(all, text)
		}
	}
	quotes, from := 0, 0
	for i, r := range line {
		switch {
		case strings.ContainsRune("“「『《【", r):
			quotes++
		case strings.ContainsRune("”」』》】", r):
			quotes = max(0, quotes-1)
		case quotes == 0 && strings.ContainsRune("。；！？;!?", r):
			end := i + len(string(r))
			keep(line[from:end])
			from = end
		}
	}
	keep(line[from:])
	return all
}

var (
	quoted    = regexp.MustCompile(`[“"「『《【']([^“”"「」『』《》【】']+)[”"」』》】']`)
	byNumber  = regexp.MustCompile(`(?i)(?:关键词|关键字|keyword)\s*([0-9０-９]{1,2}|[一二三四五六七八九十])`)
	byOrdinal = regexp.MustCompile(`第\s*([0-9０-９]{1,2}|[一二三四五六七八九十])\s*个?(?:关键词|关键字)`)
)

// namedIn answers the places that a sentence names, or the whole where it names none.
func (p Proposal) namedIn(sentence string) []Place {
	var places []Place
	name := func(where Place) {
		if !slices.Contains(places, where) {
			places = append(places, where)
		}
	}
	plain := sentence // what stands outside of quotes, and quotes of nothing that is known
	for _, m := range quoted.FindAllStringSubmatch(sentence, -1) {
		switch n := p.keywordCalled(m[1]); {
		case n >= 0:
			name(theKeyword(n))
		case tight(m[1]) == tight(p.Title) && p.Title != "":
			name("title")
		default:
			continue
		}
		plain = strings.Replace(plain, m[0], " ", 1)
	}
	for _, form := range []*regexp.Regexp{byNumber, byOrdinal} {
		for _, m := range form.FindAllStringSubmatch(plain, -1) {
			if n := ordinal(m[1]); n >= 1 && n <= len(p.Keywords) {
				name(theKeyword(n - 1))
			}
		}
	}
	if strings.Contains(plain, "标题") {
		name("title")
	} else if strings.Contains(plain, "场景") {
		name("scenario")
	}
	if len(places) == 0 {
		for _, n := range p.keywordsWithin(plain) {
			name(theKeyword(n))
		}
	}
	if len(places) == 0 {
		return []Place{""}
	}
	return places
}

func theKeyword(n int) Place { return "keywords[" + strconv.Itoa(n) + "].name" }

// keywordCalled is the keyword whose name or example a text is, -1 for none.
func (p Proposal) keywordCalled(text string) int {
	text = tight(text)
	for _, part := range []func(Keyword) string{
		func(k Keyword) string { return k.Name }, func(k Keyword) string { return k.Example },
	} {
		n := slices.IndexFunc(p.Keywords, func(k Keyword) bool { return text != "" && tight(part(k)) == text })
		if n >= 0 {
			return n
		}
	}
	return -1
}

// keywordsWithin are the keywords whose names of two letters or more stand in a sentence that is about keywords or
// examples, the longest name first: what a longer one covers is not counted for a shorter one.
func (p Proposal) keywordsWithin(sentence string) []int {
	if !strings.Contains(sentence, "关键") && !strings.Contains(sentence, "示例") && !strings.Contains(sentence, "例子") {
		return nil
	}
	order := make([]int, len(p.Keywords))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(p.Keywords[b].Name) - len(p.Keywords[a].Name) })
	var found []int
	for _, n := range order {
		if name := p.Keywords[n].Name; len([]rune(name)) > 1 && name != "关键词" && strings.Contains(sentence, name) {
			found = append(found, n)
			sentence = strings.ReplaceAll(sentence, name, " ")
		}
	}
	return found
}

// ordinal reads a number up to 99 in figures, or up to ten in characters; 0 for none.
func ordinal(text string) int {
	if at := slices.Index([]rune("一二三四五六七八九十"), []rune(text)[0]); at >= 0 {
		return at + 1
	}
	n, err := strconv.Atoi(tight(text))
	if err != nil {
		return 0
	}
	return n
}
