package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
)

// keywordCount applies the limit of a combination: 最多支持10个关键词组合.
func keywordCount(p *proposal) []Finding {
	n := len(p.Keywords)
	args := map[string]string(nil)
	key := "count.none"
	switch {
	case n > wechat.MaxKeywords:
		key = "count.many"
		args = map[string]string{
			"count": strconv.Itoa(n), "over": strconv.Itoa(n - wechat.MaxKeywords),
			"most": strconv.Itoa(wechat.MaxKeywords),
		}
	case n > 0 || !p.options.Count:
		return nil
	}
	return []Finding{{Rule: RuleCount, Level: Error, Key: key, Args: args, at: spot{list: "keywords", i: whole}}}
}

// broadKeyword applies 审核说明 2.5.
func broadKeyword(p *proposal) []Finding {
	var found []Finding
	for i, name := range p.names {
		f := Finding{Rule: RuleBroadKeyword, at: nameOf(i), Args: map[string]string(nil)}
		if name == "" {
			f.Level, f.Key = Error, "keyword.empty"
			found = append(found, f)
			continue
		}
		switch breadthOf(name) {
		case broad:
			f.Level, f.Key, f.Suggestion = Error, "keyword.broad", p.limitedName(i)
		case messaging:
			f.Level, f.Key, f.Suggestion = Warning, "keyword.messaging", p.limitedName(i)
		case accustomed:
			f.Level, f.Key = Note, "keyword.accustomed"
		default:
			continue
		}
		f.Args = map[string]string{"name": name}
		found = append(found, f)
	}
	return found
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

// limitedName suggests a name that the title's own subject limits: 留言内容 for
// 内容 under 留言通知.
func (p *proposal) limitedName(i int) string {
	subject := p.body
	for _, s := range []string{"成功", "失败", "结果", "状态"} {
		subject = strings.TrimSuffix(subject, s)
	}
	if n := utf8.RuneCountInString(subject); n < 2 || n > 4 {
		return ""
	}
	return p.mendedName(i, subject+p.names[i])
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
