package audit

import (
	"slices"
	"strings"
	"testing"
)

func TestTheCatalogueDescribesEveryRule(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		list := Catalogue("", lang)
		if len(list) != len(Rules("")) {
			t.Fatalf("%d rules in %s", len(list), lang)
		}
		for i, r := range list {
			if r.ID != Rules("")[i] || r.Name == "" || r.Clause == "" || len(r.Judges) < 20 || !strings.HasPrefix(r.Source, "https://") {
				t.Errorf("%s: %+v", lang, r)
			}
			if len(r.Good) == 0 {
				t.Errorf("%s has no good example", r.ID)
			}
			for _, e := range slices.Concat(r.Good, r.Bad) {
				if e.Text == "" || e.Source == "" {
					t.Errorf("%s: an example without text or source: %+v", r.ID, e)
				}
			}
			if r.Right > r.Refused || r.False > r.Approved {
				t.Errorf("%s: counts %+v", r.ID, r)
			}
		}
	}
}

func TestTheCatalogueOfSubscribeMessagesSaysWhatIsAssumed(t *testing.T) {
	for i, zh := range Catalogue(Subscribe, "zh") {
		en := Catalogue(Subscribe, "en")[i]
		for lang, r := range map[string]RuleInfo{"zh": zh, "en": en} {
			if r.ID != Rules(Subscribe)[i] || !OfSubscribe(r.ID) || r.Name == "" || r.Clause == "" || len(r.Judges) < 20 || r.Source == "" || r.Reviewer {
				t.Errorf("%s: %+v", lang, r)
			}
			if len(r.Passes) == 0 || len(r.Fails) == 0 || r.Refused != 0 || r.False > r.Approved/10 {
				t.Errorf("%s: shown by %v and %v, %d of %d", r.ID, r.Passes, r.Fails, r.False, r.Approved)
			}
		}
		if strings.Contains(zh.Name, "推测") != strings.Contains(en.Name, "assumed") {
			t.Errorf("%s is assumed in one language alone", zh.ID)
		}
	}
}

func TestRulesOfReviewersShowTheRefusalsTheyComeFrom(t *testing.T) {
	for _, r := range Catalogue("", "zh") {
		if r.Reviewer && len(r.Bad) == 0 {
			t.Errorf("%s has no refusal", r.ID)
		}
		if r.ID == RuleScenario && (r.Right == 0 || !slices.ContainsFunc(r.Bad, func(e Example) bool { return e.Text == "警方通知" })) {
			t.Errorf("%+v", r)
		}
	}
}

func TestTheProcessIsToldInBothLanguages(t *testing.T) {
	facts := Process()
	if len(facts) != 5 {
		t.Errorf("%d facts", len(facts))
	}
	for _, f := range facts {
		if f.Text("zh") == "" || f.Text("en") == "" || f.Text("zh") == f.Text("en") || f.Source == "" {
			t.Errorf("%+v", f)
		}
	}
}
