package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

const (
	saveButton   = `button[formaction$="/examples"]:not(.danger)`
	sendToMe     = `form[action*="/examples/"][action$="/send"] button`
	deleteButton = `form[action*="/examples/"][action$="/delete"] button`
)

// example saves what the template's page shows under a name.
func (c *console) example(b *browser, template, name string) *page {
	c.t.Helper()
	return b.submit(b.get("/templates/"+template), saveButton, func(form url.Values) { form.Set("save_as", name) }).
		expect(http.StatusOK, "The example is saved")
}

// messageFormOn is what stands in the message's form.
func messageFormOn(p *page) url.Values { return controls(p.doc.Find("form.columns")) }

func TestAnExampleIsSavedForEverybodyAndLoadedByAnybody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := openTemplate(c, b)
	id := templateIDOn(p)
	p = b.submit(p, saveButton, func(form url.Values) {
		form["v"] = []string{"广州 <b>", "拿铁\n两杯"}
		form["c"] = []string{"#173177", ""}
		form.Set("e", "2")
		form.Set("page", "pages/order?id=1&x=y")
		form.Set("touser", strangerID)
		form.Set("form_id", "1a2b")
		form.Set("save_as", "到店取货")
	}).expect(http.StatusOK, "The example is saved").expect(http.StatusOK, "到店取货 operator")
	if form := messageFormOn(p); form.Get("touser") != strangerID || form.Get("form_id") != "1a2b" {
		t.Errorf("saving lost the recipient or the right: %v", form)
	}
	saved, err := c.store.Examples(context.Background(), c.app().ID, id)
	must(t, err)
	if len(saved) != 1 || strings.Contains(string(saved[0].Message), strangerID) || strings.Contains(string(saved[0].Message), "1a2b") {
		t.Fatalf("%+v", saved)
	}
	for _, role := range store.Roles() {
		reader := c.as(role)
		page := reader.get("/templates/" + id)
		form := messageFormOn(reader.get(page.doc.Find("#examples li a").AttrOr("href", "")))
		same(t, form["v"], []string{"广州 <b>", "拿铁\n两杯"})
		same(t, form["c"], []string{"#173177", ""})
		if form.Get("e") != "2" || form.Get("page") != "pages/order?id=1&x=y" || form.Get("form_id") != "" || form.Get("touser") == strangerID {
			t.Errorf("%s loads %v", role, form)
		}
	}
	if len(c.activities("example.save")) != 1 || len(c.sends()) != 0 {
		t.Error("saving is one act, and no send")
	}
}

func TestARefusedExampleLosesNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	page := openTemplate(c, b)
	for name, want := range map[string]string{
		"": "Name of the example must not be empty", " 　": "Name of the example must not be blank",
		strings.Repeat("长", 65): "Name of the example may have at most 64 characters",
	} {
		p := b.submit(page, saveButton, func(form url.Values) {
			form["v"] = []string{"typed", "too"}
			form.Set("touser", "o123") // wrong, and not what is saved
			form.Set("form_id", "1a2b")
			form.Set("save_as", name)
		}).expect(http.StatusUnprocessableEntity, want)
		form := messageFormOn(p)
		same(t, form["v"], []string{"typed", "too"})
		if form.Get("touser") != "o123" || form.Get("form_id") != "1a2b" || form.Get("save_as") != name {
			t.Errorf("%q: left %v", name, form)
		}
	}
	b.submit(page, saveButton, func(form url.Values) { form["c"] = []string{"red", ""}; form.Set("save_as", "x") }).
		expect(http.StatusUnprocessableEntity, "A colour is written #RRGGBB")
	b.submit(page, saveButton, func(form url.Values) { form.Set("touser", "o123"); form.Set("save_as", "x") }).
		expect(http.StatusOK, "The example is saved")
}

// Two people may think of the same name: nobody's example is overwritten unasked.
func TestAnExampleIsReplacedOnlyWhenThatIsSaid(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	c.example(b, id, "取货")
	qa := c.as(store.QA)
	again := func(p *page, button, name, value string) *page {
		return qa.submit(p, button, func(form url.Values) { form["v"] = []string{value, ""}; form.Set("save_as", name) })
	}
	p := again(qa.get("/templates/"+id), saveButton, "取货", "mine").
		expect(http.StatusConflict, "There is an example called “取货” already; nothing was saved").expect(http.StatusConflict, "operator · ")
	same(t, messageFormOn(p)["v"], []string{"mine", ""})
	if first := messageFormOn(b.get("/templates/" + id + "?example=1"))["v"][0]; first == "mine" {
		t.Fatal("it was overwritten")
	}
	again(p, "button[name=replaces]", "另一个", "third").expect(http.StatusOK, "The example is saved") // the name was changed: a new one
	again(p, "button[name=replaces]", "取货", "mine").expect(http.StatusOK, "The example is saved")
	if form := messageFormOn(b.get("/templates/" + id + "?example=1")); form["v"][0] != "mine" {
		t.Errorf("replaced, it holds %v", form)
	}
	again(p, "button[name=replaces]", "另一个", "stolen").expect(http.StatusConflict, "“另一个” already")
	if n := qa.get("/templates/" + id).doc.Find("#examples li").Length(); n != 2 {
		t.Errorf("%d examples", n)
	}
}

func TestADeletedExampleCanBeSavedAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	p := b.submit(b.get("/templates/"+id), saveButton, func(form url.Values) {
		form["v"] = []string{"一", "二"}
		form.Set("e", "2")
		form.Set("page", "pages/x")
		form.Set("save_as", "取货")
	})
	twice := p
	p = b.submit(p, deleteButton, nil).expect(http.StatusOK, "The example is deleted")
	if p.has("#examples") {
		t.Error("it is still listed")
	}
	b.submit(twice, deleteButton, nil).expect(http.StatusOK, "") // somebody's second click
	p = b.submit(p, saveButton, nil).expect(http.StatusOK, "The example is saved")
	form := messageFormOn(p)
	same(t, form["v"], []string{"一", "二"})
	if form.Get("e") != "2" || form.Get("page") != "pages/x" || form.Get("save_as") != "取货" {
		t.Errorf("brought back: %v", form)
	}
	if len(c.activities("example.delete")) != 1 {
		t.Error("deleting is one act")
	}
}

func TestAnExampleIsSentToMeWithOneClick(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id := c.addTemplate(c.as(store.Operator), "AT0002", "3", "5")
	c.example(c.as(store.ProductManager), id, "取货")
	qa := c.as(store.QA)
	shown := qa.get("/templates/" + id)
	p := qa.submit(shown, sendToMe, nil).expect(http.StatusOK, "Sent")
	if !strings.Contains(p.path, "?send=") {
		t.Errorf("it leads to %s", p.path)
	}
	own := sandbox.OpenIDFor(c.app().AppID, "qa")
	if got := c.sandbox.Messages(c.app().AppID, own); len(got) != 1 || got[0].Fields[0].Value != "TIT造舰厂" {
		t.Fatalf("%+v", got)
	}
	qa.submit(shown, sendToMe, nil).expect(http.StatusOK, "Sent") // the second of two clicks
	if n := c.calls("/send"); n != 1 || len(c.sends()) != 1 {
		t.Errorf("%d calls, %d sends", n, len(c.sends()))
	}
	if c.as(store.ProductManager).get("/templates/" + id).has(sendToMe) {
		t.Error("a product manager is offered a send")
	}
}

func TestAHundredClicksOnSendToMeAreOneMessage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	p := c.example(b, id, "取货")
	var clicks sync.WaitGroup
	for range 100 {
		clicks.Go(func() { b.submit(p, sendToMe, nil) })
	}
	clicks.Wait()
	if n := c.calls("/send"); n != 1 || len(c.sends()) != 1 {
		t.Errorf("%d calls, %d sends", n, len(c.sends()))
	}
}

// The right that ends first, before a new one is made.
func TestSendToMeUsesTheRightThatEndsFirst(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	first := b.submit(b.get("/templates/"+id), "button[value=form]", nil).doc.Find("#form_id").AttrOr("value", "")
	b.submit(b.get("/templates/"+id), "button[value=payment]", nil)
	p := c.example(b, id, "取货")
	b.submit(p, sendToMe, nil).expect(http.StatusOK, "Sent")
	if got := c.sends()[0].FormID; got != first {
		t.Errorf("sent under %s, not %s", got, first)
	}
}

func TestOutsideTheSandboxSendToMeNeedsAnOpenIDAndARight(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	other := c.addApp("wx0000000000000002")
	b := c.as(store.Operator).in(other)
	id := templateIDOn(openTemplate(c, b))
	c.example(b, id, "取货").expect(http.StatusOK, "Your openid in this mini program is not bound yet")
	send := "/templates/" + id + "/examples/1/send"
	b.post(send, url.Values{"key": {"k1"}}).expect(http.StatusUnprocessableEntity, "is not bound yet")
	must(t, c.store.SetOpenID(t.Context(), store.Actor{}, c.person(store.Operator).ID, other.ID, strangerID))
	p := b.submit(b.get("/templates/"+id), sendToMe, nil).expect(http.StatusUnprocessableEntity, "this openid has no usable right")
	if form := messageFormOn(p); form.Get("touser") != strangerID || form["v"][0] != "TIT造舰厂" {
		t.Errorf("what was to be sent is lost: %v", form)
	}
	b.post(send, url.Values{}).expect(http.StatusBadRequest, "") // nothing is sent without a key
}

// faults.md 26 and 27
func TestAnExampleIsNobodyElsesAndGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id, second := templateIDOn(openTemplate(c, b)), c.addTemplate(b, "AT0002", "3")
	c.example(b, id, "取货")
	other := c.addApp("wx0000000000000002")
	there := c.as(store.Operator).in(other)
	foreign := templateIDOn(openTemplate(c, there))
	for _, path := range []string{"/templates/" + second + "?example=1", "/templates/" + id + "?example=2", "/templates/" + id + "?example=x"} {
		if p := b.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	there.get("/templates/"+foreign+"?example=1").expect(http.StatusNotFound, "")
	there.post("/templates/"+foreign+"/examples/1/send", url.Values{"key": {"k"}}).expect(http.StatusNotFound, "")
	there.post("/templates/"+foreign+"/examples/1/delete", nil)
	if len(c.activities("example.delete")) != 0 {
		t.Fatal("another mini program's example was deleted")
	}
	qa := c.as(store.QA)
	qa.post("/templates/"+id+"/examples/1/send", url.Values{"key": {"k2"}, "touser": {strangerID}}).expect(http.StatusUnprocessableEntity, "QA sends to their own openid only")
	if n := c.calls("/send"); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestExamplesFollowARestoredTemplate(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	c.example(b, id, "取货")
	b.submit(b.get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).
		expect(http.StatusOK, "deleted")
	p := b.submit(b.get("/templates/"+id), `form[action$="/restore"] button`, nil).expect(http.StatusOK, "取货 operator")
	if templateIDOn(p) == id {
		t.Fatal("the template_id stayed")
	}
	b.submit(p, sendToMe, nil).expect(http.StatusOK, "Sent")
}

func TestWhoMaySendToAnybodyChoosesThemByName(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := templateIDOn(openTemplate(c, b))
	bound := "oBound_by_an_administrator_1"
	must(t, c.store.SetOpenID(t.Context(), store.Actor{}, c.person(store.QA).ID, c.app().ID, bound))
	b.post("/settings/testers", url.Values{"name": {"小王"}, "touser": {strangerID}}).expect(http.StatusOK, "Added to the testers")
	p := b.get("/templates/" + id)
	var offered []string
	for _, o := range p.doc.Find("#" + p.doc.Find("#touser").AttrOr("list", "none") + " option").EachIter() {
		offered = append(offered, o.AttrOr("label", "")+" "+o.AttrOr("value", ""))
	}
	same(t, offered, []string{"qa " + bound, "小王 " + strangerID})
	if qa := c.as(store.QA).get("/templates/" + id); qa.has("datalist") || strings.Contains(qa.body, strangerID) {
		t.Error("QA is told whom others may send to")
	}
}
