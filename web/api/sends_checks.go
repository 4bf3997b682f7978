package api

import (
	"net/http"
	"strings"
	"time"

	"muban/views/text"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// checkAnswer is one thing that was looked at, as the API answers it.
type checkAnswer struct {
	Check   string     `json:"check"`
	State   string     `json:"state"`
	Why     string     `json:"why,omitempty"`
	Place   string     `json:"place,omitempty"`
	Said    string     `json:"said,omitempty"`    // under which key the order gave the value that stands at Place
	Message string     `json:"message,omitempty"` // as the page words it
	Until   *time.Time `json:"until,omitempty"`   // when the penalty or the right ends
}

func checkAnswerOf(t *text.Text, c dispatch.Check) checkAnswer {
	check := checkAnswer{Check: c.ID, State: c.State, Why: c.Why, Place: c.Place, Message: text.CheckText(t, c)}
	if !c.Until.IsZero() {
		until := c.Until.UTC()
		check.Until = &until
	}
	return check
}

// answerBlocked lists the checks of a send that was not made. Where the right alone
// is at fault, that is the answer: 409, like a right that was lost to a neighbour.
func (a *API) answerBlocked(w http.ResponseWriter, c *caller, b *dispatch.Blocked, said map[string]string) error {
	t := a.Texts.In(c.lang)
	failed := map[string]dispatch.Check{}
	var checks []checkAnswer
	for _, c := range b.Checks {
		if c.State == dispatch.Failed {
			failed[c.ID] = c
		}
		answer := checkAnswerOf(t, c)
		if key, given := strings.CutPrefix(c.Place, "data."); given && c.State != dispatch.OK {
			answer.Said = said[key]
		}
		checks = append(checks, answer)
	}
	var under dispatch.Check
	for _, sort := range ledger.Sorts {
		if c, ok := failed[sort]; ok {
			under = c
		}
	}
	_, token := failed["token"]
	switch {
	case under.ID != "" && len(failed) == 1:
		return &failure{status: http.StatusConflict, code: refusalCode(under.ID, under.Why),
			said: func(t *text.Text) string { return text.CheckText(t, under) }}
	case token && len(failed) == 1:
		return refuse(http.StatusServiceUnavailable, "token_unavailable")
	}
	writeJSON(w, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
		"code": "checks_failed", "message": t.T("api.checks_failed"), "checks": checks,
	}})
	return nil
}
