package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/search"
)

// Titles of our own, which neither the simulator nor the tests elsewhere have.
func ownTitles() []wechat.Title {
	keywords := func(names ...string) (all []wechat.Keyword) {
		for i, name := range names {
			all = append(all, wechat.Keyword{ID: i + 1, Name: name, Example: "例" + fmt.Sprint(i)})
		}
		return all
	}
	return []wechat.Title{
		{ID: "AT5001", Text: "重疾险理赔进度通知", Keywords: keywords("保单号", "理赔金额", "银行卡")},
		{ID: "AT5002", Text: "参赛资格审核提醒", Keywords: keywords("赛事名称")},
		{ID: "AT5003", Text: "长者食堂送餐提醒", Keywords: keywords("菜名", "骑手")},
		{ID: "AT5004", Text: "ＶＩＰ会员续费提醒", Keywords: keywords("到期时间", "帐号")},
		{ID: "AT5005", Text: "宠物疫苗接种提醒", Keywords: keywords("宠物名", "疫苗", "接种点", "医生")},
		{ID: "AT5006", Text: "绿化养护完工通知", Keywords: keywords("行道树")},
		{ID: "AT5007", Text: "退税到账通知", Keywords: keywords("退税金额")},
	}
}

func TestTitlesAreFoundAsPeopleTypeThem(t *testing.T) {
	titles := ownTitles()
	for _, t := range sandbox.Library(sandbox.DefaultSeed) {
		if t.ID == "AT0002" || t.ID == "AT0016" {
			titles = append(titles, t)
		}
	}
	x := search.NewIndex(titles)
	for query, want := range map[string]string{
		"理赔":                "AT5001 literal title 理赔",
		"zhongjixian":       "AT5001 pinyin title 重疾险",
		"zjxlp":             "AT5001 pinyin title 重疾险理赔",
		"canshai":           "AT5002 near title 参赛",
		"cansai":            "AT5002 pinyin title 参赛",
		"zhangzhe":          "AT5003 pinyin title 长者",
		"changzhe":          "AT5003 pinyin title 长者",
		"vip":               "AT5004 literal title ＶＩＰ",
		"ＶiP会员":             "AT5004 literal title ＶＩＰ会员",
		"续费 vip":            "AT5004 literal title ＶＩＰ 续费",
		"宠物疫菌":              "AT5005 near title 宠物疫",
		"疫苗接重提醒":            "AT5005 pinyin title 疫苗接种提醒",
		"疫苗医生":              "",
		"疫苗 医生":             "AT5005 literal title 疫苗",
		"lvhua":             "AT5006 pinyin title 绿化",
		"lühua":             "AT5006 pinyin title 绿化",
		"xingdaoshu":        "AT5006 pinyin keyword 行道树",
		"hangdao":           "AT5006 pinyin keyword 行道",
		"tui'shui":          "AT5007 pinyin title 退税",
		"退水到账":              "AT5007 pinyin title 退税到账",
		"退税账到":              "AT5007 near title 退税到",
		"at5007":            "AT5007 literal id AT5007",
		"gmcg":              "AT0002 pinyin title 购买成功",
		"goumai":            "AT0002 pinyin title 购买",
		"chongzhichenggong": "AT0016 pinyin title 充值成功",
	} {
		got := ""
		if r := x.Search(search.Query{Text: query, Count: 1}); len(r.Hits) > 0 {
			h := r.Hits[0]
			var parts []string
			for _, s := range h.Spans {
				parts = append(parts, textOf(h)[s[0]:s[1]])
			}
			got = fmt.Sprintf("%s %s %s %s", h.Title.ID, h.How, h.Where, strings.Join(parts, " "))
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

func TestNearMissesAreLeftOutWhereTheyAreNotWanted(t *testing.T) {
	x := search.NewIndex(ownTitles())
	for query, literal := range map[string]bool{"退税账到": false, "canshai": false, "退税到账": true, "cansai": true} {
		with := x.Search(search.Query{Text: query, Count: 20})
		without := x.Search(search.Query{Text: query, Count: 20, NoTypos: true})
		if with.Total == 0 || literal != (without.Total == with.Total) || !literal && without.Total != 0 {
			t.Errorf("%q: %d, and %d without near misses", query, with.Total, without.Total)
		}
	}
}

func TestFiltersAndSortsHoldTogether(t *testing.T) {
	x := search.NewIndex(ownTitles())
	idsOf := func(q search.Query) string {
		q.Count = 20
		r := x.Search(q)
		var ids []string
		for _, h := range r.Hits {
			ids = append(ids, strings.TrimPrefix(h.Title.ID, "AT500"))
		}
		if r.Total != len(ids) {
			t.Errorf("%+v: %d of %d", q, len(ids), r.Total)
		}
		return strings.Join(ids, "")
	}
	for want, q := range map[string]search.Query{
		"1234567": {},
		"167":     {Filter: search.Filter{Suffix: "通知"}},
		"2345":    {Filter: search.Filter{Suffix: "提醒"}},
		"15":      {Filter: search.Filter{MinKeywords: 3}},
		"134":     {Filter: search.Filter{MinKeywords: 2, MaxKeywords: 3}},
		"34":      {Filter: search.Filter{MinKeywords: 2, MaxKeywords: 3, Suffix: "提醒"}},
		"24": {Text: "提醒", Filter: search.Filter{Among: func(id string) bool { return id == "AT5002" || id >= "AT5004" },
			MaxKeywords: 2}},
		"2354":    {Text: "提醒"}, // as long as each other, but the last
		"2567431": {Sort: search.ByTitle},
	} {
		if got := idsOf(q); got != want {
			t.Errorf("%+v: got %s, want %s", q, got, want)
		}
	}
	if got := idsOf(search.Query{Text: "提醒", Sort: search.ByID}); got != "2345" {
		t.Error(got)
	}
	if r := x.Search(search.Query{Text: "提醒", Offset: 3, Count: 2}); r.Total != 4 || len(r.Hits) != 1 ||
		r.Hits[0].Title.ID != "AT5004" {
		t.Errorf("the last page: %+v", r)
	}
	if r := x.Search(search.Query{Offset: 99, Count: 20}); r.Total != 7 || len(r.Hits) != 0 {
		t.Errorf("past the end: %+v", r)
	}
}

func TestFacetsCountWhatEachFilterWouldLeave(t *testing.T) {
	x := search.NewIndex(ownTitles())
	facets := []search.Filter{{Suffix: "通知"}, {Suffix: "提醒"}, {MinKeywords: 3}, {Suffix: "提醒", MinKeywords: 3}, {}}
	for text, want := range map[string]string{
		"": "[3 4 2 1 7]", "提醒": "[0 4 1 1 4]", "tuishui": "[1 0 0 0 1]", "没有这个": "[0 0 0 0 0]",
	} {
		r := x.Search(search.Query{Text: text, Filter: search.Filter{Suffix: "通知"}, Facets: facets, Count: 1})
		if got := fmt.Sprint(r.Counts); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestEveryTextOfATitleIsMarkedAsItFits(t *testing.T) {
	x := search.NewIndex(ownTitles())
	for _, c := range []struct{ query, text, want string }{
		{"vip 续费", "ＶＩＰ会员续费提醒", "ＶＩＰ,续费"}, {"疫苗", "宠物名", ""}, {"疫苗", "疫苗", "疫苗"}, {"", "疫苗", ""},
		{"chongwu", "宠物名", "宠物"}, {"cw", "宠物疫苗接种提醒", "宠物"}, {"cwv", "宠物名", ""},
	} {
		var marked []string
		for _, span := range x.Search(search.Query{Text: c.query, Count: 1}).Mark(c.text) {
			marked = append(marked, c.text[span[0]:span[1]])
		}
		if got := strings.Join(marked, ","); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

func TestKeywordsOfATitleAreFoundAsTitlesAre(t *testing.T) {
	list := []wechat.Keyword{{ID: 3, Name: "购买地点", Example: "TIT造舰厂"}, {ID: 4, Name: "购买时间", Example: "2016年6月6日"},
		{ID: 5, Name: "物品名称", Example: "咖啡"}, {ID: 6, Name: "物品名称", Example: "咖啡"}}
	for text, want := range map[string]string{
		"gm": "[0 1]", "goumaishijian": "[1]", "tit": "[0]", "咖啡": "[2 3]", "3": "[]", "2016": "[1]", "购买的点": "[0]", " ": "[0 1 2 3]",
		"zzz": "[]",
	} {
		got := []int{}
		for _, hit := range search.Keywords(list, text) {
			got = append(got, hit.At)
			if text == "tit" && fmt.Sprint(hit.Name, hit.Example) != "[] [[0 3]]" {
				t.Errorf("%+v", hit)
			}
		}
		if slices.Sort(got); fmt.Sprint(got) != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	if search.Keywords(nil, "x") != nil {
		t.Error("something among nothing")
	}
}
