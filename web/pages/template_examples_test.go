package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

const (
	sendToMe     = `form[action*="/examples/"][action$="/send"] button`
	deleteButton = `form[action*="/examples/"][action$="/delete"] button`
)

// storyOf is the tab of a template's name, past and examples.
func storyOf(b *webtest.Browser, id string) *webtest.Page {
	return b.Get("/templates/" + id + "/story")
}

// messageFormOn is what stands in the message's form.
func messageFormOn(p *webtest.Page) url.Values { return webtest.Controls(p.Doc.Find("#message")) }

func TestAnExampleIsSavedForEverybodyAndLoadedByAnybody(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := openTemplate(c, b)
	id := templateIDOn(p)
	p = b.Submit(p, webtest.SaveButton, func(form url.Values) {
		form["v"] = []string{"广州 <b>", "拿铁\n两杯"}
		form["c"] = []string{"#173177", ""}
		form.Set("e", "2")
		form.Set("page", "pages/order?id=1&x=y")
		form.Set("touser", webtest.StrangerID)
		form.Set("form_id", "1a2b")
		form.Set("save_as", "到店取货")
	}).Expect(http.StatusOK, "done.example_saved")
	storyOf(b, id).Shows(http.StatusOK, "到店取货 operator")
	if form := messageFormOn(p); form.Get("touser") != webtest.StrangerID || form.Get("form_id") != "1a2b" {
		t.Errorf("saving lost the recipient or the right: %v", form)
	}
	saved, err := c.Store.Examples(context.Background(), c.App().ID, id)
	webtest.Must(t, err)
	if len(saved) != 1 || strings.Contains(string(saved[0].Message), webtest.StrangerID) || strings.Contains(string(saved[0].Message), "1a2b") {
		t.Fatalf("%+v", saved)
	}
	for _, role := range store.Roles() {
		reader := c.As(role)
		page := reader.Get("/templates/" + id)
		form := messageFormOn(reader.Get(page.Doc.Find(".facets a").AttrOr("href", "")))
		webtest.Same(t, form["v"], []string{"广州 <b>", "拿铁\n两杯"})
		webtest.Same(t, form["c"], []string{"#173177", ""})
		if form.Get("e") != "2" || form.Get("page") != "pages/order?id=1&x=y" || form.Get("form_id") != "" || form.Get("touser") == webtest.StrangerID {
			t.Errorf("%s loads %v", role, form)
		}
	}
	if len(c.Activities("example.save")) != 1 || len(c.Sends()) != 0 {
		t.Error("saving is one act, and no send")
	}
}

func TestARefusedExampleLosesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	page := openTemplate(c, b)
	field := webtest.Word("fieldname.save_as")
	for name, want := range map[string]webtest.Wording{
		"": webtest.Word("problem.required", "Field", field), " 　": webtest.Word("problem.said", "Field", field),
		strings.Repeat("长", 65): webtest.Word("problem.max", "Field", field, "Param", 64),
	} {
		p := b.Submit(page, webtest.SaveButton, func(form url.Values) {
			form["v"] = []string{"typed", "too"}
			form.Set("touser", "o123") // wrong, and not what is saved
			form.Set("form_id", "1a2b")
			form.Set("save_as", name)
		}).Tells(http.StatusUnprocessableEntity, want)
		form := messageFormOn(p)
		webtest.Same(t, form["v"], []string{"typed", "too"})
		if form.Get("touser") != "o123" || form.Get("form_id") != "1a2b" || form.Get("save_as") != name {
			t.Errorf("%q: left %v", name, form)
		}
	}
	b.Submit(page, webtest.SaveButton, func(form url.Values) { form["c"] = []string{"red", ""}; form.Set("save_as", "x") }).
		Expect(http.StatusUnprocessableEntity, "problem.color")
	b.Submit(page, webtest.SaveButton, func(form url.Values) { form.Set("touser", "o123"); form.Set("save_as", "x") }).
		Expect(http.StatusOK, "done.example_saved")
}

// Two people may think of the same name: nobody's example is overwritten unasked.
func TestAnExampleIsReplacedOnlyWhenThatIsSaid(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	c.Example(b, id, "取货")
	qa := c.As(store.QA)
	again := func(p *webtest.Page, button, name, value string) *webtest.Page {
		return qa.Submit(p, button, func(form url.Values) { form["v"] = []string{value, ""}; form.Set("save_as", name) })
	}
	p := again(qa.Get("/templates/"+id), webtest.SaveButton, "取货", "mine").
		Expect(http.StatusConflict, "examples.taken", "Name", "取货").Shows(http.StatusConflict, "operator · ")
	webtest.Same(t, messageFormOn(p)["v"], []string{"mine", ""})
	if first := messageFormOn(b.Get("/templates/" + id + "?example=1"))["v"][0]; first == "mine" {
		t.Fatal("it was overwritten")
	}
	again(p, "button[name=replaces]", "另一个", "third").Expect(http.StatusOK, "done.example_saved") // the name was changed: a new one
	again(p, "button[name=replaces]", "取货", "mine").Expect(http.StatusOK, "done.example_saved")
	if form := messageFormOn(b.Get("/templates/" + id + "?example=1")); form["v"][0] != "mine" {
		t.Errorf("replaced, it holds %v", form)
	}
	again(p, "button[name=replaces]", "另一个", "stolen").Expect(http.StatusConflict, "examples.taken", "Name", "另一个")
	if n := storyOf(qa, id).Doc.Find("#examples li").Length(); n != 2 {
		t.Errorf("%d examples", n)
	}
}

func TestADeletedExampleCanBeSavedAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	b.Submit(b.Get("/templates/"+id), webtest.SaveButton, func(form url.Values) {
		form["v"] = []string{"一", "二"}
		form.Set("e", "2")
		form.Set("page", "pages/x")
		form.Set("save_as", "取货")
	})
	twice := storyOf(b, id)
	p := b.Submit(twice, deleteButton, nil).Expect(http.StatusOK, "done.example_deleted")
	if storyOf(b, id).Has("#examples") || p.Doc.Find(".facets a").Length() != 1 {
		t.Error("it is still listed")
	}
	b.Submit(twice, deleteButton, nil).Answers(http.StatusOK) // somebody's second click
	p = b.Submit(p, webtest.SaveButton, nil).Expect(http.StatusOK, "done.example_saved")
	form := messageFormOn(p)
	webtest.Same(t, form["v"], []string{"一", "二"})
	if form.Get("e") != "2" || form.Get("page") != "pages/x" || form.Get("save_as") != "取货" {
		t.Errorf("brought back: %v", form)
	}
	if len(c.Activities("example.delete")) != 1 {
		t.Error("deleting is one act")
	}
}

func TestAnExampleIsSentToMeWithOneClick(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "5")
	c.Example(c.As(store.ProductManager), id, "取货")
	qa := c.As(store.QA)
	shown := storyOf(qa, id)
	p := qa.Submit(shown, sendToMe, nil).Expect(http.StatusOK, "outcome.sent")
	if !strings.Contains(p.Path, "?send=") {
		t.Errorf("it leads to %s", p.Path)
	}
	own := sandbox.OpenIDFor(c.App().AppID, "qa")
	if got := c.Sandbox.Messages(c.App().AppID, own); len(got) != 1 || got[0].Fields[0].Value != "TIT造舰厂" {
		t.Fatalf("%+v", got)
	}
	qa.Submit(shown, sendToMe, nil).Expect(http.StatusOK, "outcome.sent") // the second of two clicks
	if n := c.Calls("/send"); n != 1 || len(c.Sends()) != 1 {
		t.Errorf("%d calls, %d sends", n, len(c.Sends()))
	}
	if storyOf(c.As(store.ProductManager), id).Has(sendToMe) {
		t.Error("a product manager is offered a send")
	}
}

func TestAHundredClicksOnSendToMeAreOneMessage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	c.Example(b, id, "取货")
	p := storyOf(b, id)
	var clicks sync.WaitGroup
	for range 100 {
		clicks.Go(func() { b.Submit(p, sendToMe, nil) })
	}
	clicks.Wait()
	if n := c.Calls("/send"); n != 1 || len(c.Sends()) != 1 {
		t.Errorf("%d calls, %d sends", n, len(c.Sends()))
	}
}

// The right that ends first, before a new one is made.
func TestSendToMeUsesTheRightThatEndsFirst(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	first := c.Prepare(b, b.Get("/templates/"+id), nil).Doc.Find("#form_id").AttrOr("value", "")
	b.Post("/sandbox/right", url.Values{"openid": {sandbox.OpenIDFor(c.App().AppID, "operator")}, "kind": {"payment"}})
	c.Example(b, id, "取货")
	b.Submit(storyOf(b, id), sendToMe, nil).Expect(http.StatusOK, "outcome.sent")
	if got := c.Sends()[0].FormID; got != first {
		t.Errorf("sent under %s, not %s", got, first)
	}
}

func TestOutsideTheSandboxSendToMeNeedsAnOpenIDAndARight(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	other := c.AddApp("wx0000000000000002")
	b := c.As(store.Operator).In(other)
	id := templateIDOn(openTemplate(c, b))
	c.Example(b, id, "取货")
	storyOf(b, id).Expect(http.StatusOK, "examples.no_openid")
	send := "/templates/" + id + "/examples/1/send"
	b.Post(send, url.Values{"key": {"k1"}}).Expect(http.StatusUnprocessableEntity, "examples.no_openid")
	webtest.Must(t, c.Store.SetOpenID(t.Context(), store.Actor{}, c.Person(store.Operator).ID, other.ID, webtest.StrangerID))
	p := b.Submit(storyOf(b, id), sendToMe, nil).Expect(http.StatusUnprocessableEntity, "check.right.none")
	if form := messageFormOn(p); form.Get("touser") != webtest.StrangerID || form["v"][0] != "TIT造舰厂" {
		t.Errorf("what was to be sent is lost: %v", form)
	}
	b.Post(send, url.Values{}).Answers(http.StatusBadRequest) // nothing is sent without a key
}

func TestAnExampleIsNobodyElsesAndGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id, second := templateIDOn(openTemplate(c, b)), c.AddTemplate(b, "AT0002", "3")
	c.Example(b, id, "取货")
	other := c.AddApp("wx0000000000000002")
	there := c.As(store.Operator).In(other)
	foreign := templateIDOn(openTemplate(c, there))
	for _, path := range []string{"/templates/" + second + "?example=1", "/templates/" + id + "?example=2", "/templates/" + id + "?example=x"} {
		if p := b.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	there.Get("/templates/" + foreign + "?example=1").Answers(http.StatusNotFound)
	there.Post("/templates/"+foreign+"/examples/1/send", url.Values{"key": {"k"}}).Answers(http.StatusNotFound)
	there.Post("/templates/"+foreign+"/examples/1/delete", nil)
	if len(c.Activities("example.delete")) != 0 {
		t.Fatal("another mini program's example was deleted")
	}
	qa := c.As(store.QA)
	qa.Post("/templates/"+id+"/examples/1/send", url.Values{"key": {"k2"}, "touser": {webtest.StrangerID}}).Expect(http.StatusUnprocessableEntity, "template.own_only")
	if n := c.Calls("/send"); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestExamplesFollowARestoredTemplate(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	c.Example(b, id, "取货")
	b.Submit(b.Get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).
		Expect(http.StatusOK, "done.template_deleted")
	p := b.Submit(b.Get("/templates/"+id), `form[action$="/restore"] button`, nil)
	if templateIDOn(p) == id {
		t.Fatal("the template_id stayed")
	}
	b.Submit(storyOf(b, templateIDOn(p)).Shows(http.StatusOK, "取货 operator"), sendToMe, nil).Expect(http.StatusOK, "outcome.sent")
}

func TestWhoMaySendToAnybodyChoosesThemByName(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	bound := "oBound_by_an_administrator_1"
	webtest.Must(t, c.Store.SetOpenID(t.Context(), store.Actor{}, c.Person(store.QA).ID, c.App().ID, bound))
	b.Post("/settings/testers", url.Values{"name": {"小王"}, "touser": {webtest.StrangerID}}).Expect(http.StatusOK, "done.tester_added")
	p := b.Get("/templates/" + id)
	offered := map[string]string{}
	for _, o := range p.Doc.Find("#touser option").EachIter() {
		offered[o.AttrOr("value", "")] = o.Text()
	}
	own := sandbox.OpenIDFor(c.App().AppID, "operator")
	for openID, name := range map[string]string{bound: "qa", webtest.StrangerID: "小王", own: "operator"} {
		if !strings.HasPrefix(offered[openID], name) {
			t.Errorf("%s is called %q", openID, offered[openID])
		}
	}
	if got := messageFormOn(p).Get("touser"); got != own {
		t.Errorf("%s is chosen", got)
	}
	if qa := c.As(store.QA).Get("/templates/" + id); qa.Has("#touser option") || strings.Contains(qa.Body, webtest.StrangerID) {
		t.Error("QA is told whom others may send to")
	}
}
