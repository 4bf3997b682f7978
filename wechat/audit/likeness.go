package audit

// TitleLikeness says how alike a reader would find two titles, in thousandths: 1000 for what says the same. Titles of
// different deeds (支付成功, 支付失败) count half of what they share.
func TitleLikeness(a, b string) int {
	var own, other [48]token
	f, g := formOf(titleMeanings(), tight(a), own[:0]), formOf(titleMeanings(), tight(b), other[:0])
	alike := f.likeness(g)
	if f.deeds != g.deeds {
		alike /= 2
	}
	return alike
}

// KeywordLikeness says how alike two keywords are, in thousandths: 1000 for 购买时间 and 购买日期, as a reviewer takes
// them for one (审核说明 2.2).
func KeywordLikeness(a, b string) int {
	var own, other [24]token
	return formOf(keywordMeanings(), tight(a), own[:0]).likeness(formOf(keywordMeanings(), tight(b), other[:0]))
}

// likeness is the share of weight that two forms have in common (Dice), in thousandths.
func (f form) likeness(g form) int {
	shared := 0
	for i, j := 0, 0; i < len(f.tokens) && j < len(g.tokens); {
		switch {
		case f.tokens[i] < g.tokens[j]:
			i++
		case f.tokens[i] > g.tokens[j]:
			j++
		default:
			shared += f.tokens[i].weight()
			i, j = i+1, j+1
		}
	}
	return int(dice(shared, f.weight, g.weight))
}
