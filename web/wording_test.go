package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/ledger"
)

// refusalAnswer is an error of the API, with the checks that failed.
type refusalAnswer struct {
	Error struct {
		Code, Message string
		Checks        []struct {
			Check, State, Why, Message string
			Until                      time.Time
		}
	}
}

// words are what the API says of a send that it refused: of the right, or of the one check that failed.
func (a *refusalAnswer) words() string {
	if strings.HasPrefix(a.Error.Code, "right_") {
		return a.Error.Message
	}
	for _, c := range a.Error.Checks {
		if c.State == "failed" {
			return c.Message
		}
	}
	return ""
}

func TestTheAPIWordsARefusalAsThePageDoes(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	spent := s.has(c, ledger.Form)
	s.post("/api/v1/sends", asJSON(order(c, template, "first"))).into(&sendAnswer{})
	good := changed(order(c, template, "k"), "form_id", "fresh-form-id")
	b := c.as(store.Operator)
	for name, o := range map[string]map[string]any{
		"right_ended":     changed(good, "form_id", spent),
		"right_mock":      changed(good, "form_id", "the formId is a mock one"),
		"right_malformed": changed(good, "form_id", "requestFormId:fail"),
		"right_none":      changed(good, "form_id", nil),
		"page slash":      changed(good, "page", "/pages/order"),
		"page form":       changed(good, "page", "pages/订单"),
		"openid form":     changed(good, "touser", "me"),
	} {
		form := url.Values{"v": {"TIT造舰厂", "2016年6月6日"}, "e": {"0"}}
		for field, member := range map[string]string{"touser": "touser", "form_id": "form_id", "page": "page"} {
			text, _ := o[member].(string)
			form.Set(field, text)
		}
		var answer refusalAnswer
		must(t, json.Unmarshal([]byte(s.post("/api/v1/sends", asJSON(o)).body), &answer))
		page := b.post("/templates/"+template+"/preview", form)
		if words := answer.words(); len(words) < 20 || !strings.Contains(page.text("#preflight")+page.text(".banner"), words) {
			t.Errorf("%s: the API says %q, the page\n%s", name, words, page.text("#preflight"))
		}
	}
}

// The page shows the end of a penalty as a time beside the words; the API answers it as one.
func TestTheAPISaysWhenAPenaltyEnds(t *testing.T) {
	t.Parallel()
	c, template, s := shop(t)
	s.has(c, ledger.Form)
	until := c.clock.Now().Add(72 * time.Hour).Truncate(time.Second)
	_, err := c.store.AddViolation(t.Context(), store.Actor{}, store.Violation{App: c.app().ID, Rule: "market", Step: 2, From: c.clock.Now().Add(-time.Hour), Until: until})
	must(t, err)
	var answer refusalAnswer
	a := s.post("/api/v1/sends", asJSON(order(c, template, "k"))).refused(http.StatusUnprocessableEntity, "checks_failed")
	must(t, json.Unmarshal([]byte(a.body), &answer))
	for _, check := range answer.Error.Checks {
		if check.Check == "penalty" && (check.Message != "a penalty is in force and nothing may be sent before it ends." || !check.Until.Equal(until)) {
			t.Errorf("%+v", check)
		}
	}
}
