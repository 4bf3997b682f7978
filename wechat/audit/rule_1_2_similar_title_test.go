package audit

import (
	"slices"
	"testing"
)

// smallLibrary holds titles of data/, one of them under two ids.
func smallLibrary() []Existing {
	return []Existing{
		{ID: "AT0002", Title: "购买成功通知", Source: SourceLibrary},
		{ID: "AT0005", Title: "付款成功通知", Source: SourceLibrary},
		{ID: "AT0006", Title: "付款失败通知", Source: SourceLibrary},
		{ID: "AT0007", Title: "订单发货提醒", Source: SourceLibrary},
		{ID: "AT0009", Title: "订单支付成功通知", Source: SourceLibrary},
		{ID: "AT0324", Title: "提现申请通知", Source: SourceLibrary},
		{ID: "AT1330", Title: "提现成功通知", Source: SourceLibrary},
		{ID: "AT2005", Title: "付款成功通知", Source: SourceLibrary},
		{ID: "tmpl-1", Title: "留言通知", Source: SourceTemplate},
		{ID: "7", Title: "洗衣机故障提醒", Source: SourceDraft},
	}
}

func checkAgainst(title string, o Options) []Finding {
	o.Index = NewIndex(smallLibrary())
	return Check(Proposal{Title: title}, o)
}

func TestATitleThatExistsIsNamedWithWhereItIs(t *testing.T) {
	for title, want := range map[string]struct{ key, id string }{
		"购买成功通知":   {"same.library", "AT0002"},
		" 购买成功通知 ": {"same.library", "AT0002"},
		"留言通知":     {"same.template", "tmpl-1"},
		"洗衣机故障提醒":  {"same.draft", "7"},
	} {
		f := find(t, checkAgainst(title, Options{}), RuleSameTitle, "title")
		if f.Level != Error || f.Key != want.key || f.Nearest[0].ID != want.id {
			t.Errorf("%q: %s %s %+v", title, f.Level, f.Key, f.Nearest)
		}
	}
	if f := find(t, checkAgainst("购买成功通知", Options{}), RuleSameTitle, "title"); f.Nearest[0].ID != "AT0002" {
		t.Errorf("the finding does not link to the title: %+v", f.Nearest)
	}
}

func TestOneTitleUnderSeveralIdsIsNamedWithAll(t *testing.T) {
	f := find(t, checkAgainst("付款成功通知", Options{}), RuleSameTitle, "title")
	if len(f.Nearest) != 2 || f.Nearest[0].ID != "AT0005" || f.Nearest[1].ID != "AT2005" {
		t.Errorf("%+v", f.Nearest)
	}
}

func TestAProposalsOwnTitleIsNotAnother(t *testing.T) {
	if level := worst(checkAgainst("购买成功通知", Options{SourceID: "AT0002"}), RuleSameTitle, "title"); level != "" {
		t.Errorf("its library title: %s", level)
	}
	if level := worst(checkAgainst("洗衣机故障提醒", Options{DraftID: "7"}), RuleSameTitle, "title"); level != "" {
		t.Errorf("the draft itself: %s", level)
	}
	f := find(t, checkAgainst("付款成功通知", Options{SourceID: "AT0005"}), RuleSameTitle, "title")
	if f.Level != Note || f.Nearest[0].ID != "AT2005" {
		t.Errorf("the same title under another id: %s %+v", f.Level, f.Nearest)
	}
}

// What stands in the library has passed WeChat's review; only what the
// combination itself gets wrong is an error.
func TestACombinationFromTheLibraryIsNotReviewedAgain(t *testing.T) {
	x := NewIndex([]Existing{{ID: "AT0100", Title: "优惠券通知", Source: SourceLibrary}})
	p := Proposal{Title: "优惠券通知", Keywords: []Keyword{{Name: "内容", Example: ""}, {Name: "内容", Example: "咖啡"}, {Name: "订单号", Example: "咖啡"}, {Name: "订单编号", Example: ""}}}
	found := Check(p, Options{Index: x, SourceID: "AT0100"})
	if len(found) != 2 {
		t.Errorf("more than the two combined wrongly: %+v", found)
	}
	if level := worst(found, RuleSameKeyword, "keywords[1].name"); level != Error {
		t.Errorf("the same keyword twice: %q", level)
	}
	if level := worst(found, RuleSimilarKeyword, "keywords[3].name"); level != Note {
		t.Errorf("alike keywords: %q, want note", level)
	}
	p.Title = "优惠券派送通知" // no longer the library's
	if level := worst(Check(p, Options{Index: x, SourceID: "AT0100"}), RuleMarketing, "title"); level != Error {
		t.Errorf("a changed title: %q, want error", level)
	}
}

func TestTitlesThatReadersTakeForOneAreSimilar(t *testing.T) {
	for title, id := range map[string]string{
		"支付成功提醒": "AT0005", "缴费成功通知": "AT0005", "付款成功提醒": "AT0005", "付款完成通知": "AT0005", "支付失败通知": "AT0006", "付款未成功提醒": "AT0006",
		"订单发货通知": "AT0007", "订单出货提醒": "AT0007", "选购成功通知": "AT0002", "订购成功提醒": "AT0002", "提现申请提醒": "AT0324", "取现成功通知": "AT1330",
		"提现完成提醒": "AT1330", "购买完成通知": "AT0002", "成功付款通知": "AT0005",
	} {
		f := find(t, checkAgainst(title, Options{}), RuleSimilarTitle, "title")
		if f.Level != Error || f.Nearest[0].ID != id || f.Suggestion != f.Nearest[0].Title {
			t.Errorf("%s: %s %+v, want %s", title, f.Level, f.Nearest, id)
		}
	}
	for _, title := range fieldsOf(`商品购买成功通知 发货提醒 商品付款成功通知 系统提现申请通知`) {
		if level := worst(checkAgainst(title, Options{}), RuleSimilarTitle, "title"); level != Warning {
			t.Errorf("%s differs by a general word: %q, want warning", title, level)
		}
	}
}

func TestTitlesOfDifferentThingsAreNotSimilar(t *testing.T) {
	for _, pair := range [][2]string{
		{"支付成功通知", "支付失败通知"}, {"提现申请通知", "提现到账通知"}, {"活动开始提醒", "活动结束提醒"}, {"订单发货通知", "订单提货通知"}, {"订单发货通知", "订单收货通知"},
		{"审核通过通知", "审核未通过提醒"}, {"待付款提醒", "付款成功通知"}, {"退款申请通知", "退款成功通知"}, {"洗衣机故障提醒", "烘干机故障提醒"}, {"参团成功提醒", "开团成功提醒"},
		{"会员升级通知", "会员降级通知"}, {"账号绑定成功通知", "账号解绑成功通知"}, {"尾款支付提醒", "定金支付提醒"}, {"报名成功通知", "报名取消通知"}, {"留言通知", "留言回复通知"},
		{"信用卡还款提醒", "房贷还款提醒"}, {"图书到期提醒", "图书借阅通知"}, {"上架审核通知", "下架审核通知"}, {"住院缴费成功通知", "学费缴费成功通知"}, {"请假审批结果通知", "报销审批结果通知"},
	} {
		x := NewIndex([]Existing{{ID: "1", Title: pair[0], Source: SourceLibrary}})
		if near := x.Nearest(pair[1], 5); len(near) > 0 {
			t.Errorf("%s is taken for %s", pair[1], pair[0])
		}
	}
}

func TestNearestComeBestFirst(t *testing.T) {
	x := NewIndex(smallLibrary())
	var got []string
	for _, e := range x.Nearest("订单缴费成功提醒", 5) {
		got = append(got, e.ID)
	}
	if want := []string{"AT0009", "AT0005", "AT2005"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if near := x.Nearest("订单缴费成功提醒", 1); len(near) != 1 || near[0].ID != "AT0009" {
		t.Errorf("limit 1: %+v", near)
	}
	if near := x.Nearest("订单缴费成功提醒", 0); len(near) != 0 {
		t.Errorf("limit 0: %+v", near)
	}
}

// The index must find what a comparison with every title finds.
func TestTheIndexFindsWhatComparingWithAllFinds(t *testing.T) {
	titles := manyTitles(3000)
	x := NewIndex(titles)
	for i := 0; i < len(titles); i += 97 {
		title := titles[i].Title
		best := int32(0)
		own := formOf(titleMeanings(), tight(title), nil)
		for _, e := range titles {
			other := formOf(titleMeanings(), tight(e.Title), nil)
			if e.Title == title || own.deeds != other.deeds {
				continue
			}
			shared := 0
			for _, token := range own.tokens {
				if slices.Contains(other.tokens, token) {
					shared += token.weight()
				}
			}
			best = max(best, dice(shared, own.weight, other.weight))
		}
		matches, n := x.matches(tight(title), 1)
		if best < similarScore {
			best = 0
		}
		if got := matches[0].score * int32(min(n, 1)); got != best {
			t.Errorf("%s: best score %d, comparing with all gives %d", title, got, best)
		}
	}
}
