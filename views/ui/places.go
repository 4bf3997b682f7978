package ui

import (
	"strconv"
	"strings"

	"muban/wechat"
)

// PlaceID is the id of the element that a finding's place ("title",
// "keywords[2].name") is drawn as: "place-keywords-2".
func PlaceID(where string) string {
	where, _, _ = strings.Cut(where, ".")
	where = strings.NewReplacer("[", "-", "]", "").Replace(where)
	return "place-" + where
}

// fieldOf is the id of the control that a finding's place is typed in:
// "keywords[2].example" is "example-2".
func fieldOf(where string) string {
	rest, ok := strings.CutPrefix(where, "keywords[")
	if !ok {
		return where
	}
	row, part, _ := strings.Cut(rest, "].")
	return part + "-" + row
}

// PlaceText is the message that names a place.
func PlaceText(where string) string {
	switch rest, keyword := strings.CutPrefix(where, "keywords["); {
	case where == "":
		return "place.whole"
	case !keyword:
		return "place." + where
	case strings.HasSuffix(rest, "].example"):
		return "place.example"
	}
	return "place.keyword"
}

// PlaceNumber is the number, from 1, of the keyword that a place is about.
func PlaceNumber(where string) int {
	rest, _ := strings.CutPrefix(where, "keywords[")
	number, _, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n + 1
}

// Named joins the names of what a table's cell lists.
func Named[T any](list []T, name func(T) string) string {
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = name(one)
	}
	return strings.Join(names, " · ")
}

// KeywordNames are the names of keywords as one text.
func KeywordNames(list []wechat.Keyword) string {
	return Named(list, func(k wechat.Keyword) string { return k.Name })
}

// FieldNames are the names of a template's fields as one text.
func FieldNames(list []wechat.Field) string {
	return Named(list, func(f wechat.Field) string { return f.Name })
}
