package browsertest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/alert"
	"muban/wechat/sandbox"
)

const axeFile = "testdata/axe/node_modules/axe-core/axe.min.js"

// axeSource is axe-core, or the end of the test.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(axeFile)
	if err != nil {
		missing(t, errors.New("no axe-core: `npm ci --prefix web/browsertest/testdata/axe` to run this test"))
	}
	return string(source)
}

// scene is a page in the state that something was done to it.
type scene struct {
	name, path string
	act        func(b *tab)
}

// inspect looks at one scene as readers of both themes do, wide and on a phone.
func (b *tab) inspect(s scene) {
	b.t.Helper()
	b.size(1440)
	b.open(s.path)
	if s.act != nil {
		s.act(b)
	}
	js[bool](b, `document.querySelectorAll("main details").forEach(d => d.open = true), true`)
	for _, width := range []int64{1440, 360} {
		if width == 360 {
			b.size(width)
			js[bool](b, `document.querySelector("#phone-tab, #see-card")?.click(), true`)
		}
		what := fmt.Sprintf("%s, %d wide", s.name, width)
		b.theme("light")
		b.run(what+", light", "undefined")
		b.theme("dark")
		b.run(what+", dark", `["color-contrast", "link-in-text-block"]`) // the rules that a theme can break
		if wide := js[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			b.t.Errorf("%s: %d px too wide", what, wide)
		}
	}
	if n := js[int](b, visible(".without-js")); n != 0 {
		b.t.Errorf("%s: %d elements for readers without the script are seen", s.name, n)
	}
}

// run lets axe look at the page: with all its rules, or with those named.
func (b *tab) run(what, rules string) {
	b.t.Helper()
	for _, violation := range js[[]string](b, `axe.run({ preload: false, resultTypes: ["violations"], runOnly: `+rules+` }).then(r => r.violations.map(v =>
		v.id + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " — " + n.failureSummary.replaceAll("\n", " ")).join(" | ")))`) {
		b.t.Errorf("%s: %s", what, violation)
	}
}

// theme is the reader's choice, or, on pages without one, their system's.
func (b *tab) theme(name string) {
	b.t.Helper()
	b.dark(name == "dark")
	js[bool](b, fmt.Sprintf(`document.documentElement.dataset.theme && (document.documentElement.dataset.theme = %q), true`, name))
}

// lived is a console in the middle of its life, and the template_id in its account.
func lived(t *testing.T) (c *webtest.Console, template string) {
	c = webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.AddApp("wx0123456789abcdef")
	template = c.AddTemplate(b, "AT0009", "1", "2", "3", "5", "10", "33", "18", "19", "20", "21")
	b.Submit(b.Get("/templates/"+template), webtest.SendButton, func(form url.Values) { form.Set("page", "pages/order?id=1") })
	b.Post("/templates/"+template+"/send", url.Values{"v": {"1", "2"}, "touser": {"oABCDEFGHIJKLMNOPQRSTUVWXYZ1"}, "form_id": {"unknown"}, "key": {"k1"}})
	b.Post("/sandbox/fault", url.Values{"path": {"/cgi-bin/message/wxopen/template/send"}, "kind": {"drop_after"}, "times": {"1"}})
	b.SendTest(template)
	b.Post("/sandbox/fault", url.Values{"path": {"/cgi-bin/wxopen/template/del"}, "kind": {"errcode"}, "value": {"-1"}, "times": {"3"}})
	b.Post("/sandbox/clock", url.Values{"advance": {"2h"}})
	b.Post("/library/AT0009", url.Values{"k": {"1", "2", "3"}, "do": {"save"}})
	b.Post("/drafts/new", url.Values{"title": {"特价大促销"}, "name": {"订单号", "订单号"}, "example": {"1", ""}, "scenario": {"下单之后"}, "do": {"save"}})
	b.Post("/drafts/new", url.Values{"title": {"取货提醒"}, "name": {"取货码"}, "example": {"305127"}, "do": {"save"}})
	b.Submit(b.Get("/drafts/3"), `button[value="delete"]`, nil).Expect(http.StatusOK, "done.draft_deleted")
	for _, id := range []string{"4", "5"} {
		b.Post("/drafts/new", url.Values{"title": {"到店提醒"}, "name": {"门店"}, "example": {"中关村店"}, "do": {"save"}})
		b.Submit(b.Get("/drafts/"+id), `button[value="review"]`, nil)
		b.Post("/drafts/"+id+"/comments", url.Values{"text": {"两行\n字"}})
	}
	liveOn(c)
	trouble(c)
	c.As(store.Administrator).Submit(c.As(store.Administrator).Get("/drafts/5"), `button[value="rejected"]`, func(form url.Values) { form["reason"][0] = "太宽泛" })
	giveStory(c, t, template)
	subscribed(c)
	return c, template
}

// subscribed gives the account a subscribe template, and sends two of its messages: one arrives, one is refused.
func subscribed(c *webtest.Console) {
	c.T.Helper()
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "250", "23", "52", "14", "20")
	b.SendTest(id)
	webtest.Must(c.T, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/message/subscribe/send", ErrCode: new(47003), Times: 1}))
	b.SendTest(id)
}

// liveOn brings proposals 6 to 8 to WeChat: one waits for its answer, one is refused, one is accepted.
func liveOn(c *webtest.Console) {
	c.T.Helper()
	b, admin := c.As(store.Operator), c.As(store.Administrator)
	for _, id := range []string{"6", "7", "8"} {
		at := "/drafts/" + id
		b.Post("/drafts/new", url.Values{"title": {"到店提醒"}, "name": {"门店"}, "example": {"中关村店"}, "do": {"send"}})
		admin.Post(at+"/verdict", url.Values{"version": {"1"}, "kind": {"approved"}})
		b.Post(at+"/step", url.Values{"version": {"1"}, "do": {"submitted"}})
	}
	b.Post("/drafts/7/answer", url.Values{"version": {"1"}, "kind": {"letter"}, "letter": {"未通过。\n请修改标题。"}})
	b.Post("/drafts/7", url.Values{"version": {"1"}, "title": {"到店取货提醒"}, "name": {"门店"}, "example": {"中关村店"}, "do": {"save"}})
	b.Post("/drafts/8/answer", url.Values{"version": {"1"}, "kind": {"accepted"}})
}

// deletedID is of a template that the account had, and has no more.
const deletedID = "Deleted_template_id_0123456789-ABCDEFGHIJKL"

// giveStory gives the template an alias, and the account a past and some drift.
func giveStory(c *webtest.Console, t *testing.T, template string) {
	t.Helper()
	ctx, by, app := t.Context(), store.Actor{Name: "operator"}, c.App()
	webtest.Must(t, c.Store.SetAlias(ctx, by, app.ID, template, "order-paid"))
	c.Caller("send").Get("/api/v1/templates/order-paid")
	c.Example(c.As(store.Operator), template, "到店取货，两件")
	c.Remember(by, store.Template{
		App: app.ID, TemplateID: deletedID, TitleID: "AT0002", Title: "购买成功通知", KeywordIDs: []int{3, 5}, Content: "购买地点{{keyword1.DATA}}\n",
	})
	c.Forget(by, app.ID, deletedID)
	_, err := c.Elsewhere(app).AddTemplate(ctx, "AT0002", []int{3})
	webtest.Must(t, err)
	c.KeepHouse()
}

// trouble is the central server on a bad day.
func trouble(c *webtest.Console) {
	c.T.Helper()
	s, admin := c.Caller("token", "rights"), c.As(store.Administrator)
	var held webtest.Lent
	s.Get(webtest.SharedPath).Into(&held)
	s.Refresh(held.Token).Into(&held)
	webtest.Must(c.T, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164)}))
	admin.Post("/token/refresh", webtest.Sure).Shows(http.StatusBadGateway, "40164")
	admin.SetHook("http://127.0.0.1:1/", webtest.HookSecret).Shows(http.StatusOK, "127.0.0.1:1")
	admin.Submit(admin.Get("/settings/alerts"), `form[action$="/test"] button`, nil)
	_, err := c.Store.RaiseAlert(context.Background(), alert.Alert{Cause: alert.SecretRefused, App: alert.App{ID: c.App().ID}, Detail: "40125"}, nil)
	webtest.Must(c.T, err)
	c.Muban.KeepHouse(context.Background())
}

// inviteByToken makes an invitation whose link is known.
func inviteByToken(c *webtest.Console, token string) {
	c.T.Helper()
	_, err := c.Store.AddInvitation(c.T.Context(), store.Actor{Name: "administrator"}, store.Invitation{
		Hash: sha256.Sum256([]byte(token)), Invitee: "小郑", Role: store.QA, ExpiresAt: c.Clock.Now().Add(time.Hour),
	})
	webtest.Must(c.T, err)
}

// subscribeRow leads from the list of subscribe templates to the first one.
const subscribeRow = `main tbody .go`

func scenesOf(template string) []scene {
	at, phone := "/templates/"+template, "&openid="+sandbox.OpenIDFor(sandbox.DefaultAppID, "operator")
	click := func(selector string) func(*tab) { return func(b *tab) { b.follow(selector) } }
	return []scene{
		{"overview", "/", nil},
		{"overview, a bar with the focus", "/", func(b *tab) { js[bool](b, `document.querySelector(".bars a").focus(), true`) }},
		{"menu", "/", func(b *tab) { js[bool](b, `document.querySelector("#menu").click(), true`) }},
		{"shortcuts", "/", func(b *tab) { b.keys("?") }},
		{"library", "/library", nil},
		{"library with a wrong count", "/library?count=21", nil},
		{"library past its end", "/library?offset=9999", nil},
		{"builder, empty", "/library/AT0002", nil},
		{"builder with findings", "/library/AT0009?k=1&k=2&k=3&k=4&k=5&k=6&k=7&k=8&k=9&k=10&k=11&e=2", nil},
		{"builder, combinations to take over", "/library/AT0009", nil},
		{"builder, a rule open", "/library/AT0009?k=1&k=5", func(b *tab) { b.click(`.says a[href="#rule-2-2"]`) }},
		{"builder, the preview of a phone", "/library/AT0009?k=1&k=5", func(b *tab) { js[bool](b, `document.querySelector("#part-see").click(), true`) }},
		{"builder, refused", "/library/AT0009?k=1&draft=1&version=9", click(`#acts button[value="save"]`)},
		{"subscribe template", "/templates?kind=subscribe", click(subscribeRow)},
		{"subscribe template, refused values", "/templates?kind=subscribe", func(b *tab) {
			b.follow(subscribeRow)
			b.fill("#v-0", strings.Repeat("长", 30))
			b.fill("#v-1", "A032")
			b.until(`document.querySelector("#mend-0") && document.querySelector("#v-1-problem .problem")`)
		}},
		{"code of a subscribe template", "/templates?kind=subscribe", func(b *tab) {
			b.follow(subscribeRow) // where what was typed in the scene before is drawn again: a click could miss the link
			b.open(js[string](b, `document.querySelector('#tabs a[href*="/code"]').getAttribute("href")`))
		}},
		{"consents", "/rights?kind=subscribe", nil},
		{"what WeChat saw", "/sends?kind=subscribe&errcode=47003", func(b *tab) { b.follow("tbody .go"); b.follow(`a[href*="/sends/rids/"]`) }},
		{"rules", "/rules#1.5", nil},
		{"drafts", "/drafts", nil},
		{"drafts, none", "/drafts?q=nothing", nil},
		{"combination", "/drafts/1?done=draft_saved", nil},
		{"proposal", "/drafts/2", nil},
		{"proposal, deleted", "/drafts/3", nil},
		{"proposal in review", "/drafts/4", nil},
		{"proposal, rejected", "/drafts/5", nil},
		{"proposal in review, asked back", "/drafts/4", func(b *tab) {
			js[bool](b, `document.querySelector(".reason-at").open = true`)
			b.fill(".reason-at textarea", "x")
			b.follow(`button[value="approved"]`)
		}},
		{"proposal being changed", "/drafts/5/edit", nil},
		{"proposal at WeChat", "/drafts/6", nil},
		{"proposal, refused by WeChat", "/drafts/7", nil},
		{"proposal, accepted by WeChat", "/drafts/8", nil},
		{"sheet", "/drafts/2/sheet", nil},
		{"proposal, new", "/drafts/new", nil},
		{"proposal, refused", "/drafts/new", click(`button[value="save"]`)},
		{"templates", "/templates", nil},
		{"template", at, nil},
		{"template, coloured and enlarged", at + "?v=1&v=2&c=%23B42318&e=2&page=pages/index", nil},
		{"template with its outcome", at + "?send=1", nil},
		{"template with a refusal", at + "?send=2", nil},
		{"template, refused here", at, func(b *tab) {
			b.fill("#page", "/x")
			b.click("#send-button")
			b.until(`document.querySelector("#went .bad")`)
		}},
		{"template, sent", at, func(b *tab) {
			b.fill("#page", "pages/index") // the tab has kept what was refused
			b.click("#send-button")
			b.until(`document.querySelector("#went .ok")`)
		}},
		{"template, unknown", at + "?send=3", nil},
		{"template's code", at + "/code?lang=json", nil},
		{"template's story", at + "/story", nil},
		{"delete", at + "/delete", nil},
		{"delete, refused", at + "/delete", func(b *tab) { b.fill("#title", "x"); b.follow("button.danger") }},
		{"templates with drift, one deleted", "/templates?deleted=" + deletedID, nil},
		{"template, alias refused", at + "/story", func(b *tab) { b.fill("#alias", "X"); b.follow(`button[value="set"]`) }},
		{"template, its example loaded", at + "?example=1", nil},
		{"template, example's name taken", at + "?example=1", func(b *tab) {
			b.click(".keep summary")
			b.follow(`button[formaction$="/examples"]`)
		}},
		{"template that is gone", "/templates/" + deletedID, nil},
		{"use", at + "/code?lang=java", nil},
		{"compare", "/templates/compare?with=2", nil},
		{"compare, none", "/templates/compare?with=2&only=same", nil},
		{"copy", "/templates/copy?with=2&to=there&template=" + template, nil},
		{"import, checked", "/templates/import", func(b *tab) {
			b.fill("#text", "title_id,keywords,alias,other\nAT0002,3;5,order-paid,\nAT9999,1,,\n")
			b.follow(`button[value="check"]`)
		}},
		{"import, refused", "/templates/import", click(`button[value="check"]`)},
		{"import, done", "/templates/import?made=1.2", nil},
		{"sends", "/sends", nil},
		{"sends of a week", "/sends?span=7", nil},
		{"sends by the hour, nothing found", "/sends?span=hours&q=nothing", nil},
		{"sends that wait for a decision", "/sends?outcome=undecided", nil},
		{"send, sent", "/sends/1", nil},
		{"send, refused", "/sends/2", nil},
		{"send, unknown", "/sends/3", nil},
		{"activity", "/activity", nil},
		{"activity, none", "/activity?object=nothing&from=x", nil},
		{"compliance", "/compliance?code=41032", nil},
		{"compliance, refused", "/compliance", func(b *tab) { b.fill("#from", "2038-01-01T00:00"); b.follow("#record .primary") }},
		{"testers", "/settings/testers", nil},
		{"testers, refused", "/settings/testers", func(b *tab) { b.fill("#openid-1", "x"); b.follow("td button") }},
		{"me", "/settings/me", nil},
		{"me with a code", "/settings/me", click(`form[action$="/code"] button`)},
		{"sends, narrowed", "/sends?errcode=x&from=2018-5-1&q=1&outcome=refused", nil},
		{"rights by user", "/rights", nil},
		{"rights one by one", "/rights?by=right", nil},
		{"rights by day, and who leaves", "/rights?by=leaving&span=past", nil},
		{"rights that end on a day", "/rights?by=right&ends=2038-01-01", nil},
		{"rights, no match", "/rights?by=right&q=nothing", nil},
		{"reporting rights", "/rights/reporting", nil},
		{"me, refused", "/settings/me", func(b *tab) {
			b.fill("#current", "x")
			b.fill("#password", webtest.Password)
			b.follow(`form[action$="/password"] button`)
		}},
		{"people", "/settings/people", nil},
		{"people, refused", "/settings/people", func(b *tab) { b.fill("#invitee", " "); b.follow(`form[action$="/settings/people"] button`) }},
		{"people with a link", "/settings/people", func(b *tab) { b.fill("#invitee", "小吴"); b.follow(`form[action$="/settings/people"] button`) }},
		{"person", "/settings/people/2", nil},
		{"person with a link", "/settings/people/3", click(`form[action$="/password"] button`)},
		{"person, the last administrator", "/settings/people/1", click(`button[value="disable"]`)},
		{"permissions", "/settings/permissions", nil},
		{"second factor", "/settings/me/factor", nil},
		{"second factor, being set up", "/settings/me/factor", click(`form[action$="/settings/me/factor"] button`)},
		{"sandbox", "/sandbox", nil},
		{"sandbox with a right", "/sandbox?" + phone[1:], click(`.rest button[value="form"]`)},
		{"sandbox, refused", "/sandbox", func(b *tab) { b.fill("#value", "x"); b.follow("#faults .grid button") }},
		{"sandbox, no openid", "/sandbox?openid=x", nil},
		{"sandbox, nothing yet", "/sandbox?openid=" + webtest.StrangerID, nil},
		{"sandbox, the list", "/sandbox?at=list" + phone, nil},
		{"sandbox, a page", "/sandbox?at=page&message=1" + phone, nil},
		{"tokens", "/token", nil},
		{"tokens, none of that kind", "/token?reason=replaced", nil},
		{"keys", "/settings/keys?state=all", nil},
		{"keys, refused", "/settings/keys", func(b *tab) { b.fill("#name", " "); b.follow(".panel .primary") }},
		{"key", "/settings/keys/1", nil},
		{"new key", "/settings/keys", func(b *tab) { b.fill("#name", "x"); b.follow(".panel .primary") }},
		{"alerts", "/settings/alerts?tested=1", nil},
		{"alerts, refused", "/settings/alerts", func(b *tab) {
			b.fill("#url", "x")
			js[bool](b, `document.querySelector("#url").form.noValidate = true`) // the browser would ask for the name first
			b.follow(`main .primary[value="save"]`)
		}},
		{"apps", "/settings/apps", nil},
		{"app", "/settings/apps/2", nil},
		{"archive an app", "/settings/apps/2/archive", nil},
		{"rotate a secret", "/settings/apps/2/secret", nil},
		{"rotate a secret, refused", "/settings/apps/2/secret", func(b *tab) { b.fill("#secret", "wrong"); b.follow("#main .primary") }},
		{"apps, refused", "/settings/apps", func(b *tab) { b.fill("#name", "x"); b.fill("#appid", "x"); b.follow(".panel .primary") }},
		{"find", "/find", nil},
		{"find, found", "/find?q=提醒", nil},
		{"find, nothing", "/find?q=zzzzqqqq", nil},
		{"palette", "/", func(b *tab) { b.openPalette(); b.keys("d") }},
		{"sync, never", "/library/sync", nil},
		{"library, not searched yet", "/library?q=退款", nil},
		{"not found", "/nothing", nil},
	}
}

func TestBrowserFindsNothingToMendOnAnyPage(t *testing.T) {
	source := axeSource(t)
	c, template := lived(t)
	fresh, empty := webtest.NewConsole(t), webtest.NewEmptyConsole(t, "token")
	inviteByToken(c, "token")
	operator, manager := c.As(store.Operator), c.As(store.ProductManager)
	c.SetUp(operator)
	webtest.Must(t, c.Store.RequireSecondFactor(t.Context(), store.Actor{}, []store.Role{store.ProductManager}))
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.QA).ID, "", store.QA, store.AppRoles{1: store.Operator}))
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			b := openTab(c, t, store.Administrator)
			b.expect("status of 422", "status of 409", "status of 404", "status of 403")
			// DevTools puts axe on every page, so the CSP of the pages stays as it is.
			call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: source})
			b.cookie("lang", lang)
			if lang == "zh" {
				b.cookie("theme", "light")
			}
			for _, s := range scenesOf(template) {
				b.inspect(s)
			}
			b.cookie("muban", c.As(store.QA).Session())
			b.inspect(scene{"forbidden", "/settings/apps", nil})
			b.inspect(scene{"overview of QA", "/", nil})
			b.inspect(scene{"sends of QA's own", "/sends", nil})
			b.inspect(scene{"title as QA reads it", "/library/AT0009", nil})
			b.inspect(scene{"combination as QA reads it", "/library/AT0009?k=1&k=5", nil})
			b.inspect(scene{"template for one's own openid", "/templates/" + template, nil})
			b.cookie("muban", operator.Session())
			b.inspect(scene{"second factor in force", "/settings/me/factor", nil})
			b.inspect(scene{"second factor, refused", "/settings/me/factor", func(b *tab) { b.fill("#off_password", "x"); b.follow(`form[action$="/off"] button`) }})
			b.inspect(scene{"recovery codes", "/settings/me/factor", func(b *tab) {
				b.fill("#renew_password", webtest.Password)
				b.follow(`form[action$="/recovery"] button`)
			}})
			b.cookie("muban", manager.Session())
			b.inspect(scene{"second factor that is needed", "/drafts", nil})
			b.cookie("muban", "")
			b.inspect(scene{"code", "/sign-in", func(b *tab) { b.fill("#name", "operator"); b.fill("#password", webtest.Password); b.follow(".primary") }})
			b.inspect(scene{"join", "/join?token=token", nil})
			b.inspect(scene{"join, refused", "/join?token=token", func(b *tab) { b.fill("#name", "QA"); b.fill("#password", webtest.Password); b.follow(".primary") }})
			b.inspect(scene{"join with a used link", "/join?token=used", nil})
			b.base = fresh.URL // where nobody was refused yet: the scenes before count as wrong passwords
			b.inspect(scene{"sign-in", "/sign-in", nil})
			b.inspect(scene{"sign-in, refused", "/sign-in", func(b *tab) { b.fill("#name", "nobody"); b.fill("#password", "wrong"); b.follow(".primary") }})
			for _, role := range []store.Role{store.ProductManager, store.Operator} {
				b.cookie("muban", fresh.As(role).Session())
				b.inspect(scene{"overview of a new " + string(role), "/", nil})
			}
			b.inspect(scene{"sends, none", "/sends", nil})
			b.inspect(scene{"rights, none", "/rights", nil})
			b.cookie("muban", "")
			b.base = empty.URL
			b.inspect(scene{"set-up", "/set-up?token=token", nil})
			b.inspect(scene{"set-up with a used link", "/set-up?token=used", nil})
			b.base = fresh.URL
			b.cookie("muban", fresh.As(store.Operator).Session())
			b.inspect(scene{"overview of a new console", "/", nil})
			b.inspect(scene{"templates of a new console", "/templates", nil})
			b.inspect(scene{"sends of a new console", "/sends", nil})
		})
	}
}

func TestBrowserFindsNothingToMendWhereUsersAreAskedAndPushesAreSetUp(t *testing.T) {
	source := axeSource(t)
	c := webtest.NewConsole(t)
	var picked []string
	for _, tid := range []string{"755", "1458"} {
		id, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), tid, []int{1, 3}, "测试")
		webtest.Must(t, err)
		picked = append(picked, id)
	}
	server := c.Caller("rights")
	for i, answer := range []string{"accept", "reject"} {
		server.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": webtest.Customer, "id": strconv.Itoa(i),
			"results": map[string]string{picked[0]: answer}})).Into(&struct{}{})
	}
	webtest.Must(t, c.Store.SetPush(t.Context(), store.Actor{}, store.Push{App: c.App().ID, Mode: store.PushPlain, Token: "token"}))
	webtest.Must(t, c.Store.NotePush(t.Context(), c.App().ID, "", store.PushForged))
	b := openTab(c, t, store.Administrator)
	call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	for _, lang := range []string{"zh", "en"} {
		b.cookie("lang", lang)
		b.inspect(scene{"asking, nothing picked", "/templates/ask", nil})
		b.inspect(scene{"asking for two", "/templates/ask?t=" + strings.Join(picked, "&t="), nil})
		b.inspect(scene{"the push of the sandbox", "/settings/apps/" + strconv.FormatInt(c.App().ID, 10), nil})
	}
}
