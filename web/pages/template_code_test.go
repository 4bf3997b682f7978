package pages_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"muban/store"
	"muban/views"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/sandbox"
)

// publicly is a console that people and servers reach under one address, and the
// access token of app there.
func publicly(t *testing.T) (*webtest.Console, func(app store.App)) {
	t.Helper()
	var console http.Handler
	var token atomic.Value // of string: the programs ask from processes of their own
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/access_token" {
			writeToken(w, token.Load().(string))
			return
		}
		console.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.PublicURL = front.URL })
	console = c.Muban.Handler()
	return c, func(app store.App) {
		fetched, err := wechat.FetchToken(t.Context(), wechat.Credentials{Base: app.Base, AppID: app.AppID, Secret: app.Secret, Transport: wechat.PrivateTransport()})
		webtest.Must(t, err)
		token.Store(fetched.Value.Reveal())
	}
}

func writeToken(w http.ResponseWriter, token string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "expires_in": 7200})
}

// control asks an app's simulator for something.
func control(t *testing.T, app store.App, method, path, body string) string {
	t.Helper()
	r, err := http.NewRequest(method, app.Base+path, strings.NewReader(body))
	webtest.Must(t, err)
	res, err := http.DefaultClient.Do(r)
	webtest.Must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	webtest.Must(t, err)
	return string(text)
}

func TestEveryProgramOnThePageDeliversItsMessage(t *testing.T) {
	t.Parallel()
	c, serve := publicly(t)
	app := c.AddApp("wx0123456789abcdef")
	b := c.As(store.Operator).In(app)
	id := c.AddTemplate(b, "AT0009", "1", "2", "3")
	key := c.ServerOf(app.ID, "token").Key
	serve(app)
	for _, alias := range []string{"", "order-paid"} {
		if alias != "" {
			giveAlias(b, id, alias).Expect(http.StatusOK, "done.alias_set")
		}
		for _, lang := range views.SnippetLangs() {
			t.Run(lang.Name+" "+alias, func(t *testing.T) {
				p := b.Get("/templates/" + id + "/code?lang=" + lang.Lang)
				if p.Doc.Find(`.langs a[aria-current]`).Text() != lang.Name {
					t.Errorf("the tab of %s is not the current one", lang.Name)
				}
				var right struct {
					FormID string `json:"form_id"`
				}
				openID := reader(lang)
				webtest.Must(t, json.Unmarshal([]byte(control(t, app, "POST", "/sandbox/forms", `{"appid":"`+app.AppID+`","openid":"`+openID+`"}`)), &right))
				phone := runOn(t, app, lang, p.Doc.Find("#snippet").Text(), "MUBAN_KEY="+key, "OPENID="+openID, "FORM_ID="+right.FormID)
				for _, want := range []string{"单号", "123456", "金额", "30元", "下单时间", "2016年8月8日"} {
					if !strings.Contains(phone, want) {
						t.Errorf("the phone does not show %s: %s", want, phone)
					}
				}
			})
		}
	}
}

// A program for a subscribe message needs a consent and no form_id, and goes where the page says.
func TestEveryProgramOfASubscribeTemplateDeliversItsMessage(t *testing.T) {
	t.Parallel()
	c, serve := publicly(t)
	app := c.AddApp("wx0123456789abcdef")
	b := c.As(store.Operator).In(app)
	id := c.AddTemplate(b, "755", "1", "3")
	key := c.ServerOf(app.ID, "token").Key
	serve(app)
	written := url.Values{"v": {"NO.7", "¥88.5"}, "page": {"pages/order?id=1"}, "state": {"trial"}, "frame": {"en_US"}}
	for _, alias := range []string{"", "charged"} {
		if alias != "" {
			giveAlias(b, id, alias).Expect(http.StatusOK, "done.alias_set")
		}
		for _, lang := range views.SnippetTabs() {
			t.Run(lang.Name+" "+alias, func(t *testing.T) {
				written.Set("lang", lang.Lang)
				p := b.Get("/templates/" + id + "/code?" + written.Encode())
				code := p.Doc.Find("#snippet").Text()
				if strings.Contains(code, "form_id") || strings.Contains(p.Text("main"), "FORM_ID") || !p.Says(".todo", "use.consent") {
					t.Errorf("the page speaks of form_ids: %s", p.Text("main"))
				}
				if lang.Run == "" {
					return
				}
				openID := reader(lang)
				control(t, app, "POST", "/sandbox/consents", `{"appid":"`+app.AppID+`","openid":"`+openID+`","template_id":"`+id+`","answer":"accept"}`)
				phone := runOn(t, app, lang, code, "MUBAN_KEY="+key, "OPENID="+openID)
				for _, want := range []string{"NO.7", "¥88.5", "pages/order?id=1", "trial", "en_US"} {
					if !strings.Contains(phone, want) {
						t.Errorf("the phone does not show %s: %s", want, phone)
					}
				}
			})
		}
	}
}

func reader(lang views.Snippet) string {
	return "o" + strings.Repeat(strings.ToUpper(lang.Lang), 27)[:27]
}

// runOn runs a program from the page, and answers what the phone of its reader has got.
func runOn(t *testing.T, app store.App, lang views.Snippet, code string, environment ...string) string {
	t.Helper()
	program, args, _ := strings.Cut(lang.Run, " ")
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed: its program is not run here", program)
	}
	dir := t.TempDir()
	webtest.Must(t, os.WriteFile(filepath.Join(dir, lang.File), []byte(code), 0o600))
	run := exec.CommandContext(t.Context(), program, strings.Fields(args)...)
	run.Dir, run.Env = dir, append(append(os.Environ(), environment...), "GOFLAGS=", "GO111MODULE=on")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, code)
	}
	return control(t, app, "GET", "/sandbox/messages?appid="+app.AppID+"&openid="+reader(lang), "")
}

// What WeChat or a person has chosen is text on the page, too.
func TestHostileNamesAreInertOnThePageOfUse(t *testing.T) {
	t.Parallel()
	for _, h := range webtest.Hostile {
		c, s := webtest.NewConsole(t), webtest.NewScript(t)
		b := c.Connect(s)
		s.Poison(t, h, "AT0002", webtest.ScriptedID)
		for _, lang := range views.SnippetLangs() {
			p := b.Get("/templates/" + webtest.ScriptedID + "/code?lang=" + lang.Lang)
			if p.Inert(); p.Status != http.StatusOK || !strings.Contains(p.Text("#snippet"), "hostile") {
				t.Errorf("%s: %d", lang.Name, p.Status)
			}
		}
	}
}

func TestThePageOfUseSaysWhatAnAliasIsGoodFor(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	id := c.AddTemplate(b, "AT0002", "5", "3")
	p := b.Get("/templates/"+id+"/code").Expect(http.StatusOK, "use.no_alias").Shows(http.StatusOK, "物品名称")
	if !strings.Contains(p.Text("#snippet"), id) || !strings.Contains(p.Text("#snippet"), "https://api.weixin.qq.com") {
		t.Errorf("%s", p.Text("#snippet"))
	}
	giveAlias(b, id, "order-paid")
	p = c.As(store.QA).Get("/templates/"+id+"/code?lang=nothing").Expect(http.StatusOK, "use.by_alias", "Alias", "order-paid").Shows(http.StatusOK, "order-paid")
	if code := p.Text("#snippet"); strings.Contains(code, id) || !strings.Contains(code, `template.Key["物品名称"]`) || !strings.Contains(code, c.URL) {
		t.Errorf("%s", code)
	}
}

// The trial that the page suggests has to be possible: the simulator beside has another app than the console's own.
func TestTheSandboxesTrialNamesAnAppThatCanBeAdded(t *testing.T) {
	t.Parallel()
	beside := sandbox.New(sandbox.Options{OtherApps: []string{sandbox.BesideAppID}})
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	id := c.AddTemplate(b, "AT0002")
	if p := b.Get("/templates/" + id + "/code"); !strings.Contains(p.Text("main"), sandbox.BesideAppID) {
		t.Errorf("%s", p.Text("#code"))
	}
	app := c.AddAppOn(beside, sandbox.BesideAppID, sandbox.DefaultSecret)
	there := c.AddTemplate(b.In(app), "AT0002")
	if p := b.Get(webtest.InApp(app, "/templates/"+there+"/code")); !strings.Contains(p.Text("#snippet"), app.Base) {
		t.Errorf("the code does not call %s: %s", app.Base, p.Text("#snippet"))
	}
}
