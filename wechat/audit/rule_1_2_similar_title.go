package audit

// sameTitle applies 审核说明 1.1 to a tight title, and 1.2 where no title is the
// same. The title that is combined, and the draft that is being written, are
// not "another".
func (c *checker) sameTitle(text string) {
	x := c.options.Index
	if x == nil {
		return
	}
	var same []Existing
	for _, i := range x.equal[text] {
		if e := x.titles[i]; !c.own(e) {
			same = append(same, e)
		}
	}
	if len(same) > 0 {
		sortByPlace(same)
		c.add(theTitle, c.sameAs(same))
		return
	}
	if !c.combination {
		c.similarTitle(text)
	}
}

// sameAs: a second title is refused, but one title may well be combined twice.
func (c *checker) sameAs(same []Existing) Finding {
	f := Finding{Rule: RuleSameTitle, Level: Error, Key: "same." + same[0].place(), Args: same[0].args(), Nearest: same}
	if c.combination {
		f.Level, f.Key = Note, "again."+same[0].place()
	}
	return f
}

// similarTitle applies 1.2. A title that comes from the library is not asked
// whether it resembles others there: WeChat has let it stand beside them.
func (c *checker) similarTitle(text string) {
	x := c.options.Index
	matches, n := x.matches(text, maxNearest)
	kept := matches[:0]
	for _, m := range matches[:n] {
		if !c.own(x.titles[m.title]) {
			kept = append(kept, m)
		}
	}
	if len(kept) == 0 {
		return
	}
	f := Finding{Rule: RuleSimilarTitle, Level: Warning, Key: "similar.near", Nearest: x.existing(kept)}
	if kept[0].score == sameScore {
		f.Level, f.Key = Error, "similar.same"
	}
	f.Args = f.Nearest[0].args()
	if f.Nearest[0].Source == SourceLibrary {
		f.Suggestion = f.Nearest[0].Title
	}
	c.add(theTitle, f)
}

func (c *checker) own(e Existing) bool {
	switch e.Source {
	case SourceLibrary:
		return c.options.SourceID != "" && e.ID == c.options.SourceID
	case SourceDraft:
		return c.options.DraftID != "" && e.ID == c.options.DraftID
	}
	return false
}

// place is the source as the catalogue knows it.
func (e Existing) place() string {
	if e.Source == SourceTemplate || e.Source == SourceDraft {
		return e.Source
	}
	return SourceLibrary
}

func (e Existing) args() map[string]string {
	return map[string]string{"title": e.Title, "id": e.ID}
}

// titleMeanings: each line is one thing to a reader. What differs in kind
// stands on different lines: 成功 and 失败, 申请 and 到账, 开始 and 结束.
var titleMeanings = thesaurus(
	// Says nothing about which title is meant.
	group[part]{silent, `提醒 通知 提示 告知 消息 的 您 您的 你的 我的 已 已经 了 被 及时 关于 温馨 温馨提示 重要 最新 新 新的 一条 个人 本次 进行 信息`},
	// General subjects.
	group[part]{weak, `订单 单据 交易订单`},
	group[part]{weak, `商品 产品 物品 货品 货物 宝贝`},
	group[part]{weak, `服务 业务`},
	group[part]{weak, `用户 客户 顾客 买家 会员用户`},
	group[part]{weak, `即将 将 快要 将要`},
	group[part]{weak, `系统 平台 在线 线上 网上`},
	// How it ended.
	group[part]{deed, `成功 完成 已完成 完毕 办结`},
	group[part]{deed, `失败 未成功 不成功 未完成`},
	group[part]{deed, `通过 已通过`},
	group[part]{deed, `未通过 不通过 拒绝 被拒 驳回 退回修改 未过`},
	group[part]{deed, `结果`},
	group[part]{deed, `状态 情况 状况`},
	group[part]{deed, `进度 进展`},
	group[part]{deed, `变更 变动 变化 更改 修改 调整`},
	group[part]{deed, `更新`},
	group[part]{deed, `异常 故障 报障`},
	group[part]{deed, `待 等待 尚未 未`},
	group[part]{deed, `不 非 无`},
	group[part]{deed, `不足 过低`},
	// When.
	group[part]{deed, `开始 启动 开启 开场`},
	group[part]{deed, `结束 终止 截止 停止`},
	group[part]{deed, `到期 过期 失效 将到期 期满 届满`},
	group[part]{deed, `逾期 超期 超时`},
	group[part]{deed, `延期 推迟 延迟 延误`},
	group[part]{deed, `取消 撤销 撤回`},
	group[part]{deed, `关闭`},
	// Money.
	group[part]{deed, `支付 付款 缴费 缴纳 付费 交费 缴款 交款 买单 结账`},
	group[part]{deed, `到账 入账 已到账`},
	group[part]{deed, `退款 退费 退钱`},
	group[part]{deed, `收款 收钱`},
	group[part]{deed, `提现 取现`},
	group[part]{deed, `充值 储值 充钱`},
	group[part]{deed, `扣款 扣费 代扣`},
	group[part]{deed, `还款`},
	group[part]{deed, `放款`},
	group[part]{deed, `转账 汇款`},
	group[part]{deed, `消费`},
	group[part]{deed, `返还 退还 退回`},
	group[part]{subject, `账单`},
	group[part]{subject, `余额`},
	group[part]{subject, `账户 账号`},
	// Buying and sending.
	group[part]{deed, `购买 订购 选购 购物`},
	group[part]{deed, `下单`},
	group[part]{deed, `发货 出货 寄出 发出 出库`},
	group[part]{deed, `收货 签收`},
	group[part]{deed, `送达 送到 妥投`},
	group[part]{deed, `配送 派送 送货 派件`},
	group[part]{deed, `提货 取货 自提`},
	group[part]{deed, `取件`},
	group[part]{deed, `取餐`},
	group[part]{deed, `退货`},
	group[part]{deed, `换货`},
	group[part]{deed, `到货`},
	group[part]{subject, `快递 物流 包裹`},
	group[part]{subject, `门店 店铺 商家 商户`},
	// Asking and answering.
	group[part]{deed, `申请 申办`},
	group[part]{deed, `提交 上传`},
	group[part]{deed, `审核 审批 审查 核审`},
	group[part]{deed, `受理 接单`},
	group[part]{deed, `处理 办理`},
	group[part]{deed, `确认`},
	group[part]{deed, `预约 预订 预定`},
	group[part]{deed, `报名`},
	group[part]{deed, `参加 参与`},
	group[part]{deed, `注册 开户`},
	group[part]{deed, `登录 登陆`},
	group[part]{deed, `绑定`},
	group[part]{deed, `解绑 解除绑定`},
	group[part]{deed, `激活 开通`},
	group[part]{deed, `升级`},
	group[part]{deed, `降级`},
	group[part]{deed, `续费 续期 续约`},
	group[part]{deed, `签到 打卡`},
	group[part]{deed, `评价 评论 点评`},
	group[part]{deed, `留言`},
	group[part]{deed, `回复 答复`},
	group[part]{deed, `反馈`},
	group[part]{deed, `投诉`},
	group[part]{deed, `咨询`},
	group[part]{deed, `邀请`},
	group[part]{deed, `领取`},
	group[part]{deed, `兑换`},
	group[part]{deed, `中奖`},
	group[part]{deed, `开奖`},
	group[part]{deed, `拼团`},
	group[part]{deed, `参团`},
	group[part]{deed, `开团`},
	group[part]{deed, `成团`},
	group[part]{deed, `团购`},
	group[part]{deed, `砍价`},
	group[part]{deed, `排队 排号`},
	group[part]{deed, `叫号`},
	group[part]{deed, `挂号`},
	group[part]{deed, `就诊 看诊 看病`},
	group[part]{deed, `上课 开课`},
	group[part]{deed, `下架`},
	group[part]{deed, `上架`},
	group[part]{deed, `出票`},
	group[part]{deed, `取票`},
	group[part]{deed, `请假`},
	group[part]{deed, `入住`},
	group[part]{deed, `退房`},
	group[part]{deed, `维修 报修 修理`},
	group[part]{subject, `奖品 礼品 礼物 奖励`},
	group[part]{subject, `课程`},
	group[part]{subject, `会员`},
	group[part]{subject, `等级 级别`},
	group[part]{subject, `优惠券 代金券 卡券`},
)
