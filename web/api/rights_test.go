package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/web/webtest"
	"muban/wechat/ledger"
)

// rightAnswer is what the API says of a right.
type rightAnswer struct {
	ID, Kind, OpenID, State string
	Left                    int
	ExpiresAt               time.Time `json:"expires_at"`
}

type reportAnswer struct {
	ID      string
	Known   bool
	Cleaned string
	Right   *rightAnswer
	Error   struct{ Code, Message string }
}

func TestABusinessServerReportsARightOnce(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("rights")
	report := fmt.Sprintf(`{"appid":%q,"openid":%q,"kind":"payment","id":"prepay_id=wx20180504abc"}`, c.App().AppID, webtest.Customer)
	var first, again reportAnswer
	s.Post("/api/v1/rights", report).Into(&first)
	s.Post("/api/v1/rights", report).Into(&again)
	if first.Known || first.Cleaned != "prepay_id=" || first.Right.ID != "wx20180504abc" || first.Right.Left != 3 || first.Right.State != ledger.Usable {
		t.Errorf("first: %+v %+v", first, first.Right)
	}
	if week := first.Right.ExpiresAt.Sub(c.Clock.Now()); week < 7*24*time.Hour-time.Minute || week > 7*24*time.Hour {
		t.Errorf("it lasts %v", week)
	}
	if !again.Known || *again.Right != *first.Right {
		t.Errorf("again: %+v %+v", again, again.Right)
	}
	if n := len(c.Activities(store.ActRightReport)); n != 2 { // each call is an act
		t.Errorf("%d acts", n)
	}
	if a := c.Activities(store.ActRightReport)[0]; !strings.HasPrefix(a.PersonName, "api_key:") {
		t.Errorf("by %q", a.PersonName)
	}
}

func TestFault22_WhatIsNoRightIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("rights")
	s.Post("/api/v1/rights", `{"openid":"`+webtest.Customer+`","id":"form1"}`).Into(&struct{}{})
	old := c.Clock.Now().Add(-8 * 24 * time.Hour).Unix()
	for code, fields := range map[string]string{
		"right_empty":     `"kind":"form","id":""`,
		"right_mock":      `"kind":"form","id":"the formId is a mock one"`,
		"right_malformed": `"kind":"form","id":"requestFormId:fail"`,
		"right_kind":      `"kind":"form","id":"wx20180504abc"`,
		"right_future":    `"id":"form2","when":"2199-01-01T00:00:00Z"`,
		"right_too_old":   fmt.Sprintf(`"id":"form2","when":%d`, old),
	} {
		s.Post("/api/v1/rights", `{"openid":"`+webtest.Customer+`",`+fields+`}`).Refused(http.StatusUnprocessableEntity, code)
	}
	s.Post("/api/v1/rights", `{"openid":"x","id":"form2"}`).Refused(http.StatusUnprocessableEntity, "right_openid")
	s.Post("/api/v1/rights", `{"openid":"`+strings.ToUpper(webtest.Customer)+`","id":"form1"}`).Refused(http.StatusUnprocessableEntity, "right_foreign")
}

func TestEveryRefusalOfARightHasItsWords(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Languages {
		words := text.LoadTexts().In(lang)
		for _, reason := range ledger.Reasons {
			if got := text.RefusalText(words, &ledger.Refusal{Reason: reason}); got == "" || strings.Contains(got, "[") {
				t.Errorf("%s: %s is %q", lang, reason, got)
			}
		}
	}
}

func TestOfManyRightsTheGoodOnesAreKeptAndEachIsAnswered(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("rights")
	var rights []map[string]any
	for i := range 1000 {
		rights = append(rights, map[string]any{"openid": webtest.Customer, "kind": "form", "id": fmt.Sprint("form", i)})
	}
	rights[7]["id"], rights[8]["id"], rights[9]["kind"] = "the formId is a mock one", "form1", "payment"
	var answer struct {
		Kept, Refused int
		Results       []reportAnswer
	}
	s.Post("/api/v1/rights", webtest.AsJSON(map[string]any{"rights": rights})).Into(&answer)
	if answer.Kept != 998 || answer.Refused != 2 || len(answer.Results) != 1000 {
		t.Fatalf("%d kept, %d refused of %d", answer.Kept, answer.Refused, len(answer.Results))
	}
	if answer.Results[7].Error.Code != "right_mock" || len(answer.Results[7].Error.Message) < 10 || !answer.Results[8].Known || answer.Results[9].Error.Code != "right_kind" || answer.Results[999].Right.ID != "form999" {
		t.Errorf("%+v", answer.Results[7:10])
	}
	if n := len(c.Activities(store.ActRightReport)); n != 1 {
		t.Errorf("%d acts", n)
	}
	s.Post("/api/v1/rights", `{"rights":[]}`).Into(&answer)
	s.Post("/api/v1/rights", webtest.AsJSON(map[string]any{"rights": append(rights, rights[0])})).Refused(http.StatusRequestEntityTooLarge, "rights_many")
	s.Post("/api/v1/rights", `{"id":"form1","rights":[]}`).Refused(http.StatusBadRequest, "rights_both")
	s.Post("/api/v1/rights", `{"openId":"x","form":"form1"}`).Refused(http.StatusBadRequest, "bad_json")
}

func TestAKeyReportsRightsOfItsOwnAppAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	other := c.AddApp("wx0000000000000002")
	report := fmt.Sprintf(`{"appid":%q,"openid":%q,"id":"form1"}`, other.AppID, webtest.Customer)
	c.Caller("rights").Post("/api/v1/rights", report).Refused(http.StatusNotFound, "app_unknown")
	c.Caller("send", "token").Post("/api/v1/rights", report).Refused(http.StatusForbidden, "scope_missing")
	if _, err := c.Store.Right(t.Context(), other.ID, "form1"); err == nil {
		t.Error("it was kept all the same")
	}
}
