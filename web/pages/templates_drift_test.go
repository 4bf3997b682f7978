package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// knownTemplate is what is remembered of a template.
func knownTemplate(c *webtest.Console, id string) store.Template {
	c.T.Helper()
	t, err := c.Store.Template(context.Background(), c.App().ID, id)
	webtest.Must(c.T, err)
	return t
}

// driftOf are the titles of what the list says was done elsewhere, by kind.
func driftOf(p *webtest.Page) map[string][]string {
	found := map[string][]string{}
	for _, li := range p.Doc.Find(".drift li").EachIter() {
		kind := strings.TrimSpace(li.Find(".tag").Text())
		found[kind] = append(found[kind], li.Find("a").Text())
	}
	return found
}

func TestWhatWasDoneElsewhereIsShownAndAdoptedOneByOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	mine := c.AddTemplate(b, "AT0002", "3", "5")
	wx := c.Elsewhere(c.App())
	added, err := wx.AddTemplate(t.Context(), "AT0009", []int{2, 1})
	webtest.Must(t, err)
	_, err = wx.AddTemplate(t.Context(), "AT0012", []int{1})
	webtest.Must(t, err)
	webtest.Must(t, wx.DeleteTemplate(t.Context(), mine))

	b.Get("/").Expect(http.StatusOK, "overview.drift", "Count", 3)
	p := b.Get("/templates").Expect(http.StatusOK, "drift.count", "Count", 3)
	drift := driftOf(p)
	webtest.Same(t, drift["Added elsewhere"], []string{"订单支付成功通知", "导游更换通知"})
	webtest.Same(t, drift["Deleted elsewhere"], []string{"购买成功通知"})
	b.Get("/templates/"+added).Expect(http.StatusOK, "drift.unknown")

	p = b.Submit(p, `.drift button[value="`+added+`"]`, nil).Expect(http.StatusOK, "done.adopted")
	webtest.Same(t, driftOf(p)["Added elsewhere"], []string{"导游更换通知"})
	webtest.Same(t, driftOf(p)["Deleted elsewhere"], []string{"购买成功通知"})
	if k := knownTemplate(c, added); !k.Adopted || k.AddedByName != "operator" || k.TitleID != "AT0009" || !slices.Equal(k.KeywordIDs, []int{2, 1}) {
		t.Errorf("the ids were not found by the texts: %+v", k)
	}
	storyOf(b, added).Expect(http.StatusOK, "story.adopted_by").Shows(http.StatusOK, "operator")

	p = b.Submit(p, `.drift button[value="`+mine+`"]`, nil)
	if len(driftOf(p)) != 1 || !knownTemplate(c, mine).DeletedElsewhere {
		t.Errorf("%s", p.Text("main"))
	}
	if got := c.Activities(store.ActTemplateGone); len(got) != 1 || len(c.Activities(store.ActTemplateAdopt)) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAllOfItIsAdoptedWithOneClickAndASecondClickDoesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	wx := c.Elsewhere(c.App())
	for range 7 {
		_, err := wx.AddTemplate(t.Context(), "AT0002", []int{3, 5})
		webtest.Must(t, err)
	}
	p := b.Get("/templates").Expect(http.StatusOK, "drift.count", "Count", 7)
	if p.Has(".drift[open]") {
		t.Error("a long list is in the way of the templates")
	}
	if after := b.Submit(p, `button[name=all]`, nil); after.Has(".drift") {
		t.Errorf("%s", after.Text("main"))
	}
	b.Submit(p, `button[name=all]`, nil).Expect(http.StatusOK, "done.adopted")
	if n := len(c.Activities(store.ActTemplateAdopt)); n != 7 {
		t.Errorf("%d activities", n)
	}
}

// From the template's own page, one goes back there.
func TestATemplateIsAdoptedOnItsOwnPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id, err := c.Elsewhere(c.App()).AddTemplate(t.Context(), "AT0002", []int{3})
	webtest.Must(t, err)
	p := b.Submit(b.Get("/templates/"+id), `form.banner button`, nil)
	if p.Path != "/templates/"+id+"?done=adopted" || p.Has("form.banner") || !storyOf(b, id).Has("#alias") {
		t.Errorf("%s: %s", p.Path, p.Text("main"))
	}
	if c.As(store.QA).Get("/templates").Has("button[name=all]") || storyOf(c.As(store.QA), id).Has("#alias") {
		t.Error("QA is offered what only those who may add can do")
	}
}

func TestWhereWeChatFailsTheLastListIsShownWithItsAgeAndTheCause(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "3", "5")
	b.Get("/templates")
	c.KeepHouse()
	c.Clock.Advance(3 * time.Hour)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.TemplateList, ErrCode: new(45009), Times: 100}))
	for _, path := range []string{"/templates", "/templates/" + id, "/templates/" + id + "/code"} {
		p := b.Get(path).Shows(http.StatusOK, "errcode 45009").Expect(http.StatusOK, "errcode.45009.next").Expect(http.StatusOK, "age.hours", "Count", 3).Shows(http.StatusOK, "购买成功通知")
		if p.Has(`form[action$="/templates/adopt"]`) || !p.Has("main time[datetime]") {
			t.Errorf("%s: %s", path, p.Text("main"))
		}
	}
	// What would act on the list of now says so.
	b.Post("/templates/adopt", url.Values{"all": {"true"}}).Shows(http.StatusBadGateway, "errcode 45009")
	b.Get("/templates/"+id+"/delete").Shows(http.StatusBadGateway, "errcode 45009")
}

func TestAnAdoptionThatNamesNothingIsRefused(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	if p := b.Post("/templates/adopt", url.Values{}); p.Status != http.StatusBadRequest {
		t.Errorf("%d", p.Status)
	}
	p := b.Post("/templates/adopt", url.Values{"template": {"none"}, "next": {"https://evil.example/"}})
	if p.Path != "/?done=adopted" {
		t.Errorf("at %s", p.Path)
	}
}
