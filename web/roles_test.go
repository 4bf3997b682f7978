package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
)

func TestFault28_ARoleThatIsChangedOnThePageCountsFromTheNextRequest(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, qa := c.as(store.Administrator), c.as(store.QA)
	qa.get("/settings/apps").expect(http.StatusForbidden, "")
	change := func(role string) *page {
		return admin.submit(admin.get(c.at(store.QA)), "button.primary", func(form url.Values) { form.Set("role", role) })
	}
	change("administrator").expect(http.StatusOK, "The roles are saved")
	qa.get("/settings/apps").expect(http.StatusOK, "Add a mini program")
	change("product_manager")
	qa.get("/sends").expect(http.StatusForbidden, "Your role may not do this")
	got := c.activities(store.ActPersonRole)
	if len(got) != 2 || got[0].Detail != `{"from":"administrator","to":"product_manager"}` || got[0].PersonName != "administrator" {
		t.Errorf("the log has %+v", got)
	}
}

func TestFault33_TheLastAdministratorStaysWhateverIsPosted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	own := c.at(store.Administrator)
	p := admin.submit(admin.get(own), "button.primary", func(form url.Values) { form.Set("role", "qa") }).
		expect(http.StatusUnprocessableEntity, "This is the last enabled administrator")
	if got := controls(p.doc.Find("main form").First()).Get("role"); got != "qa" {
		t.Errorf("the role chosen became %q", got)
	}
	admin.submit(admin.get(own), `button[value="disable"]`, nil).expect(http.StatusUnprocessableEntity, "This is the last enabled administrator")
	admin.post(own+"/password", nil).expect(http.StatusUnprocessableEntity, "You cannot do this to yourself here")
	admin.post(own+"/factor", nil).expect(http.StatusUnprocessableEntity, "You cannot do this to yourself here")
	if who := c.person(store.Administrator); who.Role != store.Administrator || who.Disabled || who.PasswordHash != passwordHash {
		t.Fatalf("%+v", who)
	}
	second := c.at(store.Operator)
	admin.submit(admin.get(second), "button.primary", func(form url.Values) { form.Set("role", "administrator") })
	if p := admin.submit(admin.get(own), "button.primary", func(form url.Values) { form.Set("role", "qa") }); p.path != "/settings/me?done=roles_saved" {
		t.Errorf("who gave the right away is at %s", p.path)
	}
	admin.get("/settings/people").expect(http.StatusForbidden, "")
}

func TestFault27_AnAppWithoutARoleIsNotThere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator := c.as(store.Operator)
	ids := c.fill(c.as(store.Administrator))
	apps, err := c.store.Apps(t.Context())
	must(t, err)
	first, other := apps[0], apps[1]
	operator.in(first).get("/drafts/"+ids.draft).expect(http.StatusOK, "购买成功通知")
	set := func(roles store.AppRoles) {
		must(t, c.store.SetRoles(context.Background(), store.Actor{}, c.person(store.Operator).ID, "", store.Operator, roles))
	}
	set(store.AppRoles{first.ID: store.None})
	home := operator.get("/")
	if home.text(".app") != other.Name || strings.Contains(home.body, first.Name) {
		t.Errorf("the top bar holds %q", home.text(".top"))
	}
	for _, route := range c.routes() {
		if strings.Contains(route.Path, "{id}") && !strings.HasPrefix(route.Path, "/settings/") && !strings.HasPrefix(route.Path, "/compliance") {
			if p := c.ask(operator, route.Method, ids.path(route)); p.status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", route.Pattern, p.status)
			}
		}
	}
	operator.post("/app", url.Values{"app": {first.AppID}, "next": {"/"}}).expect(http.StatusNotFound, "")

	set(store.AppRoles{first.ID: store.QA, other.ID: store.ProductManager})
	operator.in(first).get("/sends").expect(http.StatusOK, "")
	operator.get("/settings/testers").expect(http.StatusForbidden, "")
	operator.in(other).get("/sends").expect(http.StatusForbidden, "")
	if got := operator.get("/").doc.Find(".who a").AttrOr("title", ""); got != "Product manager" {
		t.Errorf("the top bar names the role %q", got)
	}
}

func TestFault26_QAInOneAppSendsToTheirOwnOpenIDThere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	template := c.addTemplate(c.as(store.Operator), "AT0002")
	operator := c.as(store.Operator)
	form := c.message(operator, template, strangerID)
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, c.person(store.Operator).ID, "", store.Operator, store.AppRoles{c.app().ID: store.QA}))
	operator.post("/templates/"+template+"/send", form).expect(http.StatusUnprocessableEntity, "QA sends to their own openid only; nothing was sent")
}

func TestWhatBelongsToNoAppGoesByTheRoleForAll(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	qa, admin := c.as(store.QA), c.as(store.Administrator)
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, c.person(store.QA).ID, "", store.QA, store.AppRoles{c.app().ID: store.Administrator}))
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, c.person(store.Administrator).ID, "", store.Administrator, store.AppRoles{c.app().ID: store.QA}))
	for _, path := range []string{"/settings/people", "/settings/permissions", "/settings/apps", "/activity"} {
		qa.get(path).expect(http.StatusForbidden, "Your role may not do this")
		admin.get(path).expect(http.StatusOK, "")
	}
	qa.get("/settings/testers").expect(http.StatusOK, "")
	admin.get("/settings/testers").expect(http.StatusForbidden, "")
}

func TestSomebodyWithoutAnyAppIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	c.inDatabase("INSERT INTO person_roles SELECT ?, id, 'none' FROM apps", c.person(store.QA).ID)
	c.clock.Advance(time.Second) // as after another process's change
	b.get("/").expect(http.StatusForbidden, "No mini program is there for you")
	if p := b.submit(b.get("/drafts"), ".who button", nil); p.path != "/sign-in" {
		t.Errorf("signing out ends at %s", p.path)
	}
}

func TestTheTestersAreThoseWhoMaySendInThisApp(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, c.person(store.QA).ID, "", store.QA, store.AppRoles{c.app().ID: store.ProductManager}))
	if p := c.as(store.Operator).get("/settings/testers"); p.has("#openid-" + strconv.FormatInt(c.person(store.QA).ID, 10)) {
		t.Error("somebody who may not send here is listed")
	}
}
