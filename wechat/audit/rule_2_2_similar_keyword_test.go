package audit

import (
	"fmt"
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
		{"购买时间", "购买日期"}, {"订单号", "订单编号"}, {"快递单号", "物流单号"}, {"快递公司", "物流公司"}, {"支付金额", "付款金额"}, {"支付时间", "付款时间"},
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

// One approved title of the library, 订单支付成功通知, holds both.
func TestNumbersThatStandBesideEachOtherInTheLibraryAreANote(t *testing.T) {
	for _, p := range [][2]string{{"订单号码", "订单编号"}, {"订单编号", "订单号码"}, {"合同编号", "合同号码"}} {
		if level := worst(pair(p[0], p[1]), RuleSimilarKeyword, "keywords[1].name"); level != Note {
			t.Errorf("%s, %s: %q, want note", p[0], p[1], level)
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

// A reviewer refused 服务人员 for a title that had it already, as another type of value.
func TestAKeywordThatTheTitleHasAlreadyIsNamed(t *testing.T) {
	x := NewIndex([]Existing{{ID: "AT0401", Title: "上门服务完成通知", Source: SourceLibrary, Keywords: []string{"服务人员", "完成时间", "服务项目"}}})
	p := Proposal{Title: "上门服务完成通知", Keywords: []Keyword{{Name: "服务人员", Example: "张三"}, {Name: "完成日期", Example: "2016年6月6日"}, {Name: "服务评价", Example: "满意"}}}
	for i, want := range []Level{Warning, Warning, ""} {
		if level := worst(Check(p, Options{Index: x}), RuleSameKeyword, nameOf(i).String()); level != want {
			t.Errorf("%s: %q, want %q", p.Keywords[i].Name, level, want)
		}
	}
	if level := worst(Check(p, Options{Index: x, SourceID: "AT0401"}), RuleSameKeyword, "keywords[0].name"); level != "" {
		t.Errorf("a combination takes its keywords from the title: %s", level)
	}
}
