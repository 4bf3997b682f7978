package audit

import "strings"

// oneNoun applies a rule of the reviewers that no clause numbers: a keyword is
// one noun (“关键词设置应为一个名词性词语”). 支付凭证 and 诊疗业务 were refused, so
// where a compound sums up it cannot be known, and is a note
// (developers.weixin.qq.com/community/develop/doc/0006e24c2a4c6888b31a1214e56800).
func oneNoun(p *proposal) []Finding {
	var found []Finding
	for i, name := range p.names {
		if name == "" {
			continue
		}
		f := Finding{Rule: RuleOneNoun, at: nameOf(i)}
		var word string
		switch how, piece := nounness(name); how {
		case nounSentence, nounParticle:
			f.Level, f.Key, word = Warning, "noun.sentence", piece
		case nounLoose:
			f.Level, f.Key, word = Note, "noun.loose", piece
		case nounSummary:
			f.Level, f.Key, word = Note, "noun.summary", piece
		default:
			continue
		}
		f.Args = map[string]string{"name": p.Keywords[i].Name, "word": word}
		found = append(found, f)
	}
	return found
}

// nounKind is why a keyword may not be one noun.
type nounKind uint8

const (
	nounPlain    nounKind = iota // listed to shield a shorter word inside it
	nounSentence                 // begins a sentence: 是否, 请, 您的
	nounParticle                 // stands in sentences alone: 了, 吗
	nounLoose                    // ends in a word that names no thing: 支付凭证
	nounSummary                  // sums something up: 订单详情
)

var nounWords = readLexicon("nouns", map[string]nounKind{
	"plain": nounPlain, "sentence": nounSentence, "particle": nounParticle, "loose": nounLoose, "summary": nounSummary,
})

// nounness judges a tight keyword, and returns the word that decides.
func nounness(name string) (nounKind, string) {
	if i := strings.IndexByte(name, '('); i > 0 {
		name = name[:i]
	}
	first, kind, known := nounWords().prefix(name)
	if known && kind == nounSentence {
		return kind, first
	}
	for rest := name; len(rest) > 0; {
		piece, kind, known := nounWords().next(rest)
		if known && kind == nounParticle {
			return kind, piece
		}
		rest = rest[len(piece):]
	}
	last, kind, known := nounWords().longestSuffix(name)
	if known && len(last) < len(name) && (kind == nounLoose || kind == nounSummary) {
		return kind, last
	}
	return nounPlain, ""
}
