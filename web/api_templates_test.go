package web_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

// template is what the API answers of one.
type template struct {
	Alias      string `json:"alias"`
	TemplateID string `json:"template_id"`
	Title      string `json:"title"`
	Keywords   []struct{ Key, Name string }
	KeywordMap map[string]string `json:"keyword_map"`
}

// elsewhere is another program at work on an app's account: WeChat's own console, for one.
func (c *console) elsewhere(app store.App) *wechat.Client {
	c.t.Helper()
	const base = "http://sandbox.invalid"
	fetch := func(ctx context.Context, _ bool) (wechat.Token, error) {
		return wechat.FetchToken(ctx, wechat.Credentials{Base: base, AppID: app.AppID, Secret: app.Secret, Transport: c.sandbox.Transport()})
	}
	client, err := wechat.NewClient(wechat.Config{
		Base: base, Transport: c.sandbox.Transport(), Tokens: token.New(app.AppID, fetch, c.store, token.Options{Now: c.clock.Now}),
	})
	must(c.t, err)
	return client
}

// templateNamed adds a template and gives it an alias.
func templateNamed(c *console, alias string) (templateID string) {
	c.t.Helper()
	id := c.addTemplate(c.as(store.Operator), "AT0002", "3", "5")
	must(c.t, c.store.SetAlias(context.Background(), store.Actor{}, c.app().ID, id, alias))
	return id
}

func TestABusinessServerResolvesAnAlias(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id := templateNamed(c, "order-paid")
	want := template{
		Alias: "order-paid", TemplateID: id, Title: "购买成功通知",
		Keywords:   []struct{ Key, Name string }{{"keyword1", "购买地点"}, {"keyword2", "物品名称"}},
		KeywordMap: map[string]string{"购买地点": "keyword1", "物品名称": "keyword2"},
	}
	for _, scope := range []string{"token", "rights", "send"} {
		for _, path := range []string{"order-paid?appid=" + sandbox.DefaultAppID, "order-paid", id} {
			var got template
			a := c.caller(scope).get("/api/v1/templates/" + path).into(&got)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: %+v", scope, path, got)
			}
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control %q", a.header.Get("Cache-Control"))
			}
		}
	}
}

func TestWhatIsNoAliasOfTheKeysAppIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id := templateNamed(c, "order-paid")
	s := c.caller("send")
	for _, name := range []string{"order", "ORDER-PAID", "order-paid%20", "%00", id[:42], "%E8%AE%A2%E5%8D%95"} {
		s.get("/api/v1/templates/"+name).refused(http.StatusNotFound, "alias_unknown")
	}
	s.get("/api/v1/templates/order-paid?appid=wx0000000000000009").refused(http.StatusNotFound, "app_unknown")
	// faults.md 27: the key of another app finds neither.
	other := c.serverOf(c.addApp("wx0000000000000002").ID, "send")
	other.get("/api/v1/templates/order-paid").refused(http.StatusNotFound, "alias_unknown")
	other.get("/api/v1/templates/"+id).refused(http.StatusNotFound, "alias_unknown")
	if got, err := c.store.Lookups(t.Context(), store.LookupFilter{App: c.app().ID}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnAliasWhoseTemplateIsDeletedIsGoneUntilItIsRestored(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id := templateNamed(c, "order-paid")
	s := c.caller("send")
	app := c.app()
	must(t, c.elsewhere(app).DeleteTemplate(t.Context(), id))
	s.get("/api/v1/templates/order-paid").into(&template{}) // nobody has taken notice yet
	must(t, c.store.AdoptTemplates(t.Context(), store.Actor{}, app.ID, nil, []string{id}))
	s.get("/api/v1/templates/order-paid").refused(http.StatusGone, "template_deleted")
	s.get("/api/v1/templates/"+id).refused(http.StatusGone, "template_deleted")

	deleted, err := c.store.Template(t.Context(), app.ID, id)
	must(t, err)
	again, err := c.elsewhere(app).AddTemplate(t.Context(), deleted.TitleID, deleted.KeywordIDs)
	must(t, err)
	restored := deleted
	restored.TemplateID, restored.Replaces = again, id
	must(t, c.store.AddTemplate(t.Context(), store.Actor{}, restored))
	var got template
	s.get("/api/v1/templates/order-paid").into(&got)
	if got.TemplateID != again || again == id || len(got.Keywords) != 2 {
		t.Errorf("%+v", got)
	}
	s.get("/api/v1/templates/"+id).refused(http.StatusGone, "template_deleted")
}

// A value under the wrong one of two names would reach a customer.
func TestANameThatStandsTwiceIsNotInTheMap(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	must(t, c.store.AddTemplate(t.Context(), store.Actor{}, store.Template{
		App: c.app().ID, TemplateID: "twice", Content: "编号{{keyword1.DATA}}\n金额{{keyword2.DATA}}\n编号{{keyword3.DATA}}\n",
	}))
	var got template
	c.caller("send").get("/api/v1/templates/twice").into(&got)
	if len(got.Keywords) != 3 || !reflect.DeepEqual(got.KeywordMap, map[string]string{"金额": "keyword2"}) {
		t.Errorf("%+v", got)
	}
}

// What a key asked for is known within seconds, and a process that is killed forgets no more than that.
func TestWhoAskedForATemplateIsCounted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id := templateNamed(c, "order-paid")
	one, two := c.caller("send"), c.caller("token")
	for range 3 {
		one.get("/api/v1/templates/order-paid")
	}
	before := c.still()
	one.get("/api/v1/templates/" + id)
	two.get("/api/v1/templates/order-paid")
	if c.content() != before { // faults.md 31
		t.Error("a GET has written something")
	}
	c.keepHouse()
	c.clock.Advance(time.Hour)
	one.get("/api/v1/templates/order-paid")
	c.keepHouse()
	c.keepHouse() // counts nothing twice

	got, err := c.store.Lookups(t.Context(), store.LookupFilter{App: c.app().ID, TemplateID: id})
	must(t, err)
	total := map[int64]int{}
	for _, l := range got {
		total[l.Key] += l.Count
	}
	if len(got) != 3 || total[one.id] != 5 || total[two.id] != 1 || got[0].Key != one.id || got[0].Alias != "order-paid" || got[0].Count != 4 {
		t.Errorf("%+v", got)
	}
	if age := c.clock.Now().Sub(got[0].LastAt); age > time.Minute {
		t.Errorf("last asked for %v ago", age)
	}
}

// What was added elsewhere resolves by its template_id as soon as WeChat's list was read.
func TestATemplateFromElsewhereResolvesByItsID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id, err := c.elsewhere(c.app()).AddTemplate(t.Context(), "AT0002", []int{3})
	must(t, err)
	s := c.caller("send")
	s.get("/api/v1/templates/"+id).refused(http.StatusNotFound, "alias_unknown")
	c.as(store.QA).get("/templates/"+id).expect(http.StatusOK, "购买成功通知")
	c.keepHouse()
	var got template
	s.get("/api/v1/templates/" + id).into(&got)
	if got.Alias != "" || got.KeywordMap["购买地点"] != "keyword1" {
		t.Errorf("%+v", got)
	}
}
