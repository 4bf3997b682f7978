package views

import (
	"slices"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// Whatever a check or the ledger can say has its words in both languages.
func TestEveryCheckAndStateIsInWords(t *testing.T) {
	texts := LoadTexts()
	for _, lang := range Languages {
		text := texts.In(lang)
		said := func(what, words string) {
			if words == "" || strings.Contains(words, "[") {
				t.Errorf("%s: %s is %q", lang, what, words)
			}
		}
		for _, id := range dispatch.CheckIDs {
			said(id, text.T("check."+id+".name"))
			for _, why := range dispatch.Whys[id] {
				for _, closed := range ledger.Endings {
					said(id+"."+why, CheckText(text, checkOf(id, why, closed)))
				}
			}
		}
		for _, state := range ledger.States {
			said(state, text.T("rights.state_"+state))
		}
		for _, state := range []string{dispatch.OK, dispatch.Warning, dispatch.Failed, dispatch.Skipped} {
			said(state, text.T("preflight.state_"+state))
			said(state, text.T("preflight.overall_"+state, "Count", 2))
		}
		for _, outcome := range SendOutcomes {
			said(outcome, text.T("outcome."+outcome))
		}
		said("a skipped check", CheckText(text, dispatch.Check{ID: "right", State: dispatch.Skipped}))
	}
}

// checkOf is a check with all that its text can name.
func checkOf(id, why, closed string) dispatch.Check {
	c := dispatch.Check{ID: id, State: dispatch.Failed, Why: why, Args: map[string]string{
		"Template": "t", "Key": "keyword1", "Name": "n", "Color": "red", "ID": "i", "Kind": ledger.Form, "Closed": closed, "Left": "1", "Total": "1",
		"Holder": "h", "Outcome": dispatch.Unknown, "Code": "40013", "Msg": "m", "Reason": "",
	}}
	if id == "values" {
		c.Finding = &audit.CheckValues([]string{"关注公众号领红包"})[0]
	}
	return c
}

func TestAFailedCheckIsAProblemAtItsControl(t *testing.T) {
	text := LoadTexts().In("en")
	var checks []dispatch.Check
	for _, place := range []string{"touser", "form_id", "page", "data.keyword2", "data.keyword9", "template_id", "emphasis_keyword", ""} {
		checks = append(checks, dispatch.Check{ID: "page", State: dispatch.Failed, Why: "long", Place: place})
	}
	checks = append(checks, dispatch.Check{ID: "values", State: dispatch.Warning, Place: "data.keyword1"})
	problems := CheckProblems(text, []wechat.Field{{Key: "keyword1"}, {Key: "keyword2"}}, checks)
	if got := strings.Join(problems.Names(), " "); got != " form_id page touser v-1" {
		t.Errorf("%q", got)
	}
}

func TestALostRaceForARightNamesWhoWon(t *testing.T) {
	refused := &ledger.Refusal{Reason: ledger.InUse, Holder: ledger.Holder{Person: "alice"}}
	if got := RefusalText(LoadTexts().In("en"), refused); !strings.HasPrefix(got, "a send of alice holds this id") {
		t.Errorf("%q", got)
	}
	spent := &ledger.Refusal{Reason: ledger.Ended, Right: ledger.Right{Closed: ledger.EndSpent}}
	if got := RefusalText(LoadTexts().In("en"), spent); got != "all sends of this id are used; take another" {
		t.Errorf("%q", got)
	}
}

func TestBarsStandOnEachOtherOrBesideAndAreNeverTooSmallToSee(t *testing.T) {
	beside := Chart{Series: make([]Series, 2), Groups: []Group{{"a", []int{96, 0}}, {"b", []int{48, 1}}}}
	if x, y, w, h := beside.bar(1, 0); !slices.Equal([]string{x, y, w, h}, []string{"26.0", "48.0", "10.0", "48.0"}) {
		t.Errorf("beside: %s %s %s %s", x, y, w, h)
	}
	stacked := Chart{Stacked: true, Series: make([]Series, 2), Groups: []Group{{"a", []int{9600, 1}}, {"b", []int{0, 4800}}}}
	if stacked.Most() != 9601 {
		t.Errorf("most %d", stacked.Most())
	}
	if _, y, w, h := stacked.bar(0, 1); y != "0.0" || w != "20.0" || h != "1.0" {
		t.Errorf("on top: %s %s %s", y, w, h)
	}
	if got := (Chart{}).Most(); got != 0 {
		t.Errorf("nothing: %d", got)
	}
}

func TestThousandsHaveTheirCommas(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1_000_000: "1,000,000", 12345: "12,345"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
