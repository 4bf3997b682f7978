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

func TestATemplateIsAddedShownListedAndDeleted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.press(b.get("/library/AT0002?k=5&k=3"), "account").expect(http.StatusOK, "The template is in the account")
	id, _, _ := strings.Cut(strings.TrimPrefix(p.path, "/templates/"), "?")
	if len(id) != 43 || p.doc.Find(".head code").Text() != id || p.doc.Find(".head button[data-copy]").AttrOr("data-copy", "") != id {
		t.Fatalf("at %s: %s", p.path, p.text(".head"))
	}
	if content := p.doc.Find(".content pre").First().Text(); content != "物品名称{{keyword1.DATA}}\n购买地点{{keyword2.DATA}}\n" {
		t.Fatalf("content %q", content)
	}
	if !strings.Contains(p.text(".content"), "物品名称：咖啡") || !strings.Contains(p.text(".content"), "Added by operator") {
		t.Fatalf("%s", p.text(".content"))
	}
	list := b.get("/templates").expect(http.StatusOK, "1 of 25 used")
	if row := list.text("tbody tr"); !strings.Contains(row, "购买成功通知") || !strings.Contains(row, "物品名称 · 购买地点") || !strings.Contains(row, id) || !strings.Contains(row, "Never sent") {
		t.Fatalf("%s", row)
	}
	sent := b.sendTest(id).expect(http.StatusOK, "Sent")
	number := strings.TrimPrefix(sent.doc.Find(`a[href^="/sends/"]`).AttrOr("href", ""), "/sends/")

	ask := b.get(sent.doc.Find("a.danger").AttrOr("href", "")).expect(http.StatusOK, "servers that still use it get 40037")
	if last := ask.text("dl.facts"); !strings.Contains(last, "operator") || !ask.has(`dl.facts a[href$="/sends/`+number+`"]`) {
		t.Fatalf("when it was last sent is not said: %s", last)
	}
	for _, typed := range []string{"购买成功", "购买成功通知 ", "AT0002", ""} {
		wrong := b.submit(ask, "button.danger", func(form url.Values) { form.Set("title", typed) })
		if wrong.status != http.StatusUnprocessableEntity || wrong.doc.Find("#title").AttrOr("value", "") != typed {
			t.Errorf("%q: %d, %s", typed, wrong.status, wrong.text("main"))
		}
	}
	if c.calls("/del") != 0 || b.get("/templates/"+id).status != http.StatusOK {
		t.Fatal("a wrong title has deleted it")
	}
	gone := b.submit(ask, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	gone.expect(http.StatusOK, "The template is deleted from the account").expect(http.StatusOK, "0 of 25 used")
	b.get("/templates/"+id).expect(http.StatusOK, "This template is deleted from the account")
	b.get("/templates/"+strings.Repeat("x", 43)).expect(http.StatusNotFound, "The account has no such template")
	b.get("/sends/"+number).expect(http.StatusOK, id) // the record outlives it
	if got := c.activities(store.ActTemplateDelete); len(got) != 1 || got[0].PersonName != "operator" {
		t.Fatalf("%+v", got)
	}
}

func TestATemplateDeletedElsewhereMeanwhileCountsAsDeleted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/del", ErrCode: new(40037)}))
	b.submit(b.get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).
		expect(http.StatusOK, "The template is deleted from the account")
}

func TestARefusedDeletionSaysWhyAndKeepsTheTemplate(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/del", ErrCode: new(48004)}))
	p := b.submit(b.get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	p.expect(http.StatusBadGateway, "errcode 48004").expect(http.StatusBadGateway, "Sign in to mp.weixin.qq.com to see why")
	if p.doc.Find("#title").AttrOr("value", "") != "购买成功通知" || len(c.activities(store.ActTemplateDelete)) != 0 {
		t.Fatal("the typed title is lost, or the log says it was deleted")
	}
}

func TestATemplateWhoseAnswerWasLostIsFoundAndNotAddedTwice(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	draft := reopenDraft(b, saveDraft(b, "3", "5"))
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Drop: "after"}))
	p := b.press(draft, "account").expect(http.StatusOK, "The template is in the account")
	if c.calls("/add") != 1 {
		t.Fatalf("%d calls of add", c.calls("/add"))
	}
	b.get("/templates").expect(http.StatusOK, "1 of 25 used")
	b.get("/drafts/1").expect(http.StatusOK, "Added")
	known, err := c.store.Templates(context.Background(), c.app().ID)
	if path, _, _ := strings.Cut(p.path, "?"); err != nil || len(known) != 1 || path != "/templates/"+known[0].TemplateID {
		t.Fatalf("%+v, %v; at %s", known, err, p.path)
	}
}

// faults.md 24: where it did not take effect either, the page says that pressing
// again is safe, and has everything still in place.
func TestATemplateThatWasNotAddedCanBeAddedAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Drop: "before"}))
	p := b.press(b.get("/library/AT0002?k=5&k=3"), "account").expect(http.StatusBadGateway, "It was not added")
	same(t, p.chosen(), []string{"物品名称", "购买地点"})
	b.press(p, "account").expect(http.StatusOK, "The template is in the account")
	b.get("/templates").expect(http.StatusOK, "1 of 25 used")
}

func TestWhereTheListIsLostTooTheOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.get("/library/AT0002?k=5&k=3")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Status: 504}))
	failLater(c, "/cgi-bin/wxopen/template/list", 1, sandbox.Fault{ErrCode: new(-1), Times: 5})
	p = b.press(p, "account").expect(http.StatusBadGateway, "whether it was added is not known")
	same(t, p.chosen(), []string{"物品名称", "购买地点"})
}

// failLater lets n calls of a path pass before the fault: a delay of nothing is
// a fault that does no harm.
func failLater(c *console, path string, n int, f sandbox.Fault) {
	c.t.Helper()
	must(c.t, c.sandbox.AddFault(sandbox.Fault{Path: path, Times: n, Delay: 1}))
	f.Path = path
	must(c.t, c.sandbox.AddFault(f))
}

func TestAFullAccountIsExplained(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	for range 25 {
		c.addTemplate(b, "AT0002")
	}
	p := b.press(b.get("/library/AT0002?k=5"), "account")
	p.expect(http.StatusBadGateway, "errcode 45026").expect(http.StatusBadGateway, "Delete a template that is not used under My templates first")
	same(t, p.chosen(), []string{"物品名称"})
	b.get("/").expect(http.StatusOK, "All 25 are used: delete one before adding another")

	list := b.get("/templates").expect(http.StatusOK, "25 of 25 used")
	if list.text("#range") != "1–20 of 25" || len(column(list, "1")) != 20 {
		t.Fatalf("%s", list.text("#range"))
	}
	rest := b.get(list.doc.Find("a[rel=next]").AttrOr("href", ""))
	if rest.path != "/templates?count=20&offset=20" || rest.text("#range") != "21–25 of 25" || !strings.Contains(rest.text("main"), "25 of 25 used") {
		t.Fatalf("%s: %s", rest.path, rest.text("#range"))
	}
	b.get("/templates?offset=25").expect(http.StatusOK, "This offset is past the last entry")
}
