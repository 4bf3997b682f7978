package audit

import "testing"

func TestAKeywordIsOneNoun(t *testing.T) {
	for name, want := range map[string]Level{
		"是否通过": Warning, "请您确认": Warning, "您的订单": Warning, "订单已完成了": Warning, "如何领取": Warning, "为什么取消": Warning,
		"支付凭证": Note, "诊疗业务": Note, "订单详情": Note, "办理流程": Note, "报修情况": Note,
		"订单编号": "", "支付时间": "", "请假事由": "", "申请人": "", "了解渠道": "", "需求数量": "", "快递公司": "",
	} {
		if level := worst(Check(underTitle(Keyword{Name: name}), Options{}), RuleOneNoun, "keywords[0].name"); level != want {
			t.Errorf("%s: %q, want %q", name, level, want)
		}
	}
}
