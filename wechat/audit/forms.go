package audit

import (
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

// thesaurus gives every group of words that readers take for one thing an id of
// its own; it too is built when it is first asked for.
func thesaurus(groups ...group[part]) func() *lexicon[meaning] {
	return sync.OnceValue(func() *lexicon[meaning] {
		l := emptyLexicon[meaning]()
		for i, g := range groups {
			id := firstMeaning + token(i)
			if g.sense == weak {
				id = weakMeaning + token(i)
			}
			for word := range strings.FieldsSeq(g.words) {
				l.add(word, meaning{id, g.sense})
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
