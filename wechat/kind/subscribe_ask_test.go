package kind_test

import (
	"testing"

	"muban/wechat"
	"muban/wechat/kind"
)

func TestWhatIsAskedForTogetherSuitsWeChat(t *testing.T) {
	once := func(title string) wechat.Template {
		return wechat.Template{ID: title, Title: title, Type: wechat.OneTime}
	}
	long := func(title string) wechat.Template {
		return wechat.Template{ID: title, Title: title, Type: wechat.LongTerm}
	}
	for _, c := range []struct {
		picked []wechat.Template
		t      wechat.Template
		why    string
	}{
		{nil, long("公交到站提醒"), ""},
		{[]wechat.Template{once("取餐提醒")}, once("订单支付成功通知"), ""},
		{[]wechat.Template{once("取餐提醒")}, once("取餐提醒"), kind.AskTwin},
		{[]wechat.Template{once("取餐提醒")}, long("公交到站提醒"), kind.AskMixed},
		{[]wechat.Template{long("公交到站提醒")}, once("取餐提醒"), kind.AskMixed},
		{[]wechat.Template{once("a"), once("b"), once("c")}, once("d"), kind.AskFull},
		{[]wechat.Template{once("a"), once("b"), once("c")}, once("b"), kind.AskTwin},
	} {
		if why := kind.AskBeside(c.picked, c.t); why != c.why {
			t.Errorf("%v beside %v: %q, want %q", c.t, c.picked, why, c.why)
		}
	}
}
