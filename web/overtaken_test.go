package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat"
	"muban/wechat/account"
)

// theirs are the rows of the table that sets what somebody else saved beside what
// was chosen here: "field: theirs → yours".
func (p *page) theirs() string {
	var rows []string
	for _, row := range p.doc.Find(".changes tbody tr").EachIter() {
		text := func(part string) string { return strings.Join(strings.Fields(row.Find(part).Text()), " ") }
		rows = append(rows, text("th")+": "+text("td:nth-child(2)")+" → "+text("td:nth-child(3)"))
	}
	return strings.Join(rows, "; ")
}

func TestRolesThatSomebodyElseChangedMeanwhileAreNotOverwrittenUnknowingly(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	app := c.app()
	admin, other := c.as(store.Administrator), c.as(store.Administrator)
	opened := admin.get(c.at(store.QA))
	other.submit(other.get(c.at(store.QA)), "button.primary", func(form url.Values) { form.Set("role", "operator") }).
		expect(http.StatusOK, "The roles are saved")

	choose := func(form url.Values) { form.Set("role", "product_manager") }
	p := admin.submit(opened, "button.primary", choose).expect(http.StatusConflict, "Somebody else changed the roles of qa after you opened this page")
	if who := c.person(store.QA); who.Role != store.Operator {
		t.Fatalf("%s", who.Role)
	}
	if got := p.theirs(); got != "Role: Operator → Product manager" {
		t.Errorf("the page tells %q", got)
	}
	if got := controls(p.doc.Find("main form").First()).Get("role"); got != "product_manager" {
		t.Errorf("the role chosen became %q", got)
	}
	log := admin.get(p.doc.Find(`main a[href*="/activity?"]`).AttrOr("href", "")).text("tbody")
	if !strings.Contains(log, "administrator") || strings.Count(log, "person:") != 1 {
		t.Errorf("the log that is led to shows %s", log)
	}

	// A third change comes between: the decision was about the second.
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, c.person(store.QA).ID, "", store.Operator, store.AppRoles{app.ID: store.QA}))
	p = admin.submit(p, "button.primary", nil).expect(http.StatusConflict, "Somebody else changed")
	if got := p.theirs(); got != "Role: Operator → Product manager; "+app.Name+": QA → The same as above" {
		t.Errorf("the page tells %q", got)
	}
	admin.submit(p, "button.primary", nil).expect(http.StatusOK, "The roles are saved")
	who, err := c.store.PersonAccess(t.Context(), c.person(store.QA).ID)
	must(t, err)
	if who.Role != store.ProductManager || len(who.Apps) != 0 {
		t.Fatalf("%s, %v", who.Role, who.Apps)
	}
	// A second click, and somebody who wants what is there already, go over nothing.
	admin.submit(opened, "button.primary", choose).expect(http.StatusOK, "The roles are saved")
	admin.post(c.at(store.QA), url.Values{"role": {"qa"}}).expect(http.StatusBadRequest, "")
}

func TestSettingsOfAnAppThatSomebodyElseChangedMeanwhileAreNotOverwrittenUnknowingly(t *testing.T) {
	t.Parallel()
	c, s, moved := newConsole(t), newScript(t), newScript(t)
	app := c.addAppAt(scriptedApp, s.URL, canarySecret)
	path := pathOf("/settings/apps/", app.ID)
	admin, other := c.as(store.Administrator), c.as(store.Administrator)
	opened, asked := admin.get(path), len(s.asked)
	other.submit(other.get(path), "button.primary", func(form url.Values) {
		form.Set("name", "别人起的名字")
		form.Set("base", moved.URL)
		form.Set("secret", "another-secret")
	}).expect(http.StatusOK, "The mini program is saved")

	p := admin.submit(opened, "button.primary", func(form url.Values) {
		form.Set("color", "teal")
		form.Set("token_mode", "stable_token")
	}).expect(http.StatusConflict, "after you opened this page; they were not overwritten")
	want := "Name: 别人起的名字 → " + app.Name + "; API base: " + moved.URL + " → " + s.URL +
		"; How the access_token is fetched: cgi-bin/token: every fetch puts an end to the last token → " +
		"cgi-bin/stable_token: programs that use it too do not disturb one another; Colour in the switcher: None → Teal"
	if got := p.theirs(); got != want {
		t.Errorf("the page tells\n%s, want\n%s", got, want)
	}
	if n := len(s.asked) - asked; n != 0 {
		t.Errorf("WeChat was asked %d times for a save that was refused", n)
	}
	stored := func() store.App {
		a, err := c.store.App(t.Context(), app.ID)
		must(t, err)
		return a
	}
	if a := stored(); a.Name != "别人起的名字" || a.Base != moved.URL || a.Color != "" || a.TokenMode != account.PlainToken {
		t.Fatalf("%+v", a)
	}
	form := controls(p.doc.Find(`form[action$="` + path + `"]`))
	if form.Get("color") != "teal" || form.Get("token_mode") != "stable_token" || form.Get("name") != app.Name {
		t.Errorf("the form holds %v", form)
	}
	admin.submit(p, "button.primary", func(form url.Values) { form.Set("base", moved.URL); form.Set("token_mode", "token") }).
		expect(http.StatusOK, "The mini program is saved")
	if a := stored(); a.Name != app.Name || a.Base != moved.URL || a.Color != "teal" || a.Secret.Reveal() != "another-secret" {
		t.Fatalf("%+v", a)
	}
	admin.post(path, url.Values{"name": {"x"}, "appid": {scriptedApp}, "base": {moved.URL}}).expect(http.StatusBadRequest, "")
}

// The secret is write-only and no part of what a form was drawn from: a form without one
// keeps what a colleague rotated meanwhile.
func TestSavingANameKeepsASecretThatWasRotatedMeanwhile(t *testing.T) {
	t.Parallel()
	c, s := newConsole(t), newScript(t)
	app := c.addAppAt(scriptedApp, s.URL, canarySecret)
	admin := c.as(store.Administrator)
	opened := admin.get(pathOf("/settings/apps/", app.ID))
	must(t, c.store.RotateSecret(t.Context(), store.Actor{}, app.ID, wechat.Secret("rotated"))) // by another process
	admin.submit(opened, "button.primary", func(form url.Values) { form.Set("name", "新名字") }).expect(http.StatusOK, "The mini program is saved")
	a, err := c.store.App(t.Context(), app.ID)
	must(t, err)
	if a.Name != "新名字" || a.Secret.Reveal() != "rotated" {
		t.Fatalf("%s, %s", a.Name, a.Secret.Reveal())
	}
}
