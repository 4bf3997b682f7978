package library

import (
	"slices"
	"strings"

	"muban/wechat"
)

// held is a mirror as it is served. It never changes; another takes its place.
type held struct {
	sync   int64 // which one read it
	titles []wechat.Title
	byID   map[string]int
	index  *Index
}

func hold(sync int64, titles []wechat.Title) *held {
	pack(titles)
	h := &held{sync: sync, titles: titles, byID: make(map[string]int, len(titles)), index: NewIndex(titles)}
	for i, t := range titles {
		h.byID[t.ID] = i
	}
	return h
}

// pack keeps every text once and all next to each other: a library says 备注 a thousand times.
func pack(titles []wechat.Title) {
	places := map[string]int{}
	var all strings.Builder
	eachText(titles, func(text *string) {
		if _, known := places[*text]; !known {
			places[*text] = all.Len()
			all.WriteString(*text)
		}
	})
	packed := all.String()
	for i := range titles {
		titles[i].Keywords = slices.Clone(titles[i].Keywords) // without the room that reading them left
	}
	eachText(titles, func(text *string) {
		at := places[*text]
		*text = packed[at : at+len(*text)]
	})
}

func eachText(titles []wechat.Title, do func(*string)) {
	for i := range titles {
		t := &titles[i]
		do(&t.ID)
		do(&t.Text)
		for k := range t.Keywords {
			do(&t.Keywords[k].Name)
			do(&t.Keywords[k].Example)
		}
	}
}
