package views

import (
	"strings"
	"testing"

	"muban/views/text"
	"muban/wechat"
	"muban/wechat/dispatch"
)

func TestAFailedCheckIsAProblemAtItsControl(t *testing.T) {
	words := text.LoadTexts().In("en")
	var checks []dispatch.Check
	for _, place := range []string{"touser", "form_id", "page", "data.keyword2", "data.keyword9", "template_id", "emphasis_keyword", ""} {
		checks = append(checks, dispatch.Check{ID: "page", State: dispatch.Failed, Why: "long", Place: place})
	}
	checks = append(checks, dispatch.Check{ID: "values", State: dispatch.Warning, Place: "data.keyword1"})
	problems := CheckProblems(words, []wechat.Field{{Key: "keyword1"}, {Key: "keyword2"}}, checks)
	if got := strings.Join(problems.Names(), " "); got != " form_id page touser v-1" {
		t.Errorf("%q", got)
	}
}
