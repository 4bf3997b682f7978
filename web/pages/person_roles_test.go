package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

func TestFault28_ARoleThatIsChangedOnThePageCountsFromTheNextRequest(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	qa.Get("/settings/apps").Answers(http.StatusForbidden)
	change := func(role string) *webtest.Page {
		return admin.Submit(admin.Get(c.At(store.QA)), "button.primary", func(form url.Values) { form.Set("role", role) })
	}
	change("administrator").Expect(http.StatusOK, "done.roles_saved")
	qa.Get("/settings/apps").Expect(http.StatusOK, "apps.add_title")
	change("product_manager")
	qa.Get("/sends").Expect(http.StatusForbidden, "failure.forbidden.title")
	got := c.Activities(store.ActPersonRole)
	if len(got) != 2 || got[0].Detail != `{"from":"administrator","to":"product_manager"}` || got[0].PersonName != "administrator" {
		t.Errorf("the log has %+v", got)
	}
}

func TestFault33_TheLastAdministratorStaysWhateverIsPosted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	own := c.At(store.Administrator)
	p := admin.Submit(admin.Get(own), "button.primary", func(form url.Values) { form.Set("role", "qa") }).
		Expect(http.StatusUnprocessableEntity, "people.last_administrator")
	if got := webtest.Controls(p.Doc.Find("main form").First()).Get("role"); got != "qa" {
		t.Errorf("the role chosen became %q", got)
	}
	admin.Submit(admin.Get(own), `button[value="disable"]`, nil).Expect(http.StatusUnprocessableEntity, "people.last_administrator")
	admin.Post(own+"/password", nil).Expect(http.StatusUnprocessableEntity, "people.not_oneself")
	admin.Post(own+"/factor", nil).Expect(http.StatusUnprocessableEntity, "people.not_oneself")
	if who := c.Person(store.Administrator); who.Role != store.Administrator || who.Disabled || who.PasswordHash != webtest.PasswordHash {
		t.Fatalf("%+v", who)
	}
	second := c.At(store.Operator)
	admin.Submit(admin.Get(second), "button.primary", func(form url.Values) { form.Set("role", "administrator") })
	if p := admin.Submit(admin.Get(own), "button.primary", func(form url.Values) { form.Set("role", "qa") }); p.Path != "/settings/me?done=roles_saved" {
		t.Errorf("who gave the right away is at %s", p.Path)
	}
	admin.Get("/settings/people").Answers(http.StatusForbidden)
}

func TestFault27_AnAppWithoutARoleIsNotThere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator := c.As(store.Operator)
	ids := c.Fill(c.As(store.Administrator))
	apps, err := c.Store.Apps(t.Context())
	webtest.Must(t, err)
	first, other := apps[0], apps[1]
	operator.In(first).Get("/drafts/"+ids.Draft).Shows(http.StatusOK, "购买成功通知")
	set := func(roles store.AppRoles) {
		webtest.Must(t, c.Store.SetRoles(context.Background(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, roles))
	}
	set(store.AppRoles{first.ID: store.None})
	home := operator.Get("/")
	if home.Text(".app") != other.Name || strings.Contains(home.Body, first.Name) {
		t.Errorf("the top bar holds %q", home.Text(".top"))
	}
	for _, route := range c.Routes() {
		if strings.Contains(route.Path, "{id}") && !strings.HasPrefix(route.Path, "/settings/") && !strings.HasPrefix(route.Path, "/compliance") {
			if p := c.Ask(operator, route.Method, ids.Path(route)); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", route.Pattern, p.Status)
			}
		}
	}
	operator.Post("/app", url.Values{"app": {first.AppID}, "next": {"/"}}).Answers(http.StatusNotFound)

	set(store.AppRoles{first.ID: store.QA, other.ID: store.ProductManager})
	operator.In(first).Get("/sends").Answers(http.StatusOK)
	operator.Get("/settings/testers").Answers(http.StatusForbidden)
	operator.In(other).Get("/sends").Answers(http.StatusForbidden)
	if got := operator.Get("/").Doc.Find(".who a").AttrOr("title", ""); got != "Product manager" {
		t.Errorf("the top bar names the role %q", got)
	}
}

func TestFault26_QAInOneAppSendsToTheirOwnOpenIDThere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	template := c.AddTemplate(c.As(store.Operator), "AT0002")
	operator := c.As(store.Operator)
	form := messageTo(c, operator, template, webtest.StrangerID)
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, store.AppRoles{c.App().ID: store.QA}))
	operator.Post("/templates/"+template+"/send", form).Expect(http.StatusUnprocessableEntity, "template.own_only")
}

func TestWhatBelongsToNoAppGoesByTheRoleForAll(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	qa, admin := c.As(store.QA), c.As(store.Administrator)
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.QA).ID, "", store.QA, store.AppRoles{c.App().ID: store.Administrator}))
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.Administrator).ID, "", store.Administrator, store.AppRoles{c.App().ID: store.QA}))
	for _, path := range []string{"/settings/people", "/settings/permissions", "/settings/apps", "/activity"} {
		qa.Get(path).Expect(http.StatusForbidden, "failure.forbidden.title")
		admin.Get(path).Answers(http.StatusOK)
	}
	qa.Get("/settings/testers").Answers(http.StatusOK)
	admin.Get("/settings/testers").Answers(http.StatusForbidden)
}

func TestSomebodyWithoutAnyAppIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	inDatabase(c, "INSERT INTO person_roles SELECT ?, id, 'none' FROM apps", c.Person(store.QA).ID)
	c.Clock.Advance(time.Second) // as after another process's change
	b.Get("/").Expect(http.StatusForbidden, "failure.no_app.title")
	if p := b.Submit(b.Get("/drafts"), ".who button", nil); p.Path != "/sign-in" {
		t.Errorf("signing out ends at %s", p.Path)
	}
}

func TestTheTestersAreThoseWhoMaySendInThisApp(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.QA).ID, "", store.QA, store.AppRoles{c.App().ID: store.ProductManager}))
	if p := c.As(store.Operator).Get("/settings/testers"); p.Has("#openid-" + strconv.FormatInt(c.Person(store.QA).ID, 10)) {
		t.Error("somebody who may not send here is listed")
	}
}
