package audit

import "testing"

func TestATitleHasToNameAService(t *testing.T) {
	for _, title := range fieldsOf(`通知 提醒 系统通知 温馨提醒 消息通知 消息提醒 重要通知 最新消息提醒 服务通知 温馨提示通知 系统消息提醒 信息通知 平台通知 用户通知 新通知提醒 状态通知 结果通知
		成功通知 失败提醒 业务通知 重要消息通知 友情提醒 每日提醒 定时提醒 系统信息通知 小程序通知 公告通知 紧急通知 通用提醒 其他通知 公众号通知 资讯通知 事件提醒 更新提醒 推送通知 默认通知 测试通知 提醒通知 123通知 通知1通知`) {
		if level := onTitle(title, RuleScenario); level != Error {
			t.Errorf("%s: %q, want error", title, level)
		}
	}
}

func TestATitleThatSaysHalfIsAWarning(t *testing.T) {
	for title, key := range map[string]string{
		"到期提醒": "scenario.vague", "取消通知": "scenario.vague", "处理结果通知": "scenario.vague", "业务状态通知": "scenario.vague", "新消息提醒": "scenario.vague",
		"医院管理信息通知": "scenario.stateless", "仓库数据提醒": "scenario.stateless", "物业资料通知": "scenario.stateless",
		"附近故障提醒": "scenario.subjectless", "周边停电通知": "scenario.subjectless", "本地预约提醒": "scenario.unfinished",
		"GPS通知": "scenario.unreadable", "OK提醒": "scenario.unreadable",
	} {
		if f := find(t, Check(Proposal{Title: title}, Options{}), RuleScenario, "title"); f.Key != key || f.Level != Warning {
			t.Errorf("%s: %s %s, want %s", title, f.Level, f.Key, key)
		}
	}
}

func TestATitleThatNamesAServiceStands(t *testing.T) {
	for _, title := range fieldsOf(`交易提醒 留言通知 打卡提醒 新订单提醒 提货通知 发货通知 服务到期提醒 业务受理通知 系统维护通知 系统升级通知 信息提交成功通知 用户注册成功提醒 信息变更通知 服务完成通知
		医院床位申请通过提醒 住院缴费成功通知 版本更新通知 待办事项提醒 小区停水通知 大额交易提醒 新房交付通知 手机号变更通知 账户变动通知 附近门店到货通知`) {
		if level := onTitle(title, RuleScenario); level == Error || level == Warning {
			t.Errorf("%s: %s", title, level)
		}
	}
}
