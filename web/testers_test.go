package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
)

func TestAnOperatorBindsAPersonsOpenID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, qa := c.as(store.Operator), c.person(store.QA)
	button := `form[action$="/settings/openids/` + strconv.FormatInt(qa.ID, 10) + `"] button`
	b.submit(b.get("/settings/testers"), button, func(f url.Values) { f.Set("openid", strangerID) }).expect(http.StatusOK, "The openid is saved")
	c.as(store.QA).get("/settings/me").expect(http.StatusOK, strangerID)

	for typed, want := range map[string]string{"short": "An openid is 28 letters", strangerID + " ": "An openid is 28 letters"} {
		p := b.submit(b.get("/settings/testers"), button, func(f url.Values) { f.Set("openid", typed) }).expect(http.StatusUnprocessableEntity, want)
		if got := p.doc.Find("#openid-"+strconv.FormatInt(qa.ID, 10)).AttrOr("value", ""); got != typed {
			t.Errorf("%q became %q", typed, got)
		}
	}
	other := strings.Replace(button, strconv.FormatInt(qa.ID, 10), strconv.FormatInt(c.person(store.Operator).ID, 10), 1)
	b.submit(b.get("/settings/testers"), other, func(f url.Values) { f.Set("openid", strangerID) }).expect(http.StatusUnprocessableEntity, "bound to somebody else")
	b.submit(b.get("/settings/testers"), button, func(f url.Values) { f.Set("openid", "") }).expect(http.StatusOK, "The openid is saved")
	if got := c.as(store.QA).get("/settings/me").text("main"); strings.Contains(got, strangerID) {
		t.Error("the binding is still there")
	}
}

func TestATesterIsAddedOnceAndRemoved(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	add := func(name, openID string) *page {
		return b.submit(b.get("/settings/testers"), "main .primary", func(f url.Values) { f.Set("name", name); f.Set("touser", openID) })
	}
	add("小王", strangerID).expect(http.StatusOK, "Added to the testers").expect(http.StatusOK, "小王")
	p := add("老王", strangerID).expect(http.StatusUnprocessableEntity, "on the list already")
	if form := controls(p.doc.Find(`form[action$="/settings/testers"]`)); form.Get("name") != "老王" || form.Get("touser") != strangerID {
		t.Errorf("the form holds %v", form)
	}
	add("", strangerID).expect(http.StatusUnprocessableEntity, "Name must not be empty")
	p = b.submit(b.get("/settings/testers"), `form[action$="/remove"] button`, nil).expect(http.StatusOK, "Removed from the testers")
	p.expect(http.StatusOK, "The list is empty")
}

func TestFault26_APersonsOwnMiniProgramSessionBindsTheirOpenID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	qa, orders := c.as(store.QA), c.caller("rights")
	p := qa.submit(qa.get("/settings/me"), `form[action$="/code"] button`, nil).expect(http.StatusOK, "works once, for 10 minutes")
	code := p.doc.Find(".big-code code").Text()
	bind := func(s *server, code, openID string) *apiAnswer {
		return s.post("/api/v1/testers/bind", `{"appid":"`+c.app().AppID+`","code":"`+code+`","openid":"`+openID+`"}`)
	}
	bind(c.caller("send"), code, strangerID).refused(http.StatusForbidden, "scope_missing")
	bind(orders, "WRONGCODE1", strangerID).refused(http.StatusNotFound, "code_wrong")
	bind(orders, code, "short").refused(http.StatusUnprocessableEntity, "openid_form")
	bind(c.serverOf(c.addApp("wx0000000000000002").ID, "rights"), code, strangerID).refused(http.StatusNotFound, "app_unknown")

	var bound struct{ OpenID, Person string }
	bind(orders, strings.ToLower(code), strangerID).into(&bound)
	if bound.OpenID != strangerID || bound.Person != string(store.QA) {
		t.Errorf("%+v", bound)
	}
	bind(orders, code, "oAnother_0123456789-ABCDEFGH").refused(http.StatusNotFound, "code_wrong")
	qa.get("/settings/me").expect(http.StatusOK, strangerID)

	again := qa.submit(qa.get("/settings/me"), `form[action$="/code"] button`, nil).doc.Find(".big-code code").Text()
	c.clock.Advance(10 * time.Minute)
	bind(orders, again, strangerID).refused(http.StatusNotFound, "code_wrong")
	operator := c.as(store.Operator)
	taken := operator.submit(operator.get("/settings/me"), `form[action$="/code"] button`, nil).doc.Find(".big-code code").Text()
	bind(orders, taken, strangerID).refused(http.StatusConflict, "openid_taken")
}
