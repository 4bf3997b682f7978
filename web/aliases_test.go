package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

// giveAlias types an alias on the template's page.
func giveAlias(b *browser, id, alias string) *page {
	b.t.Helper()
	return b.submit(b.get("/templates/"+id), `button[name=do][value=set]`, func(form url.Values) { form.Set("alias", alias) })
}

func TestAnAliasIsGivenChangedMovedAndRemoved(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	first, second := c.addTemplate(b, "AT0002", "3", "5"), c.addTemplate(b, "AT0009", "1", "2")
	giveAlias(b, first, "order-payed").expect(http.StatusOK, "The alias is saved")
	p := giveAlias(b, first, "order-paid").expect(http.StatusOK, "Alias order-paid")
	if got := p.text("#story table"); !strings.Contains(got, "order-payed") || !strings.Contains(got, "operator") {
		t.Errorf("the history does not tell the former name: %s", got)
	}
	if row := b.get("/templates").text("tbody"); !strings.Contains(row, "order-paid") {
		t.Errorf("%s", row)
	}

	taken := giveAlias(b, second, "order-paid").expect(http.StatusConflict, "The template that has it")
	if taken.doc.Find("#alias").AttrOr("value", "") != "order-paid" || !taken.has(`#story a[href$="/templates/`+first+`"]`) {
		t.Errorf("%s", taken.text("#story"))
	}
	moved := b.submit(taken, `button[value=move]`, nil).expect(http.StatusOK, "The alias names this template now")
	if got := moved.text("#story table"); !strings.Contains(got, first) {
		t.Errorf("the history does not tell the former template: %s", got)
	}
	b.submit(moved, `button[value=remove]`, nil).expect(http.StatusOK, "The alias is removed")
	c.caller("send").get("/api/v1/templates/order-paid").refused(http.StatusNotFound, "alias_unknown")
	for act, n := range map[string]int{store.ActAliasSet: 2, store.ActAliasMove: 1, store.ActAliasRemove: 1} {
		if got := c.activities(act); len(got) != n || got[0].PersonName != "operator" {
			t.Errorf("%s: %+v", act, got)
		}
	}
}

func TestAnAliasThatIsNoneIsRefusedWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002", "3", "5")
	for _, alias := range []string{"", "Order", "订单", "-a", "a-", "a b", strings.Repeat("a", 65), `"><script>`} {
		p := giveAlias(b, id, alias)
		if p.status != http.StatusUnprocessableEntity || p.doc.Find("#alias").AttrOr("value", "") != alias || !p.has("#alias-problem") {
			t.Errorf("%q: %d %s", alias, p.status, p.text("#story"))
		}
	}
	b.post("/templates/"+id+"/alias", url.Values{"alias": {"a"}, "do": {"other"}}).expect(http.StatusUnprocessableEntity, "Alias")
	// faults.md 27: of another app there is none to name.
	other := c.as(store.Operator).in(c.addApp("wx0000000000000002"))
	if p := other.post("/templates/"+id+"/alias", url.Values{"alias": {"a"}, "do": {"set"}}); p.status != http.StatusNotFound {
		t.Errorf("%d", p.status)
	}
}

func TestTheTemplatesPageTellsItsStory(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	draft := saveDraft(b, "3", "5")
	p := b.press(reopenDraft(b, draft), "account")
	id, _, _ := strings.Cut(strings.TrimPrefix(p.path, "/templates/"), "?")
	giveAlias(b, id, "order-paid")
	b.sendTest(id)
	c.caller("send").get("/api/v1/templates/order-paid")
	c.keepHouse()
	story := b.get("/templates/" + id).text("#story")
	for _, want := range []string{"Added by operator", "from draft 1", "operator Sent", "1 send in all", "orders", "by the alias order-paid, 1 time", "AT0002"} {
		if !strings.Contains(story, want) {
			t.Errorf("%q is not told: %s", want, story)
		}
	}
	if pm := c.as(store.ProductManager).get("/templates/" + id); pm.has(`#story a[href^="/sends/"]`) {
		t.Error("a product manager is led to the sends")
	}
}

func TestDeletingSaysWhatDependsOnTheTemplateAndRestoringBringsItBackUnderItsAlias(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002", "5", "3")
	giveAlias(b, id, "order-paid")
	server := c.caller("send")
	server.get("/api/v1/templates/order-paid")
	c.keepHouse()
	ask := b.get("/templates/" + id + "/delete")
	for _, want := range []string{"order-paid", "1 API key asked for this template within 30 days", "orders", "Added by operator"} {
		if got := ask.text("main"); !strings.Contains(got, want) {
			t.Errorf("%q is not said: %s", want, got)
		}
	}
	list := b.submit(ask, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	restore := list.expect(http.StatusOK, "The template is deleted").expect(http.StatusOK, "Restore the template")
	server.get("/api/v1/templates/order-paid").refused(http.StatusGone, "template_deleted")
	b.get("/templates/"+id).expect(http.StatusOK, "the alias follows to it").expect(http.StatusOK, "物品名称{{keyword1.DATA}}")

	p := b.submit(restore, `form[action$="/restore"] button`, nil).expect(http.StatusOK, "The template is restored")
	now, _, _ := strings.Cut(strings.TrimPrefix(p.path, "/templates/"), "?")
	if now == id || !strings.Contains(p.text(".head"), "order-paid") || !strings.Contains(p.text("#story"), "Restored from"+id) {
		t.Fatalf("at %s: %s", p.path, p.text("main"))
	}
	if !strings.Contains(p.text("#story"), "by the alias order-paid, 1 time") {
		t.Errorf("who depends on the alias is forgotten: %s", p.text("#story"))
	}
	for _, both := range []string{id, now} {
		if !strings.Contains(p.text("#story table"), both) {
			t.Errorf("the history does not show %s", both)
		}
	}
	var got template
	server.get("/api/v1/templates/order-paid").into(&got)
	if got.TemplateID != now || got.KeywordMap["物品名称"] != "keyword1" {
		t.Errorf("%+v", got)
	}
	old := b.get("/templates/"+id).expect(http.StatusOK, "It was restored")
	if old.has(`form[action$="/restore"]`) {
		t.Error("it can be restored twice")
	}
	// A second click, or a colleague's, leads to the same template.
	again := b.submit(restore, `form[action$="/restore"] button`, nil)
	if again.path != "/templates/"+now || c.calls("template/add") != 2 {
		t.Errorf("at %s after %d additions", again.path, c.calls("template/add"))
	}
}

func TestWhatWasDeletedElsewhereIsRestoredToo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002", "3", "5")
	giveAlias(b, id, "order-paid")
	must(t, c.elsewhere(c.app()).DeleteTemplate(t.Context(), id))
	gone := b.get("/templates/"+id).expect(http.StatusOK, "it was deleted elsewhere")
	b.submit(gone, `form[action$="/restore"] button`, nil).expect(http.StatusOK, "The template is restored")
	if b.get("/templates").has(".drift") || !knownTemplate(c, id).DeletedElsewhere {
		t.Error("it still counts as drift")
	}
}

func TestWhatWasAddedElsewhereAndDeletedHereIsRestoredToo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id, err := c.elsewhere(c.app()).AddTemplate(t.Context(), "AT0009", []int{2, 1})
	must(t, err)
	ask := b.get("/templates/"+id+"/delete").expect(http.StatusOK, "looked for in the library by their texts")
	list := b.submit(ask, "button.danger", func(form url.Values) { form.Set("title", "订单支付成功通知") })
	p := b.submit(list, `form[action$="/restore"] button`, nil).expect(http.StatusOK, "The template is restored")
	if content := p.doc.Find(".content pre").First().Text(); content != "金额{{keyword1.DATA}}\n单号{{keyword2.DATA}}\n" {
		t.Errorf("%q", content)
	}
}

func TestWhatCannotBeRestoredSaysWhyAndLeadsToTheBuilder(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	app := c.app().ID
	for id, unknown := range map[string]store.Template{
		"gone-title":   {Title: "没有的标题", Content: "单号{{keyword1.DATA}}\n"},
		"gone-keyword": {Title: "购买成功通知", Content: "没有的词{{keyword1.DATA}}\n"},
	} {
		unknown.App, unknown.TemplateID = app, id
		must(t, c.store.AddTemplate(t.Context(), store.Actor{}, unknown))
		must(t, c.store.TemplateDeleted(t.Context(), store.Actor{}, app, id))
	}
	b.get("/templates/gone-title").expect(http.StatusOK, "The library has no title “没有的标题”")
	p := b.get("/templates/gone-keyword").expect(http.StatusOK, "has no keyword “没有的词”")
	if p.has(`form[action$="/restore"]`) || !p.has(`main a[href$="/library/AT0002"]`) {
		t.Errorf("%s", p.text("main"))
	}
	b.post("/templates/gone-title/restore", url.Values{}).expect(http.StatusUnprocessableEntity, "The library has no title")
	if c.calls("template/add") != 0 {
		t.Error("something was added")
	}
}

func TestARestorationThatWeChatRefusesSaysWhy(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002", "3", "5")
	b.submit(b.get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: templateAdd, ErrCode: new(45026)}))
	p := b.submit(b.get("/templates/"+id), `form[action$="/restore"] button`, nil).expect(http.StatusBadGateway, "errcode 45026")
	b.submit(p, `form[action$="/restore"] button`, nil).expect(http.StatusOK, "The template is restored")
}
