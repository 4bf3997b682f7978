package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// giveAlias types an alias on the template's page.
func giveAlias(b *webtest.Browser, id, alias string) *webtest.Page {
	b.T.Helper()
	return b.Submit(storyOf(b, id), `button[name=do][value=set]`, func(form url.Values) { form.Set("alias", alias) })
}

func TestAnAliasIsGivenChangedMovedAndRemoved(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	first, second := c.AddTemplate(b, "AT0002", "3", "5"), c.AddTemplate(b, "AT0009", "1", "2")
	giveAlias(b, first, "order-payed").Expect(http.StatusOK, "done.alias_set")
	p := giveAlias(b, first, "order-paid").Expect(http.StatusOK, "alias.tag", "Alias", "order-paid")
	if got := p.Text("#story table"); !strings.Contains(got, "order-payed") || !strings.Contains(got, "operator") {
		t.Errorf("the history does not tell the former name: %s", got)
	}
	if row := b.Get("/templates").Text("tbody"); !strings.Contains(row, "order-paid") {
		t.Errorf("%s", row)
	}

	taken := giveAlias(b, second, "order-paid").Expect(http.StatusConflict, "alias.held_by")
	if taken.Doc.Find("#alias").AttrOr("value", "") != "order-paid" || !taken.Has(`#story a[href$="/templates/`+first+`"]`) {
		t.Errorf("%s", taken.Text("#story"))
	}
	moved := b.Submit(taken, `button[value=move]`, nil).Expect(http.StatusOK, "done.alias_moved")
	if got := moved.Text("#story table"); !strings.Contains(got, first) {
		t.Errorf("the history does not tell the former template: %s", got)
	}
	b.Submit(moved, `button[value=remove]`, nil).Expect(http.StatusOK, "done.alias_removed")
	c.Caller("send").Get("/api/v1/templates/order-paid").Refused(http.StatusNotFound, "alias_unknown")
	for act, n := range map[string]int{store.ActAliasSet: 2, store.ActAliasMove: 1, store.ActAliasRemove: 1} {
		if got := c.Activities(act); len(got) != n || got[0].PersonName != "operator" {
			t.Errorf("%s: %+v", act, got)
		}
	}
}

func TestAnAliasThatIsNoneIsRefusedWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "3", "5")
	for _, alias := range []string{"", "Order", "订单", "-a", "a-", "a b", strings.Repeat("a", 65), `"><script>`} {
		p := giveAlias(b, id, alias)
		if p.Status != http.StatusUnprocessableEntity || p.Doc.Find("#alias").AttrOr("value", "") != alias || !p.Has("#alias-problem") {
			t.Errorf("%q: %d %s", alias, p.Status, p.Text("#story"))
		}
	}
	b.Post("/templates/"+id+"/alias", url.Values{"alias": {"a"}, "do": {"other"}}).Expect(http.StatusUnprocessableEntity, "fieldname.alias")
	// Of another app there is none to name.
	other := c.As(store.Operator).In(c.AddApp("wx0000000000000002"))
	if p := other.Post("/templates/"+id+"/alias", url.Values{"alias": {"a"}, "do": {"set"}}); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
}

func TestTheTemplatesPageTellsItsStory(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	draft := saveDraft(b, "3", "5")
	p := b.Press(reopenDraft(b, draft), "account")
	id, _, _ := strings.Cut(strings.TrimPrefix(p.Path, "/templates/"), "?")
	giveAlias(b, id, "order-paid")
	b.SendTest(id)
	c.Caller("send").Get("/api/v1/templates/order-paid")
	c.KeepHouse()
	story := storyOf(b, id)
	for _, want := range []string{"operator", "orders", "AT0002"} {
		if !strings.Contains(story.Text("#story"), want) {
			t.Errorf("%q is not told: %s", want, story.Text("#story"))
		}
	}
	for _, want := range []webtest.Wording{
		webtest.Word("template.added_by"), webtest.Word("template.from_draft", "Draft", 1), webtest.Word("outcome.sent"),
		webtest.Word("story.sends", "Count", 1), webtest.Word("story.by_alias", "Alias", "order-paid", "Count", 1),
	} {
		if !story.Says("#story", want.ID, want.Args...) {
			t.Errorf("%v is not told: %s", want, story.Text("#story"))
		}
	}
	if pm := storyOf(c.As(store.ProductManager), id); pm.Has(`#story a[href^="/sends/"]`) {
		t.Error("a product manager is led to the sends")
	}
}

func TestDeletingSaysWhatDependsOnTheTemplateAndRestoringBringsItBackUnderItsAlias(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "5", "3")
	giveAlias(b, id, "order-paid")
	server := c.Caller("send")
	server.Get("/api/v1/templates/order-paid")
	c.KeepHouse()
	ask := b.Get("/templates/" + id + "/delete")
	ask.Expect(http.StatusOK, "delete.depended", "Count", 1, "Days", 30).Expect(http.StatusOK, "template.added_by")
	for _, want := range []string{"order-paid", "orders", "operator"} {
		ask.Shows(http.StatusOK, want)
	}
	list := b.Submit(ask, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	restore := list.Expect(http.StatusOK, "done.template_deleted").Expect(http.StatusOK, "gone.restore")
	server.Get("/api/v1/templates/order-paid").Refused(http.StatusGone, "template_deleted")
	b.Get("/templates/"+id).Expect(http.StatusOK, "gone.restore_alias").Shows(http.StatusOK, "物品名称{{keyword1.DATA}}")

	p := b.Submit(restore, `form[action$="/restore"] button`, nil).Expect(http.StatusOK, "done.template_restored")
	now, _, _ := strings.Cut(strings.TrimPrefix(p.Path, "/templates/"), "?")
	p = storyOf(b, now)
	if now == id || !strings.Contains(p.Text(".head"), "order-paid") || !strings.Contains(p.Text("#story"), "Restored from"+id) {
		t.Fatalf("at %s: %s", p.Path, p.Text("main"))
	}
	if !p.Says("#story", "story.by_alias", "Alias", "order-paid", "Count", 1) {
		t.Errorf("who depends on the alias is forgotten: %s", p.Text("#story"))
	}
	for _, both := range []string{id, now} {
		if !strings.Contains(p.Text("#story table"), both) {
			t.Errorf("the history does not show %s", both)
		}
	}
	var got webtest.TemplateAnswer
	server.Get("/api/v1/templates/order-paid").Into(&got)
	if got.TemplateID != now || got.KeywordMap["物品名称"] != "keyword1" {
		t.Errorf("%+v", got)
	}
	old := b.Get("/templates/"+id).Expect(http.StatusOK, "gone.replaced")
	if old.Has(`form[action$="/restore"]`) {
		t.Error("it can be restored twice")
	}
	// A second click, or a colleague's, leads to the same template.
	again := b.Submit(restore, `form[action$="/restore"] button`, nil)
	if again.Path != "/templates/"+now || c.Calls("template/add") != 2 {
		t.Errorf("at %s after %d additions", again.Path, c.Calls("template/add"))
	}
}

func TestWhatWasDeletedElsewhereIsRestoredToo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "3", "5")
	giveAlias(b, id, "order-paid")
	webtest.Must(t, c.Elsewhere(c.App()).DeleteTemplate(t.Context(), id))
	gone := b.Get("/templates/"+id).Expect(http.StatusOK, "gone.elsewhere")
	b.Submit(gone, `form[action$="/restore"] button`, nil).Expect(http.StatusOK, "done.template_restored")
	if b.Get("/templates").Has(".drift") || !knownTemplate(c, id).DeletedElsewhere {
		t.Error("it still counts as drift")
	}
}

func TestWhatWasAddedElsewhereAndDeletedHereIsRestoredToo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id, err := c.Elsewhere(c.App()).AddTemplate(t.Context(), "AT0009", []int{2, 1})
	webtest.Must(t, err)
	ask := b.Get("/templates/"+id+"/delete").Expect(http.StatusOK, "delete.after_unknown")
	list := b.Submit(ask, "button.danger", func(form url.Values) { form.Set("title", "订单支付成功通知") })
	p := b.Submit(list, `form[action$="/restore"] button`, nil).Expect(http.StatusOK, "done.template_restored")
	if content := storyOf(b, templateIDOn(p)).Doc.Find("#content pre").First().Text(); content != "金额{{keyword1.DATA}}\n单号{{keyword2.DATA}}\n" {
		t.Errorf("%q", content)
	}
}

func TestWhatCannotBeRestoredSaysWhyAndLeadsToTheBuilder(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	app := c.App().ID
	for id, unknown := range map[string]store.Template{
		"gone-title":   {Title: "没有的标题", Content: "单号{{keyword1.DATA}}\n"},
		"gone-keyword": {Title: "购买成功通知", Content: "没有的词{{keyword1.DATA}}\n"},
	} {
		unknown.App, unknown.TemplateID = app, id
		c.Remember(store.Actor{}, unknown)
		c.Forget(store.Actor{}, app, id)
	}
	b.Get("/templates/gone-title").Expect(http.StatusOK, "doubt.no_title", "Title", "没有的标题")
	p := b.Get("/templates/gone-keyword").Expect(http.StatusOK, "doubt.no_keyword", "Keyword", "没有的词")
	if p.Has(`form[action$="/restore"]`) || !p.Has(`main a[href$="/library/AT0002"]`) {
		t.Errorf("%s", p.Text("main"))
	}
	b.Post("/templates/gone-title/restore", url.Values{}).Expect(http.StatusUnprocessableEntity, "doubt.no_title")
	if c.Calls("template/add") != 0 {
		t.Error("something was added")
	}
}

func TestARestorationThatWeChatRefusesSaysWhy(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "3", "5")
	b.Submit(b.Get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.TemplateAdd, ErrCode: new(45026)}))
	p := b.Submit(b.Get("/templates/"+id), `form[action$="/restore"] button`, nil).Shows(http.StatusBadGateway, "errcode 45026")
	b.Submit(p, `form[action$="/restore"] button`, nil).Expect(http.StatusOK, "done.template_restored")
}
