package ui

import (
	"slices"
	"strconv"
	"testing"

	"muban/views/text"
	"muban/wechat"
	"muban/wechat/audit"
)

// A link to the place of a finding is named after it, also for those who hear the page.
func TestThePlaceOfEveryFindingHasAName(t *testing.T) {
	var many []audit.Keyword
	for n := range 12 {
		many = append(many, audit.Keyword{Name: "内容" + strconv.Itoa(n), Example: "！"})
	}
	var places []string
	for _, kind := range []string{audit.Subscribe, "template"} {
		for _, p := range []audit.Proposal{
			{}, {Title: "通知"}, {Title: "恭喜中奖！😀", Keywords: many},
			{Title: "订单发货通知", Keywords: many[:1], Subscription: audit.Subscription{Scene: "一二三四五六七八九十一二三四五六", Category: "咖啡厅", Type: wechat.LongTerm}},
		} {
			p.Kind = kind
			for _, f := range audit.Check(p, audit.Options{Count: true}) {
				places = append(places, f.Where)
			}
		}
	}
	for _, whole := range []string{"title", "keywords", "scenario", "category", "type"} {
		if !slices.Contains(places, whole) {
			t.Errorf("no proposal of this test is refused for its %s", whole)
		}
	}
	for _, lang := range text.Languages {
		for _, where := range places {
			said := text.LoadTexts().In(lang)
			if id := PlaceText(where); said.T(id, "N", 1) == "["+id+"]" {
				t.Errorf("%s: %q has no name: %s", lang, where, id)
			}
		}
	}
}
