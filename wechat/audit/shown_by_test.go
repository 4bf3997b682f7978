package audit

import (
	"slices"
	"testing"
)

// What a clause is shown by passes it, or does not, as the rules say.
func TestWhatAClauseIsShownByIsJudgedSo(t *testing.T) {
	x := NewIndex([]Existing{
		{ID: "AT0002", Title: "购买成功通知", Source: SourceLibrary}, {ID: "AT0009", Title: "订单支付成功通知", Source: SourceLibrary},
	})
	judged := func(rule string, p Proposal) bool {
		p.Kind = messageOf(rule)
		return slices.ContainsFunc(Check(p, Options{Index: x, Count: true}), func(f Finding) bool { return f.Rule == rule })
	}
	for _, rule := range slices.Concat(Rules(""), Rules(Subscribe)) {
		shown, ok := shownBy[rule]
		if info := infoOf(t, rule); ok && (len(info.Passes) == 0 || len(info.Fails) == 0) {
			t.Errorf("%s shows %v and %v", rule, info.Passes, info.Fails)
		}
		for i, p := range shown.good {
			if judged(rule, p) {
				t.Errorf("%s finds something in %s", rule, texts(shown.good)[i])
			}
		}
		for i, p := range shown.bad {
			if !judged(rule, p) {
				t.Errorf("%s finds nothing in %s", rule, texts(shown.bad)[i])
			}
		}
	}
}

func infoOf(t *testing.T, rule string) RuleInfo {
	t.Helper()
	for _, info := range Catalogue(messageOf(rule), "zh") {
		if info.ID == rule {
			return info
		}
	}
	t.Fatalf("no rule %s", rule)
	return RuleInfo{}
}
