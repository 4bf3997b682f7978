package api

import (
	"net/http"

	"muban/wechat/values"
)

// valueRules is GET /api/v1/rules: what WeChat demands of the values of subscribe messages, type by type.
func (a *API) valueRules(w http.ResponseWriter, _ *http.Request, c *caller) error {
	all := values.Rules()
	rules := make([]ruleAnswer, len(all))
	for i, r := range all {
		rules[i] = ruleAnswer{r.Type, r.Limit, r.Characters(c.lang), r.Pattern, r.Example, r.Source, r.Sure}
	}
	writeJSON(w, http.StatusOK, map[string]any{"rules": rules})
	return nil
}

// ruleAnswer is one rule as the API answers it.
type ruleAnswer struct {
	Type       string `json:"type"`
	Limit      int    `json:"limit,omitempty"`
	Characters string `json:"characters"`
	Pattern    string `json:"pattern,omitempty"` // of the whole value
	Example    string `json:"example"`
	Source     string `json:"source"`
	Sure       string `json:"sure"` // documented or seen
}
