package audit

import "testing"

func TestValuesThatBreakTheRulesAreWarnings(t *testing.T) {
	for value, rule := range map[string]string{
		"点击领取您的红包":   RuleInducement,
		"邀请好友得现金":    RuleInducement,
		"转发朋友圈集赞":    RuleInducement,
		"关注公众号领礼品":   RuleInducement,
		"帮我砍一刀":      RuleInducement,
		"参与抽奖赢大奖":    RuleInducement,
		"最后一次机会，手慢无": RuleHarassment,
		"好久不见，快回来看看": RuleHarassment,
		"赶紧付款！！！":    RuleHarassment,
		"别错过":        RuleHarassment,
		"到了！！！！":     RuleHarassment,
		"速来门店":       RuleHarassment,
		"全场5折起":      RuleAdvertising,
		"满100减20":    RuleAdvertising,
		"双十一大促":      RuleAdvertising,
		"新品上市欢迎选购":   RuleAdvertising,
		"限 时 抢 购":    RuleAdvertising,
		"立即抢购":       RuleAdvertising,
		"清仓甩卖，买一送一":  RuleAdvertising,
		"充值送大礼包":     RuleAdvertising,
		"ＬＯＯＫ！秒杀专场":  RuleAdvertising,
	} {
		found := CheckValues([]string{"2016年6月6日", value})
		if level := worst(found, rule, "values[1]"); level != Warning {
			t.Errorf("%s: %q of %s, want warning", value, level, rule)
		}
		for _, f := range found {
			if f.Level != Warning || f.Where != "values[1]" {
				t.Errorf("%s: %s at %s", value, f.Level, f.Where)
			}
		}
	}
}

func TestOrdinaryValuesPass(t *testing.T) {
	values := []string{
		"TIT造舰厂", "2016年6月6日", "咖啡", "339208499", "粤海喜来登酒店", "广州市天河区天河路208号", "30元", "进口金枕头榴莲（S号）1个54.9元【香甜软糯】", "请在13:57之前完成支付",
		"已发货", "审核未通过，资料不全", "优惠5元", "满减券已抵扣0元", "快递员派送中", "原路退回", "库存不足", "秒杀订单已取消", "请及时取件！", "您预约的活动将于明天开始", "",
	}
	for _, f := range CheckValues(values) {
		t.Errorf("%s: %s %s", f.Where, f.Rule, f.Message("zh"))
	}
}
