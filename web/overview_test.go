package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/sandbox"
)

func TestAnEmptyConsoleNamesTheNextThreeThingsToDo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	home := b.get("/").expect(http.StatusOK, "The next three things to do")
	if home.doc.Find(".steps li").Length() != 3 || home.has(".steps li.done") {
		t.Fatalf("%s", home.text(".steps"))
	}
	for _, step := range home.doc.Find(".steps a").EachIter() {
		b.get(step.AttrOr("href", "")).expect(http.StatusOK, "")
	}
	b.sendTest(c.addTemplate(b, "AT0002")).expect(http.StatusOK, "Sent")
	if done := b.get("/").doc.Find(".steps li.done").Length(); done != 2 {
		t.Errorf("%d are done, want 2", done)
	}
	c.addApp("wx0000000000000002")
	if p := b.get("/"); p.has(".steps") {
		t.Errorf("all are done, and still there: %s", p.text(".steps"))
	}
}

func TestTheOverviewTellsWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	b.saveDraft("3")
	id := c.addTemplate(b, "AT0002")
	b.sendTest(id).expect(http.StatusOK, "Sent")
	b.get("/").expect(http.StatusOK, "1 draft waits").expect(http.StatusOK, "1 of 25 used").expect(http.StatusOK, "Healthy")
	if rows := b.get("/").text("table.list"); !strings.Contains(rows, "购买成功通知Sent operator") {
		t.Errorf("%s", rows)
	}
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: code(40125), Times: 9}))
	c.clock.Advance(3 * time.Hour)
	b.get("/").expect(http.StatusOK, "Failing").expect(http.StatusOK, "Reset it in the development settings").expect(http.StatusOK, "WeChat could not be asked just now")
	for role, sees := range map[store.Role]bool{store.ProductManager: false, store.QA: true} {
		if p := c.as(role).get("/"); p.has("#sends-title") != sees {
			t.Errorf("%s sees the sends: %t", role, !sees)
		}
	}
}

func TestHealthIsPlainAndOpen(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if p := c.visitor().get(path); p.status != http.StatusOK || p.body != want {
			t.Errorf("%s: %d %q", path, p.status, p.body)
		}
	}
}

func TestTheLanguageIsThatOfTheBrowserUntilSomebodyChooses(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for accept, want := range map[string]string{
		"zh-CN,zh;q=0.9,en;q=0.8": "登录", "zh-TW": "登录", "zh-Hant-HK": "登录", "en-GB,en": "Sign in", "en": "Sign in", "fr-FR,fr": "Sign in", "fr,zh;q=0.5": "登录", "de,en;q=0.1,zh;q=0.9": "登录", "!!!": "登录",
	} {
		if got := c.visitor().speaking(accept).get("/sign-in").text("h1"); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	b := c.visitor().speaking("en")
	p := b.submit(b.get("/sign-in?next=/drafts"), "button[lang]", nil)
	if p.path != "/sign-in?next=/drafts" || p.text("h1") != "登录" || p.doc.Find("html").AttrOr("lang", "") != "zh-CN" {
		t.Fatalf("%s: %s", p.path, p.text("h1"))
	}
	home := b.signInAs("operator", password)
	if home.text("h1") != "总览" && home.doc.Find("html").AttrOr("lang", "") != "zh-CN" {
		t.Fatalf("signed in, it is %s", home.text("h1"))
	}
	english := b.submit(b.get("/drafts?state=draft"), "button[value=en]", nil)
	if english.path != "/drafts?state=draft" || english.text("h1") != "Drafts" {
		t.Fatalf("%s: %s", english.path, english.text("h1"))
	}
	// The choice is the person's: in another browser too.
	if p := c.as(store.Operator).speaking("zh").get("/drafts"); p.text("h1") != "Drafts" {
		t.Errorf("in another browser: %s", p.text("h1"))
	}
}

func TestTheThemeIsSwitchedAndKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	p := b.get("/library?offset=20")
	for _, want := range []string{"dark", "light", "", "dark"} {
		p = b.submit(p, "button[name=theme]", nil)
		if got := p.doc.Find("html").AttrOr("data-theme", "none"); got != want || !strings.HasPrefix(p.path, "/library?") {
			t.Fatalf("%q at %s, want %q", got, p.path, want)
		}
	}
	if got := c.as(store.Operator).get("/").doc.Find("html").AttrOr("data-theme", ""); got != "dark" {
		t.Errorf("in another browser: %q", got)
	}
	stranger := c.visitor()
	if p := stranger.submit(stranger.get("/sign-in"), "button[name=theme]", nil); p.doc.Find("html").AttrOr("data-theme", "") != "dark" {
		t.Error("before the sign-in there is no theme")
	}
	for _, bad := range []url.Values{{"lang": {"fr"}}, {"theme": {"pink"}}, {"lang": {"zh"}, "theme": {"<b>"}}} {
		if p := b.post("/preferences", bad); p.status != http.StatusBadRequest {
			t.Errorf("%v: %d", bad, p.status)
		}
	}
	if me := c.person(store.Operator); me.Lang != "" || me.Theme != "dark" {
		t.Errorf("%q, %q", me.Lang, me.Theme)
	}
}

// A switch on a page that a post has drawn leads back to the page the post came from.
func TestASwitchAfterARefusedFormLeadsToThePage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	r, err := http.NewRequest(http.MethodPost, c.URL+"/drafts/new", strings.NewReader("do=save"))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.URL)
	r.Header.Set("Referer", c.URL+"/drafts/new?from=here")
	p := b.do(r).expect(http.StatusUnprocessableEntity, "")
	if p := b.submit(p, "button[name=theme]", nil); p.path != "/drafts/new?from=here" {
		t.Fatalf("at %s", p.path)
	}
}

var bracketed = regexp.MustCompile(`\[[a-z_]+\.[a-zA-Z_.0-9-]+\]`)

// Every page has a title of its own and no text that the catalogues lack, in
// both languages; and the two are told apart.
func TestEveryPageSpeaksBothLanguagesAndHasATitle(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	ids := c.fill(b)
	b.saveDraft("3")
	titles := map[string]map[string]string{}
	for _, lang := range []string{"en", "zh"} {
		must(t, c.store.SetPreferences(context.Background(), c.person(store.Administrator).ID, lang, ""))
		b = c.as(store.Administrator)
		titles[lang] = map[string]string{}
		b.crawl(func(p *page) {
			if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
				return
			}
			titles[lang][p.path] = p.text("head title")
			if missing := bracketed.FindString(p.doc.Text()); missing != "" {
				t.Errorf("%s in %s: %s", p.path, lang, missing)
			}
			if h := p.doc.Find("h1"); h.Length() != 1 || !strings.HasSuffix(p.text("head title"), " · Muban") || p.text("title") == "· Muban" {
				t.Errorf("%s in %s: %d headings, title %q", p.path, lang, h.Length(), p.text("head title"))
			}
			if got := p.doc.Find("html").AttrOr("lang", ""); !strings.HasPrefix(got, lang) {
				t.Errorf("%s: %s", p.path, got)
			}
		}, "/", "/sign-in", "/nowhere", "/drafts/new", "/sends/"+ids.send, "/drafts/2")
	}
	for path, english := range titles["en"] {
		chinese, ok := titles["zh"][path]
		if ok && chinese == english && !strings.Contains(chinese, "通知") && !strings.Contains(chinese, "提醒") {
			t.Errorf("%s is %q in both languages", path, chinese)
		}
	}
}
