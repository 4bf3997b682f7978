package audit

import (
	"slices"
	"strconv"
	"strings"
)

// sameKeyword applies 审核说明 2.1 and 2.2: the later of two keywords is the one named.
func sameKeyword(p *proposal) []Finding {
	var found []Finding
	var met metKeywords
	for i, name := range p.names {
		if name == "" {
			continue
		}
		var buf [24]token
		first, how := met.meet(name, formOf(keywordMeanings(), name, buf[:0]), i)
		if how != unlike {
			found = append(found, p.repeated(first, i, how))
		}
	}
	return found
}

func (p *proposal) repeated(first, i int, how likeness) Finding {
	finding := Finding{Rule: RuleSimilarKeyword, at: nameOf(i)}
	switch how {
	case sameName:
		finding.Rule, finding.Level, finding.Key = RuleSameKeyword, Error, "keyword.same"
	case sameMeaning:
		finding.Level, finding.Key = Error, "keyword.similar"
	case nearMeaning:
		finding.Level, finding.Key = Warning, "keyword.near"
	}
	if how != sameName && (p.combination || strings.ReplaceAll(p.names[i], "编号", "号码") == p.names[first] ||
		strings.ReplaceAll(p.names[first], "编号", "号码") == p.names[i]) {
		// One approved title of the library holds 订单编号 beside 订单号码.
		finding.Level, finding.Key = Note, "keyword.alike"
	}
	finding.Args = map[string]string{
		"name": p.Keywords[i].Name, "other": p.Keywords[first].Name, "position": strconv.Itoa(first + 1),
	}
	return finding
}

// knownKeyword applies 2.1 to a keyword that is asked for under a title of the
// library which has it already, perhaps as another type of value: reviewers
// refuse it as "exists already" (a thread of 2024 on 服务人员).
func knownKeyword(p *proposal) []Finding {
	x := p.options.Index
	if x == nil || p.combination {
		return nil
	}
	var found []Finding
	for _, t := range x.equal[p.title] {
		for i, name := range p.names {
			known, ok := x.titles[t].keywordLike(name)
			if !ok || name == "" {
				continue
			}
			found = append(found, Finding{
				Rule: RuleSameKeyword, Level: Warning, Key: "keyword.known", at: nameOf(i),
				Args: map[string]string{
					"name": p.Keywords[i].Name, "other": known, "title": x.titles[t].Title, "id": x.titles[t].ID,
				},
			})
		}
	}
	return found
}

// keywordLike returns the keyword of a known title that says what a tight name says.
func (e Existing) keywordLike(name string) (string, bool) {
	var own, other [24]token
	f := formOf(keywordMeanings(), name, own[:0])
	for _, k := range e.Keywords {
		text := tight(k)
		g := formOf(keywordMeanings(), text, other[:0])
		if text == name || len(f.tokens) > 0 && slices.Equal(f.tokens, g.tokens) {
			return k, true
		}
	}
	return "", false
}

// metKeywords remembers the keywords of a proposal that were met so far.
type metKeywords struct {
	names, meanings, nears earlier
}

// likeness is how much a keyword is like an earlier one.
type likeness uint8

const (
	unlike      likeness = iota
	sameName             // 2.1
	sameMeaning          // 2.2: 购买时间 and 购买日期
	nearMeaning          // 2.2, but for a word that a reader hardly notices: 单号 and 订单号
)

// meet returns how keyword i is like an earlier one, and which. It is
// remembered in either case.
func (m *metKeywords) meet(name string, f form, i int) (first int, l likeness) {
	inName, again := m.names.meet(hashText(name), i)
	if len(f.tokens) == 0 {
		if again {
			return inName, sameName
		}
		return i, unlike
	}
	inMeaning, alike := m.meanings.meet(hashOf(f.tokens), i)
	inNear, near := 0, false
	if f.tokens[0] < weakMeaning { // sorted: some token is not weak
		inNear, near = m.nears.meet(f.withoutWeak(), i)
	}
	switch {
	case again:
		return inName, sameName
	case alike:
		return inMeaning, sameMeaning
	case near:
		return inNear, nearMeaning
	}
	return i, unlike
}

// earlier remembers hashes and which keyword had them first. The keywords of a
// real template fit into the array; only a longer list costs a map.
type earlier struct {
	few  [16]firstSeen
	n    int
	more map[uint64]int
}

type firstSeen struct {
	hash uint64
	at   int
}

func (e *earlier) meet(hash uint64, at int) (first int, again bool) {
	for _, s := range e.few[:e.n] {
		if s.hash == hash {
			return s.at, true
		}
	}
	if first, again = e.more[hash]; again {
		return first, true
	}
	switch {
	case e.n < len(e.few):
		e.few[e.n] = firstSeen{hash, at}
		e.n++
	case e.more == nil:
		e.more = map[uint64]int{hash: at}
	default:
		e.more[hash] = at
	}
	return at, false
}

// hashText is FNV-1a, as hashOf is.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// keywordMeanings: the same for keywords under one title (审核说明 2.2).
// Here it is the name of a thing that is compared, so there are no deeds:
// 购买时间 and 购买日期 are one, 下单时间 and 支付时间 are two.
var keywordMeanings = readThesaurus("meanings_keyword")
