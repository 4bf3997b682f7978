package search_test

import (
	"fmt"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/search"
)

// numbered are titles of subscribe messages: every third is long-term, every second in a category of its own too.
func numbered(n int) []wechat.Title {
	titles := make([]wechat.Title, n)
	for i := range titles {
		titles[i] = wechat.Title{
			ID: fmt.Sprint(90 + i), Text: "第" + strings.Repeat("取餐", 1+i%3) + fmt.Sprint(i) + "提醒", Type: wechat.OneTime,
			Categories: []string{"612"},
			Keywords:   []wechat.Keyword{{ID: 1, Name: "取餐码", Example: "A032", Rule: "character_string"}},
		}
		if i%3 == 0 {
			titles[i].Type = wechat.LongTerm
		}
		if i%2 == 0 {
			titles[i].Categories = append(titles[i].Categories, "616")
		}
	}
	return titles
}

func TestTitlesAreNarrowedByCategoryAndType(t *testing.T) {
	x := search.NewIndex(numbered(60))
	for want, f := range map[int]search.Filter{
		60: {Category: "612"}, 30: {Category: "616"}, 20: {Type: wechat.LongTerm}, 40: {Type: wechat.OneTime},
		10: {Category: "616", Type: wechat.LongTerm}, 0: {Category: "1"},
	} {
		for _, text := range []string{"", "取餐", "qucan", "qcm"} {
			r := x.Search(search.Query{Text: text, Filter: f, Count: 100, Facets: []search.Filter{f}})
			if r.Total != want || len(r.Hits) != want || r.Counts[0] != want {
				t.Errorf("%+v %q: %d, %d hits, counted %v, want %d", f, text, r.Total, len(r.Hits), r.Counts, want)
			}
		}
	}
}

func TestNumbersAreSortedAsNumbers(t *testing.T) {
	x := search.NewIndex(numbered(20))
	r := x.Search(search.Query{Sort: search.ByID, Count: 20})
	for i, h := range r.Hits {
		if h.Title.ID != fmt.Sprint(90+i) {
			t.Fatalf("%d: %s", i, h.Title.ID)
		}
	}
}

// A category with 2,000 titles among 4,000.
func BenchmarkACategoryOf2000Titles(b *testing.B) {
	x := search.NewIndex(numbered(4000))
	facets := []search.Filter{{Category: "616"}, {Category: "616", Type: wechat.OneTime}, {Category: "616", Type: wechat.LongTerm}}
	for _, text := range []string{"", "取餐", "qucan"} {
		b.Run("q="+text, func(b *testing.B) {
			for b.Loop() {
				r := x.Search(search.Query{Text: text, Filter: facets[0], Count: 20, Facets: facets})
				if r.Total != 2000 || len(r.Hits) != 20 {
					b.Fatal(r.Total)
				}
			}
		})
	}
}
