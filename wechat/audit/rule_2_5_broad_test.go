package audit

import (
	"fmt"
	"slices"
	"testing"
)

func TestBroadKeywords(t *testing.T) {
	for name, want := range map[string]Level{
		"内容": Error, "信息": Error, "数据": Error, "其他": Error, "消息": Error, "其他信息": Error, "相关内容": Error, "具体内容": Error, "详细信息": Error, "更多信息": Error, "资料": Error,
		"字段1": Error, "关键词一": Error, "主要内容": Error, "文本": Error, "keyword": Error, "test": Error, "全部数据": Error, "123": Error, "值": Error,
		"通知内容": Warning, "消息内容": Warning, "系统消息": Warning,
		"备注": Note, "温馨提示": Note, "说明": Note, "时间": Note, "姓名": Note, "具体时间": Note,
		"留言内容": "", "订单信息": "", "商品信息": "", "顾客信息": "", "申请内容": "", "数据流量": "", "其他费用": "", "审核结果": "", "作业内容": "", "房源信息": "", "订单备注": "", "活动描述": "",
		"信息技术成绩": "", "服务内容": "", "提醒时间": "", "系统时间": "", "状态说明": "",
	} {
		if level := worst(Check(underTitle(Keyword{Name: name}), Options{}), RuleBroadKeyword, "keywords[0].name"); level != want {
			t.Errorf("%s: %q, want %q", name, level, want)
		}
	}
}

func TestABroadKeywordIsLimitedByTheTitlesSubject(t *testing.T) {
	for title, want := range map[string]string{"留言通知": "留言内容", "购买成功通知": "购买内容", "系统通知": "", "洗衣机滚筒故障提醒": ""} {
		p := Proposal{Title: title, Keywords: []Keyword{{Name: "内容"}}}
		if f := find(t, Check(p, Options{}), RuleBroadKeyword, "keywords[0].name"); f.Suggestion != want {
			t.Errorf("%s: %q, want %q", title, f.Suggestion, want)
		}
	}
}

func TestTheCountOfKeywords(t *testing.T) {
	keywords := make([]Keyword, 12)
	for i := range keywords {
		keywords[i] = Keyword{Name: string('甲' + rune(i)), Example: "样"}
	}
	for n, want := range map[int]Level{0: Error, 1: "", 10: "", 11: Error, 12: Error} {
		if level := worst(Check(underTitle(keywords[:n]...), Options{Count: true}), RuleCount, "keywords"); level != want {
			t.Errorf("%d keywords: %q, want %q", n, level, want)
		}
	}
	f := find(t, Check(underTitle(keywords...), Options{}), RuleCount, "keywords")
	if f.Args["count"] != "12" || f.Args["over"] != "2" {
		t.Errorf("%v", f.Args)
	}
	if level := worst(Check(underTitle(), Options{}), RuleCount, "keywords"); level != "" {
		t.Errorf("a bare title: %s", level)
	}
}

func TestFindingsComeInTheOrderOfPlaces(t *testing.T) {
	p := Proposal{Title: "优惠券发放", Keywords: make([]Keyword, 11)}
	var order []string
	for _, f := range Check(p, Options{}) {
		if len(order) == 0 || order[len(order)-1] != f.Where {
			order = append(order, f.Where)
		}
	}
	want := []string{"title", "keywords"}
	for i := range p.Keywords {
		want = append(want, fmt.Sprintf("keywords[%d].name", i), fmt.Sprintf("keywords[%d].example", i))
	}
	if !slices.Equal(order, want) {
		t.Errorf("got %v", order)
	}
}
