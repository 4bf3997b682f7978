package audit

import (
	"strings"
	"unicode/utf8"
)

// example applies 审核说明 2.4.
func example(p *proposal) []Finding {
	var found []Finding
	for i := range p.Keywords {
		if f, ok := p.exampleFinding(i); ok {
			found = append(found, f)
		}
	}
	return found
}

func (p *proposal) exampleFinding(i int) (f Finding, found bool) {
	k, name := p.Keywords[i], p.names[i]
	text := strings.TrimFunc(k.Example, isBlank)
	asked := kindOf(name)
	f = Finding{Rule: RuleExample, Level: Warning, at: exampleOf(i)}
	f.Args = map[string]string{"name": k.Name, "example": k.Example}
	switch {
	case text == "":
		f.Key = "example.empty"
	case standsFor(text):
		f.Key = "example.placeholder"
		if strings.Trim(text, "*") != "" {
			f.Level = Error // a row of stars may be how a password is shown
		}
	case len(text) > maxExample:
		f.Key = "example.long"
	case name != "" && p.examples[i] == name:
		f.Key = "example.name"
	case brokenOff(text):
		f.Key = "example.partial"
	default:
		if fits := f.judgeFit(asked, text, p.examples[i]); fits == fitting {
			return f, false
		}
	}
	f.Suggestion = samples[asked]
	return f, true
}

// judgeFit notes how an example fails its keyword, if it does.
func (f *Finding) judgeFit(asked kind, text, folded string) fitness {
	seen := read(text)
	fits := fit(asked, seen)
	looks := seen.looks()
	if fits == fitting {
		if fits, looks = fitHead(asked, folded); fits == fitting {
			return fitting
		}
	}
	f.Key = "example.odd"
	if fits == mismatched {
		f.Level, f.Key = Error, "example.mismatch"
	}
	f.Args["noun:asked"], f.Args["noun:looks"] = string(nounOf[asked]), string(looks)
	return fits
}

// maxExample is in bytes. An example is a value on a card; a text of this
// length is not read for what it is.
const maxExample = 600

// kindOf returns what a tight keyword asks for: the head of its name, which
// stands last. What stands in brackets only explains: 金额(元).
func kindOf(name string) kind {
	if i := strings.IndexByte(name, '('); i > 0 {
		name = name[:i]
	}
	name = strings.TrimRightFunc(name, func(r rune) bool { return !isWordRune(r) }) // 活动名称！
	_, k, _ := keywordKinds().longestSuffix(name)
	return k
}

// standsFor says whether an example is a stand-in for one: {{keyword1.DATA}},
// a row of dots or of one letter.
func standsFor(example string) bool {
	text := strings.ToLower(example)
	if strings.Contains(text, "{{") || strings.Contains(text, ".data") || strings.Contains(text, "${") {
		return true
	}
	for _, s := range []string{"示例", "例子", "测试", "test", "demo", "example", "请输入", "请填写", "待填写", "待填", "请填", "占位"} {
		if text == s || strings.HasPrefix(s, "请") && strings.HasPrefix(text, s) {
			return true
		}
	}
	return strings.Trim(text, "x×*.…-—_?？·") == ""
}

// brokenOff says whether an example stops before its end: “关键词示例请补充完整”.
func brokenOff(example string) bool {
	last, _ := utf8.DecodeLastRuneInString(example)
	first, _ := utf8.DecodeRuneInString(example)
	if !strings.ContainsRune("….。、，,：:（(等及者", last) && !strings.ContainsRune("例比如eE", first) {
		return false
	}
	for _, end := range []string{"...", "…", "。。。", "、", "，", ",", "：", ":", "（", "(", "等等", "以及", "或者"} {
		if strings.HasSuffix(example, end) {
			return true
		}
	}
	for _, start := range []string{"例如", "比如", "如：", "如:", "eg.", "e.g."} {
		if strings.HasPrefix(strings.ToLower(example), start) {
			return true
		}
	}
	return false
}

// samples are examples that fit, from the API documentation where it has one.
// For the names of things no sample would be true.
var samples = [...]string{
	moment: "2016年6月6日 12:30", lasting: "2小时30分钟", money: "200.00元", count: "2", ratio: "80%",
	phone: "13800138000", contact: "13800138000", code: "20161031162645020777", mailbox: "zhangsan@example.com",
	place: "广州市天河区天河路208号", person: "张三", company: "",
	condition: "已受理", reason: "资料不全", result: "审核通过", stage: "初审阶段", way: "",
}

// noun names a kind of value in the catalogue, under "noun." and itself.
type noun string

var nounOf = [...]noun{
	free: "words", moment: "time", lasting: "length", money: "money", count: "count", ratio: "ratio",
	phone: "phone", contact: "contact",
	code: "code", handle: "account", mailbox: "mail", place: "address", person: "person",
	label: "label", phrase: "phrase", company: "company",
	condition: "state", reason: "reason", result: "result", stage: "stage", way: "way",
}

// fitness says how an example fits its keyword.
type fitness uint8

const (
	fitting fitness = iota
	doubtful
	mismatched
)

// fit compares what a keyword asks for with what its example shows. It
// convicts only on evidence, since examples are as various as what people sell.
func fit(asked kind, r value) fitness {
	if asked == free {
		return fitting
	}
	if r.marks[absent] > 0 && r.digits == 0 && r.han == 0 {
		return doubtful
	}
	switch asked {
	case moment:
		return fitMoment(r)
	case lasting:
		return fitLasting(r)
	case money:
		return fitMoney(r)
	case count:
		return fitCount(r)
	case ratio:
		return unless(r.figures > 0 || r.percent || r.marks[moneyWord] > 0, r.dated() || r.mobile)
	case phone:
		return fitPhone(r)
	case contact:
		return unless(r.digits > 0 || r.latin > 0 || r.mail, r.dated() || r.marks[moneyUnit] > 0)
	case code:
		return fitCode(r)
	case handle:
		return unless(true, r.wholly(r.dated()) || r.wholly(r.priced()))
	case mailbox:
		return unless(r.mail, false)
	case place:
		return fitPlace(r)
	case person:
		return fitPerson(r)
	}
	return fitWords(asked, r)
}

// unless turns what an example must show, and what it must not, into a fitness.
func unless(must, mustNot bool) fitness {
	if must && !mustNot {
		return fitting
	}
	return mismatched
}

func fitLasting(r value) fitness {
	switch {
	case r.priced(), r.mobile, r.figures == 0 && r.marks[timeWord] == 0:
		return mismatched
	case r.dated(), r.marks[timeUnit] > 0, r.marks[thingUnit] > 0, r.latin+r.han == 0:
		return fitting
	}
	return doubtful
}

func fitMoment(r value) fitness {
	switch {
	case r.dated(), r.dayOnly, r.day, r.marks[timeUnit] > 0:
		return fitting
	case r.bareNumber() && !r.decimal && r.clockLength():
		return fitting // 2016, 201606, 20160606, and what clocks of programs write
	case r.figures > 0 && r.marks[moneyUnit] == 0 && r.places() == 0 && r.longest < 9:
		return doubtful
	}
	return mismatched
}

func fitMoney(r value) fitness {
	switch {
	case r.priced():
		return fitting
	case r.figures == 0, r.mobile, r.codeLike(), r.wholly(r.dated()), r.marks[thingUnit] > 0, r.marks[streetWord] > 0:
		return mismatched
	case r.longest >= 9 && !r.decimal, r.percent:
		return mismatched
	case r.han > 6, r.marks[timeUnit] > 0:
		return doubtful
	}
	return fitting
}

func fitCount(r value) fitness {
	switch {
	case r.figures == 0, r.mobile, r.codeLike(), r.marks[moneyUnit] > 0, r.dated(), r.mail, r.marks[streetWord] > 0:
		return mismatched
	case r.longest >= 9 && !r.decimal:
		return mismatched
	case r.han > 6:
		return doubtful
	}
	return fitting
}

func fitPhone(r value) fitness {
	switch {
	case r.mobile:
		return fitting
	case r.digits < 3 && !r.masked, r.longest > 15, r.decimal, r.dated(), r.mail:
		return mismatched
	case r.marks[moneyUnit]+r.marks[thingUnit]+r.marks[timeUnit]+r.marks[streetWord] > 0, r.codeLike(), r.percent:
		return mismatched
	case r.digits < 5 && r.digits != 3:
		return doubtful
	}
	return fitting
}

func fitCode(r value) fitness {
	switch {
	case r.date && !r.shelf, r.clock, r.marks[timeUnit]+r.marks[timeWord] > 0, r.priced(), r.percent, r.mail:
		return mismatched
	case r.marks[streetWord] > 1 && r.longest < 6:
		return mismatched
	case r.digits+r.latin > 0 || r.masked:
		return fitting
	case r.figures > 0 && r.han <= 2:
		return fitting // 十二号
	}
	return mismatched
}

func fitPlace(r value) fitness {
	switch {
	case r.wholly(r.dated()), r.wholly(r.priced()), r.mobile, r.codeLike(), r.mail, r.percent:
		return mismatched
	case r.marks[personal] > 0 && r.places() == 0:
		return mismatched
	case r.bareNumber():
		return mismatched
	case r.wholly(r.marks[thingUnit]+r.marks[timeUnit] > 0):
		return doubtful
	case r.places() == 0 && r.latin == 0 && r.han <= 3:
		return doubtful // 咖啡: no word that streets, buildings or towns are called by
	}
	return fitting
}

func fitPerson(r value) fitness {
	switch {
	case r.wholly(r.dated()), r.wholly(r.priced()), r.wholly(r.mobile), r.bareNumber(), r.percent:
		return mismatched
	case r.wholly(r.marks[thingUnit] > 0), r.address():
		return mismatched
	case r.mail, r.codeLike():
		return mismatched
	}
	return fitting
}

// fitWords is for labels, firms, states and reasons: words are asked for, and a
// time, an amount or a telephone number is none.
func fitWords(asked kind, r value) fitness {
	figuresOnly := r.bareNumber() && !r.percent && (asked != label || r.digits >= 8)
	switch {
	case r.wholly(r.dated()), r.wholly(r.priced()), r.mobile && r.han < 4, figuresOnly:
		return mismatched
	case asked != label && (r.codeLike() || r.mail), asked == phrase && r.address():
		return mismatched
	case r.bareNumber() && r.digits >= 5, asked == company && r.marks[personal] > 0 && r.han+r.places() == 0:
		return doubtful
	}
	return fitting
}
