package audit

import (
	"strings"
	"unicode/utf8"
)

// marketing applies 审核说明 1.6 to a tight title.
func (c *checker) marketing(text string) {
	verdict := judgeTrade(readTrade(text))
	if verdict.level == "" {
		return
	}
	c.add(theTitle, Finding{
		Rule: RuleMarketing, Level: verdict.level, Key: verdict.key,
		Args: map[string]string{"word": verdict.word},
	})
}

// tradeReading holds the first word of each trade that a title uses.
type tradeReading struct {
	words   [update + 1]string
	adverts int // different words of advertising
	gives   bool
}

func (r *tradeReading) has(t trade) bool { return r.words[t] != "" }

func readTrade(text string) tradeReading {
	r := tradeReading{}
	text = withoutEnding(text)
	if tag := priceTag(text); tag != "" {
		r.words[advert], r.adverts = tag, 1
	}
	for before := harmless; len(text) > 0; {
		piece, t, ok := tradeWords().next(text)
		text = text[len(piece):]
		if !ok {
			before = harmless
			continue
		}
		if t == advert && r.words[advert] != piece {
			r.adverts++
		}
		r.gives = r.gives || before == give && (t == voucher || t == account || t == prize)
		if r.words[t] == "" {
			r.words[t] = piece
		}
		before = t
	}
	r.gives = r.gives || r.has(giving)
	return r
}

// tradeVerdict is what 1.6 makes of a title; no level means that it stands.
type tradeVerdict struct {
	level Level
	key   string
	word  string
}

// judgeTrade weighs the words of a title against each other. What happened to
// the user's own thing is service; what invites, gives away, discounts or
// advertises is marketing.
func judgeTrade(r tradeReading) tradeVerdict {
	switch {
	case r.has(advert):
		return judgeAdvert(r)
	case r.has(goods) && (r.has(renewal) || r.has(update)) && !r.has(outcome):
		return tradeVerdict{Error, "marketing.goods", r.words[goods]}
	case r.has(voucher):
		return judgeVoucher(r)
	case r.has(sale) && !r.has(outcome):
		return judgeSale(r)
	case r.has(account):
		return judgeAccount(r)
	case r.has(prize) && !r.has(outcome):
		return tradeVerdict{Warning, "marketing.prize", r.words[prize]}
	}
	return tradeVerdict{}
}

// judgeAdvert: advertising beside a result may be the name of what was bought
// (特价机票预订成功); twice over it is advertising.
func judgeAdvert(r tradeReading) tradeVerdict {
	if r.adverts == 1 && r.has(outcome) && !r.gives {
		return tradeVerdict{Warning, "marketing.ask", r.words[advert]}
	}
	return tradeVerdict{Error, "marketing.advert", r.words[advert]}
}

// judgeVoucher: only a result clears a coupon, and a reviewer might still ask.
func judgeVoucher(r tradeReading) tradeVerdict {
	switch {
	case r.has(outcome):
		return tradeVerdict{Warning, "marketing.ask", r.words[voucher]}
	case r.has(either) && !r.gives:
		return tradeVerdict{Warning, "marketing.invites", r.words[voucher]}
	case r.gives:
		return tradeVerdict{Error, "marketing.gives", r.words[voucher]}
	}
	return tradeVerdict{Error, "marketing.bare", r.words[voucher]}
}

// judgeSale: whoever booked a sale may be told that it begins.
func judgeSale(r tradeReading) tradeVerdict {
	if r.has(planned) || r.has(service) || r.has(either) {
		return tradeVerdict{Warning, "marketing.sale", r.words[sale]}
	}
	return tradeVerdict{Error, "marketing.advert", r.words[sale]}
}

// judgeAccount: points, membership cards and activities are often the user's
// own, so any step of a service clears them, and the word alone does not
// convict: a reviewer would ask what happened.
func judgeAccount(r tradeReading) tradeVerdict {
	switch {
	case r.has(outcome):
		return tradeVerdict{Note, "marketing.own", r.words[account]}
	case r.gives:
		return tradeVerdict{Error, "marketing.gives", r.words[account]}
	case r.has(renewal):
		return tradeVerdict{Error, "marketing.goods", r.words[account]}
	case r.has(service), r.has(planned), r.has(update):
		return tradeVerdict{Note, "marketing.own", r.words[account]}
	case r.has(either):
		return tradeVerdict{Warning, "marketing.invites", r.words[account]}
	}
	return tradeVerdict{Warning, "marketing.alone", r.words[account]}
}

// priceTag returns the written price cut of a title, such as 8折 or 满100减20.
func priceTag(text string) string {
	for _, tag := range priceTags {
		if found := tagged(text, tag.before, tag.after); found != "" {
			return found
		}
	}
	return ""
}

// tagged finds a number between two words, either of which may be empty.
func tagged(text, before, after string) string {
	for from := 0; ; {
		i := strings.Index(text[from:], before)
		if i < 0 {
			return ""
		}
		start := from + i
		number := start + len(before)
		end := number + numberPrefix(text[number:])
		if end > number && strings.HasPrefix(text[end:], after) {
			end += len(after)
			return text[start : end+numberPrefix(text[end:])]
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = max(end, start+size)
		if from >= len(text) {
			return ""
		}
	}
}

// numberPrefix returns how many bytes of s are a number, in digits or numerals.
func numberPrefix(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !isDigit(r) && !strings.ContainsRune("一二三四五六七八九十百千两半.", r) {
			break
		}
		n += size
	}
	return n
}

// trade is what a word has to do with marketing (审核说明 1.6). No word convicts
// by itself: see marketing in rules_marketing.go for what they say together.
type trade uint8

const (
	harmless trade = iota // listed to shield a shorter word inside it
	advert                // praises, discounts, invites: the vocabulary of advertising
	sale                  // a selling event that a user may have taken part in
	voucher               // what shops give away, named by the clause: 优惠券, 代金券, 红包, 返利
	account               // what the clause names too, but a user may own or have booked: 会员卡, 积分, 活动
	prize                 // won or earned, not named by the clause
	giving                // handing out or inviting
	give                  // a single character that gives when a gift follows: 送积分, 领红包
	outcome               // what happened to the user's own thing
	service               // an ordinary step of a service: it clears points, cards and activities, but no voucher
	either                // could be a step of the user's or an invitation to take it
	planned               // something that begins, ends or changes
	goods                 // what a shop sells
	renewal               // goods that are new or back: with goods it is 商品更新类
	update                // 商品更新类 with goods, and something planned with the rest
)

// tradeWords is read by longest match over the folded title.
var tradeWords = newLexicon(
	// Discounts and prices: 消费优惠类.
	group[trade]{advert, `优惠 优惠价 优惠活动 特惠 特惠价 钜惠 巨惠 实惠 惠民价 让利 让利促销 折扣 折扣价 打折 折上折 折起 全场折扣 五折 半价 半折 骨折价 特价 低价
		底价抢 超值 超低价 最低价 全网最低 秒杀价 抢购价 促销价 会员价 惊喜价 体验价 大降价 降价促销 直降 立减 满减 满赠 满返 减免优惠 买赠 买一送一 买一赠一 第二件半价
		一元购 0元购 零元购 1元购 9.9包邮 包邮 免单 霸王餐 免费送 免费领 免费领取 免费抢 免费试用 免费体验 免费 白送 白菜价 省钱 省钱攻略 翻倍 双倍 加倍 双倍积分`},
	// Campaigns and their days.
	group[trade]{advert, `促销 大促 促销活动 营销 推广 推销 宣传 广告 推荐 好物推荐 推介 力荐 精选好物 好物 爆款 爆品 热销 热卖 热荐 畅销 特卖 特卖会 闪购 清仓 甩卖 大甩卖 大放价 放价
		狂欢 狂欢节 酬宾 大酬宾 回馈 感恩回馈 答谢 钜献 巨献 盛惠 购物节 年货节 女神节 女王节 吃货节 周年庆 店庆 年终庆 会员日 粉丝日 品牌日 超级品牌日 双11 双十一 双12 双十二 618 
		黑五 黑色星期五 开业 开业大吉 盛大开业 开业酬宾 开门红 展销 招商 招商加盟 加盟 代理招募 拉新 裂变 邀请好友 集赞 转发有礼 分享有礼`},
	// Urging and flattering.
	group[trade]{advert, `限时 限时抢 限量 限量抢 限购抢 限时优惠 限时特惠 抢先 抢先购 抢鲜 疯抢 秒抢 速抢 抢券 抢红包 抢福利 手慢无 不容错过 机不可失 最后机会 倒计时抢购 尽享 尊享 专享 独享 畅享
		专属优惠 专属福利 专属礼遇 会员专享 新人专享 新客专享 新人礼 新客礼 见面礼 福利 福利社 大福利 福利日 宠粉 好礼 豪礼 大礼 有礼 好礼相送 送好礼 送豪礼 送礼 礼遇 大礼包
		邀请有礼 推荐有礼 签到有礼 注册有礼 评价有礼 消费有礼 种草 安利 尝鲜 值得买 必买 必抢 赚钱 躺赚 暴富 诱惑 惊喜 好康`},
	// New goods, said in words that only shops use: 商品更新类.
	group[trade]{advert, `新品 上新 新款 新货 新品上市 新品首发 新品发售 首发 每日上新 每周上新 店铺上新 焕新 新品推荐 新菜品 新书推荐`},
	// Selling events. 拼团, 团购 and 砍价 are ordinary services: the library is full of them.
	group[trade]{sale, `秒杀 秒杀活动 整点秒杀 抢购 抢购活动 预售 预售活动 竞拍 抽奖 抽奖活动 大抽奖 幸运抽奖 转盘 大转盘 幸运大转盘 刮刮卡 刮刮乐 砸金蛋 换购 摇一摇抽奖 一元夺宝 夺宝 集卡`},
	// 优惠券类, 代金券类, 红包类, 购物返利类.
	group[trade]{voucher, `优惠券 优惠卷 优惠卡 优惠码 代金券 代金卷 现金券 抵用券 抵扣券 折扣券 折扣卡 满减券 消费券 购物券 购物卡 礼券 礼金券 兑换券 体验券 体验卡 卡券 券 礼品券 礼品卡 提货券
		免单券 停车券 电影券 免费券 现金红包 红包 红包雨 大红包 微信红包 裂变红包 返利 购物返利 返现 返券 返佣 购物津贴 礼包 新人礼包 大礼包 代金 优惠卷包 券包 加息券`},
	// 会员卡类, 积分类, 活动类.
	group[trade]{account, `会员卡 储值卡 贵宾卡 vip卡 积分卡 积分 会员积分 积分商城 成长值 活动`},
	// Not named by the clause: won, earned, or a price or a sale that the user watches.
	group[trade]{prize, `奖品 奖励 礼品 礼物 赠品 奖金 中奖奖品 权益 会员权益 特权 会员特权 降价 开抢`},
	group[trade]{giving, `派发 派送 发放 下发红包 赠送 赠予 馈赠 领取 待领取 可领取 快领 速领 速来领取 领奖 大派送 大放送 放送 相送 奉送 赠礼 邀请 邀约 诚邀 邀请函 邀您 邀你 邀请您 诚邀您 邀请参加 召集 瓜分 来袭 驾到 等你 等您 等你来 等你拿`},
	group[trade]{give, `送 赠 领 抢 返 发 派 赚 得`},
	// Results of the user's own doing, or of what is the user's own.
	group[trade]{outcome, `成功 失败 未成功 不成功 到账 已到账 入账 到期 过期 失效 将到期 即将到期 即将过期 已过期 清零 变动 变更 变化 更改 取消 撤销 撤回 关闭 进度 结果 状态 审核 审批 通过 未通过 不通过 拒绝 驳回
		完成 已完成 退款 退回 退还 退货 退券 退 核销 核销成功 已使用 冻结 解冻 扣除 扣减 扣款 中奖 未中奖 开奖 中签 余额 明细 账单 账户 收到 已收到 已领取 领取成功 领取失败 发放成功 发放失败 异常 故障 违规 延期 改期 补发 作废 生效
		逾期 欠费 申诉 投诉 回执 凭证 转让 转赠`},
	// Steps of a service.
	group[trade]{service, `订单 下单 支付 付款 待付款 缴费 收款 充值 消费 续费 续期 购买 发货 收货 提货 取货 配送 物流 签到 打卡 预约 已预约 已报名 报名成功 报名审核 改签 激活 开通 绑定 解绑 挂失 解挂 补办 办理 申请 注销 升级 降级
		等级 获得 评价 回复 反馈 留言 咨询 受理 处理 安排 地点 时间 场地 日程 行程 集合 出发 入场 检票 验票 门票 取票 出票 购票 作品 投稿 投票 评审 名单 候补 请假 考勤 缺席 到场 值班 直播 会议 培训 上课 课程 考试 成绩 证书
		保险 理赔 发票 停车 洗车 体检 就诊 住院 巡检 维修 保养 安装 合同 签约 登记 确认 提现 转账 还款 借款 结算 佣金 分销 提成 工资 薪资 补贴 发布审核 上架审核 下架 库存`},
	group[trade]{either, `兑换 使用 待使用 参加 参与 报名 抵扣 兑奖`},
	group[trade]{planned, `开始 即将开始 开启 开场 结束 即将结束 截止 开幕 启动 举行 举办 调整 将开始 开赛 开课 开播`},
	// 商品更新类.
	group[trade]{goods, `商品 产品 货品 物品 宝贝 菜品 款式 店铺 商城 好货 新菜 服装 图书 单品 品牌`},
	group[trade]{renewal, `上架 上线 上市 到店 发售 开售 开卖 首卖 预告 发布 补货 推新 来了 到啦`},
	group[trade]{update, `更新 热更新 换新`},
	// Words that only look like one of the above.
	group[trade]{harmless, `推广订单 推广佣金 推广收益 推广奖励 推荐奖励 推荐佣金 加盟申请 招商申请 返回 返程 返校 返厂 返修 返岗 返还 配送 送达 送货 送餐 送件 送检 送修 送医 送药 送水 派单 派件 派工 派车 派遣 派出所 抢单 抢修 抢答 抢救 抢险 抢票 领料 领用 领证 领班 领导 领养 领取号 认领
		发货 发票 发布 发送 发起 发生 发车 发言 发表 发现 发证 发薪 得分 赠险 活动室 活动中心 活动场地 活动板房 活动量 体力活动 运动活动 活动轨迹 生产活动 推荐信 推荐人 推荐码 内推 推荐费 底价 推广员 推广费 推广人 广告费 广告位 广告审核
		免费停车时间 推荐表 校园卡 一卡通 福利院 福利费 福利彩票 福利中心 特权码 宣传册 优惠资格 邀请码 邀请人 被邀请 邀请成功 邀请失败 邀请结果 会议邀请 面试邀请 好友邀请 入群邀请 加入邀请 家长邀请 访客邀请 来访邀请 试驾邀请 团队邀请
		证券 债券 国库券 券商 入场券 试用期 赠与合同 赚取 派对 派驻 礼金 奖学金 助学金 公积金 社区服务 推荐职位 积分落户 入户积分 驾照积分 违章积分 加盟商 代理商 开业登记 开业申请 招商局 限购 限号 限行 限流`},
)

// priceTags are written prices cuts: 8折, 满100减20, 买二送一. Each is a run of
// digits or numerals between or before these characters.
var priceTags = []struct{ before, after string }{
	{"", "折"},
	{"满", "减"},
	{"满", "送"},
	{"满", "返"},
	{"买", "送"},
	{"买", "赠"},
	{"立减", ""},
	{"立省", ""},
	{"直降", ""},
}
