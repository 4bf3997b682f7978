package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
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
	c, template, s := webtest.Shop(t)
	spent := s.Has(c, ledger.Form)
	s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "first"))).Into(&sendAnswer{})
	good := changed(webtest.Order(c, template, "k"), "form_id", "fresh-form-id")
	b := c.As(store.Operator)
	live := c.As(store.Operator).In(c.AddApp("wx0000000000000002")) // where no click makes a right
	there := c.AddTemplate(live, "AT0002")
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
		webtest.Must(t, json.Unmarshal([]byte(s.Post("/api/v1/sends", webtest.AsJSON(o)).Body), &answer))
		page := b.Post("/templates/"+template+"/preview", form)
		if name == "right_none" {
			page = live.Post("/templates/"+there+"/preview", form)
		}
		if words := answer.words(); len(words) < 20 || !strings.Contains(page.Text("#preflight")+page.Text(".banner"), words) {
			t.Errorf("%s: the API says %q, the page\n%s", name, words, page.Text("#preflight"))
		}
	}
}

// The page shows the end of a penalty as a time beside the words; the API answers it as one.
func TestTheAPISaysWhenAPenaltyEnds(t *testing.T) {
	t.Parallel()
	c, template, s := webtest.Shop(t)
	s.Has(c, ledger.Form)
	until := c.Clock.Now().Add(72 * time.Hour).Truncate(time.Second)
	_, err := c.Store.AddViolation(t.Context(), store.Actor{}, store.Violation{App: c.App().ID, Rule: "market", Step: 2, From: c.Clock.Now().Add(-time.Hour), Until: until})
	webtest.Must(t, err)
	var answer refusalAnswer
	a := s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k"))).Refused(http.StatusUnprocessableEntity, "checks_failed")
	webtest.Must(t, json.Unmarshal([]byte(a.Body), &answer))
	for _, check := range answer.Error.Checks {
		if check.Check == "penalty" && (!webtest.Says(t, check.Message, "en", "check.penalty.until") || !check.Until.Equal(until)) {
			t.Errorf("%+v", check)
		}
	}
}

func TestTheAPISaysThatARestoreWaitsToBeConfirmed(t *testing.T) {
	t.Parallel()
	before, template, s := webtest.Shop(t)
	id := s.Has(before, ledger.Form)
	c := before.Restored()
	b := c.As(store.Administrator)
	s = c.WithKey(s.Key)
	webtest.Must(t, c.Store.ConfirmAPIKey(t.Context(), store.Actor{}, c.App().ID, 1))
	for name, o := range map[string]map[string]any{
		"the oldest right":      webtest.Order(c, template, "k"),
		"a right of the backup": changed(webtest.Order(c, template, "k"), "form_id", id),
		"a new one":             changed(webtest.Order(c, template, "k"), "form_id", "fresh-form-id"),
	} {
		var answer refusalAnswer
		a := s.Post("/api/v1/sends", webtest.AsJSON(o)).Refused(http.StatusConflict, "right_restored")
		webtest.Must(t, json.Unmarshal([]byte(a.Body), &answer))
		page := b.Post("/templates/"+template+"/preview", url.Values{"touser": {webtest.Customer}})
		if !strings.Contains(page.Text("#preflight"), answer.words()) || c.Calls("/send") != 0 {
			t.Errorf("%s: the API says %q, the page\n%s", name, answer.words(), page.Text("#preflight"))
		}
	}
	b.Post("/settings/restore", nil).Expect(http.StatusOK, "done.restore_confirmed")
	s.Post("/api/v1/sends", webtest.AsJSON(webtest.Order(c, template, "k"))).Into(&sendAnswer{})
}
