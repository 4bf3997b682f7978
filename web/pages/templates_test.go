package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestATemplateIsAddedShownListedAndDeleted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Press(b.Get("/library/AT0002?k=5&k=3"), "account").Expect(http.StatusOK, "done.template_added")
	id, _, _ := strings.Cut(strings.TrimPrefix(p.Path, "/templates/"), "?")
	if len(id) != 43 || p.Doc.Find(".head code").Text() != id || p.Doc.Find(".head button[data-copy]").AttrOr("data-copy", "") != id {
		t.Fatalf("at %s: %s", p.Path, p.Text(".head"))
	}
	past := storyOf(b, id)
	if content := past.Doc.Find("#content pre").First().Text(); content != "物品名称{{keyword1.DATA}}\n购买地点{{keyword2.DATA}}\n" {
		t.Fatalf("content %q", content)
	}
	if !strings.Contains(past.Text("#content"), "物品名称：咖啡") || !past.Says("#story", "template.added_by") || !strings.Contains(past.Text("#story"), "operator") {
		t.Fatalf("%s", past.Text("#story"))
	}
	list := b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 1, "Max", 25)
	if row := list.Text("tbody tr"); !strings.Contains(row, "购买成功通知") || list.Text("tbody .kw") != "物品名称购买地点" || !strings.Contains(row, id) || !strings.Contains(row, "Never sent") {
		t.Fatalf("%s", row)
	}
	sent := b.SendTest(id).Expect(http.StatusOK, "outcome.sent")
	number := strings.TrimPrefix(sent.Doc.Find(`a[href^="/sends/"]`).AttrOr("href", ""), "/sends/")

	ask := b.Get(sent.Doc.Find("a.danger").AttrOr("href", "")).Expect(http.StatusOK, "delete.what")
	if last := ask.Text("dl.facts"); !strings.Contains(last, "operator") || !ask.Has(`dl.facts a[href$="/sends/`+number+`"]`) {
		t.Fatalf("when it was last sent is not said: %s", last)
	}
	for _, typed := range []string{"购买成功", "购买成功通知 ", "AT0002", ""} {
		wrong := b.Submit(ask, "button.danger", func(form url.Values) { form.Set("title", typed) })
		if wrong.Status != http.StatusUnprocessableEntity || wrong.Doc.Find("#title").AttrOr("value", "") != typed {
			t.Errorf("%q: %d, %s", typed, wrong.Status, wrong.Text("main"))
		}
	}
	if c.Calls("/del") != 0 || b.Get("/templates/"+id).Status != http.StatusOK {
		t.Fatal("a wrong title has deleted it")
	}
	gone := b.Submit(ask, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	gone.Expect(http.StatusOK, "done.template_deleted").Expect(http.StatusOK, "templates.used", "Used", 0, "Max", 25)
	b.Get("/templates/"+id).Expect(http.StatusOK, "gone.deleted")
	b.Get("/templates/"+strings.Repeat("x", 43)).Expect(http.StatusNotFound, "failure.template_gone.title")
	b.Get("/sends/"+number).Shows(http.StatusOK, id) // the record outlives it
	if got := c.Activities(store.ActTemplateDelete); len(got) != 1 || got[0].PersonName != "operator" {
		t.Fatalf("%+v", got)
	}
}

func TestATemplateDeletedElsewhereMeanwhileCountsAsDeleted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/del", ErrCode: new(40037)}))
	b.Submit(b.Get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).
		Expect(http.StatusOK, "done.template_deleted")
}

func TestARefusedDeletionSaysWhyAndKeepsTheTemplate(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/del", ErrCode: new(48004)}))
	p := b.Submit(b.Get("/templates/"+id+"/delete"), "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	p.Shows(http.StatusBadGateway, "errcode 48004").Expect(http.StatusBadGateway, "errcode.48004.next")
	if p.Doc.Find("#title").AttrOr("value", "") != "购买成功通知" || len(c.Activities(store.ActTemplateDelete)) != 0 {
		t.Fatal("the typed title is lost, or the log says it was deleted")
	}
}

func TestATemplateWhoseAnswerWasLostIsFoundAndNotAddedTwice(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	draft := reopenDraft(b, saveDraft(b, "3", "5"))
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Drop: "after"}))
	p := b.Press(draft, "account").Expect(http.StatusOK, "done.template_added")
	if c.Calls("/add") != 1 {
		t.Fatalf("%d calls of add", c.Calls("/add"))
	}
	b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 1, "Max", 25)
	b.Get("/drafts/1").Expect(http.StatusOK, "state.added")
	known, err := c.Store.Templates(context.Background(), c.App().ID)
	if path, _, _ := strings.Cut(p.Path, "?"); err != nil || len(known) != 1 || path != "/templates/"+known[0].TemplateID {
		t.Fatalf("%+v, %v; at %s", known, err, p.Path)
	}
}

// It may still take effect at WeChat, so nobody is told to press again before WeChat's own deadline has passed.
func TestFault57_AnAdditionWithoutAnAnswerIsNotKnownYetAndNotMadeTwice(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	const builder = "/library/AT0002?k=5&k=3"
	form := b.Get(builder)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Drop: "before"}))
	p := b.Press(form, "account").Expect(http.StatusBadGateway, "reason.not_known_yet.cause")
	webtest.Same(t, p.Chosen(), []string{"物品名称", "购买地点"})
	if p.Has("main .banner code") {
		t.Errorf("the banner shows an errmsg, and WeChat gave none: %s", p.Text("main .banner"))
	}
	for name, again := range map[string]*webtest.Page{"the same form": p, "a page read before": form, "a new page": b.Get(builder)} {
		if second := b.Press(again, "account"); second.Status != http.StatusConflict {
			t.Errorf("%s: %d, %s", name, second.Status, second.Text("main"))
		}
	}
	if c.Calls("/add") != 1 {
		t.Errorf("%d calls of add", c.Calls("/add"))
	}
	for _, path := range []string{builder, "/templates"} {
		if shown := b.Get(path).Doc.Find(`[data-pending=addition][data-outcome=""]`).Length(); shown != 1 {
			t.Errorf("%s says %d times that it is not known yet", path, shown)
		}
	}
	c.Clock.Advance(3 * time.Minute)
	c.Muban.KeepHouse(t.Context())
	if p := b.Get("/templates"); !p.Has(`[data-pending=addition][data-outcome=undone]`) {
		t.Errorf("%s", p.Text("main"))
	}
	b.Press(b.Get(builder), "account").Expect(http.StatusOK, "done.template_added")
	b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 1, "Max", 25)
}

func TestFault57_AnAdditionThatTakesEffectLateIsThePersonsOwn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	draft := reopenDraft(b, saveDraft(b, "3", "5"))
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Drop: "before"}))
	b.Press(draft, "account").Answers(http.StatusBadGateway)
	_, err := c.Elsewhere(c.App()).AddTemplate(t.Context(), "AT0002", []int{3, 5}) // WeChat is done at last
	webtest.Must(t, err)
	if p := b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 1, "Max", 25); p.Has("#drift-title") {
		t.Errorf("it is listed as added elsewhere: %s", p.Text("#drift-title"))
	}
	c.Muban.KeepHouse(t.Context())
	p := b.Get("/templates")
	if p.Has("#drift-title") || p.Has("[data-pending]") {
		t.Errorf("%s", p.Text("main"))
	}
	b.Get("/drafts/1").Expect(http.StatusOK, "state.added")
	if got := c.Activities(store.ActTemplateAdd); len(got) != 1 || got[0].PersonName != "operator" {
		t.Errorf("%+v", got)
	}
}

func TestFault57_ADeletionWithoutAnAnswerIsNotKnownYetAndNotMadeTwice(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002")
	remove := func(p *webtest.Page) *webtest.Page {
		return b.Submit(p, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") })
	}
	ask := b.Get("/templates/" + id + "/delete")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/del", Drop: "before"}))
	remove(ask).Expect(http.StatusBadGateway, "reason.not_known_yet.cause")
	if second := remove(ask); second.Status != http.StatusConflict || c.Calls("/del") != 1 {
		t.Errorf("%d, %d calls of del", second.Status, c.Calls("/del"))
	}
	webtest.Must(t, c.Elsewhere(c.App()).DeleteTemplate(t.Context(), id)) // WeChat is done at last
	if p := b.Get("/templates"); p.Has("#drift-title") || !p.Has("[data-pending=deletion]") {
		t.Errorf("%s", p.Text("main"))
	}
	c.Muban.KeepHouse(t.Context())
	b.Get("/templates/"+id).Expect(http.StatusOK, "gone.deleted")
	if got := c.Activities(store.ActTemplateDelete); len(got) != 1 || got[0].PersonName != "operator" {
		t.Errorf("%+v", got)
	}
}

func TestWhereTheListIsLostTooTheOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	p := b.Get("/library/AT0002?k=5&k=3")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/wxopen/template/add", Status: 504}))
	failLater(c, "/cgi-bin/wxopen/template/list", 1, sandbox.Fault{ErrCode: new(-1), Times: 5})
	p = b.Press(p, "account").Expect(http.StatusBadGateway, "reason.not_known_yet.cause")
	webtest.Same(t, p.Chosen(), []string{"物品名称", "购买地点"})
}

// One answer of WeChat's is no reason to call a template deleted, nor for its alias to answer 410.
func TestFault58_OneEmptyListDeletesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for range 3 {
		c.AddTemplate(b, "AT0002")
	}
	b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 3, "Max", 25)
	empty := sandbox.Fault{Path: "/cgi-bin/wxopen/template/list", Body: `{"errcode":0,"errmsg":"ok","list":[]}`}
	for _, path := range []string{"/templates", "/"} {
		webtest.Must(t, c.Sandbox.AddFault(empty))
		if p := b.Get(path).Expect(http.StatusOK, "templates.used", "Used", 3, "Max", 25); p.Has("#drift-title") {
			t.Errorf("%s: %s", path, p.Text("#drift-title"))
		}
	}
	webtest.Must(t, c.Sandbox.AddFault(empty))
	b.Post("/templates/adopt", url.Values{"all": {"true"}}).Expect(http.StatusOK, "templates.used", "Used", 3, "Max", 25)
	known, err := c.Store.Templates(t.Context(), c.App().ID)
	for _, x := range known {
		if x.Deleted() {
			t.Errorf("%+v", x)
		}
	}
	if err != nil || len(known) != 3 {
		t.Errorf("%d known, %v", len(known), err)
	}
}

// failLater lets n calls of a path pass before the fault: a delay of nothing is
// a fault that does no harm.
func failLater(c *webtest.Console, path string, n int, f sandbox.Fault) {
	c.T.Helper()
	webtest.Must(c.T, c.Sandbox.AddFault(sandbox.Fault{Path: path, Times: n, Delay: 1}))
	f.Path = path
	webtest.Must(c.T, c.Sandbox.AddFault(f))
}

func TestAFullAccountIsExplained(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for range 25 {
		c.AddTemplate(b, "AT0002")
	}
	p := b.Press(b.Get("/library/AT0002?k=5"), "account")
	p.Shows(http.StatusBadGateway, "errcode 45026").Expect(http.StatusBadGateway, "errcode.45026.next")
	webtest.Same(t, p.Chosen(), []string{"物品名称"})
	b.Get("/").Expect(http.StatusOK, "overview.full")

	list := b.Get("/templates").Expect(http.StatusOK, "templates.used", "Used", 25, "Max", 25)
	if !list.Is("#range", "pager.range", "From", 1, "To", 20, "Total", 25) || len(column(list, "1")) != 20 {
		t.Fatalf("%s", list.Text("#range"))
	}
	rest := b.Get(list.Doc.Find("a[rel=next]").AttrOr("href", ""))
	if rest.Path != "/templates?count=20&offset=20" || !rest.Is("#range", "pager.range", "From", 21, "To", 25, "Total", 25) || !rest.Says("main", "templates.used", "Used", 25, "Max", 25) {
		t.Fatalf("%s: %s", rest.Path, rest.Text("#range"))
	}
	b.Get("/templates?offset=25").Expect(http.StatusOK, "library.past_end")
}
