package web

import (
	"slices"
	"strconv"
	"strings"

	"muban/views/ui"
)

// arrange changes the order by one act. It answers false for an act that there
// is not.
func arrange(f *ui.Combination, act, argument string) bool {
	if act == "" || act == "check" || act == "filter" {
		return true
	}
	name, rest, _ := strings.Cut(argument, ":")
	id, err := strconv.Atoi(name)
	if err != nil {
		return false
	}
	enlarged := enlargedID(f)
	at := slices.Index(f.Keywords, id)
	switch {
	case act == "add" && at < 0:
		f.Keywords = append(f.Keywords, id) // more than 10 is a finding, not a click without effect
	case at < 0 || act == "add": // somebody else's page, or a second click: it is as it should be
	case act == "remove":
		f.Keywords = slices.Delete(f.Keywords, at, at+1)
	case act == "up":
		moveTo(f.Keywords, at, at-1)
	case act == "down":
		moveTo(f.Keywords, at, at+1)
	case act == "move":
		to, err := strconv.Atoi(rest)
		if err != nil {
			return false
		}
		moveTo(f.Keywords, at, to-1)
	case act == "emphasis" && enlarged == id:
		enlarged = 0
	case act == "emphasis":
		enlarged = id
	default:
		return false
	}
	f.Emphasis = slices.Index(f.Keywords, enlarged) + 1 // the enlargement follows its keyword
	return true
}

func enlargedID(f *ui.Combination) int {
	if f.Emphasis >= 1 && f.Emphasis <= len(f.Keywords) {
		return f.Keywords[f.Emphasis-1]
	}
	return 0
}

// moveTo moves one entry; places beyond the ends are the ends.
func moveTo(list []int, from, to int) {
	to = min(max(to, 0), len(list)-1)
	for ; from < to; from++ {
		list[from], list[from+1] = list[from+1], list[from]
	}
	for ; from > to; from-- {
		list[from], list[from-1] = list[from-1], list[from]
	}
}
