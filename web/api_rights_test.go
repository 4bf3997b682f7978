package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/wechat/ledger"
)

const customer = "oCustomer_123456789-ABCDEFGH"

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

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestABusinessServerReportsARightOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("rights")
	report := fmt.Sprintf(`{"appid":%q,"openid":%q,"kind":"payment","id":"prepay_id=wx20180504abc"}`, c.app().AppID, customer)
	var first, again reportAnswer
	s.post("/api/v1/rights", report).into(&first)
	s.post("/api/v1/rights", report).into(&again)
	if first.Known || first.Cleaned != "prepay_id=" || first.Right.ID != "wx20180504abc" || first.Right.Left != 3 || first.Right.State != ledger.Usable {
		t.Errorf("first: %+v %+v", first, first.Right)
	}
	if week := first.Right.ExpiresAt.Sub(c.clock.Now()); week < 7*24*time.Hour-time.Minute || week > 7*24*time.Hour {
		t.Errorf("it lasts %v", week)
	}
	if !again.Known || *again.Right != *first.Right {
		t.Errorf("again: %+v %+v", again, again.Right)
	}
	if n := len(c.activities(store.ActRightReport)); n != 2 { // each call is an act
		t.Errorf("%d acts", n)
	}
	if a := c.activities(store.ActRightReport)[0]; !strings.HasPrefix(a.PersonName, "api_key:") {
		t.Errorf("by %q", a.PersonName)
	}
}

// faults.md 22
func TestFault22_WhatIsNoRightIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("rights")
	s.post("/api/v1/rights", `{"openid":"`+customer+`","id":"form1"}`).into(&struct{}{})
	old := c.clock.Now().Add(-8 * 24 * time.Hour).Unix()
	for code, fields := range map[string]string{
		"right_empty":     `"kind":"form","id":""`,
		"right_mock":      `"kind":"form","id":"the formId is a mock one"`,
		"right_malformed": `"kind":"form","id":"requestFormId:fail"`,
		"right_kind":      `"kind":"form","id":"wx20180504abc"`,
		"right_future":    `"id":"form2","when":"2199-01-01T00:00:00Z"`,
		"right_too_old":   fmt.Sprintf(`"id":"form2","when":%d`, old),
	} {
		s.post("/api/v1/rights", `{"openid":"`+customer+`",`+fields+`}`).refused(http.StatusUnprocessableEntity, code)
	}
	s.post("/api/v1/rights", `{"openid":"x","id":"form2"}`).refused(http.StatusUnprocessableEntity, "right_openid")
	s.post("/api/v1/rights", `{"openid":"`+strings.ToUpper(customer)+`","id":"form1"}`).refused(http.StatusUnprocessableEntity, "right_foreign") // faults.md 23
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
	c := newConsole(t)
	s := c.caller("rights")
	var rights []map[string]any
	for i := range 1000 {
		rights = append(rights, map[string]any{"openid": customer, "kind": "form", "id": fmt.Sprint("form", i)})
	}
	rights[7]["id"], rights[8]["id"], rights[9]["kind"] = "the formId is a mock one", "form1", "payment"
	var answer struct {
		Kept, Refused int
		Results       []reportAnswer
	}
	s.post("/api/v1/rights", asJSON(map[string]any{"rights": rights})).into(&answer)
	if answer.Kept != 998 || answer.Refused != 2 || len(answer.Results) != 1000 {
		t.Fatalf("%d kept, %d refused of %d", answer.Kept, answer.Refused, len(answer.Results))
	}
	if answer.Results[7].Error.Code != "right_mock" || len(answer.Results[7].Error.Message) < 10 || !answer.Results[8].Known || answer.Results[9].Error.Code != "right_kind" || answer.Results[999].Right.ID != "form999" {
		t.Errorf("%+v", answer.Results[7:10])
	}
	if n := len(c.activities(store.ActRightReport)); n != 1 {
		t.Errorf("%d acts", n)
	}
	s.post("/api/v1/rights", `{"rights":[]}`).into(&answer)
	s.post("/api/v1/rights", asJSON(map[string]any{"rights": append(rights, rights[0])})).refused(http.StatusRequestEntityTooLarge, "rights_many")
	s.post("/api/v1/rights", `{"id":"form1","rights":[]}`).refused(http.StatusBadRequest, "rights_both")
	s.post("/api/v1/rights", `{"openId":"x","form":"form1"}`).refused(http.StatusBadRequest, "bad_json")
}

// faults.md 27, 32
func TestAKeyReportsRightsOfItsOwnAppAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	other := c.addApp("wx0000000000000002")
	report := fmt.Sprintf(`{"appid":%q,"openid":%q,"id":"form1"}`, other.AppID, customer)
	c.caller("rights").post("/api/v1/rights", report).refused(http.StatusNotFound, "app_unknown")
	c.caller("send", "token").post("/api/v1/rights", report).refused(http.StatusForbidden, "scope_missing")
	if _, err := c.store.Right(t.Context(), other.ID, "form1"); err == nil {
		t.Error("it was kept all the same")
	}
}
