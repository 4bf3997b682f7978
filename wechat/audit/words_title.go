package audit

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

// endings are how a title has to end (审核说明 1.3).
var endings = [...]string{"提醒", "通知"}

// nearEndings are what people write instead, with the ending that says the same.
var nearEndings = []struct{ written, mended string }{
	{"温馨提示", "提醒"}, {"友情提示", "提醒"}, {"提示信息", "提醒"}, {"提示", "提醒"}, {"提醒单", "提醒"}, {"提醒函", "提醒"}, {"提醒消息", "提醒"}, {"提醒信息", "提醒"}, {"小提醒", "提醒"},
	{"通知单", "通知"}, {"通知书", "通知"}, {"通知函", "通知"}, {"通知消息", "通知"}, {"通知信息", "通知"}, {"消息推送", "通知"}, {"推送", "通知"}, {"推送消息", "通知"},
	{"公告", "通知"}, {"通告", "通知"}, {"告知", "通知"}, {"告知书", "通知"}, {"告知单", "通知"}, {"播报", "通知"}, {"通报", "通知"}, {"快报", "通知"}, {"速报", "通知"}, {"喜报", "通知"},
	{"消息", "通知"}, {"通知模板", "通知"}, {"提醒模板", "提醒"}, {"模板消息", "通知"}, {"通知栏", "通知"}, {"知会", "通知"}, {"回执", "通知"}, {"警报", "提醒"}, {"告警", "提醒"}, {"催告", "提醒"},
}

// pendingWords open titles of what is still to be done: 提醒 suits them better than 通知.
var pendingWords = []string{"待", "未", "即将", "将", "快要", "逾期", "到期", "过期", "预约", "开始", "还款", "缴费", "续费"}
