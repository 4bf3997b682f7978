package audit

import (
	"strings"
	"testing"
)

// testdata/bad-wording.txt: titles with symbols, emoji, markup, slang and pet names.
func TestTitlesWithSymbolsOrPersonalWordsAreCaught(t *testing.T) {
	for _, title := range linesOf(t, "testdata/bad-wording.txt") {
		if level := onTitle(title, RuleTitleWording); level != Error && level != Warning {
			t.Errorf("%s: %q", title, level)
		}
	}
}

func TestEachKindOfOffenceIsNamedByItself(t *testing.T) {
	for title, key := range map[string]string{
		"🎉订单支付成功通知":                     "wording.emoji",
		"订单❤发货通知":                       "wording.emoji",
		"👨‍👩‍👧家庭套餐预约成功通知":               "wording.emoji",
		"<b>订单</b>发货通知":                 "wording.markup",
		"{{订单}}发货通知":                    "wording.markup",
		"订单&nbsp;发货通知":                  "wording.markup",
		"订单支付成功！！！通知":                   "wording.repeated",
		"订单@发货通知":                       "wording.symbol",
		"【订单】发货通知":                      "wording.symbol",
		"订单（自提）完成通知":                    "wording.punctuation",
		"付款/退款通知":                       "wording.punctuation",
		"订单 发货通知":                       "wording.space",
		"订单\u200b发货通知":                  "wording.invisible",
		"订单\x00发货通知":                    "wording.invisible",
		"ご注文発送通知":                       "wording.foreign",
		"亲，订单发货通知":                      "wording.chatty",
		"宝宝们发货通知":                       "wording.chatty",
		"YYDS订单发货通知":                    "wording.chatty",
		"ｙｙｄｓ订单发货通知":                    "wording.chatty",
		"订单发货啦提醒":                       "wording.chatty",
		"您的订单发货通知":                      "wording.pronoun",
		"请查收发货通知":                       "wording.sentence",
		"京东订单发货通知":                      "wording.brand",
		string([]byte{0xff}) + "订单发货通知": "wording.invisible",
	} {
		keys := ""
		for _, f := range Check(Proposal{Title: title}, Options{}) {
			keys += f.Key + " "
		}
		if !strings.Contains(keys, key) {
			t.Errorf("%q: %q, want %s", title, keys, key)
		}
	}
}

func TestWordsOfTradesAreNotTakenForSlang(t *testing.T) {
	for _, title := range fieldsOf(`亲子运动会报名通知 亲友到访通知 母亲节订花成功通知 探亲预约通知 宝宝疫苗接种提醒 其他费用缴费提醒 他人代付成功通知 吉他课上课提醒
		酒吧预订成功通知 加油成功通知 哈尔滨出票成功通知 NBA比赛开始提醒 VIP续费成功通知 Wi-Fi绑定成功通知 O2O订单完成通知 5G套餐变更通知 COVID-19检测结果通知
		Apple ID注册成功提醒 自我评价提醒 拉萨航班延误通知 烤鸭取餐提醒 ２０１８年会签到提醒 咖啡取餐通知 巧克力订单完成通知`) {
		if level := onTitle(title, RuleTitleWording); level != "" {
			t.Errorf("%s: %s", title, level)
		}
	}
	if level := onTitle("Apple ID注册成功提醒", RuleTitleWording); level != "" {
		t.Errorf("a space between Latin words: %s", level)
	}
}

func TestCleaningLeavesTheServiceStanding(t *testing.T) {
	for title, want := range map[string]string{
		"亲，您的订单发货啦！通知":  "订单发货通知",
		"🎉订单支付成功通知🎉":    "订单支付成功通知",
		"<b>订单</b>发货通知": "订单发货通知",
		"【VIP】订单发货提醒":   "VIP订单发货提醒",
		"订单★发货★通知":      "订单发货通知",
		"么么哒退款通知":       "退款通知",
		"Wi-Fi绑定成功！通知":  "Wi-Fi绑定成功通知",
		"京东订单发货通知":      "", // what should stand in place of the name only a person can tell
	} {
		f := find(t, Check(Proposal{Title: title}, Options{}), RuleTitleWording, "title")
		if f.Suggestion != want {
			t.Errorf("%s: suggestion %q, want %q", title, f.Suggestion, want)
		}
	}
}

func TestKeywordsWithSymbolsOrPersonalWordsAreCaught(t *testing.T) {
	for name, want := range map[string]Level{
		"姓名：": Error, "订单号😊": Error, "商品★名称": Error, "亲的姓名": Error, "小仙女姓名": Error, "【金额】": Error, "订单号#": Error, "金额！！": Error,
		"{{keyword1.DATA}}": Error, "<i>金额</i>": Error, "订单号\n": Error, "到账啦": Error, "宝宝们的姓名": Error, "支付~时间": Error, "订单号*": Error,
		"您的姓名": Warning, "金额(元)": Warning, "收件人/电话": Warning, "支付 时间": Warning, " 姓名": Warning,
		"姓名": "", "订单编号": "", "VIP等级": "", "WiFi名称": "", "亲属关系": "", "宝宝姓名": "", "QQ号": "", "其他费用": "", "二维码": "", "收货人电话": "", "T恤尺码": "",
		"加油量": "", "A座门禁": "", "ID": "", "网吧名称": "", "他项权证号": "",
	} {
		found := Check(underTitle(Keyword{Name: name, Example: "1"}), Options{})
		if level := worst(found, RuleKeywordWording, "keywords[0].name"); level != want {
			t.Errorf("%q: %q, want %q", name, level, want)
		}
	}
	f := find(t, Check(underTitle(Keyword{Name: "【订单号】："}), Options{}), RuleKeywordWording, "keywords[0].name")
	if f.Suggestion != "订单号" {
		t.Errorf("suggestion %q", f.Suggestion)
	}
}
