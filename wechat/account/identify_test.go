package account

import (
	"slices"
	"testing"

	"muban/wechat"
	"muban/wechat/sandbox"
)

func TestATemplateIsIdentifiedOrTheDoubtIsSaid(t *testing.T) {
	library := []wechat.Title{
		titled("AT1", "交易提醒", "金额", "时间", "商户"),
		titled("AT2", "退款通知", "金额：1元", "时间"), // one text, two ids
		titled("AT3", "退款通知", "金额：2元", "时间", "原因"),
		titled("AT4", "订单提醒", "编号：1", "编号：2", "时间"), // one name, two ids
		titled("AT5", "续费提醒", "金额：9"), titled("AT6", "续费提醒", "金额：9"),
	}
	for name, c := range map[string]struct {
		template wechat.Template
		want     Identity
	}{
		"by its texts, in order":     {listed("t", "交易提醒", "商户", "金额"), Identity{TitleID: "AT1", KeywordIDs: []int{3, 1}}},
		"with other examples":        {listed("t", "交易提醒", "金额：一块"), Identity{TitleID: "AT1", KeywordIDs: []int{1}}},
		"the title of two that fits": {listed("t", "退款通知", "原因"), Identity{TitleID: "AT3", KeywordIDs: []int{3}}},
		"the examples decide":        {listed("t", "退款通知", "金额：2元", "时间"), Identity{TitleID: "AT3", KeywordIDs: []int{1, 2}}},
		"the examples do not tell":   {listed("t", "退款通知", "金额：3元"), Identity{Doubt: SeveralTitles, Titles: []string{"AT2", "AT3"}}},
		"two titles, all equal":      {listed("t", "续费提醒", "金额：9"), Identity{Doubt: SeveralTitles, Titles: []string{"AT5", "AT6"}}},
		"the example of two names":   {listed("t", "订单提醒", "编号：2", "时间"), Identity{TitleID: "AT4", KeywordIDs: []int{2, 3}}},
		"one name, two keywords":     {listed("t", "订单提醒", "时间", "编号：3"), Identity{Doubt: SeveralKeywords, Keyword: "编号", Titles: []string{"AT4"}}},
		"a title that is gone":       {listed("t", "提醒", "金额"), Identity{Doubt: NoTitle}},
		"a keyword that is gone":     {listed("t", "退款通知", "时间", "备注", "地点"), Identity{Doubt: NoKeyword, Keyword: "备注", Titles: []string{"AT2", "AT3"}}},
		"a content of another form":  {wechat.Template{ID: "t", Title: "交易提醒", Content: "金额"}, Identity{Doubt: NoFields}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Identify(c.template, library)
			equal(t, "identity", got, c.want)
			if got.Doubt != "" && !slices.Contains(Doubts(), got.Doubt) {
				t.Errorf("%q is not among Doubts", got.Doubt)
			}
		})
	}
}

// What is identified can be added again, and is the same then.
func TestAnAccountsTemplatesAreAddedAgainByTheirIdentity(t *testing.T) {
	c := account(t, sandbox.New(sandbox.Options{}), "wx00000000sandbox2")
	library := sandbox.Library(sandbox.DefaultSeed)
	fill(t, c, func(i int, title wechat.Title) []int {
		n := len(title.Keywords)
		return []int{title.Keywords[i%n].ID, title.Keywords[(i+1)%n].ID}
	})
	all, err := c.AllTemplates(t.Context())
	noError(t, err)
	for _, template := range all[:30] {
		noError(t, c.DeleteTemplate(t.Context(), template.ID))
		found := Identify(template, Titled(library, template.Title))
		if found.Doubt != "" {
			t.Errorf("%s: %+v", template.Title, found)
			continue
		}
		id, err := c.AddTemplate(t.Context(), found.TitleID, found.KeywordIDs)
		noError(t, err)
		now, err := c.AllTemplates(t.Context())
		noError(t, err)
		again := now[len(now)-1]
		equal(t, "content", []string{again.ID, again.Title, again.Content, again.Example}, []string{id, template.Title, template.Content, template.Example})
	}
}
