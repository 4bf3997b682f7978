// Package values holds WeChat's rules for the values of subscribe messages (订阅消息): each keyword has a type, such
// as thing, and a value that does not fit its type is refused with 47003 (发送订阅消息, 参数值限制说明).
package values

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// How sure a rule is.
const (
	Documented = "documented" // WeChat's own page says so
	Seen       = "seen"       // recorded results say so
)

// Rule is what WeChat demands of the values of one type. What its Pattern accepts Check accepts, and the other way
// round; where no regular expression is true it is empty.
type Rule struct {
	Type    string // as it stands in a template's keys: "thing" in thing4
	Limit   int    // characters; digits for number and amount; 0 for none
	Pattern string // of the whole value, for RE2 and for JavaScript with the flag u
	Example string
	Source  string // the clause of WeChat's documentation, or what else it rests on
	Sure    string // Documented or Seen
	// Uncounted is what of a value does not count towards Limit, as a regular expression of its parts for RE2 and for
	// JavaScript with the flag u; "" where every code point counts.
	Uncounted string

	check func(value string, r *Rule) Verdict
}

// Characters says which characters the type takes, in "zh", or in English for any other language.
func (r Rule) Characters(lang string) string { return textsOf(lang)["type."+r.Type] }

// The limits that the documentation states.
const (
	MaxThing  = 20
	maxNumber = 32
	maxLetter = 32
	maxSymbol = 5
	maxString = 32
	maxAmount = 10 // digits before the decimal point
	maxPhone  = 17
	maxPlate  = 8
	maxName   = 10 // with a 汉字 in it
	maxLatin  = 20 // without
	maxPhrase = 5
	maxConst  = 20
)

const (
	table        = "发送订阅消息, 参数值限制说明"
	serviceTable = "公众号发送订阅通知, 参数值限制说明"
)

// han are the 汉字, as the members of a class of a regular expression.
const han = "々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

var rules = []Rule{
	{Type: "thing", Limit: MaxThing, Pattern: `^[^\x00-\x1f\x7f-\x9f]{1,20}$`, Example: "TIT造舰厂咖啡 2 杯",
		Source: table, Sure: Documented, check: checkThing},
	{Type: "number", Limit: maxNumber, Example: "88.5", Uncounted: `[^0-9]`,
		Source: table, Sure: Documented, check: checkNumber},
	{Type: "letter", Limit: maxLetter, Pattern: `^[A-Za-z]{1,32}$`, Example: "VIP",
		Source: table, Sure: Documented, check: checkLetters},
	{Type: "symbol", Limit: maxSymbol, Pattern: `^[\p{P}\p{S}]{1,5}$`, Example: "★★★",
		Source: table, Sure: Documented, check: checkSymbols},
	{Type: "character_string", Limit: maxString, Pattern: `^[ -~\p{P}\p{S}]{1,32}$`, Example: "NO.20191001-01",
		Source: table, Sure: Documented, check: checkString},
	{Type: "time", Example: "2019年10月1日 15:01", Source: table, Sure: Documented, check: checkTime},
	{Type: "date", Example: "2019年10月1日", Source: table, Sure: Documented, check: checkDate},
	{Type: "amount", Limit: maxAmount, Pattern: `^\p{Sc}?[0-9]{1,10}(\.[0-9]+)?元?$`, Example: "¥12.3元",
		Uncounted: `[^0-9.]|\.[\s\S]*`, Source: table, Sure: Documented, check: checkAmount},
	{Type: "phone_number", Limit: maxPhone, Pattern: `^[0-9 \p{P}\p{S}]{1,17}$`, Example: "+86-0766-66888866",
		Source: table, Sure: Documented, check: checkPhone},
	{Type: "car_number", Limit: maxPlate, Pattern: `^[A-Za-z0-9` + han + `][A-Za-z0-9]{0,6}[A-Za-z0-9` + han + `]?$`,
		Example: "粤A8Z888挂", Source: table, Sure: Documented, check: checkPlate},
	{Type: "name", Limit: maxLatin, Example: "张三", Source: table, Sure: Documented, check: checkName,
		Pattern: `^[A-Za-zÀ-ɏ 　\p{P}\p{S}]{1,20}$|^[\p{L}\p{M}々〇 　\p{P}\p{S}]{1,10}$`},
	{Type: "phrase", Limit: maxPhrase, Pattern: `^[` + han + `]{1,5}$`, Example: "配送中",
		Source: table, Sure: Documented, check: checkPhrase},
	{Type: "enum", Example: "已付款", Source: "获取个人模板列表, keywordEnumValueList", Sure: Documented},
	{Type: "enum_string", Example: "已付款", Source: "获取个人模板列表, keywordEnumValueList", Sure: Seen},
	{Type: "const", Limit: maxConst, Example: "审核通过", Source: serviceTable, Sure: Documented},
}

var byType = func() map[string]*Rule {
	m := make(map[string]*Rule, len(rules))
	for i := range rules {
		m[rules[i].Type] = &rules[i]
	}
	return m
}()

// Rules are all that are known, in the order of WeChat's page.
func Rules() []Rule { return append([]Rule(nil), rules...) }

// RuleOf answers the rule of a type; known is false for a type that WeChat may have added since.
func RuleOf(typ string) (r Rule, known bool) {
	if found := byType[typ]; found != nil {
		return *found, true
	}
	return Rule{Type: typ}, false
}

// Count is how many characters of a value of a type count towards its limit as Check counts them, and that limit: 0
// where the type has none.
func Count(typ, value string) (n, limit int) {
	r := byType[typ]
	if r == nil || r.Limit == 0 {
		return 0, 0
	}
	if limit = r.Limit; typ == "name" {
		limit = nameLimit(value)
	}
	if r.Uncounted != "" {
		value = regexp.MustCompile(r.Uncounted).ReplaceAllString(value, "")
	}
	return utf8.RuneCountInString(value), limit
}

// TypeOf is the type in the key of a keyword: thing of thing4. A key without a number is a type.
func TypeOf(key string) string { return strings.TrimRight(key, "0123456789") }
