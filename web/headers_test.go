package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	script := b.get("/").doc.Find("script").AttrOr("src", "")
	for name, p := range map[string]*page{
		"a page": b.get("/"), "the sign-in": c.visitor().get("/sign-in"), "a redirect": c.visitor().stopping().get("/"),
		"not found": b.get("/nowhere"), "forbidden": c.as(store.QA).get("/settings/apps"), "a script": b.get(script),
		"no such file": b.get("/static/x.js"), "health": c.visitor().get("/healthz"),
		"a refused form": b.post("/sign-in", nil), "a fragment": b.fragment("/library/AT0002", url.Values{"do": {"check"}}),
		"cross-site": b.postFrom("https://evil.example"),
	} {
		for header, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "",
		} {
			if got := p.header.Get(header); got != want {
				t.Errorf("%s (%d): %s is %q", name, p.status, header, got)
			}
		}
		if strings.Contains(p.header.Get("Cache-Control"), "public") != (name == "a script") || p.header.Get("Cache-Control") == "" {
			t.Errorf("%s: Cache-Control %q", name, p.header.Get("Cache-Control"))
		}
	}
}

func (b *browser) postFrom(origin string) *page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.base+"/preferences", strings.NewReader("lang=zh"))
	must(b.t, err)
	r.Header.Set("Origin", origin)
	return b.do(r)
}

func TestBehindHTTPSTheBrowserIsToldToStayThere(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(config *web.Config) { config.PublicURL = "https://muban.example.com" })
	for _, path := range []string{"/sign-in", "/nowhere", "/healthz"} {
		if got := c.visitor().get(path).header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: %q", path, got)
		}
	}
	// Posts arrive under the proxy's plain http with the browser's https origin.
	r, err := http.NewRequest(http.MethodPost, c.URL+"/sign-in", strings.NewReader(credentials("qa", password).Encode()))
	must(t, err)
	r.Host = "muban.example.com"
	r.Header.Set("Origin", "https://muban.example.com")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p := c.visitor().stopping().do(r); p.status != http.StatusSeeOther || !strings.HasPrefix(p.header.Get("Set-Cookie"), "__Host-muban=") {
		t.Fatalf("%d, %q", p.status, p.header.Get("Set-Cookie"))
	}
}

func TestAPublicURLThatIsNoneIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	c := openStore(t, nil)
	for _, public := range []string{"muban.example.com", "ftp://muban.example.com", "https://", "https:", "://"} {
		if _, err := web.New(t.Context(), web.Config{Store: c.store, Sandbox: c.sandbox, PublicURL: public}); err == nil {
			t.Errorf("%q is taken", public)
		}
	}
}

// A page without inline script or style: the policy would not run it, and a
// browser that does not know the policy finds none.
func TestNoPageHoldsInlineScriptOrStyle(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.fill(c.as(store.Administrator))
	c.as(store.Administrator).crawl(func(p *page) {
		for _, el := range p.doc.Find("body *, head *").EachIter() {
			for _, a := range el.Nodes[0].Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", p.path, el.Nodes[0].Data, a.Key, a.Val)
				}
			}
		}
		if p.has("style") || p.doc.Find("script").Length() != p.doc.Find("script[src^='/static/']").Length() {
			t.Errorf("%s holds inline script or style", p.path)
		}
	}, "/")
}

// faults.md 45
func TestABodyOverOneMegabyteGetsAPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	template := c.addTemplate(b, "AT0002")
	b.http.Transport = from{c.server.Handler(), "192.0.2.1"} // over a network the server may hang up on what is still being written
	for _, path := range []string{"/preferences", "/library/AT0002", "/drafts/new", "/templates/" + template + "/send", "/settings/apps", "/sandbox/right", "/sandbox/fault", "/app", "/sign-in"} {
		p := b.post(path, url.Values{"title": {strings.Repeat("长", 150_000)}})
		p.expect(http.StatusRequestEntityTooLarge, "A form may hold at most 1 MB")
	}
	c.visitorFrom("192.0.2.2").post("/sign-in", url.Values{"name": {strings.Repeat("x", 2<<20)}}).expect(http.StatusRequestEntityTooLarge, "")
}

// faults.md 45
func TestOddFormsAreAnsweredAndNeverPanic(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	template := c.addTemplate(b, "AT0002")
	var many, numbered, deep strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&many, "f%d=1&k=%d&v=1&c=1&name=1&example=1&", i, i)
		fmt.Fprintf(&numbered, "k[%d]=1&v[%d]=1&", i*1000, i*1000)
	}
	deep.WriteString("title")
	for range 50_000 {
		deep.WriteString("[a]")
	}
	for name, body := range map[string]string{
		"thousands of fields": many.String(), "numbered fields": numbered.String(), "deep nesting": deep.String() + "=1",
		"an open bracket": "k[=1&v[=1&name[=1&title[=1", "a closed bracket": "k]=1&v]0[=1&name]=1", "a huge index": "k[99999999999999999999]=1&v[2147483647]=1",
		"a bad escape": "k=%zz&title=%", "semicolons": "a;b;c=1", "no form": "{\"k\":[1]}", "nothing": "", "nul": "title=%00&k=%00", "not UTF-8": "title=%ff%fe&v=%ff&name=%ff&example=%ff&scenario=%ff",
	} {
		for _, path := range []string{"/sign-in", "/library/AT0002", "/drafts/new", "/templates/" + template + "/preview", "/templates/" + template + "/send", "/settings/apps", "/sandbox/fault"} {
			r, err := http.NewRequest(http.MethodPost, c.URL+path, strings.NewReader(body))
			must(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", c.URL)
			if p := b.do(r); p.status >= 500 {
				t.Errorf("%s to %s: %d", name, path, p.status)
			}
			if p := b.get(path + "?" + strings.ReplaceAll(body[:min(len(body), 8000)], "\"", "%22")); p.status >= 500 {
				t.Errorf("%s in the address of %s: %d", name, path, p.status)
			}
		}
	}
	if log := c.log.String(); strings.Contains(log, "panic") {
		t.Errorf("the log tells of a panic")
	}
}

// faults.md 46
func TestAPanicBecomesAPageAndALogLine(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.server.AddRoute("GET /panic", func(http.ResponseWriter, *http.Request) { panic("a\nlevel=INFO msg=forged") })
	p := c.visitorFrom("192.0.2.1").get("/panic").expect(http.StatusInternalServerError, "Something went wrong")
	id := p.text("main code")
	log := c.log.String()
	if len(id) != 12 || !strings.Contains(log, "msg=panic request="+id) || strings.Contains(log, "\nlevel=INFO msg=forged") {
		t.Fatalf("request %q, log:\n%s", id, log)
	}
	if strings.Contains(p.body, "forged") || strings.Contains(p.body, "goroutine") {
		t.Fatal("the page shows the panic")
	}
}

// faults.md 37: what a visitor types does not begin a line of the log.
func TestAnAddressCannotForgeALogLine(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.visitor().get("/nowhere%0atime=2026%20level=ERROR%20msg=forged%0d%0a?secret=canary")
	log := c.log.String()
	if strings.Contains(log, "\ntime=2026 level") || !strings.Contains(log, "status=404") || strings.Contains(log, "canary") {
		t.Fatal(log)
	}
}
