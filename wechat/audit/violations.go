package audit

// CheckValues applies 违规说明 to the values of a message about to be sent. All
// findings are warnings: what a message sells only its sender knows, but the
// penalty falls on the account.
func CheckValues(values []string) []Finding {
	var found []Finding
	for i, v := range values {
		where := spot{"values", i, ""}
		for _, f := range abusesOf(v) {
			if f.word == "" {
				continue
			}
			found = append(found, Finding{
				Rule: f.rule, Level: Warning, Where: where.String(), Key: f.key,
				Args: map[string]string{"word": f.word},
			})
		}
	}
	return found
}

type abuseFinding struct{ rule, key, word string }

// abusesOf returns, by rule, the first word of a value that the rule is about.
func abusesOf(value string) [3]abuseFinding {
	var seen [selling + 1]string
	text := tight(value)
	if tag := priceTag(text); tag != "" {
		seen[selling] = tag
	}
	for rest := text; len(rest) > 0; {
		piece, a, known := abuseWords().next(rest)
		rest = rest[len(piece):]
		if known && seen[a] == "" {
			seen[a] = piece
		}
	}
	found := [3]abuseFinding{
		{RuleInducement, "values.lure", seen[lure]},
		{RuleHarassment, "values.harass", seen[harass]},
		{RuleAdvertising, "values.selling", seen[selling]},
	}
	if found[1].word == "" {
		found[1].key, found[1].word = "values.loud", shouting(value)
	}
	return found
}

// shouting returns signs of exclamation in a row, or nothing.
func shouting(value string) string {
	count, start := 0, 0
	for i, r := range value {
		if r != '!' && r != '！' && r != '？' && r != '?' {
			count = 0
			continue
		}
		if count == 0 {
			start = i
		}
		if count++; count == 3 {
			return value[start : i+len(string(r))]
		}
	}
	return ""
}

// abuse is what 违规说明 forbids in the values of a message.
type abuse uint8

const (
	decent  abuse = iota // listed to shield a shorter word inside it
	lure                 // asks for an action in exchange
	harass               // presses, threatens, or calls back
	selling              // advertises
)

var abuseWords = newLexicon(
	// 1. 诱导: an action is asked for so that another message can be sent, or so that others are drawn in.
	group[abuse]{lure, `点击领取 点击领 点击抽奖 点击参与 点此领取 点我领取 戳我领 立即领取 立即领 马上领取 马上领 速领 快领 快来领 免费领取 免费领 分享给好友 分享好友 分享到群 分享到朋友圈 分享朋友圈 转发 转发到群 转发朋友圈 集赞 点赞 求赞 帮我点 帮忙砍 帮砍
		帮我砍一刀 砍一刀 助力 好友助力 邀请好友 邀请新人 邀请有礼 拉新 拉人 组队瓜分 瓜分 扫码领取 扫码进群 扫码加群 加微信 加我微信 加v 加群 进群 入群领 关注公众号 关注我们 关注领 下载app 下载客户端 填写表单领 提交表单领 签到领 打卡领 评论有奖
		好评返现 晒单返现 五星好评 回复1 回复领取 抽奖 参与抽奖 免费抽 抽大奖 赢大奖 赢取 砸金蛋 大转盘 做任务领 完成任务领 投我一票 帮我投票 点开有惊喜 点击有惊喜 不点后悔 点我`},
	// 2. 骚扰: urging, threats, calling back users who have left.
	group[abuse]{harass, `最后机会 最后一次机会 最后一天 最后一小时 错过后悔 错过不再 错过再等 不容错过 千万别错过 别错过 手慢无 速来 快来 赶快来 赶紧来 快快来 速速 火速 再不来 还不快 抓紧时间 赶紧 赶快 倒计时 好久不见 好久没来 很久没来 多久没来 想你了 想念你 我们想你
		快回来 等你回来 等你回家 回来看看 回来吧 您已被 不处理后果自负 后果自负 限你 限您 最后通牒 否则将 上门催收 爆通讯录 恭喜发财 睡了吗 亲在吗 戳这里 看过来 重要的事说三遍 不转不是`},
	// 3. 营销: discounts and advertising. 优惠 alone also stands on receipts (优惠5元), so it is not listed.
	group[abuse]{selling, `促销 大促 特惠 钜惠 巨惠 让利 大甩卖 甩卖 清仓 特卖 限时抢购 限时抢 限时优惠 限时特惠 限时折扣 限量抢 抢购 疯抢 秒杀 秒抢 开抢 抢先购 半价 五折起 折起 全场 全场包邮 买一送一 买一赠一 第二件半价 满减 立减 直降 0元购 零元购 一元购 1元购 免费送 免费试用 免费体验
		白送 史上最低 全网最低 最低价 骨折价 跳楼价 新品上市 新品首发 新品上线 上新 新款上市 爆款 热销 热卖 周年庆 店庆 双11 双十一 双12 双十二 618大促 年货节 购物节 狂欢 酬宾 大礼包 豪礼 好礼 有礼 送礼 专属福利 福利 福利来袭 来袭 驾到 优惠多多 优惠活动 更多优惠 享优惠 享折扣
		欢迎选购 欢迎光临 欢迎下单 立即购买 立即抢购 马上抢 点击购买 立即下单 马上下单 火爆 热卖中 重磅 开业 招商 赚钱 日赚 月入 躺赚 兼职日结 低息 无抵押 秒批 开户送 充值送 充100送 消费返 返利 返现 红包雨 领红包 抢红包 送红包 送优惠券 领优惠券 领券 抢券 赠送优惠券 派送`},
	group[abuse]{decent, `代理人 代理点 法定代理 代理商 福利院 福利费 贷款到账 贷款还款 房屋贷款 贷款审批 贷款申请 还贷 转发邮件 呼叫转发 开业登记 加盟店 加盟商 点赞数 秒杀订单 警告牌 警告处分 拼团助力成功 助力成功 助力车 电动助力车 秒杀成功 抢购成功 派送中 派送员 正在派送 已派送 派送费 派送时间 派送地址 派送成功
		全场景 快来自 倒计时牌 再不变 赶紧处理 未抽奖 抽奖结果 抽奖时间 优惠活动已结束 满减券 入群申请 加群申请 加群成功 进群码 有礼貌 起诉书 起诉状 热卖区 特卖场`},
)
