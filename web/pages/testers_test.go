package pages_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

func TestAnOperatorBindsAPersonsOpenID(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, qa := c.As(store.Operator), c.Person(store.QA)
	button := `form[action$="/settings/openids/` + strconv.FormatInt(qa.ID, 10) + `"] button`
	b.Submit(b.Get("/settings/testers"), button, func(f url.Values) { f.Set("openid", webtest.StrangerID) }).Expect(http.StatusOK, "done.openid_bound")
	c.As(store.QA).Get("/settings/me").Shows(http.StatusOK, webtest.StrangerID)

	for _, typed := range []string{"short", webtest.StrangerID + " "} {
		p := b.Submit(b.Get("/settings/testers"), button, func(f url.Values) { f.Set("openid", typed) }).Expect(http.StatusUnprocessableEntity, "problem.openid")
		if got := p.Doc.Find("#openid-"+strconv.FormatInt(qa.ID, 10)).AttrOr("value", ""); got != typed {
			t.Errorf("%q became %q", typed, got)
		}
	}
	other := strings.Replace(button, strconv.FormatInt(qa.ID, 10), strconv.FormatInt(c.Person(store.Operator).ID, 10), 1)
	b.Submit(b.Get("/settings/testers"), other, func(f url.Values) { f.Set("openid", webtest.StrangerID) }).Expect(http.StatusUnprocessableEntity, "testers.bound_to_other")
	b.Submit(b.Get("/settings/testers"), button, func(f url.Values) { f.Set("openid", "") }).Expect(http.StatusOK, "done.openid_bound")
	if got := c.As(store.QA).Get("/settings/me").Text("main"); strings.Contains(got, webtest.StrangerID) {
		t.Error("the binding is still there")
	}
}

func TestATesterIsAddedOnceAndRemoved(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	add := func(name, openID string) *webtest.Page {
		return b.Submit(b.Get("/settings/testers"), "main .primary", func(f url.Values) { f.Set("name", name); f.Set("touser", openID) })
	}
	add("小王", webtest.StrangerID).Expect(http.StatusOK, "done.tester_added").Shows(http.StatusOK, "小王")
	p := add("老王", webtest.StrangerID).Expect(http.StatusUnprocessableEntity, "testers.taken")
	if form := webtest.Controls(p.Doc.Find(`form[action$="/settings/testers"]`)); form.Get("name") != "老王" || form.Get("touser") != webtest.StrangerID {
		t.Errorf("the form holds %v", form)
	}
	add("", webtest.StrangerID).Expect(http.StatusUnprocessableEntity, "problem.required", "Field", webtest.Word("fieldname.name"))
	p = b.Submit(b.Get("/settings/testers"), `form[action$="/remove"] button`, nil).Expect(http.StatusOK, "done.tester_removed")
	p.Expect(http.StatusOK, "testers.none")
}

func TestFault26_APersonsOwnMiniProgramSessionBindsTheirOpenID(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	qa, orders := c.As(store.QA), c.Caller("rights")
	p := qa.Submit(qa.Get("/settings/me"), `form[action$="/code"] button`, nil).Expect(http.StatusOK, "me.code_use", "Count", 10)
	code := p.Doc.Find(".big-code code").Text()
	bind := func(s *webtest.Server, code, openID string) *webtest.APIAnswer {
		return s.Post("/api/v1/testers/bind", `{"appid":"`+c.App().AppID+`","code":"`+code+`","openid":"`+openID+`"}`)
	}
	bind(c.Caller("send"), code, webtest.StrangerID).Refused(http.StatusForbidden, "scope_missing")
	bind(orders, "WRONGCODE1", webtest.StrangerID).Refused(http.StatusNotFound, "code_wrong")
	bind(orders, code, "short").Refused(http.StatusUnprocessableEntity, "openid_form")
	bind(c.ServerOf(c.AddApp("wx0000000000000002").ID, "rights"), code, webtest.StrangerID).Refused(http.StatusNotFound, "app_unknown")

	var bound struct{ OpenID, Person string }
	bind(orders, strings.ToLower(code), webtest.StrangerID).Into(&bound)
	if bound.OpenID != webtest.StrangerID || bound.Person != string(store.QA) {
		t.Errorf("%+v", bound)
	}
	bind(orders, code, "oAnother_0123456789-ABCDEFGH").Refused(http.StatusNotFound, "code_wrong")
	qa.Get("/settings/me").Shows(http.StatusOK, webtest.StrangerID)

	again := qa.Submit(qa.Get("/settings/me"), `form[action$="/code"] button`, nil).Doc.Find(".big-code code").Text()
	c.Clock.Advance(10 * time.Minute)
	bind(orders, again, webtest.StrangerID).Refused(http.StatusNotFound, "code_wrong")
	operator := c.As(store.Operator)
	taken := operator.Submit(operator.Get("/settings/me"), `form[action$="/code"] button`, nil).Doc.Find(".big-code code").Text()
	bind(orders, taken, webtest.StrangerID).Refused(http.StatusConflict, "openid_taken")
}
