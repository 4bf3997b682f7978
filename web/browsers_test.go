package web_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muban/store"
	"muban/views/ui"
	"muban/wechat/sandbox"
)

// Kinds of browsers and hands that more than one page group's tests need.

// from is the handler as somebody at addr reaches it, without a network.
type from struct {
	handler http.Handler
	addr    string
}

func (f from) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), f.addr+":1234", r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	f.handler.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

// visitorFrom is a visitor with an address of their own.
func (c *console) visitorFrom(addr string) *browser {
	b := c.visitor()
	b.http.Transport = from{c.server.Handler(), addr}
	return b
}

// stopping is the same browser, cookies shared, that does not follow redirects.
func (b *browser) stopping() *browser {
	other, client := *b, *b.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	other.http = &client
	return &other
}

// speaking is the same browser with another Accept-Language.
func (b *browser) speaking(lang string) *browser {
	other := *b
	other.lang = lang
	return &other
}

// copyOf is another browser that somebody has copied this one's cookies into.
func (c *console) copyOf(b *browser) *browser {
	c.t.Helper()
	base, err := url.Parse(b.base)
	if err != nil {
		c.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	jar.SetCookies(base, b.http.Jar.Cookies(base))
	return &browser{t: c.t, base: c.URL, http: &http.Client{Jar: jar}, lang: "en"}
}

// session is the session id in the browser's cookie, "" for none.
func (b *browser) session() string {
	base, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, k := range b.http.Jar.Cookies(base) {
		if k.Name == "muban" {
			return k.Value
		}
	}
	return ""
}

// signedIn tells whether the console knows who this is.
func (b *browser) signedIn() bool {
	b.t.Helper()
	return b.stopping().get("/").status == http.StatusOK
}

// fragment posts as the page's script does.
func (b *browser) fragment(path string, form url.Values) *page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.base)
	r.Header.Set("X-Fragment", "1")
	return b.do(r)
}

// person is the one who is called as their role.
func (c *console) person(role store.Role) store.Person {
	c.t.Helper()
	p, err := c.store.PersonByName(context.Background(), string(role))
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// app is the first mini program: the sandbox's.
func (c *console) app() store.App {
	c.t.Helper()
	apps, err := c.store.Apps(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return apps[0]
}

// activities are the acts that the log holds, newest first.
func (c *console) activities(act string) []store.Activity {
	c.t.Helper()
	all, _, err := c.store.Activities(context.Background(), store.ActivityFilter{Act: act, Count: 1000})
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

// sends are all attempts of the sandbox's app, newest first.
func (c *console) sends() []store.Send {
	c.t.Helper()
	all, _, err := c.store.Sends(context.Background(), store.SendFilter{App: c.app().ID, Count: 1000})
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

// content is a hash of everything in the database: copies of the same content
// have the same bytes.
func (c *console) content() [32]byte {
	c.t.Helper()
	return sha256.Sum256(c.backup())
}

// still is content once nothing more is written: what a sign-in led to, such as the
// journal of the first token, may still be under way.
func (c *console) still() [32]byte {
	c.t.Helper()
	before := c.content()
	for {
		after := c.content()
		if after == before {
			return after
		}
		before = after
	}
}

func (c *console) backup() []byte {
	c.t.Helper()
	file := filepath.Join(c.t.(*testing.T).TempDir(), "copy.db")
	if err := c.store.Backup(context.Background(), store.Actor{}, file); err != nil {
		c.t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// calls is how often the simulated WeChat was called under a path's last part.
func (c *console) calls(end string) int {
	n := 0
	for path, times := range c.sandbox.Stats() {
		if strings.HasSuffix(path, end) {
			n += times
		}
	}
	return n
}

// addTemplate adds keywords of title to the sandbox's account and answers the
// template_id; without keywords the first three.
func (c *console) addTemplate(b *browser, title string, keywords ...string) string {
	c.t.Helper()
	if len(keywords) == 0 {
		keywords = b.keywordsOf(title)[:3]
	}
	p := b.post("/library/"+title, url.Values{"k": keywords, "do": {"account"}})
	_, id, added := strings.Cut(p.path, "/templates/")
	id, _, _ = strings.Cut(id, "?")
	if p.status != http.StatusOK || !added {
		c.t.Fatalf("no template was added: %d at %s\n%s", p.status, p.path, p.text("main"))
	}
	return id
}

// keywordsOf are the ids of a title's keywords, as its page offers them.
func (b *browser) keywordsOf(title string) []string {
	b.t.Helper()
	var ids []string
	for _, el := range b.get("/library/" + title).doc.Find("#chips button").EachIter() {
		_, id, _ := strings.Cut(el.AttrOr("value", ""), ":")
		ids = append(ids, id)
	}
	return ids
}

// must fails the test on an error that is not its subject.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same fails the test unless two lists are equal.
func same[T comparable](t testing.TB, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// sendTest makes a form_id with one click on the template's page and sends.
func (b *browser) sendTest(template string) *page {
	b.t.Helper()
	p := b.get("/templates/" + template)
	p = b.submit(p, `button[name=kind][value=form]`, nil)
	return b.submit(p, "#test-send button.primary", nil)
}

// addApp adds a mini program on a simulated WeChat of its own, reached over HTTP.
func (c *console) addApp(appID string) store.App {
	c.t.Helper()
	other := sandbox.New(sandbox.Options{Now: c.clock.Now})
	other.AddApp(appID, "secret-of-"+appID)
	return c.addAppOn(other, appID, "secret-of-"+appID)
}

// addAppOn adds a mini program of a simulated WeChat.
func (c *console) addAppOn(wechat *sandbox.Server, appID, secret string) store.App {
	c.t.Helper()
	server := httptest.NewServer(wechat)
	c.t.Cleanup(server.Close)
	return c.addAppAt(appID, server.URL, secret)
}

// addAppAt adds a mini program through the form.
func (c *console) addAppAt(appID, base, secret string) store.App {
	c.t.Helper()
	b := c.as(store.Administrator)
	b.submit(b.get("/settings/apps"), "button.primary", func(form url.Values) {
		form.Set("name", "另一个 "+appID)
		form.Set("appid", appID)
		form.Set("secret", secret)
		form.Set("base", base)
	}).expect(http.StatusOK, "The mini program is saved")
	apps, err := c.store.Apps(context.Background())
	must(c.t, err)
	return apps[len(apps)-1]
}

// inApp is an address as somebody with several apps sees it.
func inApp(app store.App, path string) string { return ui.In(app.AppID, path) }

// within is an address without the app that it names.
func within(address string) string {
	if _, rest, named := strings.Cut(address, "/@"); named {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return address
}

// in is the same browser once it has switched to another app.
func (b *browser) in(app store.App) *browser {
	b.t.Helper()
	if p := b.post("/app", url.Values{"app": {app.AppID}, "next": {"/"}}); p.status != http.StatusOK {
		b.t.Fatalf("could not switch to %s: %d", app.AppID, p.status)
	}
	return b
}
