package text

import (
	"strings"
	"testing"

	"muban/wechat/audit"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/values"
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
		for _, k := range kind.All() {
			for _, id := range []string{"kind." + k.Name(), "use." + k.Allowance(), "use.placeholders_" + k.Allowance()} {
				said(id, text.T(id))
			}
			for _, id := range dispatch.CheckIDs(k) {
				said(id, text.T("check."+id+".name"))
				for _, why := range dispatch.Whys[id] {
					for _, closed := range ledger.Endings {
						said(id+"."+why, CheckText(text, checkOf(id, why, closed)))
					}
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
		said("a skipped check", CheckText(text, dispatch.Check{ID: "right", State: dispatch.Skipped}))
	}
}

// checkOf is a check with all that its text can name.
func checkOf(id, why, closed string) dispatch.Check {
	c := dispatch.Check{ID: id, State: dispatch.Failed, Why: why, Args: map[string]string{
		"Template": "t", "Key": "keyword1", "Name": "n", "Color": "red", "ID": "i", "Kind": ledger.Form, "Closed": closed, "Left": "1", "Total": "1",
		"Holder": "h", "Value": "v", "Known": "k", "Outcome": dispatch.Unknown, "Code": "40013", "Msg": "m", "Reason": "",
	}}
	if id == "types" {
		c.Verdict = &values.Verdict{Type: "thing", Why: values.Long, Count: 21, Limit: 20}
	}
	if id == "values" {
		c.Finding = &audit.CheckValues([]string{"关注公众号领红包"})[0]
	}
	return c
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
