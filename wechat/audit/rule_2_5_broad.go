package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

// keywords applies the count and 审核说明 2.1 to 2.5.
func (c *checker) keywords(p Proposal) {
	c.count(len(p.Keywords))
	var met metKeywords
	for i, k := range p.Keywords {
		at := spot{"keywords", i, ".name"}
		name := tight(k.Name)
		if name == "" {
			c.add(at, Finding{Rule: RuleBroadKeyword, Level: Error, Key: "keyword.empty"})
		} else {
			c.repeated(p.Keywords, at, name, &met)
			c.wording(RuleKeywordWording, at, k.Name)
			c.broad(at, name, p.Title)
		}
		c.example(spot{"keywords", i, ".example"}, k)
	}
}

func (c *checker) count(n int) {
	args := map[string]string(nil)
	key := "count.none"
	switch {
	case n > wechat.MaxKeywords:
		key = "count.many"
		args = map[string]string{"count": strconv.Itoa(n), "over": strconv.Itoa(n - wechat.MaxKeywords), "most": strconv.Itoa(wechat.MaxKeywords)}
	case n > 0 || !c.options.Count:
		return
	}
	c.add(spot{list: "keywords", i: whole}, Finding{Rule: RuleCount, Level: Error, Key: key, Args: args})
}

// broad applies 2.5 to a tight keyword.
func (c *checker) broad(at spot, name, title string) {
	f := Finding{Rule: RuleBroadKeyword}
	switch breadthOf(name) {
	case broad:
		f.Level, f.Key, f.Suggestion = Error, "keyword.broad", limitedBy(title, name)
	case messaging:
		f.Level, f.Key, f.Suggestion = Warning, "keyword.messaging", limitedBy(title, name)
	case accustomed:
		f.Level, f.Key = Note, "keyword.accustomed"
	default:
		return
	}
	f.Args = map[string]string{"name": name}
	c.add(at, f)
}

// breadthOf judges a tight keyword: broad only if every word of it is, so that
// 订单信息 stands and 其他信息 does not. Figures at the end number a field and
// limit nothing: 字段1.
func breadthOf(name string) breadth {
	rest := strings.TrimRightFunc(name, func(r rune) bool {
		return unicode.IsDigit(r) || strings.ContainsRune("一二三四五六七八九十", r)
	})
	var seen [accustomed + 1]int
	for len(rest) > 0 {
		piece, b, known := breadthWords().next(rest)
		r, _ := utf8.DecodeRuneInString(piece)
		switch {
		case known:
			seen[b]++
		case unicode.IsLetter(r):
			return limited
		}
		rest = rest[len(piece):]
	}
	switch {
	case seen[limited] > 0, seen[accustomed] > 1, seen[accustomed] == 1 && seen[broad]+seen[messaging] > 0:
		return limited // 商品信息, 系统时间: each word limits the other
	case seen[accustomed] == 1:
		return accustomed
	case seen[messaging] > 0:
		return messaging
	}
	return broad
}

// limitedBy suggests a keyword that the title's own subject limits: 留言内容
// for 内容 under 留言通知.
func limitedBy(title, name string) string {
	subject := withoutEnding(tight(title))
	for _, s := range []string{"成功", "失败", "结果", "状态"} {
		subject = strings.TrimSuffix(subject, s)
	}
	if n := utf8.RuneCountInString(subject); n < 2 || n > 4 || offencesOf(subject) != (offences{}) {
		return ""
	}
	if mended := subject + name; breadthOf(subject) == limited && breadthOf(mended) == limited && offencesOf(name) == (offences{}) {
		return mended
	}
	return ""
}

// breadth is how little a word of a keyword limits what may stand there
// (审核说明 2.5).
type breadth uint8

const (
	limited    breadth = iota // listed to shield a shorter word inside it
	broad                     // 内容 and its like: no limit at all
	qualifier                 // limits nothing: 其他, 相关
	messaging                 // belongs to the message, not to the service: 通知内容
	accustomed                // as broad, but the approved library holds it: 备注
)

var breadthWords = readLexicon("breadth", map[string]breadth{
	"broad": broad, "qualifier": qualifier, "messaging": messaging, "accustomed": accustomed,
	"limited": limited,
})
