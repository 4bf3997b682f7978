package kind

import (
	"strings"

	"muban/wechat"
	"muban/wechat/values"
)

// Misfit is a chosen keyword whose type does not take a value that is meant for it. The type of a keyword cannot be
// changed: another one has to be chosen.
type Misfit struct {
	At      int    // in the combination
	Value   string // the last that was sent under the keyword's name, else its example
	Sent    bool   // it was sent
	Verdict values.Verdict
	Instead *wechat.Keyword // of the title's other keywords the one most like it that takes the value; nil for none
}

// Misfits looks at the values of a combination of title's keywords. sent is the last value that went out under a
// keyword of a name, "" for none.
func Misfits(title wechat.Title, chosen []wechat.Keyword, sent func(name string) string) []Misfit {
	var all []Misfit
	for i, k := range chosen {
		if k.Rule == "" {
			continue
		}
		m := Misfit{At: i, Value: sent(k.Name)}
		if m.Sent = m.Value != ""; !m.Sent {
			m.Value = k.Example
		}
		if m.Verdict = values.Check(k.Rule, m.Value, nil); m.Verdict.OK() {
			continue
		}
		m.Instead = instead(title, chosen, k, m.Value)
		all = append(all, m)
	}
	return all
}

func instead(title wechat.Title, chosen []wechat.Keyword, k wechat.Keyword, value string) (best *wechat.Keyword) {
	taken, most := map[int]bool{}, 0
	for _, c := range chosen {
		taken[c.ID] = true
	}
	for i, other := range title.Keywords {
		if taken[other.ID] || !values.Check(other.Rule, value, nil).OK() {
			continue
		}
		if n := inCommon(k.Name, other.Name); n > most {
			best, most = &title.Keywords[i], n
		}
	}
	return best
}

// inCommon counts the characters of one name that are in the other.
func inCommon(name, other string) (n int) {
	for _, c := range name {
		if strings.ContainsRune(other, c) {
			n++
		}
	}
	return n
}
