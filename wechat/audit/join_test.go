package audit

import (
	"fmt"
	"testing"
)

func TestKeywordsThatSayTheSameAreOneFinding(t *testing.T) {
	names := []string{"订单编号", "商品名称", "单号", "备注", "订单号码", "备注", "购买时间", "购买日期"}
	p := Proposal{Title: "订单支付成功通知"}
	for _, name := range names {
		p.Keywords = append(p.Keywords, Keyword{Name: name, Example: "1"})
	}
	x := NewIndex([]Existing{{ID: "AT0009", Title: p.Title, Source: SourceLibrary}})
	for _, c := range []struct {
		own  Options
		want string
	}{
		{Options{Index: x, SourceID: "AT0009"}, "[2.2 note keywords[0].name [0 2 4] 2.1 error keywords[3].name [3 5] 2.2 note keywords[6].name [6 7]]"},
		{Options{}, "[2.2 warning keywords[0].name [0 2 4] 2.1 error keywords[3].name [3 5] 2.2 error keywords[6].name [6 7]]"},
	} {
		var got []string
		found := Check(p, c.own)
		for _, j := range Join(found) {
			if j.Rule == RuleSameKeyword || j.Rule == RuleSimilarKeyword {
				got = append(got, fmt.Sprint(j.Rule, " ", j.Level, " ", j.Where, " ", j.Members))
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v, want %s", got, c.want)
		}
	}
	if all := Join(Check(Proposal{Title: "特价"}, Options{Count: true})); len(all) < 2 || all[0].Members != nil {
		t.Errorf("%+v", all)
	}
	if Join(nil) != nil {
		t.Error("something of nothing")
	}
}
