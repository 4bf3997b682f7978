package audit

// fitsTitle applies a rule of the reviewers that no clause numbers: keywords fit
// their title (“关键词与标题设置需匹配”,
// developers.weixin.qq.com/community/develop/doc/00000ad4b74500105989557475b400).
// A keyword of another trade, and a reason for failing under a title that tells
// of success, do not; a title that promises a result wants one among its keywords.
func fitsTitle(p *proposal) []Finding {
	if p.body == "" || len(p.names) == 0 {
		return nil
	}
	title, titleWord := tradesOf(p.body)
	titleEnd, _ := polarityOf(p.body)
	var found []Finding
	strangers := 0
	for i, name := range p.names {
		own, word := tradesOf(name)
		end, endWord := polarityOf(name)
		switch {
		case title != 0 && own != 0 && title&own == 0:
			strangers++
			found = append(found, Finding{
				Rule: RuleFit, Level: Note, Key: "fit.trade", at: nameOf(i),
				Args: map[string]string{"name": p.Keywords[i].Name, "word": word, "title": titleWord},
			})
		case titleEnd != 0 && end != 0 && titleEnd != end:
			found = append(found, Finding{
				Rule: RuleFit, Level: Warning, Key: "fit.contrary", at: nameOf(i),
				Args: map[string]string{"name": p.Keywords[i].Name, "word": endWord},
			})
		}
	}
	if strangers > 1 && 2*strangers >= len(p.names) {
		for i := range found {
			found[i].Level = Warning
		}
	}
	if promise, kept := p.promise(); !kept {
		found = append(found, Finding{
			Rule: RuleFit, Level: Note, Key: "fit.absent", at: spot{list: "keywords", i: whole},
			Args: map[string]string{"word": promise},
		})
	}
	return found
}

// tradeSet is a set of trades: a word of several is in none of the tables.
type tradeSet uint16

var fieldWords = readLexicon("trades", map[string]tradeSet{
	"medical": 1, "school": 2, "goods": 4, "travel": 8, "estate": 16 | 32, "parking": 32 | 16,
	"finance": 64, "food": 128, "lottery": 256 | 4, "job": 512,
})

// tradesOf returns the trades that a text speaks of, and the first word that does.
func tradesOf(text string) (set tradeSet, word string) {
	for len(text) > 0 {
		piece, own, known := fieldWords().next(text)
		text = text[len(piece):]
		if known {
			if word == "" {
				word = piece
			}
			set |= own
		}
	}
	return set, word
}

// polarityOf says whether a text tells of success (1), of failure (-1), or of
// neither or both (0).
func polarityOf(text string) (sign int, word string) {
	for len(text) > 0 {
		piece, own, known := polarityWords().next(text)
		text = text[len(piece):]
		if !known || own == 0 {
			continue
		}
		if sign != 0 && sign != own {
			return 0, ""
		}
		sign, word = own, piece
	}
	return sign, word
}

var polarityWords = readLexicon("polarity", map[string]int{"good": 1, "bad": -1, "either": 0})

// promise returns the word of a title that asks for a keyword of its own, 结果 or
// 进度, and whether the keywords keep it.
func (p *proposal) promise() (word string, kept bool) {
	word, promised, _ := promises().longestSuffix(p.body)
	if !promised {
		return "", true
	}
	for _, name := range p.names {
		if promises().within(name) {
			return word, true
		}
	}
	return word, false
}

// promises holds what a title may promise, and under false what keeps it besides.
var promises = readLexicon("promises", map[string]bool{"promise": true, "keeper": false})
