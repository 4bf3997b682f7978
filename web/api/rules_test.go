package api_test

import (
	"net/http"
	"testing"

	"muban/web/webtest"
	"muban/wechat/values"
)

func TestTheRulesOfValuesArePublishedToAnyKey(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	var answer struct {
		Rules []struct {
			Type, Characters, Pattern, Example, Source, Sure string
			Limit                                            int
		}
	}
	c.Caller("token").Get("/api/v1/rules").Into(&answer)
	for i, r := range values.Rules() {
		if i >= len(answer.Rules) {
			t.Fatalf("%d rules, want %d", len(answer.Rules), len(values.Rules()))
		}
		if got := answer.Rules[i]; got.Type != r.Type || got.Limit != r.Limit || got.Pattern != r.Pattern ||
			got.Characters == "" || got.Example == "" || got.Source == "" || got.Sure != r.Sure {
			t.Errorf("%+v", got)
		}
	}
	c.WithKey("").Get("/api/v1/rules").Refused(http.StatusUnauthorized, "key_missing")
}
