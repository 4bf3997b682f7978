package webtest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"muban/store"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/ledger"
)

// Who may use each route: a(dministrator), o(perator), p(roduct manager), q(a),
// k for a business server with a key, m for programs that may read the metrics
// (metrics_test.go), or * for everybody without signing in. Written out, so that a
// change of the routes or of the permissions does not pass unnoticed.
var Access = map[string]string{
	"GET /sign-in": "*", "POST /sign-in": "*", "GET /set-up": "*", "POST /set-up": "*", "POST /preferences": "*",
	"GET /healthz": "*", "GET /readyz": "*",
	"GET /push/{appid}": "*", "POST /push/{appid}": "*", // whoever signs as WeChat

	"POST /sign-out": "aopq", "POST /app": "aopq", "GET /{$}": "aopq", "POST /steps": "aopq",

	"GET /find": "aopq", "GET /rules": "aopq", "GET /library/export": "aopq", "GET /library/sync": "aopq", "POST /library/sync": "ao",

	"GET /library": "aopq", "GET /library/{title}": "aopq", "POST /library/{title}": "aopq",

	"GET /drafts": "aopq", "GET /drafts/{id}": "aopq",
	"GET /drafts/new": "aop", "POST /drafts/new": "aop", "GET /drafts/{id}/edit": "aop", "POST /drafts/{id}": "aop",
	"POST /drafts/{id}/step": "aop", "POST /drafts/{id}/verdict": "ao", "POST /drafts/{id}/answer": "ao",
	"POST /drafts/{id}/comments": "aopq", "GET /drafts/{id}/sheet": "aopq",

	"GET /templates": "aopq", "GET /templates/{id}": "aopq", "POST /templates/{id}/preview": "aopq",
	"POST /templates/{id}/send":  "aoq",
	"GET /templates/{id}/delete": "ao", "POST /templates/{id}/delete": "ao",

	"POST /templates/{id}/examples": "aopq", "POST /templates/{id}/examples/{example}/send": "aoq", "POST /templates/{id}/examples/{example}/delete": "aopq",

	"GET /api/v1/templates/{alias}": "k",

	"POST /templates/adopt": "ao", "POST /templates/{id}/alias": "ao", "POST /templates/{id}/restore": "ao", "GET /templates/{id}/code": "aopq", "GET /templates/{id}/code/file": "aopq", "GET /templates/{id}/story": "aopq",
	"GET /templates/ask": "aopq", "GET /templates/{id}/successor": "aopq", "POST /templates/{id}/successor": "ao",
	"GET /templates/export": "aopq", "GET /templates/compare": "aopq", "GET /templates/copy": "aop", "POST /templates/copy": "aop",
	"GET /templates/import": "aop", "POST /templates/import": "aop", "GET /templates/import/sample": "aop",

	"GET /sends": "aoq", "GET /sends/{id}": "aoq", "GET /sends/rids/{rid}": "aoq",
	"GET /sends.csv": "aoq", "POST /sends/{id}/decide": "aoq",
	"GET /rights": "ao", "GET /rights.csv": "ao", "GET /rights/leaving.csv": "ao", "GET /rights/reporting": "ao", "POST /rights/kept": "a", "POST /rights/consents": "ao",

	"GET /sandbox": "aopq", "POST /sandbox/right": "aopq", "POST /sandbox/consent": "aopq", "POST /sandbox/clock": "aopq",
	"POST /sandbox/fault": "aopq", "POST /sandbox/faults/clear": "aopq", "POST /sandbox/reset": "ao",

	"GET /activity": "a", "GET /activity/export": "a",
	"GET /compliance": "ao", "POST /compliance": "ao", "POST /compliance/{id}": "ao",
	"GET /settings/testers": "ao", "POST /settings/testers": "ao", "POST /settings/testers/{id}/remove": "ao", "POST /settings/openids/{id}": "ao",
	"GET /settings/me": "aopq", "POST /settings/me/code": "aopq", "POST /api/v1/testers/bind": "k",
	"POST /api/v1/rights": "k", "POST /api/v1/sends": "k", "GET /api/v1/rules": "k",
	"GET /api/v1/templates": "k", "POST /api/v1/consents": "k", "GET /api/v1/consents": "k",
	"GET /token": "ao", "POST /token/refresh": "ao",
	"GET /settings/keys": "a", "POST /settings/keys": "a", "GET /settings/keys/{id}": "a",
	"POST /settings/keys/{id}/rotate": "a", "POST /settings/keys/{id}/revoke": "a",
	"POST /settings/keys/{id}/confirm": "a",
	"GET /settings/alerts":             "a", "POST /settings/alerts": "a", "POST /settings/alerts/{id}": "a", "POST /settings/alerts/{id}/test": "a",
	"GET /api/v1/access_token": "k", "POST /api/v1/access_token/refresh": "k",
	"GET /cgi-bin/token": "k", "POST /cgi-bin/token": "k", "POST /cgi-bin/stable_token": "k", "GET /metrics": "m",

	"GET /sign-in/code": "*", "POST /sign-in/code": "*", "GET /join": "*", "POST /join": "*", "GET /reset": "*", "POST /reset": "*",
	"GET /settings/people": "a", "POST /settings/people": "a", "POST /settings/people/factor": "a", "POST /settings/invitations/{id}/withdraw": "a",
	"GET /settings/people/{id}": "a", "POST /settings/people/{id}": "a", "POST /settings/people/{id}/state": "a", "POST /settings/people/{id}/password": "a",
	"POST /settings/people/{id}/factor": "a", "POST /settings/people/{id}/sessions": "a", "GET /settings/permissions": "a",
	"POST /settings/me/password": "aopq", "POST /settings/me/sessions": "aopq", "GET /settings/me/factor": "aopq", "POST /settings/me/factor": "aopq",
	"POST /settings/me/factor/confirm": "aopq", "POST /settings/me/factor/recovery": "aopq", "POST /settings/me/factor/off": "aopq",

	"GET /settings/apps": "a", "POST /settings/apps": "a", "GET /settings/apps/{id}": "a", "POST /settings/apps/{id}": "a", "POST /settings/desk": "a",
	"POST /settings/restore":         "a",
	"GET /settings/apps/{id}/secret": "a", "POST /settings/apps/{id}/secret": "a",
	"GET /settings/apps/{id}/archive": "a", "POST /settings/apps/{id}/archive": "a", "POST /settings/apps/{id}/restore": "a",
}

// Once are routes that one of the roles cannot use in this test: an author does not
// judge their own draft (drafts_test.go), and what is removed cannot be removed again.
var Once = map[string]store.Role{
	"POST /drafts/{id}/verdict":          store.Administrator,
	"POST /settings/testers/{id}/remove": store.Operator,
}

// Letters are the roles in the table above.
var Letters = map[store.Role]string{
	store.Administrator: "a", store.Operator: "o", store.ProductManager: "p", store.QA: "q",
}

func (c *Console) Ask(b *Browser, method, path string) *Page {
	c.T.Helper()
	if method == http.MethodPost {
		return b.Stopping().Post(path, url.Values{"do": {"check"}, "app": {c.App().AppID}})
	}
	return b.Stopping().Get(path)
}

// Filled is one thing of every kind that a path can name.
type Filled struct{ title, Template, Draft, Send, App, violation, tester, Person, Spare, invitation, rid string }

// Firsts names the first of everything, there or not.
func Firsts(template string) Filled {
	return Filled{"AT0002", template, "1", "1", "1", "1", "1", "1", "1", "1", "1-1-1"}
}

// Fill puts a template, a draft, a send and another app into the console.
func (c *Console) Fill(b *Browser) Filled {
	c.T.Helper()
	f := Filled{title: "AT0002"}
	f.Template = c.AddTemplate(b, f.title)
	b.Post("/drafts/new", url.Values{"title": {"购买成功通知"}, "do": {"save"}}).Expect(http.StatusOK,
		"done.draft_saved")
	drafts, _, err := c.Store.Drafts(context.Background(), store.DraftFilter{App: c.App().ID})
	Must(c.T, err)
	f.Draft = strconv.FormatInt(drafts[0].ID, 10)
	b.Get("/templates?kind=subscribe").Answers(http.StatusOK) // what WeChat lists is kept when it is first read
	b.SendTest(f.Template).Expect(http.StatusOK, "outcome.sent")
	f.Send = strconv.FormatInt(c.Sends()[0].ID, 10)
	refused, _ := errors.AsType[*wechat.Error](c.Elsewhere(c.App()).DeleteSubscribeTemplate(context.Background(), "none"))
	f.rid = wechat.Rid(refused.Msg)
	f.App = strconv.FormatInt(c.AddApp("wx0000000000000002").ID, 10)
	b.Post("/compliance", url.Values{"rule": {"market"}, "step": {"1"},
		"from": {"2018-05-04T08:30"}}).Expect(http.StatusOK, "done.violation_recorded")
	b.Post("/settings/testers", url.Values{"name": {"小王"}, "touser": {StrangerID}}).Expect(http.StatusOK,
		"done.tester_added")
	b.Post("/settings/people", url.Values{"invitee": {"小赵"}, "role": {"qa"}}).Expect(http.StatusOK,
		"people.link_for", "Name", "小赵")
	spare, err := c.Store.AddPerson(context.Background(), store.Actor{},
		store.Person{Name: "spare", Role: store.QA, PasswordHash: PasswordHash})
	Must(c.T, err)
	f.Spare, f.invitation = strconv.FormatInt(spare.ID, 10), "1"
	f.violation, f.tester, f.Person = "1", "1", strconv.FormatInt(c.Person(store.QA).ID, 10)
	c.Caller("token")
	c.Example(b, f.Template, "示例")
	c.fillSubscribe(b, f.Template)
	_, err = c.Store.AddChannel(context.Background(), store.Actor{}, store.Channel{Make: alert.Webhook, Name: "值班", URL: "http://127.0.0.1:1/"}, "")
	Must(c.T, err)
	return f
}

// fillSubscribe adds what there is of subscribe messages: a template, a send under a consent, what an alias carries, a
// notice of a penalty, and the pages of the library.
func (c *Console) fillSubscribe(b *Browser, template string) {
	c.T.Helper()
	ctx, app := context.Background(), c.App().ID
	subscribe := c.AddTemplate(b, "755", "1", "3")
	b.SendTest(subscribe).Expect(http.StatusOK, "outcome.sent")
	_, err := c.Store.ReportAnswers(ctx, store.Actor{}, app, []ledger.Answer{
		{OpenID: Customer, TemplateID: subscribe, What: ledger.Accept, Source: ledger.FromHand, Ref: "1"},
	})
	Must(c.T, err)
	c.Example(b, subscribe, "示例")
	Must(c.T, c.Store.SetAlias(ctx, store.Actor{}, app, template, "filled"))
	Must(c.T, c.Store.Carry(ctx, store.Actor{}, app, account.Carried{TemplateID: template, Successor: subscribe,
		From: map[string]string{"character_string1": "keyword1", "amount3": "keyword2"}}))
	Must(c.T, c.Store.KeepPenaltyNotice(ctx, store.Actor{}, store.PenaltyNotice{App: app, PunishID: "p1", Reason: "骚扰", At: c.Clock.Now()}))
}

// Path is the route's address with the ids in it.
func (f Filled) Path(r RouteInfo) string {
	ids := map[string]string{
		"/templates": f.Template, "/drafts": f.Draft, "/sends": f.Send, "/settings/apps": f.App,
		"/compliance": f.violation, "/settings/testers": f.tester, "/settings/openids": f.Person, "/settings/keys": "1",
		"/settings/people": f.Spare, "/settings/invitations": f.invitation, "/settings/alerts": "1",
	}
	before, _, _ := strings.Cut(r.Path, "/{id}")
	return strings.NewReplacer("{$}", "", "{title}", f.title, "{id}", ids[before], "{example}", "1", "{rid}", f.rid).Replace(r.Path)
}

// RouteInfo is one route that the console registers.
type RouteInfo struct {
	Pattern, Method, Path string
	Needs                 auth.Permission
}

// Routes are all of them.
func (c *Console) Routes() (all []RouteInfo) {
	for pattern, needs := range c.Muban.Routes() {
		method, path, _ := strings.Cut(pattern, " ")
		all = append(all, RouteInfo{pattern, method, path, needs})
	}
	return all
}
