package views

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"muban/wechat"
)

// Names are the fields with a problem, in a stable order.
func (p Problems) Names() []string { return slices.Sorted(maps.Keys(p)) }

// placeID is the id of the element that a finding's place ("title",
// "keywords[2].name") is drawn as: "place-keywords-2".
func placeID(where string) string {
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

// placeText is the message that names a place.
func placeText(where string) string {
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

// placeNumber is the number, from 1, of the keyword that a place is about.
func placeNumber(where string) int {
	rest, _ := strings.CutPrefix(where, "keywords[")
	number, _, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n + 1
}

// named joins the names of what a table's cell lists.
func named[T any](list []T, name func(T) string) string {
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = name(one)
	}
	return strings.Join(names, " · ")
}

func keywordNames(list []wechat.Keyword) string {
	return named(list, func(k wechat.Keyword) string { return k.Name })
}

func fieldNames(list []wechat.Field) string {
	return named(list, func(f wechat.Field) string { return f.Name })
}
