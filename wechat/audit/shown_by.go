package audit

import "muban/wechat"

// shownBy are combinations and titles of our making that show a clause: what passes it, and what does not. A test holds
// the rules themselves to them.
var shownBy = map[string]struct{ good, bad []Proposal }{
	RuleSameTitle: {
		[]Proposal{{Title: "取餐码过期提醒"}, {Title: "订单退款到账通知"}},
		[]Proposal{{Title: "购买成功通知"}, {Title: "订单支付成功通知"}},
	},
	RuleSimilarTitle: {
		[]Proposal{{Title: "取餐码过期提醒"}, {Title: "订单退款到账通知"}},
		[]Proposal{{Title: "购买成功提醒"}, {Title: "订单付款成功通知"}},
	},
	RuleEnding: {
		[]Proposal{{Title: "预约成功提醒"}, {Title: "订单发货通知"}},
		[]Proposal{{Title: "预约成功"}, {Title: "订单发货消息"}},
	},
	RuleTitleWording: {
		[]Proposal{{Title: "订单发货通知"}, {Title: "会员服务到期提醒"}},
		[]Proposal{{Title: "亲，订单发货通知"}, {Title: "★订单发货★通知"}},
	},
	RuleScenario: {
		[]Proposal{{Title: "住院缴费成功通知"}, {Title: "预约成功提醒"}},
		[]Proposal{{Title: "服务通知"}, {Title: "状态变更提醒"}},
	},
	RuleMarketing: {
		[]Proposal{{Title: "退款到账通知"}, {Title: "会员服务到期提醒"}},
		[]Proposal{{Title: "新品上架通知"}, {Title: "限时秒杀提醒"}},
	},
	RuleSameKeyword: {
		[]Proposal{named("订单编号", "支付金额", "支付时间")},
		[]Proposal{named("支付金额", "支付时间", "支付金额")},
	},
	RuleSimilarKeyword: {
		[]Proposal{named("订单编号", "支付金额", "支付时间"), named("下单时间", "支付时间")},
		[]Proposal{named("订单编号", "单号", "订单号码"), named("购买时间", "购买日期")},
	},
	RuleKeywordWording: {
		[]Proposal{named("订单编号"), named("取货地址")},
		[]Proposal{named("★订单编号"), named("亲的地址")},
	},
	RuleExample: {
		[]Proposal{{Keywords: []Keyword{{Name: "支付时间", Example: "2018年6月6日 10:30"}}}, {Keywords: []Keyword{{Name: "支付金额", Example: "365.50元"}}}},
		[]Proposal{{Keywords: []Keyword{{Name: "支付时间", Example: "365.50元"}}}, {Keywords: []Keyword{{Name: "支付金额", Example: "示例"}}}},
	},
	RuleBroadKeyword: {
		[]Proposal{named("留言内容"), named("订单备注")},
		[]Proposal{named("内容"), named("信息")},
	},
	RuleCount: {
		[]Proposal{named("订单编号", "商品名称", "支付金额", "支付时间", "取货地址")},
		[]Proposal{named("订单编号", "商品名称", "支付金额", "支付时间", "取货地址", "取货时间", "联系人", "联系电话", "门店名称", "门店电话", "备注")},
	},
	RuleLength: {
		[]Proposal{{Title: "取餐提醒"}, {Title: "会员等级变更通知"}},
		[]Proposal{{Title: "取提醒"}, {Title: "线下门店会员等级变更通知"}},
	},
	RuleSubEnding: {
		[]Proposal{{Title: "预约成功提醒"}, {Title: "订单发货通知"}},
		[]Proposal{{Title: "订单发货消息"}},
	},
	RuleSubScenario: {
		[]Proposal{{Title: "取餐提醒"}, {Title: "砍价失败通知"}},
		[]Proposal{{Title: "服务通知"}, {Title: "状态变更提醒"}},
	},
	RuleSigns: {
		[]Proposal{{Title: "订单发货通知"}},
		[]Proposal{{Title: "★订单发货通知"}, {Title: "订单发货！通知"}},
	},
	RuleKnownTitle: {
		[]Proposal{{Title: "取餐码过期提醒"}},
		[]Proposal{{Title: "购买成功通知"}, {Title: "购买成功提醒"}},
	},
	RuleKeyword: {
		[]Proposal{named("取餐码", "门店名称")},
		[]Proposal{named("码", "线下门店名称"), named("请您取餐", "★门店")},
	},
	RuleUnique: {
		[]Proposal{named("订单编号", "支付金额")},
		[]Proposal{named("支付金额", "支付金额")},
	},
	RuleAlike: {
		[]Proposal{named("下单时间", "支付时间")},
		[]Proposal{named("购买时间", "购买日期")},
	},
	RuleVague: {
		[]Proposal{named("留言内容", "订单备注")},
		[]Proposal{named("内容", "信息")},
	},
	RuleSubExample: {
		[]Proposal{{Keywords: []Keyword{{"取餐码", "A032", "character_string"}, {"支付时间", "2026年11月29日 14:05", "date"}}}},
		[]Proposal{{Keywords: []Keyword{{"取餐码", "A032", "number"}, {"支付时间", "14:05", "date"}}}},
	},
	RuleType: {
		[]Proposal{{Keywords: []Keyword{{"取餐码", "A032", "character_string"}}}},
		[]Proposal{{Keywords: []Keyword{{"取餐码", "A032", ""}}}},
	},
	RuleSubCount: {
		[]Proposal{named("取餐码", "门店名称"), named("订单编号", "商品名称", "支付金额", "支付时间", "门店名称")},
		[]Proposal{named("取餐码"), named("订单编号", "商品名称", "支付金额", "支付时间", "门店名称", "取餐码")},
	},
	RuleScene: {
		[]Proposal{{Subscription: Subscription{Scene: "门店出餐后通知用户取餐"}}},
		[]Proposal{{Subscription: Subscription{Scene: "用户在门店下单，门店出餐以后通知用户到吧台取餐"}}},
	},
	RuleCategory: {
		[]Proposal{{Subscription: Subscription{Category: "点餐平台"}}},
		[]Proposal{{Title: "取餐提醒"}},
	},
	RuleTerm: {
		[]Proposal{{Subscription: Subscription{Type: wechat.OneTime, Category: "点餐平台"}},
			{Subscription: Subscription{Type: wechat.LongTerm, Category: "公交"}}},
		[]Proposal{{Subscription: Subscription{Type: wechat.LongTerm, Category: "点餐平台"}}},
	},
}

func named(names ...string) (p Proposal) {
	for _, name := range names {
		p.Keywords = append(p.Keywords, Keyword{Name: name})
	}
	return p
}

// texts are proposals as a page shows them: the title, or the names of the keywords, each with its value where there
// is one.
func texts(list []Proposal) (all []string) {
	for _, p := range list {
		text := p.Title
		for i, k := range p.Keywords {
			if i > 0 {
				text += "、"
			}
			text += k.Name
			if k.Example != "" {
				text += "：" + k.Example
			}
			if k.Type != "" {
				text += "（" + k.Type + "）"
			}
		}
		text += p.Scene + p.Category
		if p.Type == wechat.LongTerm {
			text += "（长期）"
		}
		all = append(all, text)
	}
	return all
}
