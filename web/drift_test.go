package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/sandbox"
)

// knownTemplate is what is remembered of a template.
func knownTemplate(c *console, id string) store.Template {
	c.t.Helper()
	t, err := c.store.Template(context.Background(), c.app().ID, id)
	must(c.t, err)
	return t
}

// driftOf are the titles of what the list says was done elsewhere, by kind.
func driftOf(p *page) map[string][]string {
	found := map[string][]string{}
	for _, li := range p.doc.Find(".drift li").EachIter() {
		kind := strings.TrimSpace(li.Find(".tag").Text())
		found[kind] = append(found[kind], li.Find("a").Text())
	}
	return found
}

func TestWhatWasDoneElsewhereIsShownAndAdoptedOneByOne(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	mine := c.addTemplate(b, "AT0002", "3", "5")
	wx := c.elsewhere(c.app())
	added, err := wx.AddTemplate(t.Context(), "AT0009", []int{2, 1})
	must(t, err)
	_, err = wx.AddTemplate(t.Context(), "AT0012", []int{1})
	must(t, err)
	must(t, wx.DeleteTemplate(t.Context(), mine))

	b.get("/").expect(http.StatusOK, "3 changes made elsewhere")
	p := b.get("/templates").expect(http.StatusOK, "3 changes")
	drift := driftOf(p)
	same(t, drift["Added elsewhere"], []string{"订单支付成功通知", "导游更换通知"})
	same(t, drift["Deleted elsewhere"], []string{"购买成功通知"})
	b.get("/templates/"+added).expect(http.StatusOK, "This template was added elsewhere")

	p = b.submit(p, `.drift button[value="`+added+`"]`, nil).expect(http.StatusOK, "Adopted")
	same(t, driftOf(p)["Added elsewhere"], []string{"导游更换通知"})
	same(t, driftOf(p)["Deleted elsewhere"], []string{"购买成功通知"})
	if k := knownTemplate(c, added); !k.Adopted || k.AddedByName != "operator" || k.TitleID != "AT0009" || !slices.Equal(k.KeywordIDs, []int{2, 1}) {
		t.Errorf("the ids were not found by the texts: %+v", k)
	}
	b.get("/templates/"+added).expect(http.StatusOK, "Adopted by operator")

	p = b.submit(p, `.drift button[value="`+mine+`"]`, nil)
	if len(driftOf(p)) != 1 || !knownTemplate(c, mine).DeletedElsewhere {
		t.Errorf("%s", p.text("main"))
	}
	if got := c.activities(store.ActTemplateGone); len(got) != 1 || len(c.activities(store.ActTemplateAdopt)) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAllOfItIsAdoptedWithOneClickAndASecondClickDoesNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	wx := c.elsewhere(c.app())
	for range 7 {
		_, err := wx.AddTemplate(t.Context(), "AT0002", []int{3, 5})
		must(t, err)
	}
	p := b.get("/templates").expect(http.StatusOK, "7 changes")
	if p.has(".drift[open]") {
		t.Error("a long list is in the way of the templates")
	}
	if after := b.submit(p, `button[name=all]`, nil); after.has(".drift") {
		t.Errorf("%s", after.text("main"))
	}
	b.submit(p, `button[name=all]`, nil).expect(http.StatusOK, "Adopted")
	if n := len(c.activities(store.ActTemplateAdopt)); n != 7 {
		t.Errorf("%d activities", n)
	}
}

// From the template's own page, one goes back there.
func TestATemplateIsAdoptedOnItsOwnPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id, err := c.elsewhere(c.app()).AddTemplate(t.Context(), "AT0002", []int{3})
	must(t, err)
	p := b.submit(b.get("/templates/"+id), `form.banner button`, nil)
	if p.path != "/templates/"+id+"?done=adopted" || p.has("form.banner") || !p.has("#alias") {
		t.Errorf("%s: %s", p.path, p.text("main"))
	}
	if c.as(store.QA).get("/templates").has("button[name=all]") || c.as(store.QA).get("/templates/"+id).has("#alias") {
		t.Error("QA is offered what only those who may add can do")
	}
}

func TestWhereWeChatFailsTheLastListIsShownWithItsAgeAndTheCause(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	id := c.addTemplate(b, "AT0002", "3", "5")
	b.get("/templates")
	c.keepHouse()
	c.clock.Advance(3 * time.Hour)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: templateList, ErrCode: new(45009), Times: 100}))
	for _, path := range []string{"/templates", "/templates/" + id, "/templates/" + id + "/use"} {
		p := b.get(path).expect(http.StatusOK, "errcode 45009").expect(http.StatusOK, "Try again tomorrow").expect(http.StatusOK, "3 hours ago").expect(http.StatusOK, "购买成功通知")
		if p.has(`form[action$="/templates/adopt"]`) || !p.has("main time[datetime]") {
			t.Errorf("%s: %s", path, p.text("main"))
		}
	}
	// What would act on the list of now says so.
	b.post("/templates/adopt", url.Values{"all": {"true"}}).expect(http.StatusBadGateway, "errcode 45009")
	b.get("/templates/"+id+"/delete").expect(http.StatusBadGateway, "errcode 45009")
}

func TestAnAdoptionThatNamesNothingIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	if p := b.post("/templates/adopt", url.Values{}); p.status != http.StatusBadRequest {
		t.Errorf("%d", p.status)
	}
	// faults.md 33
	p := b.post("/templates/adopt", url.Values{"template": {"none"}, "next": {"https://evil.example/"}})
	if p.path != "/?done=adopted" {
		t.Errorf("at %s", p.path)
	}
}
