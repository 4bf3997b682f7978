package audit

import "testing"

func TestWhatNoUserTriggersIsNamed(t *testing.T) {
	for title, key := range map[string]string{
		"营业统计通知": "user.report", "门店日报提醒": "user.report", "销售排行榜通知": "user.report", "能耗预警提醒": "user.alarm", "机房告警通知": "user.alarm", "每日签到提醒": "user.timed", "定期巡检提醒": "user.timed",
		"行业资讯通知": "user.broadcast", "星座运势提醒": "user.broadcast", "节日问候通知": "user.greeting", "检查注意事项提醒": "user.instruct", "手术前告知通知": "user.instruct", "消息提醒": "user.general", "温馨提醒": "user.general", "提醒消息": "user.general",
	} {
		if f := find(t, Check(Proposal{Title: title}, Options{}), RuleUserEvent, "title"); f.Key != key || f.Level != Warning {
			t.Errorf("%s: %s %s, want %s", title, f.Level, f.Key, key)
		}
	}
}

// What is watched may be a service that the user has ordered, and a habit the user's own wish.
func TestWhatMayBeTheUsersOwnWishIsANote(t *testing.T) {
	for title, key := range map[string]string{
		"流量超额提醒": "user.alarm", "油价波动通知": "user.alarm", "血压偏高提醒": "user.alarm", "周界报警提醒": "user.alarm", "吃饭提醒": "user.timed", "考研倒计时提醒": "user.timed", "生理期提醒": "user.timed",
	} {
		if f := find(t, Check(Proposal{Title: title}, Options{}), RuleUserEvent, "title"); f.Key != key || f.Level != Note {
			t.Errorf("%s: %s %s, want %s", title, f.Level, f.Key, key)
		}
	}
}

func TestTheResultOfWhatTheUserDidStands(t *testing.T) {
	for _, title := range fieldsOf(`体检报告领取通知 检验报告查询成功通知 预警设置成功通知 报表导出申请通过通知 征信报告授权成功通知 定期存款到期提醒 天气延误理赔成功通知 订单支付成功通知 预约成功提醒`) {
		if level := onTitle(title, RuleUserEvent); level == Error || level == Warning {
			t.Errorf("%s: %s", title, level)
		}
	}
}
