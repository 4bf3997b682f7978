package audit

import "testing"

func TestWhatInvitesGivesAwayDiscountsOrAdvertisesIsMarketing(t *testing.T) {
	for _, title := range fieldsOf(`优惠券通知 优惠券领取提醒 优惠券发放通知 红包派发通知 新人红包通知 代金券赠送通知 购物返利通知 消费返现提醒 新品上架通知 商品更新提醒 店铺上新提醒
		限时优惠通知 秒杀提醒 双十一大促通知 周年庆优惠活动通知 促销活动开始通知 打折促销提醒 会员专享优惠通知 会员日活动提醒 会员卡赠送通知 积分赠送通知 积分翻倍提醒 双倍积分活动通知
		积分抽奖通知 免费领取礼品通知 福利领取提醒 新活动上线通知 活动邀请通知 邀请好友得红包通知 商品推荐通知 8折优惠提醒 满100减20通知 买一送一提醒 清仓甩卖通知 新店开业通知 充值送积分通知
		签到送红包提醒 抢红包提醒 全场五折提醒 好物推荐提醒 满二百送五十提醒 立减30元提醒`) {
		if level := onTitle(title, RuleMarketing); level != Error {
			t.Errorf("%s: %q, want error", title, level)
		}
	}
}

func TestWhatHappenedToTheUsersOwnThingIsNoMarketing(t *testing.T) {
	for _, title := range fieldsOf(`积分到账提醒 会员升级通知 积分兑换成功通知 已预约活动开始提醒 活动状态通知 积分过期提醒 会员卡激活成功通知 会员卡消费通知 活动报名成功通知 活动取消通知 活动签到提醒
		会员续费成功通知 砍价成功通知 拼团失败通知 团购成功通知 抽奖结果通知 中奖通知 秒杀成功通知 抢购失败通知 邀请成功通知 好友邀请结果通知 会议邀请通知 面试邀请通知 奖励到账通知 佣金到账提醒
		配送完成通知 返程提醒 派单通知 抢单成功通知 工资发放通知 商品上架审核通知 商品下架通知 课程更新提醒 证券开户成功通知 限行提醒 骨折复诊提醒 积分获取通知 积分消耗通知 会员积分增加提醒`) {
		if level := onTitle(title, RuleMarketing); level == Error || level == Warning {
			t.Errorf("%s: %s", title, level)
		}
	}
}

func TestWhereAReviewerMightAskTheTitleDrawsAWarning(t *testing.T) {
	for _, title := range fieldsOf(`优惠券到期提醒 优惠券领取成功通知 红包到账提醒 红包退回通知 卡券核销通知 特价机票预订成功通知 积分兑换提醒 活动通知 会员卡提醒 积分提醒 秒杀开始提醒 奖品发放通知 礼物领取通知 商品降价提醒
		预售尾款支付提醒 推荐成功通知 优惠券使用提醒 开抢提醒 红包未领取退款通知 会员卡领取通知 储值卡领取提醒`) {
		if level := onTitle(title, RuleMarketing); level != Warning {
			t.Errorf("%s: %q, want warning", title, level)
		}
	}
}

func TestTheWordThatConvictsIsNamed(t *testing.T) {
	for title, word := range map[string]string{"购买满100减20通知": "满100减20", "全场8折通知": "8折", "新人优惠券派送提醒": "优惠券", "限时通知": "限时"} {
		if f := find(t, Check(Proposal{Title: title}, Options{}), RuleMarketing, "title"); f.Args["word"] != word {
			t.Errorf("%s: %q, want %q", title, f.Args["word"], word)
		}
	}
}
