package account_test

import (
	"slices"
	"testing"

	"muban/wechat"
	"muban/wechat/account"
)

func TestSuccessorsGoByMeaningAndType(t *testing.T) {
	old := wechat.Template{
		Title:   "订单支付成功通知",
		Content: "订单号{{keyword1.DATA}}\n商品名称{{keyword2.DATA}}\n支付金额{{keyword3.DATA}}\n购买时间{{keyword4.DATA}}\n温馨提示{{keyword5.DATA}}\n取货门店{{keyword6.DATA}}\n",
	}
	library := []wechat.Title{
		{ID: "1", Text: "课程开始提醒", Keywords: []wechat.Keyword{{ID: 1, Name: "课程名称", Rule: "thing"}}},
		{ID: "2", Text: "支付成功提醒", Keywords: []wechat.Keyword{
			{ID: 7, Name: "购买日期", Rule: "date"}, {ID: 3, Name: "商品名称", Rule: "thing"},
			{ID: 4, Name: "支付金额", Rule: "amount"}, {ID: 9, Name: "订单编号", Rule: "character_string"},
			{ID: 12, Name: "取货门店", Rule: "thing"}, {ID: 13, Name: "温馨提示", Rule: "thing"},
		}},
		{ID: "3", Text: "支付失败提醒", Keywords: []wechat.Keyword{{ID: 3, Name: "商品名称", Rule: "thing"}}},
	}
	used := account.Used{Values: map[string][]string{
		"keyword1": {"北京订单8", "A1001"},
		"keyword3": {"38.00元"},
		"keyword5": {"这是一句远远超过二十个字的温馨提示请您务必仔细阅读"},
	}}
	found := account.Successors(old, used, library)
	if len(found) == 0 || found[0].Title.ID != "2" {
		t.Fatalf("%+v", found)
	}
	s := found[0]
	if ids := s.KeywordIDs(); len(ids) != 5 || !slices.Equal(ids[:4], []int{9, 3, 4, 7}) {
		t.Errorf("the combination is %v", ids)
	}
	if k := s.Keywords[0]; k.Sent != 2 || k.Refused != 1 || k.First != "北京订单8" || k.Why.Why == "" {
		t.Errorf("a value that the type refuses: %+v", k)
	}
	lost := 0
	for _, k := range s.Keywords {
		if k.To == nil {
			lost++
		}
	}
	if lost != 1 {
		t.Errorf("%d keywords are lost of the six, five fit", lost)
	}
	for _, s := range found {
		if s.Title.ID == "1" {
			t.Error("a title on something else is named")
		}
	}
}

func TestATemplateWithoutALikeHasNoSuccessor(t *testing.T) {
	old := wechat.Template{Title: "电池低电量提醒", Content: "设备名称{{keyword1.DATA}}\n"}
	library := []wechat.Title{{ID: "1", Text: "取餐提醒", Keywords: []wechat.Keyword{{ID: 1, Name: "取餐号", Rule: "number"}}}}
	if found := account.Successors(old, account.Used{}, library); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}
