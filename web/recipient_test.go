package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

const strangerID = "oStranger_0123456789-ABCDEFG"

// message is the form of a template's page as b is shown it, with a new
// form_id of openID.
func (c *console) message(b *browser, template, openID string) url.Values {
	c.t.Helper()
	p := b.get("/templates/" + template)
	form := controls(p.doc.Find(`form[action$="/send"]`))
	formID, err := c.sandbox.SubmitForm(c.app().AppID, openID)
	must(c.t, err)
	form.Set("touser", openID)
	form.Set("form_id", formID)
	return form
}

func with(form url.Values, name string, values ...string) url.Values {
	other := url.Values{}
	for k, v := range form {
		other[k] = v
	}
	other[name] = values
	return other
}

// faults.md 26
func TestQASendsToTheirOwnOpenIDAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	template := c.addTemplate(c.as(store.Operator), "AT0002")
	qa := c.as(store.QA)
	own := sandbox.OpenIDFor(c.app().AppID, "qa")
	form, target := c.message(qa, template, own), "/templates/"+template+"/send"
	foreign := c.message(c.as(store.Operator), template, strangerID)
	for name, try := range map[string]struct {
		path string
		form url.Values
	}{
		"another openid":               {target, with(form, "touser", strangerID)},
		"the own one, then another":    {target, with(form, "touser", own, strangerID)},
		"another, then the own one":    {target, with(form, "touser", strangerID, own)},
		"another in the address":       {target + "?touser=" + strangerID, form},
		"another in the address alone": {target + "?touser=" + strangerID, with(form, "touser")},
		"the own one in other case":    {target, with(form, "touser", strings.ToUpper(own))},
		"the own one with a blank":     {target, with(form, "touser", own+" ")},
		"an empty one beside":          {target, with(form, "touser", own, "")},
		"a colleague's form":           {target, foreign},
		"a colleague's form, replayed": {target, with(foreign, "key", form.Get("key"))},
	} {
		before := len(c.activities("send.refused"))
		p := qa.post(try.path, try.form)
		p.expect(http.StatusUnprocessableEntity, "QA sends to their own openid only; nothing was sent")
		logged := c.activities("send.refused")
		if len(logged) != before+1 || logged[0].PersonName != "qa" || logged[0].App != c.app().ID {
			t.Errorf("%s: not recorded: %+v", name, logged)
		}
		if got := p.doc.Find("#touser").AttrOr("value", ""); got != own {
			t.Errorf("%s: the page offers %q", name, got)
		}
	}
	if c.calls("/send") != 0 || len(c.sends()) != 0 {
		t.Fatalf("%d calls, %d rows", c.calls("/send"), len(c.sends()))
	}
	qa.post(target, form).expect(http.StatusOK, "Sent")
	qa.post(target, with(c.message(qa, template, own), "touser")).expect(http.StatusOK, "Sent") // the field left out is the own one
	for _, d := range c.sandbox.Messages("", "") {
		if d.OpenID != own {
			t.Errorf("a message went to %s", d.OpenID)
		}
	}
}

// faults.md 26: no form of QA's own changes which openid is theirs.
func TestQACannotRebindTheirOpenID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	template := c.addTemplate(c.as(store.Operator), "AT0002")
	qa := c.as(store.QA)
	bound := "oBound_by_an_administrator_1"
	must(t, c.store.SetOpenID(context.Background(), store.Actor{}, c.person(store.QA).ID, c.app().ID, bound))
	for _, route := range c.routes() {
		if route.Method == http.MethodPost && route.Path != "/sign-out" && route.Path != "/sandbox/reset" {
			path := firsts(template).path(route)
			qa.stopping().post(path, url.Values{"openid": {strangerID}, "own": {strangerID}, "touser": {strangerID}, "person": {"2"}, "lang": {"en"}, "kind": {"form"}, "app": {c.app().AppID}})
		}
	}
	if got := qa.get("/templates/"+template).doc.Find("#touser").AttrOr("value", ""); got != bound {
		t.Fatalf("the openid is %q", got)
	}
}

// faults.md 26: nor do rights that are made for the form.
func TestQAsFormIDIsMadeForTheirOwnOpenID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	template := c.addTemplate(c.as(store.Operator), "AT0002")
	qa := c.as(store.QA)
	p := qa.submit(qa.get("/templates/"+template), "button[value=form]", func(form url.Values) { form.Set("touser", strangerID) })
	own := sandbox.OpenIDFor(c.app().AppID, "qa")
	if got := p.doc.Find("#touser").AttrOr("value", ""); got != own {
		t.Fatalf("the form is for %q", got)
	}
	if got := c.sandbox.OpenIDs(c.app().AppID); len(got) != 1 || got[0] != own {
		t.Fatalf("rights of %v", got)
	}
}

func TestQAWithoutAnOpenIDCannotSendAndIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	other := c.addApp("wx0000000000000002")
	template := c.addTemplate(c.as(store.Operator).in(other), "AT0002")
	qa := c.as(store.QA).in(other)
	p := qa.get("/templates/"+template).expect(http.StatusOK, "Your own openid is not bound yet")
	if p.has("#test-send button") {
		t.Fatal("there is a button all the same")
	}
	form := url.Values{"touser": {strangerID}, "form_id": {"1"}, "key": {"k"}, "v": {"1", "2", "3"}}
	qa.post("/templates/"+template+"/send", form).expect(http.StatusUnprocessableEntity, "QA sends to their own openid only")
	qa.post("/templates/"+template+"/send", with(form, "touser", "")).expect(http.StatusUnprocessableEntity, "")

	must(t, c.store.SetOpenID(context.Background(), store.Actor{}, c.person(store.QA).ID, other.ID, strangerID))
	if got := qa.get("/templates/"+template).doc.Find("#touser").AttrOr("value", ""); got != strangerID {
		t.Fatalf("bound, the form is for %q", got)
	}
}

// faults.md 27
func TestIDsOfAnotherAppAreNotFound(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ids := c.fill(c.as(store.Administrator))
	apps, err := c.store.Apps(context.Background())
	must(t, err)
	b, other := c.as(store.Administrator), apps[1]
	b.in(other)
	before, asked := c.content(), c.calls("template/list")
	for _, route := range c.routes() {
		if !strings.Contains(route.Path, "{id}") || strings.HasPrefix(route.Path, "/settings/") {
			continue // an app's own settings belong to no app; see apps_test.go
		}
		p := c.ask(b, route.Method, ids.path(route))
		if p.status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", route.Pattern, p.status)
		}
		if strings.Contains(p.body, "购买成功通知") || strings.Contains(p.body, "TIT造舰厂") {
			t.Errorf("%s shows what the other app has", route.Pattern)
		}
	}
	for _, route := range []string{"GET /sandbox", "POST /sandbox/right", "POST /sandbox/clock", "POST /sandbox/fault", "POST /sandbox/faults/clear", "POST /sandbox/reset"} {
		method, path, _ := strings.Cut(route, " ")
		if p := c.ask(b, method, path); p.status != http.StatusNotFound {
			t.Errorf("%s is open to an app of the real WeChat: %d", route, p.status)
		}
	}
	if c.content() != before || c.calls("template/list") != asked || c.calls("/del") != 0 {
		t.Error("what was not found was acted on")
	}
	// A send of the other app neither prefills nor reports on a page of this one.
	own := c.addTemplate(b, "AT0002")
	for _, q := range []string{"?send=", "?again="} {
		if p := b.get("/templates/" + own + q + ids.send); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", q, p.status)
		}
	}
	b.in(c.app())
	b.get("/drafts/"+ids.draft).expect(http.StatusOK, "购买成功通知")
}

// faults.md 33
func TestExtraFieldsOfAFormChangeNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.ProductManager)
	extra := url.Values{
		"role": {"administrator"}, "Role": {"administrator"}, "Disabled": {"false"}, "password_hash": {"x"}, "PasswordHash": {"x"},
		"state": {"approved"}, "State": {"approved"}, "author": {"1"}, "Author": {"1"}, "app": {"2"}, "App": {"2"}, "kind": {"combination"},
		"id": {"7"}, "ID": {"7"}, "template_id": {"x"}, "created_at": {"0"}, "title": {"购买成功通知"}, "do": {"save"}, "lang": {"en"}, "theme": {"dark"},
	}
	b.post("/preferences", extra)
	b.post("/drafts/new", extra).expect(http.StatusOK, "The draft is saved")
	if me := c.person(store.ProductManager); me.Role != store.ProductManager || me.PasswordHash != passwordHash || me.Theme != "dark" {
		t.Fatalf("%+v", me)
	}
	d, err := c.store.Draft(context.Background(), c.app().ID, 1)
	must(t, err)
	if d.State != "draft" || !d.Proposed || d.AuthorName != "product_manager" || d.TemplateID != "" {
		t.Fatalf("%+v", d)
	}
}
