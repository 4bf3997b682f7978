package audit_test

import (
	"testing"

	"muban/wechat/audit"
)

func TestLikenessFollowsMeaning(t *testing.T) {
	for _, c := range []struct {
		of           func(a, b string) int
		a, near, far string
	}{
		{audit.KeywordLikeness, "购买时间", "购买日期", "购买地点"},
		{audit.KeywordLikeness, "订单号", "订单编号", "订单金额"},
		{audit.KeywordLikeness, "温馨提示", "温馨提示", "预约时间"},
		{audit.KeywordLikeness, " 手机号码", "手机号码", "联系地址"},
		{audit.TitleLikeness, "订单支付成功通知", "支付成功提醒", "订单支付失败提醒"},
		{audit.TitleLikeness, "取餐提醒", "取餐通知", "排队提醒"},
	} {
		near, far := c.of(c.a, c.near), c.of(c.a, c.far)
		if near <= far || near > 1000 || far < 0 {
			t.Errorf("%s: %s %d, %s %d", c.a, c.near, near, c.far, far)
		}
		if back := c.of(c.near, c.a); back != near {
			t.Errorf("%s and %s: %d one way, %d the other", c.a, c.near, near, back)
		}
	}
	if got := audit.KeywordLikeness("", ""); got != 0 {
		t.Errorf("nothing is like nothing by %d", got)
	}
}
