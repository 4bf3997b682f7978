package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/views/text"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/account"
)

// theirsOn are the rows of the table that sets what somebody else saved beside what
// was chosen here: "field: theirs → yours".
func theirsOn(p *webtest.Page) string {
	var rows []string
	for _, row := range p.Doc.Find(".changes tbody tr").EachIter() {
		text := func(part string) string { return strings.Join(strings.Fields(row.Find(part).Text()), " ") }
		rows = append(rows, text("th")+": "+text("td:nth-child(2)")+" → "+text("td:nth-child(3)"))
	}
	return strings.Join(rows, "; ")
}

func TestRolesThatSomebodyElseChangedMeanwhileAreNotOverwrittenUnknowingly(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	app := c.App()
	admin, other := c.As(store.Administrator), c.As(store.Administrator)
	opened := admin.Get(c.At(store.QA))
	other.Submit(other.Get(c.At(store.QA)), "button.primary", func(form url.Values) { form.Set("role", "operator") }).
		Expect(http.StatusOK, "done.roles_saved")

	choose := func(form url.Values) { form.Set("role", "product_manager") }
	p := admin.Submit(opened, "button.primary", choose).Expect(http.StatusConflict, "people.conflict", "Name", "qa")
	if who := c.Person(store.QA); who.Role != store.Operator {
		t.Fatalf("%s", who.Role)
	}
	if got := theirsOn(p); got != "Role: Operator → Product manager" {
		t.Errorf("the page tells %q", got)
	}
	if got := webtest.Controls(p.Doc.Find("main form").First()).Get("role"); got != "product_manager" {
		t.Errorf("the role chosen became %q", got)
	}
	log := admin.Get(p.Doc.Find(`main a[href*="/activity?"]`).AttrOr("href", "")).Doc.Find("tbody tr")
	if !strings.Contains(log.Text(), "administrator") || log.Length() != 1 || !strings.HasPrefix(log.AttrOr("data-object", ""), "person:") {
		t.Errorf("the log that is led to shows %s", log.Text())
	}

	// A third change comes between: the decision was about the second.
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.QA).ID, "", store.Operator, store.AppRoles{app.ID: store.QA}))
	p = admin.Submit(p, "button.primary", nil).Expect(http.StatusConflict, "people.conflict")
	if got := theirsOn(p); got != "Role: Operator → Product manager; "+app.Name+": QA → "+text.LoadTexts().In("en").T("people.as_for_all") {
		t.Errorf("the page tells %q", got)
	}
	admin.Submit(p, "button.primary", nil).Expect(http.StatusOK, "done.roles_saved")
	who, err := c.Store.PersonAccess(t.Context(), c.Person(store.QA).ID)
	webtest.Must(t, err)
	if who.Role != store.ProductManager || len(who.Apps) != 0 {
		t.Fatalf("%s, %v", who.Role, who.Apps)
	}
	// A second click, and somebody who wants what is there already, go over nothing.
	admin.Submit(opened, "button.primary", choose).Expect(http.StatusOK, "done.roles_saved")
	admin.Post(c.At(store.QA), url.Values{"role": {"qa"}}).Answers(http.StatusBadRequest)
}

func TestSettingsOfAnAppThatSomebodyElseChangedMeanwhileAreNotOverwrittenUnknowingly(t *testing.T) {
	t.Parallel()
	c, s, moved := webtest.NewConsole(t), webtest.NewScript(t), webtest.NewScript(t)
	app := c.AddAppAt(webtest.ScriptedApp, s.URL, webtest.CanarySecret)
	path := webtest.PathWith("/settings/apps/", app.ID)
	admin, other := c.As(store.Administrator), c.As(store.Administrator)
	opened, asked := admin.Get(path), len(s.Asked)
	other.Submit(other.Get(path), "button.primary", func(form url.Values) {
		form.Set("name", "别人起的名字")
		form.Set("base", moved.URL)
		form.Set("secret", "another-secret")
	}).Expect(http.StatusOK, "done.app_renamed")

	p := admin.Submit(opened, "button.primary", func(form url.Values) {
		form.Set("color", "teal")
		form.Set("token_mode", "stable_token")
	}).Expect(http.StatusConflict, "apps.conflict")
	en := text.LoadTexts().In("en")
	want := "Name: 别人起的名字 → " + app.Name + "; API base: " + moved.URL + " → " + s.URL +
		"; " + en.T("fieldname.token_mode") + ": " + en.T("appmode.token") + " → " + en.T("appmode.stable") + "; " + en.T("color.title") + ": None → Teal"
	if got := theirsOn(p); got != want {
		t.Errorf("the page tells\n%s, want\n%s", got, want)
	}
	if n := len(s.Asked) - asked; n != 0 {
		t.Errorf("WeChat was asked %d times for a save that was refused", n)
	}
	stored := func() store.App {
		a, err := c.Store.App(t.Context(), app.ID)
		webtest.Must(t, err)
		return a
	}
	if a := stored(); a.Name != "别人起的名字" || a.Base != moved.URL || a.Color != "" || a.TokenMode != account.PlainToken {
		t.Fatalf("%+v", a)
	}
	form := webtest.Controls(p.Doc.Find(`form[action$="` + path + `"]`))
	if form.Get("color") != "teal" || form.Get("token_mode") != "stable_token" || form.Get("name") != app.Name {
		t.Errorf("the form holds %v", form)
	}
	admin.Submit(p, "button.primary", func(form url.Values) { form.Set("base", moved.URL); form.Set("token_mode", "token") }).
		Expect(http.StatusOK, "done.app_renamed")
	if a := stored(); a.Name != app.Name || a.Base != moved.URL || a.Color != "teal" || a.Secret.Reveal() != "another-secret" {
		t.Fatalf("%+v", a)
	}
	admin.Post(path, url.Values{"name": {"x"}, "appid": {webtest.ScriptedApp}, "base": {moved.URL}}).Answers(http.StatusBadRequest)
}

// The secret is write-only and no part of what a form was drawn from: a form without one
// keeps what a colleague rotated meanwhile.
func TestSavingANameKeepsASecretThatWasRotatedMeanwhile(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	app := c.AddAppAt(webtest.ScriptedApp, s.URL, webtest.CanarySecret)
	admin := c.As(store.Administrator)
	opened := admin.Get(webtest.PathWith("/settings/apps/", app.ID))
	webtest.Must(t, c.Store.RotateSecret(t.Context(), store.Actor{}, app.ID, wechat.Secret("rotated"))) // by another process
	admin.Submit(opened, "button.primary", func(form url.Values) { form.Set("name", "新名字") }).Expect(http.StatusOK, "done.app_renamed")
	a, err := c.Store.App(t.Context(), app.ID)
	webtest.Must(t, err)
	if a.Name != "新名字" || a.Secret.Reveal() != "rotated" {
		t.Fatalf("%s, %s", a.Name, a.Secret.Reveal())
	}
}
