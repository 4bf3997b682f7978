package audit

import (
	"strings"
)

// example applies 审核说明 2.4 to one keyword.
func (c *checker) example(at spot, k Keyword) {
	example := strings.TrimFunc(k.Example, isBlank)
	name := tight(k.Name)
	f := Finding{Rule: RuleExample, Level: Warning}
	asked := kindOf(name)
	switch {
	case example == "":
		f.Key = "example.empty"
	case standsFor(example):
		f.Key = "example.placeholder"
	case len(example) > maxExample:
		f.Key = "example.long"
	case name != "" && tight(example) == name:
		f.Key = "example.name"
	default:
		seen := read(example)
		fits := fit(asked, seen)
		if fits == fitting {
			return
		}
		f.Key = "example.odd"
		if fits == mismatched {
			f.Level, f.Key = Error, "example.mismatch"
		}
		f.Args = map[string]string{"name": k.Name, "example": k.Example, "noun:asked": string(nounOf[asked]), "noun:looks": string(seen.looks())}
	}
	f.Suggestion = samples[asked]
	if f.Args == nil {
		f.Args = map[string]string{"name": k.Name, "example": k.Example}
	}
	c.add(at, f)
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

// samples are examples that fit, from the API documentation where it has one.
// For the names of things no sample would be true.
var samples = [...]string{
	moment: "2016年6月6日 12:30", lasting: "2小时30分钟", money: "200.00元", count: "2", ratio: "80%",
	phone: "13800138000", contact: "13800138000", code: "20161031162645020777", mailbox: "zhangsan@example.com",
	place: "广州市天河区天河路208号", person: "张三", company: "",
}

// noun names a kind of value in the catalogue, under "noun." and itself.
type noun string

var nounOf = [...]noun{
	free: "words", moment: "time", lasting: "length", money: "money", count: "count", ratio: "ratio", phone: "phone", contact: "contact",
	code: "code", handle: "account", mailbox: "mail", place: "address", person: "person", label: "label", phrase: "phrase", company: "company",
}
