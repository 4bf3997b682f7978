package audit

import "testing"

func TestATitleHasToEndInOneOfTwoWords(t *testing.T) {
	for _, title := range fieldsOf(`订单发货提醒 订单发货通知 到期提醒通知 取餐提醒 提货通知 尾款支付提醒 会议取消通知 退款申请通知 作业批改完成通知
		挂号成功通知 设备离线提醒 访客到访通知 ETC扣费通知 VIP到期提醒 12306出票成功通知 审核未通过提醒`) {
		if level := onTitle(title, RuleEnding); level != "" {
			t.Errorf("%s: %s", title, level)
		}
	}
	for title, suggestion := range map[string]string{
		"订单发货":      "订单发货通知",
		"订单发货提示":    "订单发货提醒",
		"预约成功消息":    "预约成功通知",
		"退款成功通知单":   "退款成功通知",
		"发货提醒消息":    "发货提醒",
		"订单状态更新推送":  "订单状态更新通知",
		"待付款":       "待付款提醒",
		"会员到期":      "会员到期提醒",
		"报名成功公告":    "报名成功通知",
		"订单支付成功通知。": "订单支付成功通知",
		"取餐提醒~":     "取餐提醒",
		"缴费提醒哦":     "缴费提醒",
		"【订单】支付成功":  "订单支付成功通知",
		"快递到达告知":    "快递到达通知",
		"提醒您付款":     "提醒付款通知",
		"还款日":       "还款日提醒",
		"系统消息":      "", // with an ending it would still name no service
		"温馨提示":      "",
		"？？":        "",
	} {
		f := find(t, Check(Proposal{Title: title}, Options{}), RuleEnding, "title")
		if f.Level != Error || f.Suggestion != suggestion {
			t.Errorf("%s: %s with suggestion %q, want error with %q", title, f.Level, f.Suggestion, suggestion)
		}
	}
}

func TestAnEndingBehindWhiteSpaceIsNamedAndNotTrimmedInSilence(t *testing.T) {
	for _, title := range []string{"订单发货通知 ", "订单发货通知\t", "订单发货通知　", "订单发货通知\u200b"} {
		f := find(t, Check(Proposal{Title: title}, Options{}), RuleEnding, "title")
		if f.Level != Warning || f.Key != "ending.trimmed" || f.Suggestion != "订单发货通知" {
			t.Errorf("%q: %s %s %q", title, f.Level, f.Key, f.Suggestion)
		}
	}
	found := Check(Proposal{Title: " 订单发货通知"}, Options{})
	if level := worst(found, RuleEnding, "title"); level != "" {
		t.Errorf("white space in front is no matter of the ending: %s", level)
	}
	if level := worst(found, RuleTitleWording, "title"); level != Warning {
		t.Errorf("white space in front: %q of 1.4, want warning", level)
	}
}

func TestAnEmptyTitleIsOneFinding(t *testing.T) {
	for _, title := range []string{"", " ", "\u3000\u200b\n"} {
		if found := Check(Proposal{Title: title}, Options{}); len(found) != 1 || found[0].Key != "title.empty" {
			t.Errorf("%q: %+v", title, found)
		}
	}
}

// A suggestion is applied with one click: it has to cure what it was given for.
func TestASuggestedTitleCuresTheFinding(t *testing.T) {
	for _, title := range append(linesOf(t, "testdata/bad-wording.txt"), "订单发货", "订单提醒消息", "订单发货通知 ", "待付款") {
		for _, f := range Check(Proposal{Title: title}, Options{}) {
			if f.Suggestion == "" {
				continue
			}
			if level := onTitle(f.Suggestion, f.Rule); level == Error {
				t.Errorf("%s: the suggestion %s of rule %s is refused by it", title, f.Suggestion, f.Rule)
			}
			if level := onTitle(f.Suggestion, RuleEnding); level != "" {
				t.Errorf("%s: the suggestion %s has no ending", title, f.Suggestion)
			}
		}
	}
}
