package audit

import (
	"slices"
	"strconv"
)

// Joined is a finding as a list of keywords shows it: what is said of several keywords is said once.
type Joined struct {
	Finding
	// Members are the places, from 0, of the keywords that say the same; nil where it is about one place.
	Members []int
}

// Same tells whether the keywords are the same, and not alike in meaning alone.
func (j Joined) Same() bool { return j.Rule == RuleSameKeyword || j.Rule == RuleUnique }

// Join makes one finding of those that call keywords the same as an earlier one, or alike (审核说明 2.1, 2.2), at the
// earlier one, with the gravest level of them. The others stay as they are, in their order.
func Join(found []Finding) []Joined {
	type group struct {
		rule  string
		first int
	}
	var all []Joined
	at := map[group]int{}
	for _, f := range found {
		position, err := strconv.Atoi(f.Args["position"])
		if !slices.Contains([]string{RuleSameKeyword, RuleSimilarKeyword, RuleUnique, RuleAlike}, f.Rule) || err != nil {
			all = append(all, Joined{Finding: f})
			continue
		}
		g := group{f.Rule, position - 1}
		n, met := at[g]
		if !met {
			n, at[g] = len(all), len(all)
			one := Joined{Finding: f, Members: []int{g.first}}
			one.at = nameOf(g.first)
			one.Where = one.at.String()
			all = append(all, one)
		}
		all[n].Members = append(all[n].Members, f.at.i)
		if graver(f.Level, all[n].Level) {
			all[n].Level, all[n].Confidence, all[n].Key = f.Level, f.Confidence, f.Key
		}
	}
	return all
}

// graver tells whether a reviewer would take a worse than b.
func graver(a, b Level) bool { return a == Error && b != Error || a == Warning && b == Note }
