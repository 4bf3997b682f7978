package pages_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat/alert"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

func TestAWebhookIsSetTestedAndRemoved(t *testing.T) {
	t.Parallel()
	c, hook := webtest.NewConsole(t), webtest.NewReceiver(t)
	b := c.As(store.Administrator)
	address := hook.URL + "/in?key=the-receivers-own"
	p := b.SetHook(address, webtest.HookSecret).Expect(http.StatusOK, "done.channel_saved").Expect(http.StatusOK, "alerts.to", "Host", strings.TrimPrefix(hook.URL, "http://"))
	b.Submit(p, `form[action$="/test"] button`, nil).Expect(http.StatusOK, "alerts.tested", "Name", "值班群").Expect(http.StatusOK, "delivery.delivered")
	if got := hook.Got(); len(got) != 1 || hook.Forged != 0 || !strings.Contains(got[0], string(store.Administrator)) {
		t.Fatalf("%d forged, %q", hook.Forged, got)
	}
	hook.Status = http.StatusTeapot
	p = b.Submit(b.Get("/settings/alerts"), `form[action$="/test"] button`, nil).Expect(http.StatusOK, "undelivered.status")
	for _, secret := range []string{"the-receivers-own", webtest.HookSecret} {
		if strings.Contains(p.Body+c.Log.String()+string(c.Backup()), secret) {
			t.Errorf("%s is shown, logged, or in the database in the clear", secret)
		}
	}
	edit := b.Get("/settings/alerts?edit=1").Expect(http.StatusOK, "alerts.edit_of", "Name", "值班群")
	p = b.Submit(edit, `button[value="save"]`, func(f url.Values) { f.Set("name", "夜班") }).Expect(http.StatusOK, "done.channel_saved") // what is empty stays
	b.Submit(p.Shows(http.StatusOK, "夜班"), `form[action$="/test"] button`, nil)
	if n := len(hook.Got()); n != 3 || hook.Forged != 0 {
		t.Errorf("%d deliveries, %d forged", n, hook.Forged)
	}
	b.Submit(edit, `button[value="remove"]`, nil).Expect(http.StatusOK, "alerts.no_channel").Expect(http.StatusOK, "done.channel_removed")
	for _, gone := range []*webtest.Page{b.Post("/settings/alerts/1/test", nil), b.Get("/settings/alerts?edit=1"), b.Submit(edit, `button[value="save"]`, nil)} {
		gone.Answers(http.StatusNotFound)
	}
}

// One that is archived stays chosen, and no channel becomes one of every app by being edited.
func TestAChannelIsOfTheAppsThatAreTicked(t *testing.T) {
	t.Parallel()
	c, hook := webtest.NewConsole(t), webtest.NewReceiver(t)
	b := c.As(store.Administrator)
	second, third := c.AddApp("wx0000000000000002"), c.AddApp("wx0000000000000003")
	b.SetHook(hook.URL, webtest.HookSecret).Expect(http.StatusOK, "alerts.every_app")
	save := func(apps ...store.App) *webtest.Page {
		return b.Submit(b.Get("/settings/alerts?edit=1"), `button[value="save"]`, func(f url.Values) {
			f["app"] = nil
			for _, a := range apps {
				f.Add("app", strconv.FormatInt(a.ID, 10))
			}
		})
	}
	p := save(second, third).Expect(http.StatusOK, "done.channel_saved")
	if got := p.Text(".channels"); !strings.Contains(got, second.Name+" · "+third.Name) {
		t.Errorf("%s", got)
	}
	if ticked := webtest.Controls(b.Get("/settings/alerts?edit=1").Doc.Find("#channel form"))["app"]; len(ticked) != 2 {
		t.Errorf("ticked: %v", ticked)
	}
	save(store.App{ID: 99}).Answers(http.StatusBadRequest)
	archiveApp(b, third)
	save()
	kept, err := c.Store.Channel(t.Context(), 1)
	if err != nil || len(kept.Apps) != 1 || kept.Apps[0] != third.ID {
		t.Errorf("%v, %v", kept.Apps, err)
	}
}

// What is wrong with a channel is said at its field, and what is no secret of it is kept.
func TestAChannelThatCannotBeIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	set := func(change map[string]string) *webtest.Page {
		return b.Submit(b.Get("/settings/alerts"), `button[value="save"]`, func(f url.Values) {
			f.Set("name", "值班群")
			for name, value := range change {
				f.Set(name, value)
			}
		})
	}
	for _, r := range []struct {
		change  map[string]string
		field   string
		problem webtest.Wording
	}{
		{map[string]string{"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}, "url", webtest.Word("alerts.no_key")},
		{map[string]string{"url": "https://oapi.dingtalk.com/robot/send"}, "url", webtest.Word("alerts.no_key")},
		{map[string]string{"url": "https://open.feishu.cn/open-apis/bot/v2/hook/x", "make": "dingtalk"}, "make", webtest.Word("alerts.other_make", "Make", webtest.Word("make.feishu"))},
		{map[string]string{"url": "https://hooks.example.com/x"}, "hook_secret", webtest.Word("problem.required")},
		{map[string]string{"url": "https://open.feishu.cn/open-apis/bot/v2/hook/x", "topic": "everything"}, "topic[0]", webtest.Word("problem.oneof")},
		{map[string]string{"url": "https://open.feishu.cn/open-apis/bot/v2/hook/x", "name": " "}, "name", webtest.Word("problem.said")},
	} {
		p := set(r.change).Tells(http.StatusUnprocessableEntity, r.problem)
		if got := p.Doc.Find("#name").AttrOr("value", ""); r.field != "name" && got != "值班群" || p.Doc.Find("#url").AttrOr("value", "") != "" {
			t.Errorf("%v: the name is %q, the address shown %q", r.change, got, p.Doc.Find("#url").AttrOr("value", ""))
		}
	}
	b.Submit(b.Get("/settings/alerts"), `button[value="save"]`, func(f url.Values) {
		f.Set("name", "x")
		f.Set("url", "https://open.feishu.cn/open-apis/bot/v2/hook/x")
		f.Del("topic")
	}).Expect(http.StatusUnprocessableEntity, "alerts.no_topic")
	for _, address := range []string{"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "https://open.feishu.cn/open-apis/bot/v2/hook/x", "https://oapi.dingtalk.com/robot/send?access_token=1"} {
		set(map[string]string{"url": " " + address + " "}).Expect(http.StatusOK, "done.channel_saved") // recognised, and unsigned
	}
	webtest.Same(t, shownOn(b.Get("/settings/alerts"), ".channels .tag"), []string{"WeCom", "Feishu", "DingTalk"})
}

// groupRobot is the server of a chat: it keeps what its robot was sent.
type groupRobot struct {
	*httptest.Server
	got chan string
}

func newGroupRobot(t *testing.T) *groupRobot {
	r := &groupRobot{got: make(chan string, 20)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.got <- string(body)
		io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	t.Cleanup(r.Close)
	return r
}

// A product manager learns of a verdict without looking, in the group: each step with a link to its page.
func TestAGroupIsToldOfReviewsVerdictsAndWeChatsAnswers(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.PublicURL = "https://muban.example.com" })
	robot := newGroupRobot(t)
	c.As(store.Administrator).SetChannel(alert.WeCom, robot.URL+"/cgi-bin/webhook/send?key=1", "").Expect(http.StatusOK, "done.channel_saved")
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	draft := stepDraft(pm, propose(pm, sound), "review")
	judgeDraft(b, b.Get(pathOnly(draft)), "rejected", map[string]string{"title": "标题不清", "scenario": "第二条"})
	stepDraft(pm, pm.Get(pathOnly(draft)), "review")
	judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil)
	stepDraft(pm, pm.Get(pathOnly(draft)), "submitted")
	answerDraft(b, b.Get(pathOnly(draft)), "letter", "标题相似。")
	c.Deliver(t.Context())
	texts := text.LoadTexts().In("zh")
	link := "](https://muban.example.com/@" + c.App().AppID + "/drafts/1)"
	for i, want := range []string{"review_asked", "rejected", "review_asked", "approved", "refused"} {
		said := <-robot.got
		words := strings.TrimPrefix(texts.T("notice."+want, "App", c.App().Name, "Person", map[bool]string{true: "product_manager", false: "operator"}[want == "review_asked"],
			"Author", "product_manager", "Title", "疫苗接种安排通知"), "【"+c.App().Name+"】")
		if !strings.Contains(said, strings.ReplaceAll(words, "_", "＿")) || !strings.Contains(said, link) {
			t.Errorf("%d, %s: %s", i, want, said)
		}
		if strings.Contains(said, "标题不清") != (want == "rejected") || strings.Contains(said, "第二条") || strings.Contains(said, "标题相似") != (want == "refused") {
			t.Errorf("%d, %s has other reasons: %s", i, want, said)
		}
	}
	list := c.As(store.Administrator).Get("/settings/alerts").Expect(http.StatusOK, "change.refused")
	if n := list.Doc.Find("tbody .tag.ok").Length(); n != 5 {
		t.Errorf("%d are shown as delivered", n)
	}
}

// In the morning of each day, and no more than once.
func TestAGroupIsToldInTheMorningWhoLosesTheLastRight(t *testing.T) {
	t.Parallel()
	c, robot := webtest.NewConsole(t), newGroupRobot(t)
	const day, beijing = 24 * time.Hour, 8 * time.Hour
	now := c.Clock.Now()
	c.Clock.Advance(now.Add(beijing).Truncate(day).Add(day - beijing).Sub(now)) // to a midnight, so that the day has one morning
	c.As(store.Administrator).SetChannel(alert.WeCom, robot.URL+"/cgi-bin/webhook/send?key=1", "")
	_, err := c.Store.ReportRights(t.Context(), store.Actor{}, c.App().ID, []ledger.Report{{ID: "f1", Source: ledger.Form, OpenID: webtest.StrangerID}})
	webtest.Must(t, err)
	c.Clock.Advance(6*24*time.Hour + time.Hour)
	for range 48 {
		c.KeepHouse()
		c.Clock.Advance(30 * time.Minute)
	}
	c.Deliver(t.Context())
	close(robot.got)
	var all []string
	for said := range robot.got {
		all = append(all, said)
	}
	if len(all) != 1 || !strings.Contains(all[0], text.LoadTexts().In("zh").T("notice.rights_ending", "App", "", "Count", 1)[len("【】"):]) || strings.Contains(all[0], webtest.StrangerID) {
		t.Fatalf("%q", all)
	}
}

func TestFault36_AWebhookLeadsToNoPrivateAddress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.AllowPrivateAPI = false })
	b := c.As(store.Administrator)
	for _, address := range []string{"http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/x", "https://localhost/", "x", "ftp://example.com"} {
		b.SetHook(address, webtest.HookSecret).Expect(http.StatusUnprocessableEntity, "alerts.address_refused")
	}
	b.SetHook("", "").Expect(http.StatusUnprocessableEntity, "fieldname.url")
	b.SetHook("https://hooks.example.com/x", "").Expect(http.StatusUnprocessableEntity, "fieldname.hook_secret")
	b.SetHook("https://hooks.example.com/x", "short").Expect(http.StatusUnprocessableEntity, "fieldname.hook_secret")
	for _, make := range alert.Makes() {
		b.SetChannel(make, "https://10.0.0.1/hook/x?key=1&access_token=1", webtest.HookSecret).Expect(http.StatusUnprocessableEntity, "alerts.address_refused")
	}
	b.SetHook("https://hooks.example.com/x", webtest.HookSecret).Expect(http.StatusOK, "alerts.to", "Host", "hooks.example.com")
}

// An AppSecret that WeChat refuses: a banner for those who can do something about
// it, one notice when it begins and one when it is over.
func TestAnAlertIsShownAndSentOnceWhenItBeginsAndOnceWhenItIsOver(t *testing.T) {
	t.Parallel()
	c, hook := webtest.NewConsole(t), webtest.NewReceiver(t)
	b := c.As(store.Administrator)
	b.SetHook(hook.URL, webtest.HookSecret)
	look := func() {
		for range 8 {
			c.Muban.KeepHouse(t.Context())
			c.Clock.Advance(5 * time.Second)
		}
		c.Deliver(t.Context())
	}
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40125), Times: 999}))
	b.Post("/token/refresh", webtest.Sure)
	look()
	look()
	for _, path := range []string{"/", "/library", "/token", "/settings/alerts"} {
		b.Get(path).Expect(http.StatusOK, "alert.secret_refused")
	}
	if p := c.As(store.QA).Get("/library"); strings.Contains(p.Text("main"), "WeChat refuses") {
		t.Error("it is shown to somebody who can do nothing about it")
	}
	if got := hook.Got(); len(got) != 1 || !strings.Contains(got[0], `"change":"raised"`) || !strings.Contains(got[0], "40125") {
		t.Fatalf("%q", got)
	}
	c.Sandbox.ClearFaults()
	c.Clock.Advance(time.Hour)
	b.Post("/token/refresh", webtest.Sure).Expect(http.StatusOK, "done.token_refreshed")
	look()
	if p := b.Get("/library"); strings.Contains(p.Text("main"), "WeChat refuses") {
		t.Error("it is shown still")
	}
	if got := hook.Got(); len(got) != 2 || !strings.Contains(got[1], `"change":"cleared"`) || hook.Forged != 0 {
		t.Fatalf("%q", got)
	}
	b.Get("/token").Expect(http.StatusOK, "alert.past")
}

// WeChat's other word for a wrong AppSecret is 40001.
func TestFault63_AWrongAppSecretIsAlertedByEitherCodeAndNotTriedAgainSoon(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40125, 40001} {
		c := webtest.NewConsole(t)
		b := c.As(store.Administrator)
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: &code, Times: 999}))
		b.Post("/token/refresh", webtest.Sure)
		for range 15 {
			c.KeepHouse()
			c.Clock.Advance(5 * time.Second)
			c.Caller("token").SDK(http.MethodGet, c.Caller("token").SDKQuery(), "")
		}
		if n := c.Calls("cgi-bin/token"); n > 3 {
			t.Errorf("%d: asked %d times in 75 seconds", code, n)
		}
		raised, err := c.Store.RaisedAlerts(t.Context())
		webtest.Must(t, err)
		if len(raised) == 0 || !slices.ContainsFunc(raised, func(a alert.Alert) bool { return a.Cause == alert.SecretRefused }) {
			t.Errorf("%d: %v", code, raised)
		}
		p := b.Get("/token")
		if said := p.Text(".banner"); !strings.Contains(said, "errcode 40125") || !strings.Contains(said, strconv.Itoa(code)) {
			t.Errorf("%d: %s", code, said)
		}
	}
}
