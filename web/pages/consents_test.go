package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
)

func TestTheLedgerOfConsentsTellsWhoCanBeReachedAndHowOften(t *testing.T) {
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	b.Get("/rights?kind=subscribe").Expect(http.StatusOK, "consents.none")
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值")
	webtest.Must(t, err)
	report := func(openID, what, ref string) {
		_, err := c.Store.ReportAnswers(t.Context(), store.Actor{}, c.App().ID, []ledger.Answer{
			{OpenID: openID, TemplateID: template, What: what, Source: ledger.FromPage, Ref: ref, When: c.Clock.Now()},
		})
		webtest.Must(t, err)
	}
	report(webtest.Customer, ledger.Accept, "one")
	report(webtest.Customer, ledger.Accept, "two")
	report(webtest.StrangerID, ledger.Accept, "one")
	report(webtest.StrangerID, ledger.Reject, "no")

	p := b.Get("/rights?kind=subscribe").Answers(http.StatusOK)
	if rows := p.Doc.Find("table.list:has(.go) tbody tr:has(.go)"); rows.Length() != 2 {
		t.Fatalf("%d rows:\n%s", rows.Length(), p.Text("main"))
	}
	if left := p.Text("#consents-left"); left != "2" {
		t.Errorf("%s sends are left, 2 were given", left)
	}
	if p = b.Get("/rights?kind=subscribe&state=refused"); !strings.Contains(p.Text("main table"), webtest.StrangerID) || strings.Contains(p.Text("main table"), webtest.Customer) {
		t.Error("the filter for those who refused")
	}
	p = b.Get("/rights?kind=subscribe&q=" + webtest.Customer)
	if n := p.Doc.Find("td li").Length(); n != 2 {
		t.Errorf("%d answers are told of a user who gave two", n)
	}
	b.Get("/rights?kind=subscribe&state=else").Answers(http.StatusBadRequest)
	if file := b.Get("/rights.csv?kind=subscribe"); strings.Count(file.Body, "\n") != 3 || !strings.Contains(file.Body, webtest.Customer+","+template) {
		t.Errorf("the file:\n%s", file.Body)
	}
	c.As(store.QA).Get("/rights?kind=subscribe").Answers(http.StatusForbidden)
}

func TestAConsentIsNotedByHandOnce(t *testing.T) {
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值")
	webtest.Must(t, err)
	form := url.Values{"openid": {webtest.Customer}, "template": {template}, "what": {"accept"}, "key": {"a form's key"}}
	b.Post("/rights/consents", webtest.With(form, "openid", "")).Answers(http.StatusUnprocessableEntity)
	b.Post("/rights/consents", webtest.With(form, "template", "gone")).Expect(http.StatusUnprocessableEntity, "consents.no_template")
	if p := b.Post("/rights/consents", webtest.With(form, "template", "gone")); !p.Has("select#template[aria-invalid]") {
		t.Error("the problem is not told at its field")
	}
	b.Post("/rights/consents", form).Expect(http.StatusOK, "done.consent_noted")
	b.Post("/rights/consents", form)
	all, err := c.Store.ConsentsOf(t.Context(), c.App().ID, webtest.Customer)
	webtest.Must(t, err)
	if len(all) != 1 || all[0].Left != 1 || all[0].Source != ledger.FromHand {
		t.Errorf("%+v", all)
	}
	c.As(store.ProductManager).Post("/rights/consents", form).Answers(http.StatusForbidden)
}
