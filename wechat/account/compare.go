package account

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

// Relation says how a template of one account stands to one of another.
type Relation string

const (
	Same      Relation = "same"       // title and keywords are equal, in order
	Reordered Relation = "reordered"  // title and keywords are equal, in another order
	Differs   Relation = "differs"    // the same title or a similar one, with other keywords
	OnlyHere  Relation = "only_here"  // There is nil
	OnlyThere Relation = "only_there" // Here is nil
)

// Relations lists them all, so that a catalogue of texts can be proved complete.
func Relations() []Relation { return []Relation{Same, Reordered, Differs, OnlyHere, OnlyThere} }

// Pair is a template of the account here beside the one of the account there that it is like.
type Pair struct {
	Relation    Relation
	Here, There *wechat.Template
	// HereAlone and ThereAlone are the names of keywords that the other one lacks; nil unless the two differ.
	HereAlone, ThereAlone []string
}

// Compare pairs the templates of two accounts, each once: what is equal first, then what is most
// alike. The pairs are in the order of here, then of there.
func Compare(here, there []wechat.Template) []Pair {
	c := comparison{here: sidesOf(here), there: sidesOf(there)}
	c.pairEqual(Same, func(s *side) string { return s.t.Title + "\n" + strings.Join(s.names, "\n") })
	c.pairEqual(Reordered, func(s *side) string {
		return s.t.Title + "\n" + strings.Join(slices.Sorted(slices.Values(s.names)), "\n")
	})
	c.pairSimilar()
	return c.pairs()
}

// comparison is the pairing under way.
type comparison struct{ here, there []side }

// side is one template and what it was paired with.
type side struct {
	t        wechat.Template
	names    []string // of its keywords, in order
	relation Relation // "" until it is paired
	other    *side
}

func sidesOf(all []wechat.Template) []side {
	sides := make([]side, len(all))
	for i, t := range all {
		sides[i].t = t
		for _, f := range kind.Of(t).Fields(t) {
			sides[i].names = append(sides[i].names, f.Name)
		}
	}
	return sides
}

func join(r Relation, a, b *side) {
	a.relation, a.other = r, b
	b.relation, b.other = r, a
}

// pairEqual pairs what has the same key and is not paired yet; of several the first.
func (c *comparison) pairEqual(r Relation, key func(*side) string) {
	waiting := map[string][]*side{}
	for i := range c.there {
		if b := &c.there[i]; b.relation == "" {
			waiting[key(b)] = append(waiting[key(b)], b)
		}
	}
	for i := range c.here {
		a := &c.here[i]
		if a.relation != "" || len(waiting[key(a)]) == 0 {
			continue
		}
		join(r, a, waiting[key(a)][0])
		waiting[key(a)] = waiting[key(a)][1:]
	}
}

// pairSimilar pairs what is left by its title, as a reviewer would take it for the same: equal titles
// before similar ones, and of those the ones with the most keywords in common.
func (c *comparison) pairSimilar() {
	likenesses := c.likenesses()
	slices.SortStableFunc(likenesses, func(a, b likeness) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.common, a.common))
	})
	for _, l := range likenesses {
		if l.a.relation == "" && l.b.relation == "" {
			join(Differs, l.a, l.b)
		}
	}
}

// likeness is a pair that may be made.
type likeness struct {
	a, b   *side
	rank   int // 0: the same title; then the more alike, the smaller
	common int // keywords
}

func (c *comparison) likenesses() []likeness {
	var all []likeness
	index := audit.NewIndex(c.unpaired())
	for i := range c.here {
		a := &c.here[i]
		if a.relation != "" {
			continue
		}
		for _, same := range index.Same(a.t.Title) {
			all = append(all, c.likeness(a, same, 0))
		}
		for rank, near := range index.Nearest(a.t.Title, len(c.there)) {
			all = append(all, c.likeness(a, near, rank+1))
		}
	}
	return all
}

// unpaired are the titles there that nothing was found for, by their places.
func (c *comparison) unpaired() []audit.Existing {
	var titles []audit.Existing
	for i, b := range c.there {
		if b.relation == "" {
			titles = append(titles, audit.Existing{ID: strconv.Itoa(i), Title: b.t.Title, Source: audit.SourceTemplate})
		}
	}
	return titles
}

func (c *comparison) likeness(a *side, found audit.Existing, rank int) likeness {
	i, err := strconv.Atoi(found.ID)
	if err != nil {
		panic(err) // the ids are unpaired's
	}
	b := &c.there[i]
	return likeness{a, b, rank, len(a.names) - len(without(a.names, b.names))}
}

func (c *comparison) pairs() []Pair {
	pairs := make([]Pair, 0, len(c.here)+len(c.there))
	for i := range c.here {
		a := &c.here[i]
		p := Pair{Relation: OnlyHere, Here: &a.t}
		if a.other != nil {
			p.Relation, p.There = a.relation, &a.other.t
		}
		if a.relation == Differs {
			p.HereAlone, p.ThereAlone = without(a.names, a.other.names), without(a.other.names, a.names)
		}
		pairs = append(pairs, p)
	}
	for i := range c.there {
		if b := &c.there[i]; b.other == nil {
			pairs = append(pairs, Pair{Relation: OnlyThere, There: &b.t})
		}
	}
	return pairs
}

// without is names less others, each as often as it is there.
func without(names, others []string) []string {
	others = slices.Clone(others)
	var left []string
	for _, name := range names {
		if at := slices.Index(others, name); at >= 0 {
			others = slices.Delete(others, at, at+1)
			continue
		}
		left = append(left, name)
	}
	return left
}
