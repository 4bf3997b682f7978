package kind_test

import (
	"testing"

	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/values"
)

func TestAKeywordThatItsValuesDoNotFitIsSwapped(t *testing.T) {
	title := wechat.Title{ID: "250", Text: "取餐提醒", Keywords: []wechat.Keyword{
		{ID: 52, Name: "取餐码", Rule: "number", Example: "32"}, {ID: 3, Name: "取餐编号", Rule: "character_string", Example: "A032"},
		{ID: 5, Name: "订单编号", Rule: "character_string", Example: "1"}, {ID: 23, Name: "门店", Rule: "thing", Example: "国贸店"},
		{ID: 14, Name: "自提时间", Rule: "date", Example: "14:05"}, {ID: 1, Name: "旧", Example: "没有类型"},
	}}
	sent := map[string]string{"取餐码": "A032", "门店": "国贸店"}
	last := func(name string) string { return sent[name] }
	k := title.Keywords
	got := kind.Misfits(title, []wechat.Keyword{k[3], k[0], k[4], k[5]}, last)
	if len(got) != 2 || got[0].At != 1 || !got[0].Sent || got[0].Value != "A032" || got[0].Instead == nil || got[0].Instead.ID != 3 {
		t.Errorf("%+v", got)
	}
	if got[1].At != 2 || got[1].Sent || got[1].Verdict.Why != values.NoDate || got[1].Instead != nil {
		t.Errorf("%+v", got[1])
	}
	if got := kind.Misfits(title, []wechat.Keyword{k[0], k[1]}, last); len(got) != 1 || got[0].Instead != nil && got[0].Instead.ID == 3 {
		t.Errorf("one that is chosen already is offered: %+v", got)
	}
	if got := kind.Misfits(title, k[:4], func(string) string { return "" }); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
