package audit

import (
	"fmt"
	"slices"
	"testing"
)

// pair is a proposal of two keywords; findings are at keywords[1].name.
func pair(a, b string) []Finding {
	return Check(underTitle(Keyword{Name: a}, Keyword{Name: b}), Options{})
}

func TestTheSameKeywordTwice(t *testing.T) {
	for _, p := range [][2]string{
		{"订单号", "订单号"}, {"订单号", " 订单号"}, {"订单号", "订单号\u200b"}, {"VIP等级", "vip等级"}, {"ＱＱ号", "QQ号"}, {"帐号", "账号"}, {"支付 时间", "支付时间"}, {"备注", "备注"},
	} {
		f := find(t, pair(p[0], p[1]), RuleSameKeyword, "keywords[1].name")
		if f.Level != Error || f.Args["position"] != "1" {
			t.Errorf("%q, %q: %s %v", p[0], p[1], f.Level, f.Args)
		}
	}
	many := make([]Keyword, 40)
	for i := range many {
		many[i].Name = fmt.Sprintf("第%d项名字%c", i, '一'+rune(i))
	}
	many[39].Name = many[20].Name
	f := find(t, Check(underTitle(many...), Options{}), RuleSameKeyword, "keywords[39].name")
	if f.Args["position"] != "21" {
		t.Errorf("in a long list: %v", f.Args)
	}
}

func TestKeywordsThatMeanTheSame(t *testing.T) {
	for _, p := range [][2]string{
		{"购买时间", "购买日期"}, {"订单号", "订单编号"}, {"订单号码", "订单编号"}, {"快递单号", "物流单号"}, {"快递公司", "物流公司"}, {"支付金额", "付款金额"}, {"支付时间", "付款时间"},
		{"商品名称", "物品名称"}, {"商品名称", "产品名称"}, {"购买地点", "购买地址"}, {"失败原因", "失败理由"}, {"客户姓名", "用户姓名"}, {"备注", "备注说明"}, {"购买数量", "购买件数"},
		{"联系电话", "手机号码"}, {"下单时间", "购买时间"}, {"截止时间", "截至日期"}, {"支付方式", "付款方式"}, {"退款账号", "退款账户"}, {"运单号", "快递单号"},
	} {
		if level := worst(pair(p[0], p[1]), RuleSimilarKeyword, "keywords[1].name"); level != Error {
			t.Errorf("%s, %s: %q, want error", p[0], p[1], level)
		}
	}
	for _, p := range [][2]string{{"订单号", "单号"}, {"订单状态", "状态"}, {"金额", "订单金额"}} {
		if level := worst(pair(p[0], p[1]), RuleSimilarKeyword, "keywords[1].name"); level != Warning {
			t.Errorf("%s, %s: %q, want warning", p[0], p[1], level)
		}
	}
}

func TestKeywordsThatMeanDifferentThings(t *testing.T) {
	for _, p := range [][2]string{
		{"下单时间", "支付时间"}, {"开始时间", "结束时间"}, {"订单金额", "订单编号"}, {"收货人", "收货人电话"}, {"收货人", "收货地址"}, {"商品名称", "商品数量"}, {"商品名称", "商品详情"},
		{"快递公司", "快递单号"}, {"申请时间", "审核时间"}, {"审核结果", "审核时间"}, {"提现金额", "实际到账"}, {"成团人数", "已参团人数"}, {"商户名称", "门店名称"}, {"底价", "砍掉价格"},
		{"拼团价", "支付金额"}, {"团长", "拼团成员"}, {"备注", "温馨提示"}, {"车牌号", "车位号"}, {"出发地", "目的地"}, {"姓名", "电话"}, {"总价", "单价"}, {"获得积分", "累计积分"}, {"学生姓名", "家长姓名"},
	} {
		if level := worst(pair(p[0], p[1]), RuleSimilarKeyword, "keywords[1].name"); level != "" {
			t.Errorf("%s, %s: %s", p[0], p[1], level)
		}
	}
}

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
