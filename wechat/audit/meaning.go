package audit

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// part is what a word does in a title when two titles are compared (审核说明 1.2).
type part uint8

const (
	subject part = iota // what the title is about; titles on different subjects differ
	deed                // what happened: titles of different deeds differ, however alike they look
	weak                // a subject so general that a reader hardly notices it: 订单, 商品
	silent              // says nothing: dropped before comparing
)

// meaning is what a word stands for: the words of one group mean one thing.
type meaning struct {
	id   token
	part part
}

// token is one thing that a text says: the id of a meaning, or the rune itself
// where no table knows the word.
type token uint32

// firstMeaning keeps the ids of meanings apart from runes, and weakMeaning those
// of weak ones apart from the others, so that a token alone tells its weight.
const (
	firstMeaning token = unicode.MaxRune + 1
	weakMeaning  token = firstMeaning << 1
)

// weight is how much a reader goes by the token: by a word twice as much as by
// a character, for it has two, and by a general word hardly at all.
func (t token) weight() int {
	switch {
	case t >= weakMeaning:
		return 1
	case t >= firstMeaning:
		return 4
	}
	return 2
}

// readThesaurus reads a table in which each line holds words that readers take
// for one thing, and gives each line an id of its own.
func readThesaurus(name string) func() *lexicon[meaning] {
	parts := map[string]part{"subject": subject, "deed": deed, "weak": weak, "silent": silent}
	return sync.OnceValue(func() *lexicon[meaning] {
		l := emptyLexicon[meaning]()
		id := firstMeaning
		for _, s := range sections(name) {
			sense := parts[s.sense]
			for _, line := range s.lines {
				own := id
				if sense == weak {
					own += weakMeaning - firstMeaning
				}
				for word := range strings.FieldsSeq(line) {
					l.add(word, meaning{own, sense})
				}
				id++
			}
		}
		return l
	})
}

// form is a title reduced to what it says: the deeds, and all tokens. Both are
// sorted sets, for 支付订单成功 and 订单支付成功 say the same.
type form struct {
	deeds  uint64 // a hash of the deeds: forms of different deeds are never similar
	tokens []token
	weight int // of all tokens together
}

// formOf reduces a text, which has to be tight. The tokens are appended to buf,
// so that a caller with a buffer on its stack costs no allocation.
func formOf(words *lexicon[meaning], text string, buf []token) form {
	tokens := buf
	var deeds [8]token
	done := deeds[:0]
	for len(text) > 0 {
		piece, m, known := words.next(text)
		text = text[len(piece):]
		switch {
		case !known:
			tokens = append(tokens, token([]rune(piece)[0]))
		case m.part != silent:
			tokens = append(tokens, m.id)
			if m.part == deed {
				done = append(done, m.id)
			}
		}
	}
	tokens, done = sortedSet(tokens), sortedSet(done)
	f := form{deeds: hashOf(done), tokens: tokens}
	for _, t := range tokens {
		f.weight += t.weight()
	}
	return f
}

func sortedSet(tokens []token) []token {
	slices.Sort(tokens)
	return slices.Compact(tokens)
}

// hashOf is FNV-1a over the tokens: the same for equal sets, in every process.
func hashOf(tokens []token) uint64 {
	h := uint64(14695981039346656037)
	for _, t := range tokens {
		h = (h ^ uint64(t)) * 1099511628211
	}
	return h
}

// withoutWeak hashes the tokens that a reader goes by: 订单号 and 单号 are near.
func (f form) withoutWeak() uint64 {
	h := uint64(14695981039346656037)
	for _, t := range f.tokens {
		if t < weakMeaning {
			h = (h ^ uint64(t)) * 1099511628211
		}
	}
	return h
}

// Existing is a title that is known elsewhere.
type Existing struct {
	ID     string
	Title  string
	Source string // "library", "template" or "draft"
	// Keywords are the names that a title of the library has; empty where nobody knows them.
	Keywords []string
}

// Index finds the titles that equal a title, or that a reader would take for
// it. It does not change once built, and may be read by many at once.
type Index struct {
	titles []Existing
	equal  map[string][]int32    // by tight title: one title may stand under several ids
	deeds  map[uint64]*sameDeeds // by what happened: titles of different deeds are never similar
	byID   map[string]int32      // library titles alone
}

// sameDeeds are the titles that tell of the same deeds.
type sameDeeds struct {
	members  []member
	postings map[token][]int32 // which members hold a token, by their place in members
}

type member struct {
	title  int32 // in Index.titles
	weight int32 // of its form
}

// NewIndex builds the index of titles. It takes some ten milliseconds for ten thousand.
func NewIndex(titles []Existing) *Index {
	x := &Index{
		titles: slices.Clone(titles),
		equal:  make(map[string][]int32, len(titles)),
		deeds:  map[uint64]*sameDeeds{},
		byID:   make(map[string]int32, len(titles)),
	}
	for i := range titles {
		x.add(int32(i))
	}
	return x
}

func (x *Index) add(i int32) {
	e := &x.titles[i]
	text := tight(e.Title)
	x.equal[text] = append(x.equal[text], i)
	if e.Source == SourceLibrary {
		x.byID[e.ID] = i
	}
	f := formOf(titleMeanings(), text, nil)
	group := x.deeds[f.deeds]
	if group == nil {
		group = &sameDeeds{postings: map[token][]int32{}}
		x.deeds[f.deeds] = group
	}
	for _, t := range f.tokens {
		group.postings[t] = append(group.postings[t], int32(len(group.members)))
	}
	group.members = append(group.members, member{title: i, weight: int32(f.weight)})
}

// The places where a title can be known.
const (
	SourceLibrary  = "library"
	SourceTemplate = "template"
	SourceDraft    = "draft"
)

// isTitle says whether the library holds this very title under this id.
func (x *Index) isTitle(id, title string) bool {
	if x == nil {
		return false
	}
	i, ok := x.byID[id]
	return ok && tight(x.titles[i].Title) == tight(title)
}

// Nearest returns at most limit titles that a reader would take for title, best
// first. Titles that equal it are not among them: those are Same.
func (x *Index) Nearest(title string, limit int) []Existing {
	text := tight(title)
	matches, n := x.matches(text, limit)
	return x.existing(matches[:n])
}

// Same returns the titles that equal title but for white space, width and case.
func (x *Index) Same(title string) []Existing {
	if x == nil {
		return nil
	}
	var same []Existing
	for _, i := range x.equal[tight(title)] {
		same = append(same, x.titles[i])
	}
	return same
}

// match is a similar title and how similar it is, in thousandths.
type match struct{ title, score int32 }

// The scores from which titles are named. A score is the share of weight that
// two forms have in common (Dice): 822 lets a general word be missing
// (订单支付成功, 支付成功), but no word of substance (尾款支付, 支付).
const (
	similarScore = 822
	sameScore    = 1000
	maxNearest   = 5
)

// matches finds the best matches of a tight title, best first.
func (x *Index) matches(text string, limit int) (best [maxNearest + 1]match, n int) {
	if x == nil || limit <= 0 {
		return best, 0
	}
	var buf [48]token
	f := formOf(titleMeanings(), text, buf[:0])
	group := x.deeds[f.deeds]
	if group == nil {
		return best, 0
	}
	limit = min(limit, maxNearest)
	shared := group.shared(f.tokens)
	for i, m := range group.members {
		score := dice(int(shared[i]), f.weight, int(m.weight))
		if score < similarScore || n == limit && score <= best[n-1].score || tight(x.titles[m.title].Title) == text {
			continue
		}
		n = insert(&best, n, limit, match{m.title, score})
	}
	return best, n
}

// shared adds up, for every member, the weight of the tokens it has in common with the given ones.
func (g *sameDeeds) shared(tokens []token) []uint16 {
	sums := make([]uint16, len(g.members))
	for _, t := range tokens {
		w := uint16(t.weight())
		for _, i := range g.postings[t] {
			sums[i] += w
		}
	}
	return sums
}

func dice(shared, a, b int) int32 {
	if a+b == 0 {
		return 0
	}
	return int32(2000 * shared / (a + b))
}

// insert keeps the best matches in order; of equal ones the earlier title stays first.
func insert(best *[maxNearest + 1]match, n, limit int, m match) int {
	at := n
	for at > 0 && best[at-1].score < m.score {
		at--
	}
	copy(best[at+1:], best[at:min(n, len(best)-1)])
	best[at] = m
	return min(n+1, limit)
}

func (x *Index) existing(matches []match) []Existing {
	if len(matches) == 0 {
		return nil
	}
	found := make([]Existing, len(matches))
	for i, m := range matches {
		found[i] = x.titles[m.title]
	}
	return found
}

// byPlace orders equal titles as a page names them: the library first, then ids.
func byPlace(a, b Existing) int {
	rank := func(e Existing) int { return strings.Index("library template draft", e.Source) }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID))
}

func sortByPlace(found []Existing) { slices.SortStableFunc(found, byPlace) }
