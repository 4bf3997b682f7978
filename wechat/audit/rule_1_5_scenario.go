package audit

import (
	"strings"
	"unicode"
)

// scenario applies 审核说明 1.5 to a tight title.
func (c *checker) scenario(text string) {
	f := Finding{Rule: RuleScenario}
	switch substanceOf(text) {
	case noScenario:
		f.Level, f.Key = Error, "scenario.none"
	case vagueScenario:
		f.Level, f.Key = Warning, "scenario.vague"
	case stateless:
		f.Level, f.Key = Warning, "scenario.stateless"
	case unreadable:
		f.Level, f.Key = Warning, "scenario.unreadable"
	default:
		return
	}
	c.add(theTitle, f)
}

// scene is what a title says of a service, from nothing to enough.
type scene uint8

const (
	namedScenario scene = iota
	noScenario          // 系统通知: nothing
	vagueScenario       // 到期提醒: what happened, but not to what
	stateless           // 医院管理信息通知: about what, but not what happened
	unreadable          // ABC通知: no word of Chinese that could name a service
)

// substanceOf judges what a tight title says apart from its ending. A title of
// words that fit every service alike names none.
func substanceOf(text string) scene {
	text = withoutEnding(text)
	var seen [event + 1]bool
	var last substance
	han, known := false, true
	for len(text) > 0 {
		piece, s, ok := substanceWords().next(text)
		text = text[len(piece):]
		han = han || strings.ContainsFunc(piece, isHan)
		if ok {
			seen[s] = true
			last = s
			continue
		}
		if strings.ContainsFunc(piece, unicode.IsLetter) {
			known, last = false, concrete
		}
	}
	switch {
	case known && !seen[concrete]:
		return sceneOf(seen[carrier] || seen[datum], seen[state], seen[event])
	case !han:
		return unreadable
	case last == datum && !seen[state] && !seen[event]:
		return stateless
	}
	return namedScenario
}

// sceneOf judges a title that holds no word of its own.
func sceneOf(carrier, state, event bool) scene {
	switch {
	case event && carrier:
		return namedScenario // 服务到期提醒, 业务受理通知
	case event, state && carrier:
		return vagueScenario // 到期提醒, 业务状态通知
	}
	return noScenario
}

func withoutEnding(text string) string {
	return strings.TrimSuffix(text, endingOf(text))
}

// substance is how much a word of a title says of a service scenario
// (审核说明 1.5). WeChat's reviewers ask for the service and its state, as in
// 住院缴费成功通知.
type substance uint8

const (
	concrete substance = iota // listed to shield a shorter word inside it
	filler                    // says nothing: 系统, 温馨, 重要
	carrier                   // a thing that every service has: 服务, 用户
	datum                     // a thing that every message is: 信息, 资料
	state                     // how it stands, but not with what: 成功, 状态
	event                     // what happened, but not to what: 到期, 取消
)

var substanceWords = newLexicon(
	// Moods and importance: no scenario at all.
	group[substance]{filler, `系统 温馨 友情 贴心 暖心 爱心 重要 紧急 特别 特殊 普通 通用 一般 日常 每日 每天 每周 定时 定期 常规 例行 最新 近期 最近 今日 当前 及时
		实时 即时 官方 内部 平台 小程序 公众号 微信 后台 自动 模板 模版 订阅 群发 推送 主动 智能 站内 短信 手机 app h5 您 您的 你 你的 我 我的 我们 大家 有 有新 一条 一个 有一条 有一个 几条
		的 了 到 到了 已 和 与 及 或 关于 相关 有关 其他 其它 各类 各种 某 小 大 好 请 请注意 请查收 注意 查收 注意事项 提示 提醒 通知 告知 消息提醒 消息通知 通知单 敬告 须知 公示 温馨提示
		自定义 统一 综合 消息中心 中心 测试 演示 示例 样例 默认 未命名 标题 模板标题 test demo abc sms msg null none`},
	group[substance]{carrier, `消息 动态 站内信 文件 记录 事项 事件 事情 问题 服务 业务 用户 客户 会员 顾客 公告 通告 个人 项目`},
	group[substance]{datum, `信息 数据 内容 资料 资讯 情况 详情`},
	group[substance]{state, `成功 失败 结果 状态 更新 新 新的 新增 状况 进展 完毕`},
	group[substance]{event, `到期 过期 即将到期 即将过期 取消 完成 开始 结束 即将开始 即将结束 处理 待处理 办理 受理 进度 确认 待确认 操作 执行 变更 变动 变化 更改 调整 通过 未通过 拒绝 超时 延期 截止 生效 失效 到达 抵达 关闭 开通`},
	group[substance]{concrete, `信息技术 大赛 大会 大额 小区 小额 小学 小组 新生 新房 新车 新生儿 新订单 新任务 新客户 用户名 客户端 手机号 短信验证 服务费 服务区 项目部 有效 有声 有害 有奖 到账 到店 到货 到场 到家 到校 到岗 到诊 到院 到站 到访
		好友 好评 已预约 请假 请购 请款 请销假 和解 与会 及格 微信群 消息回复 大额交易 小时工 业务员 服务员 会员卡 会员日 会员升级 系统升级 系统维护 数据备份`},
)
