package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/account"
)

// twins are 充值成功通知 of both kinds in one account; the one of template messages has the alias recharged.
func twins(t *testing.T) (c *webtest.Console, b *webtest.Browser, old, successor string) {
	t.Helper()
	c = webtest.NewConsole(t)
	b = c.As(store.Operator)
	ids := b.KeywordsOf("AT0016")
	old = c.AddTemplate(b, "AT0016", ids[5], ids[3], ids[1]) // 备注, 交易单号, 充值金额
	webtest.Must(t, c.Store.SetAlias(t.Context(), store.Actor{}, c.App().ID, old, "recharged"))
	return c, b, old, c.AddTemplate(b, "755", "1", "3") // 交易单号, 充值金额
}

func value(_ int, el *goquery.Selection) string { return el.AttrOr("value", "") }

func TestAnAliasIsCarriedByBothKinds(t *testing.T) {
	t.Parallel()
	c, b, old, successor := twins(t)
	taken := b.Submit(b.Get("/templates/"+successor+"/story"), "form[action$='/alias'] [value=set]", func(form url.Values) {
		form.Set("alias", "recharged")
	})
	both := taken.Doc.Find("a[href*='/successor?with=']").AttrOr("href", "")
	if taken.Status != http.StatusConflict || both == "" {
		t.Fatalf("%d, both kinds are not offered: %s", taken.Status, taken.Text("main"))
	}
	page := b.Get(webtest.Within(both))
	if got := page.Doc.Find("select[name=from] option[selected]").Map(value); len(got) != 2 || got[0] != "keyword2" || got[1] != "keyword3" {
		t.Fatalf("the names lead to %v", got)
	}
	if page.Doc.Find("main .primary").Length() != 1 {
		t.Error("not one green button")
	}
	wrong := b.Submit(page, "#carry [value=carry]", func(form url.Values) { form["from"] = []string{"keyword2", "keyword9"} })
	if wrong.Status != http.StatusUnprocessableEntity || wrong.Text("#from-1-problem") == "" || wrong.Has("#from-0-problem") {
		t.Errorf("%d %s", wrong.Status, wrong.Text("main"))
	}
	b.Submit(page, "#carry [value=carry]", nil).Expect(http.StatusOK, "done.carried")
	set, err := c.Store.Carried(t.Context(), c.App().ID, old)
	if err != nil || set.Successor != successor || set.From["character_string1"] != "keyword2" || set.From["amount3"] != "keyword3" {
		t.Fatalf("%+v, %v", set, err)
	}
	if n := len(c.Activities(store.ActAliasCarry)); n != 1 {
		t.Errorf("%d lines", n)
	}
	for path, place := range map[string]string{
		"/templates/" + old + "/story": "#carries", "/templates/" + successor + "/story": ".carried", "/templates/" + successor + "/delete": ".carried",
	} {
		if !b.Get(path).Has(place) {
			t.Errorf("%s does not say what the alias carries", path)
		}
	}
	// It outlives the template that it was set for, and can still be changed.
	webtest.Must(t, c.Elsewhere(c.App()).DeleteTemplate(t.Context(), old))
	if p := b.Get("/templates/" + old + "/successor?with=" + c.AddTemplate(b, "755", "3", "4")); p.Says("#carry", "carry.set") {
		t.Error("another one is shown as carried")
	}
	page = b.Get("/templates/"+old+"/successor").Expect(http.StatusOK, "carry.set")
	if got := page.Doc.Find("select[name=from] option[selected]").Map(value); len(got) != 2 {
		t.Errorf("%d, %v", page.Status, got)
	}
	b.Submit(page, "#carry [value=end]", nil).Expect(http.StatusOK, "done.carry_ended")
	if _, err := c.Store.Carried(t.Context(), c.App().ID, old); err == nil {
		t.Error("it is carried still")
	}
}

func TestWhatAnAliasCarriesIsSetByThoseWhoMay(t *testing.T) {
	t.Parallel()
	c, b, old, successor := twins(t)
	b.Post("/templates/"+old+"/successor", url.Values{"with": {successor}, "do": {"carry"}, "from": {"keyword2", "keyword3"}}).
		Expect(http.StatusOK, "done.carried")
	for _, role := range []store.Role{store.ProductManager, store.QA} {
		b := c.As(role)
		page := b.Get("/templates/" + old + "/successor")
		if !page.Has("#carry a[href$='"+successor+"']") || page.Has("#carry form, #carry button, #carry select") || !strings.Contains(page.Text("#carry"), "keyword2") {
			t.Errorf("%s: %s", role, page.Text("#carry"))
		}
		b.Post("/templates/"+old+"/successor", url.Values{"do": {"end"}}).Answers(http.StatusForbidden)
	}
}

func TestATemplateFromElsewhereIsAdoptedBeforeItIsCarried(t *testing.T) {
	t.Parallel()
	c, b, old, _ := twins(t)
	foreign, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{3, 4}, "")
	webtest.Must(t, err)
	form := url.Values{"with": {foreign}, "do": {"carry"}, "from": {"keyword2", "keyword3"}}
	b.Post("/templates/"+old+"/successor", form).Expect(http.StatusUnprocessableEntity, "carry.unknown")
	if err := c.Store.Carry(t.Context(), store.Actor{}, c.App().ID, account.Carried{TemplateID: old, Successor: old}); err != store.ErrState {
		t.Errorf("a template carries itself: %v", err)
	}
}
