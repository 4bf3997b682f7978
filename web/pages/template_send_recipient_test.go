package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// messageTo is the form of a template's page as b is shown it, with a new
// form_id of openID.
func messageTo(c *webtest.Console, b *webtest.Browser, template, openID string) url.Values {
	c.T.Helper()
	p := b.Get("/templates/" + template)
	form := webtest.Controls(p.Doc.Find(`form[action$="/send"]`))
	formID, err := c.Sandbox.SubmitForm(c.App().AppID, openID)
	webtest.Must(c.T, err)
	form.Set("touser", openID)
	form.Set("form_id", formID)
	return form
}

func TestQASendsToTheirOwnOpenIDAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	template := c.AddTemplate(c.As(store.Operator), "AT0002")
	qa := c.As(store.QA)
	own := sandbox.OpenIDFor(c.App().AppID, "qa")
	form, target := messageTo(c, qa, template, own), "/templates/"+template+"/send"
	foreign := messageTo(c, c.As(store.Operator), template, webtest.StrangerID)
	for name, try := range map[string]struct {
		path string
		form url.Values
	}{
		"another openid":               {target, webtest.With(form, "touser", webtest.StrangerID)},
		"the own one, then another":    {target, webtest.With(form, "touser", own, webtest.StrangerID)},
		"another, then the own one":    {target, webtest.With(form, "touser", webtest.StrangerID, own)},
		"another in the address":       {target + "?touser=" + webtest.StrangerID, form},
		"another in the address alone": {target + "?touser=" + webtest.StrangerID, webtest.With(form, "touser")},
		"the own one in other case":    {target, webtest.With(form, "touser", strings.ToUpper(own))},
		"the own one with a blank":     {target, webtest.With(form, "touser", own+" ")},
		"an empty one beside":          {target, webtest.With(form, "touser", own, "")},
		"a colleague's form":           {target, foreign},
		"a colleague's form, replayed": {target, webtest.With(foreign, "key", form.Get("key"))},
	} {
		before := len(c.Activities("send.refused"))
		p := qa.Post(try.path, try.form)
		p.Expect(http.StatusUnprocessableEntity, "template.own_only")
		logged := c.Activities("send.refused")
		if len(logged) != before+1 || logged[0].PersonName != "qa" || logged[0].App != c.App().ID {
			t.Errorf("%s: not recorded: %+v", name, logged)
		}
		if got := p.Doc.Find("#touser").AttrOr("value", ""); got != own {
			t.Errorf("%s: the page offers %q", name, got)
		}
	}
	if c.Calls("/send") != 0 || len(c.Sends()) != 0 {
		t.Fatalf("%d calls, %d rows", c.Calls("/send"), len(c.Sends()))
	}
	qa.Post(target, form).Expect(http.StatusOK, "outcome.sent")
	qa.Post(target, webtest.With(messageTo(c, qa, template, own), "touser")).Expect(http.StatusOK, "outcome.sent") // the field left out is the own one
	for _, d := range c.Sandbox.Messages("", "") {
		if d.OpenID != own {
			t.Errorf("a message went to %s", d.OpenID)
		}
	}
}

// No form of QA's own changes which openid is theirs.
func TestQACannotRebindTheirOpenID(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	template := c.AddTemplate(c.As(store.Operator), "AT0002")
	qa := c.As(store.QA)
	bound := "oBound_by_an_administrator_1"
	webtest.Must(t, c.Store.SetOpenID(context.Background(), store.Actor{}, c.Person(store.QA).ID, c.App().ID, bound))
	for _, route := range c.Routes() {
		if route.Method == http.MethodPost && route.Path != "/sign-out" && route.Path != "/sandbox/reset" {
			path := webtest.Firsts(template).Path(route)
			qa.Stopping().Post(path, url.Values{"openid": {webtest.StrangerID}, "own": {webtest.StrangerID}, "touser": {webtest.StrangerID}, "person": {"2"}, "lang": {"en"}, "kind": {"form"}, "app": {c.App().AppID}})
		}
	}
	if got := qa.Get("/templates/"+template).Doc.Find("#touser").AttrOr("value", ""); got != bound {
		t.Fatalf("the openid is %q", got)
	}
}

// Nor are rights made for somebody else.
func TestQAsFormIDIsMadeForTheirOwnOpenID(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	template := c.AddTemplate(c.As(store.Operator), "AT0002")
	qa := c.As(store.QA)
	page, own := qa.Get("/templates/"+template), sandbox.OpenIDFor(c.App().AppID, "qa")
	qa.Submit(page, webtest.SendButton, func(form url.Values) {
		form.Set("touser", webtest.StrangerID)
		form.Set("right", "form")
	}).Expect(http.StatusUnprocessableEntity, "template.own_only")
	if got := c.Sandbox.OpenIDs(c.App().AppID); len(got) != 0 {
		t.Fatalf("rights of %v", got)
	}
	qa.Submit(page, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
	if got := c.Sandbox.OpenIDs(c.App().AppID); len(got) != 1 || got[0] != own {
		t.Fatalf("rights of %v", got)
	}
}

func TestQAWithoutAnOpenIDCannotSendAndIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	other := c.AddApp("wx0000000000000002")
	template := c.AddTemplate(c.As(store.Operator).In(other), "AT0002")
	qa := c.As(store.QA).In(other)
	p := qa.Get("/templates/"+template).Expect(http.StatusOK, "template.no_own_openid")
	if p.Has("#test-send button") {
		t.Fatal("there is a button all the same")
	}
	form := url.Values{"touser": {webtest.StrangerID}, "form_id": {"1"}, "key": {"k"}, "v": {"1", "2", "3"}}
	qa.Post("/templates/"+template+"/send", form).Expect(http.StatusUnprocessableEntity, "template.own_only")
	qa.Post("/templates/"+template+"/send", webtest.With(form, "touser", "")).Answers(http.StatusUnprocessableEntity)

	webtest.Must(t, c.Store.SetOpenID(context.Background(), store.Actor{}, c.Person(store.QA).ID, other.ID, webtest.StrangerID))
	if got := qa.Get("/templates/"+template).Doc.Find("#touser").AttrOr("value", ""); got != webtest.StrangerID {
		t.Fatalf("bound, the form is for %q", got)
	}
}

func TestIDsOfAnotherAppAreNotFound(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	ids := c.Fill(c.As(store.Administrator))
	apps, err := c.Store.Apps(context.Background())
	webtest.Must(t, err)
	b, other := c.As(store.Administrator), apps[1]
	b.In(other)
	before, asked := c.Content(), c.Calls("template/list")
	for _, route := range c.Routes() {
		if !strings.Contains(route.Path, "{id}") || strings.HasPrefix(route.Path, "/settings/") {
			continue // an app's own settings belong to no app; see apps_test.go
		}
		p := c.Ask(b, route.Method, ids.Path(route))
		if p.Status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", route.Pattern, p.Status)
		}
		if strings.Contains(p.Body, "购买成功通知") || strings.Contains(p.Body, "TIT造舰厂") {
			t.Errorf("%s shows what the other app has", route.Pattern)
		}
	}
	for _, route := range []string{"GET /sandbox", "POST /sandbox/right", "POST /sandbox/clock", "POST /sandbox/fault", "POST /sandbox/faults/clear", "POST /sandbox/reset"} {
		method, path, _ := strings.Cut(route, " ")
		if p := c.Ask(b, method, path); p.Status != http.StatusNotFound {
			t.Errorf("%s is open to an app of the real WeChat: %d", route, p.Status)
		}
	}
	if c.Content() != before || c.Calls("template/list") != asked || c.Calls("/del") != 0 {
		t.Error("what was not found was acted on")
	}
	// A send of the other app neither prefills nor reports on a page of this one.
	own := c.AddTemplate(b, "AT0002")
	for _, q := range []string{"?send=", "?again="} {
		if p := b.Get("/templates/" + own + q + ids.Send); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", q, p.Status)
		}
	}
	b.In(c.App())
	b.Get("/drafts/"+ids.Draft).Shows(http.StatusOK, "购买成功通知")
}

func TestExtraFieldsOfAFormChangeNothing(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	extra := url.Values{
		"role": {"administrator"}, "Role": {"administrator"}, "Disabled": {"false"}, "password_hash": {"x"}, "PasswordHash": {"x"},
		"state": {"approved"}, "State": {"approved"}, "author": {"1"}, "Author": {"1"}, "app": {"2"}, "App": {"2"}, "kind": {"combination"},
		"id": {"7"}, "ID": {"7"}, "template_id": {"x"}, "created_at": {"0"}, "title": {"购买成功通知"}, "do": {"save"}, "lang": {"en"}, "theme": {"dark"},
	}
	b.Post("/preferences", extra)
	b.Post("/drafts/new", extra).Expect(http.StatusOK, "done.draft_saved")
	if me := c.Person(store.ProductManager); me.Role != store.ProductManager || me.PasswordHash != webtest.PasswordHash || me.Theme != "dark" {
		t.Fatalf("%+v", me)
	}
	d, err := c.Store.Draft(context.Background(), c.App().ID, 1)
	webtest.Must(t, err)
	if d.State != "draft" || !d.Proposed || d.AuthorName != "product_manager" || d.TemplateID != "" {
		t.Fatalf("%+v", d)
	}
}
