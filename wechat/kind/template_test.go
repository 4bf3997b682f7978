package kind_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

func TestFieldsAreReadOffContentAndExample(t *testing.T) {
	for name, c := range map[string]struct {
		content, example string
		want             []wechat.Field
	}{
		"as documented": {
			"购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n物品名称{{keyword3.DATA}}\n",
			"购买地点：TIT造舰厂\n购买时间：2016年6月6日\n物品名称：咖啡\n",
			[]wechat.Field{{Key: "keyword1", Name: "购买地点", Example: "TIT造舰厂"}, {Key: "keyword2", Name: "购买时间", Example: "2016年6月6日"}, {Key: "keyword3", Name: "物品名称", Example: "咖啡"}},
		},
		"half-width colons, CRLF, no last newline": {
			"单号: {{keyword1.DATA}}\r\n金额：{{ keyword2.DATA }}", "单号:123:456\r\n金额 : 8 元",
			[]wechat.Field{{Key: "keyword1", Name: "单号", Example: "123:456"}, {Key: "keyword2", Name: "金额", Example: "8 元"}},
		},
		"an example of several lines": {
			"地址{{keyword1.DATA}}\n备注{{keyword2.DATA}}\n", "地址：一号\n二号：三号\n\n备注：无\n完\n",
			[]wechat.Field{{Key: "keyword1", Name: "地址", Example: "一号\n二号：三号"}, {Key: "keyword2", Name: "备注", Example: "无\n完"}},
		},
		"a line is missing": {
			"甲{{keyword1.DATA}}\n乙{{keyword2.DATA}}\n丙{{keyword3.DATA}}\n", "甲：1\n丙：3\n",
			[]wechat.Field{{Key: "keyword1", Name: "甲", Example: "1"}, {Key: "keyword2", Name: "乙", Example: ""}, {Key: "keyword3", Name: "丙", Example: "3"}},
		},
		"the first line is missing": {
			"甲{{keyword1.DATA}}\n乙{{keyword2.DATA}}\n", "乙：2\n",
			[]wechat.Field{{Key: "keyword1", Name: "甲", Example: ""}, {Key: "keyword2", Name: "乙", Example: "2"}},
		},
		"a name that begins another": {
			"时间段{{keyword1.DATA}}\n时间{{keyword2.DATA}}\n", "时间段：上午\n时间：八点\n",
			[]wechat.Field{{Key: "keyword1", Name: "时间段", Example: "上午"}, {Key: "keyword2", Name: "时间", Example: "八点"}},
		},
		"a name within an example": {
			"甲{{keyword1.DATA}}\n乙{{keyword2.DATA}}\n", "甲：见乙：无\n乙：2\n",
			[]wechat.Field{{Key: "keyword1", Name: "甲", Example: "见乙：无"}, {Key: "keyword2", Name: "乙", Example: "2"}},
		},
		"the same name twice": {
			"甲{{keyword1.DATA}}\n甲{{keyword2.DATA}}\n", "甲：1\n甲：2\n",
			[]wechat.Field{{Key: "keyword1", Name: "甲", Example: "1"}, {Key: "keyword2", Name: "甲", Example: "2"}},
		},
		"odd text": {
			"您好\n{{first.DATA}}\n甲{{keyword1.DATA}}元}}{{odd}}{{.DATA}}{{\n乙{{keyword2.DATA}}{{keyword3.DATA", "甲：1\n",
			[]wechat.Field{{Key: "first", Name: "", Example: ""}, {Key: "keyword1", Name: "甲", Example: "1"}, {Key: "keyword2", Name: "乙", Example: ""}},
		},
		"keywords out of order": {
			"乙{{keyword2.DATA}}\n甲{{keyword1.DATA}}\n", "乙：2\n甲：1\n",
			[]wechat.Field{{Key: "keyword2", Name: "乙", Example: "2"}, {Key: "keyword1", Name: "甲", Example: "1"}},
		},
		"no example":   {"甲{{keyword1.DATA}}\n", "", []wechat.Field{{Key: "keyword1", Name: "甲", Example: ""}}},
		"no content":   {"", "甲：1\n", nil},
		"no templates": {"只有文字", "甲：1\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := kind.Template.Fields(wechat.Template{Content: c.content, Example: c.example})
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestALineIsAFieldOrTextThatStaysTheSame(t *testing.T) {
	for content, want := range map[string][]kind.Line{
		"": nil,
		"单号{{keyword1.DATA}}\n金额{{keyword2.DATA}}\n": {{Key: "keyword1", Text: "单号"}, {Key: "keyword2", Text: "金额"}},
		"您好：\n\n单号：{{keyword1.DATA}}\n谢谢惠顾":          {{Text: "您好："}, {Key: "keyword1", Text: "单号"}, {Text: "谢谢惠顾"}},
		"合计{{keyword1.DATA}} 元\n":                    {{Key: "keyword1", Text: "合计"}, {Text: "元"}},
		"没有关键词\n":                                    {{Text: "没有关键词"}},
	} {
		if got := kind.Template.Lines(wechat.Template{Content: content}); !slices.Equal(got, want) {
			t.Errorf("%q: %+v", content, got)
		}
	}
}

// Fault 45: what is hostile must not take long.
func TestAHostileContentIsReadInNoTime(t *testing.T) {
	for _, piece := range []string{"{{", "}}", "{{a.DATA}}", "{{}}", "甲{{keyword1.DATA}}", "{{{{}}", "甲：", "甲：\n"} {
		text := strings.Repeat(piece, 1<<20/len(piece))
		start := time.Now()
		fields := kind.Template.Fields(wechat.Template{Content: "甲{{keyword1.DATA}}" + text, Example: text})
		if took := time.Since(start); took > 2*time.Second || len(fields) > 2*wechat.MaxKeywords {
			t.Errorf("%q: %d fields in %v", piece, len(fields), took)
		}
	}
}

// What is written in WeChat's form is read back; anything else does no harm.
func FuzzFields(f *testing.F) {
	f.Add("购买地点", "TIT造舰厂", "购买时间", "2016年\n6月6日", "购买地点{{keyword1.DATA}}\n", "购买地点：TIT造舰厂\n")
	f.Add("甲", "：", "乙", "", "{{{{a.DATA}}}}", "\n：\n:")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2, content, example string) {
		for _, field := range kind.Template.Fields(wechat.Template{Content: content, Example: example}) {
			if field.Key == "" || !strings.Contains(content, field.Name) || !strings.Contains(example, field.Example) {
				t.Errorf("%+v is not in %q, %q", field, content, example)
			}
		}
		name1, name2 = plain(name1), plain(name2)
		value1, value2 = strings.TrimSpace(value1), strings.TrimSpace(value2)
		if name1 == "" || name2 == "" || name1 == name2 || strings.Contains(value1, name2) {
			return
		}
		got := kind.Template.Fields(wechat.Template{
			Content: fmt.Sprintf("%s{{keyword1.DATA}}\n%s{{keyword2.DATA}}\n", name1, name2),
			Example: fmt.Sprintf("%s：%s\n%s：%s\n", name1, value1, name2, value2),
		})
		want := []wechat.Field{{Key: "keyword1", Name: name1, Example: value1}, {Key: "keyword2", Name: name2, Example: value2}}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// plain is a name as a keyword may have one.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("{}:：\r\n", r) {
			return -1
		}
		return r
	}, name)
	return strings.TrimSpace(name)
}

func BenchmarkFields(b *testing.B) {
	t := wechat.Template{
		Content: "购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n物品名称{{keyword3.DATA}}\n",
		Example: "购买地点：TIT造舰厂\n购买时间：2016年6月6日\n物品名称：咖啡\n",
	}
	b.ReportAllocs()
	for b.Loop() {
		kind.Template.Fields(t)
	}
}
