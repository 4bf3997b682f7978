package api_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// templateNamed adds a template and gives it an alias.
func templateNamed(c *webtest.Console, alias string) (templateID string) {
	c.T.Helper()
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "5")
	webtest.Must(c.T, c.Store.SetAlias(context.Background(), store.Actor{}, c.App().ID, id, alias))
	return id
}

func TestABusinessServerResolvesAnAlias(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := templateNamed(c, "order-paid")
	want := webtest.TemplateAnswer{
		Alias: "order-paid", TemplateID: id, Title: "购买成功通知",
		Keywords:   []struct{ Key, Name string }{{"keyword1", "购买地点"}, {"keyword2", "物品名称"}},
		KeywordMap: map[string]string{"购买地点": "keyword1", "物品名称": "keyword2"},
	}
	for _, scope := range []string{"token", "rights", "send"} {
		for _, path := range []string{"order-paid?appid=" + sandbox.DefaultAppID, "order-paid", id} {
			var got webtest.TemplateAnswer
			a := c.Caller(scope).Get("/api/v1/templates/" + path).Into(&got)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: %+v", scope, path, got)
			}
			if a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control %q", a.Header.Get("Cache-Control"))
			}
		}
	}
}

func TestWhatIsNoAliasOfTheKeysAppIsRefused(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := templateNamed(c, "order-paid")
	s := c.Caller("send")
	for _, name := range []string{"order", "ORDER-PAID", "order-paid%20", "%00", id[:42], "%E8%AE%A2%E5%8D%95"} {
		s.Get("/api/v1/templates/"+name).Refused(http.StatusNotFound, "alias_unknown")
	}
	s.Get("/api/v1/templates/order-paid?appid=wx0000000000000009").Refused(http.StatusNotFound, "app_unknown")
	// The key of another app finds neither.
	other := c.ServerOf(c.AddApp("wx0000000000000002").ID, "send")
	other.Get("/api/v1/templates/order-paid").Refused(http.StatusNotFound, "alias_unknown")
	other.Get("/api/v1/templates/"+id).Refused(http.StatusNotFound, "alias_unknown")
	if got, err := c.Store.Lookups(t.Context(), store.LookupFilter{App: c.App().ID}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnAliasWhoseTemplateIsDeletedIsGoneUntilItIsRestored(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := templateNamed(c, "order-paid")
	s := c.Caller("send")
	app := c.App()
	webtest.Must(t, c.Elsewhere(app).DeleteTemplate(t.Context(), id))
	s.Get("/api/v1/templates/order-paid").Into(&webtest.TemplateAnswer{}) // nobody has taken notice yet
	webtest.Must(t, c.Store.AdoptTemplates(t.Context(), store.Actor{}, app.ID, nil, []string{id}))
	s.Get("/api/v1/templates/order-paid").Refused(http.StatusGone, "template_deleted")
	s.Get("/api/v1/templates/"+id).Refused(http.StatusGone, "template_deleted")

	deleted, err := c.Store.Template(t.Context(), app.ID, id)
	webtest.Must(t, err)
	again, err := c.Elsewhere(app).AddTemplate(t.Context(), deleted.TitleID, deleted.KeywordIDs)
	webtest.Must(t, err)
	restored := deleted
	restored.TemplateID, restored.Replaces = again, id
	c.Remember(store.Actor{}, restored)
	var got webtest.TemplateAnswer
	s.Get("/api/v1/templates/order-paid").Into(&got)
	if got.TemplateID != again || again == id || len(got.Keywords) != 2 {
		t.Errorf("%+v", got)
	}
	s.Get("/api/v1/templates/"+id).Refused(http.StatusGone, "template_deleted")
}

// A value under the wrong one of two names would reach a customer.
func TestANameThatStandsTwiceIsNotInTheMap(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Remember(store.Actor{}, store.Template{
		App: c.App().ID, TemplateID: "twice", Content: "编号{{keyword1.DATA}}\n金额{{keyword2.DATA}}\n编号{{keyword3.DATA}}\n",
	})
	var got webtest.TemplateAnswer
	c.Caller("send").Get("/api/v1/templates/twice").Into(&got)
	if len(got.Keywords) != 3 || !reflect.DeepEqual(got.KeywordMap, map[string]string{"金额": "keyword2"}) {
		t.Errorf("%+v", got)
	}
}

// What a key asked for is known within seconds, and a process that is killed forgets no more than that.
func TestWhoAskedForATemplateIsCounted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := templateNamed(c, "order-paid")
	one, two := c.Caller("send"), c.Caller("token")
	for range 3 {
		one.Get("/api/v1/templates/order-paid")
	}
	before := c.Still()
	one.Get("/api/v1/templates/" + id)
	two.Get("/api/v1/templates/order-paid")
	if c.Content() != before {
		t.Error("a GET has written something")
	}
	c.KeepHouse()
	c.Clock.Advance(time.Hour)
	one.Get("/api/v1/templates/order-paid")
	c.KeepHouse()
	c.KeepHouse() // counts nothing twice

	got, err := c.Store.Lookups(t.Context(), store.LookupFilter{App: c.App().ID, TemplateID: id})
	webtest.Must(t, err)
	total := map[int64]int{}
	for _, l := range got {
		total[l.Key] += l.Count
	}
	if len(got) != 3 || total[one.ID] != 5 || total[two.ID] != 1 || got[0].Key != one.ID || got[0].Alias != "order-paid" || got[0].Count != 4 {
		t.Errorf("%+v", got)
	}
	if age := c.Clock.Now().Sub(got[0].LastAt); age > time.Minute {
		t.Errorf("last asked for %v ago", age)
	}
}

// What was added elsewhere resolves by its template_id as soon as WeChat's list was read.
func TestATemplateFromElsewhereResolvesByItsID(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id, err := c.Elsewhere(c.App()).AddTemplate(t.Context(), "AT0002", []int{3})
	webtest.Must(t, err)
	s := c.Caller("send")
	s.Get("/api/v1/templates/"+id).Refused(http.StatusNotFound, "alias_unknown")
	c.As(store.QA).Get("/templates/"+id).Shows(http.StatusOK, "购买成功通知")
	c.KeepHouse()
	var got webtest.TemplateAnswer
	s.Get("/api/v1/templates/" + id).Into(&got)
	if got.Alias != "" || got.KeywordMap["购买地点"] != "keyword1" {
		t.Errorf("%+v", got)
	}
}
