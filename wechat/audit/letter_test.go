package audit

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

var queue = Proposal{Title: "排队叫号提醒", Keywords: []Keyword{
	{Name: "门店名称", Example: "云杉咖啡 国贸店"}, {Name: "当前状态", Example: "前面还有 2 位"}, {Name: "排队号码", Example: "A032"}, {Name: "取号时间", Example: "2026年11月29日 14:05"}, {Name: "时间", Example: "现在"},
}}

func TestEverySentenceOfALetterStandsAtThePlaceThatItNames(t *testing.T) {
	for letter, want := range map[string][]Said{
		"你提交的模板未通过审核，请按模板审核说明修改后重新提交。\n“叫号”为线下动作，不能体现小程序的服务，请修改标题。\n关键词“当前状态”与示例“前面还有 2 位”不对应。": {
			{"", "你提交的模板未通过审核，请按模板审核说明修改后重新提交。"}, {"title", "“叫号”为线下动作，不能体现小程序的服务，请修改标题。"},
			{"keywords[1].name", "关键词“当前状态”与示例“前面还有 2 位”不对应。"}},
		"1、关键词3过于宽泛；2、第 ２ 个关键词不通顺；3、第四个关键字重复": {
			{"keywords[1].name", "2、第 ２ 个关键词不通顺；"}, {"keywords[2].name", "1、关键词3过于宽泛；"}, {"keywords[3].name", "3、第四个关键字重复"}},
		"“排队叫号提醒”意思过度相似。\r\n\r\n标题应以提醒或通知结尾！": {{"title", "“排队叫号提醒”意思过度相似。\n标题应以提醒或通知结尾！"}},
		"标题未体现服务场景。服务场景描述不清，请补充。":             {{"title", "标题未体现服务场景。"}, {"scenario", "服务场景描述不清，请补充。"}},
		"「门店名称」和「取号时间」意思相近。":                  {{"keywords[0].name", "「门店名称」和「取号时间」意思相近。"}, {"keywords[3].name", "「门店名称」和「取号时间」意思相近。"}},
		"关键词取号时间的示例不完整。":                      {{"keywords[3].name", "关键词取号时间的示例不完整。"}}, // and not the keyword 时间
		"示例\"a032\"不完整": {{"keywords[2].name", "示例\"a032\"不完整"}},
		"取号时间很重要。关键词过于宽泛。关键词11有误。keyword0有误。": {{"", "取号时间很重要。关键词过于宽泛。关键词11有误。keyword0有误。"}},
		"Keyword 5 is not a noun.": {{"keywords[4].name", "Keyword 5 is not a noun."}},
		"请看“标题。关键词1”":              {{"title", "请看“标题。关键词1”"}, {"keywords[0].name", "请看“标题。关键词1”"}}, // quotes are not taken apart
		" \n\t\u3000\n":            nil,
		"":                         nil,
		"先改标题；其余第一段\n其余第二段": {{"", "其余第一段\n其余第二段"}, {"title", "先改标题；"}},
	} {
		if got := ReadLetter(letter, queue); !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", letter, got, want)
		}
	}
}

// What the proposal holds may be anything, and nothing of the letter is lost or made up.
func FuzzReadLetter(f *testing.F) {
	f.Add("标题不清。关键词“甲”重复", "标题", "甲")
	f.Add("“”“”；；；關鍵詞", "", "")
	f.Add("关键词十九！”“第二个关键词", "关键词", "十")
	f.Fuzz(func(t *testing.T, letter, title, name string) {
		p := Proposal{Title: title, Keywords: []Keyword{{Name: name, Example: title}, {Name: title, Example: name}, {Name: "", Example: ""}}}
		said := ReadLetter(letter, p)
		bare := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}
		rest := bare(strings.ToValidUTF8(letter, "\ufffd"))
		var parts []string
		for _, s := range said {
			if strings.TrimSpace(s.Text) == "" {
				t.Fatalf("an empty part at %q", s.Where)
			}
			for line := range strings.Lines(s.Text) {
				for _, sentence := range sentencesOf(line) {
					parts = append(parts, bare(strings.ToValidUTF8(sentence, "\ufffd")))
				}
			}
		}
		for _, part := range parts {
			if !strings.Contains(bare(strings.ToValidUTF8(letter, "\ufffd")), part) {
				t.Fatalf("%q is not of the letter", part)
			}
		}
		slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
		for _, part := range parts {
			rest = strings.Replace(rest, part, "", 1)
		}
		if rest != "" {
			t.Fatalf("%q is lost of %q: %q", rest, letter, said)
		}
	})
}
