package audit

import (
	"strings"
	"testing"
)

func onExample(name, example string) Level {
	return worst(Check(underTitle(Keyword{Name: name, Example: example}), Options{}), RuleExample, "keywords[0].example")
}

// testdata/bad-examples.tsv: examples of another kind than their keyword asks for.
func TestExamplesOfAnotherKindAreCaught(t *testing.T) {
	rows := linesOf(t, "testdata/bad-examples.tsv")
	missed := 0
	for _, row := range rows {
		k := keywordOf(row)
		switch onExample(k.Name, k.Example) {
		case "":
			t.Errorf("%s ← %s passes", k.Name, k.Example)
		case Warning:
			missed++
		}
	}
	if missed*20 > len(rows) {
		t.Errorf("%d of %d are warnings only", missed, len(rows))
	}
}

func TestTheSpecificationsOwnMismatch(t *testing.T) {
	f := find(t, Check(underTitle(Keyword{Name: "购买时间", Example: "咖啡"}), Options{}), RuleExample, "keywords[0].example")
	if f.Level != Error || f.Suggestion == "" {
		t.Errorf("%s, suggestion %q", f.Level, f.Suggestion)
	}
	if zh := f.Message("zh"); !strings.Contains(zh, "购买时间") || !strings.Contains(zh, "咖啡") || !strings.Contains(zh, "时间") {
		t.Error(zh)
	}
}

func TestAMissingExampleIsNamed(t *testing.T) {
	for example, key := range map[string]string{
		"": "example.empty", " ": "example.empty", "\u200b": "example.empty", "{{keyword1.DATA}}": "example.placeholder", strings.Repeat("x", 3): "example.placeholder", "......": "example.placeholder",
		"示例": "example.placeholder", "请输入时间": "example.placeholder", "支付时间": "example.name", strings.Repeat("长", 300): "example.long",
	} {
		f := find(t, Check(underTitle(Keyword{Name: "支付时间", Example: example}), Options{}), RuleExample, "keywords[0].example")
		want := Warning
		if key == "example.placeholder" {
			want = Error // “请在关键词内容示例处列举真实案例”
		}
		if f.Level != want || f.Key != key {
			t.Errorf("%q: %s %s, want %s", example, f.Level, f.Key, key)
		}
	}
}

func TestAWordIsReadByWhatStandsBeforeIt(t *testing.T) {
	for _, k := range [][2]string{
		{"商品名称", "元宵"}, {"商品名称", "三文鱼2份"}, {"商品名称", "日用品"}, {"门店名称", "第三中学店"}, {"姓名", "周一鸣"}, {"姓名", "万里"}, {"课程名称", "时间管理"}, {"商品名称", "七天无理由"},
		{"座位号", "5排8座"}, {"桌号", "12号"}, {"取餐号", "十二号"}, {"会议地点", "天河区"}, {"地址", "北京"}, {"商品名称", "54.9元榴莲"}, {"活动名称", "618年中盛会"}, {"车牌号", "粤B·12345"},
	} {
		if level := onExample(k[0], k[1]); level != "" {
			t.Errorf("%s ← %s: %s", k[0], k[1], level)
		}
	}
}

func TestASuggestedExampleFitsItsKeyword(t *testing.T) {
	for k, sample := range samples {
		if sample == "" {
			continue
		}
		for word, asked := range keywordKinds().senses {
			if asked != kind(k) {
				continue
			}
			if level := onExample(word, sample); level != "" {
				t.Errorf("%s ← %s: %s", word, sample, level)
			}
		}
	}
}

func TestTheHeadOfAKeywordSaysWhatItAsksFor(t *testing.T) {
	for name, want := range map[string]kind{
		"支付时间": moment, "预计到账时间": moment, "有效期至": moment, "金额(元)": money, "实际到账": money, "拼团价": money, "成团人数": count, "联系电话": phone, "快递单号": code, "微信号": handle,
		"收货地址": place, "审核人员": person, "商品名称": label, "快递公司": company, "失败原因": reason, "用户评价": free, "付款": free, "二维码": free, "提现费率": ratio, "停车时长": lasting, "联系邮箱": mailbox,
	} {
		if got := kindOf(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}
