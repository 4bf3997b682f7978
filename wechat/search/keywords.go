package search

import "muban/wechat"

// KeywordHit is a keyword that was found, and by which of its texts.
type KeywordHit struct {
	At      int // its place in the list
	Name    [][2]int
	Example [][2]int // what to highlight: byte offsets, from and to
}

// Keywords finds those of one title's keywords that fit a text by their name or example, as Search finds titles:
// to the letter, by pinyin, and with a slip of the hand.
func Keywords(list []wechat.Keyword, text string) []KeywordHit {
	titles := make([]wechat.Title, len(list))
	at := make(map[*wechat.Title]int, len(list))
	for i, k := range list {
		titles[i] = wechat.Title{Text: k.Name, Keywords: []wechat.Keyword{{Example: k.Example}}}
		at[&titles[i]] = i
	}
	var all []KeywordHit
	for _, hit := range NewIndex(titles).Search(Query{Text: text, Count: len(list)}).Hits {
		one := KeywordHit{At: at[hit.Title]}
		if hit.Where == InTitle {
			one.Name = hit.Spans
		} else {
			one.Example = hit.Spans
		}
		all = append(all, one)
	}
	return all
}
