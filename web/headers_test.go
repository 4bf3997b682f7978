package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	script := b.Get("/").Doc.Find("script").AttrOr("src", "")
	for name, p := range map[string]*webtest.Page{
		"a page": b.Get("/"), "the sign-in": c.Visitor().Get("/sign-in"), "a redirect": c.Visitor().Stopping().Get("/"),
		"not found": b.Get("/nowhere"), "forbidden": c.As(store.QA).Get("/settings/apps"), "a script": b.Get(script),
		"no such file": b.Get("/static/x.js"), "health": c.Visitor().Get("/healthz"),
		"a refused form": b.Post("/sign-in", nil), "a fragment": b.Fragment("/library/AT0002", url.Values{"do": {"check"}}),
		"cross-site": postFrom(b, "https://evil.example"),
	} {
		for header, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "",
		} {
			if got := p.Header.Get(header); got != want {
				t.Errorf("%s (%d): %s is %q", name, p.Status, header, got)
			}
		}
		if strings.Contains(p.Header.Get("Cache-Control"), "public") != (name == "a script") || p.Header.Get("Cache-Control") == "" {
			t.Errorf("%s: Cache-Control %q", name, p.Header.Get("Cache-Control"))
		}
	}
}

func postFrom(b *webtest.Browser, origin string) *webtest.Page {
	b.T.Helper()
	r, err := http.NewRequest(http.MethodPost, b.Base+"/preferences", strings.NewReader("lang=zh"))
	webtest.Must(b.T, err)
	r.Header.Set("Origin", origin)
	return b.Do(r)
}

func TestBehindHTTPSTheBrowserIsToldToStayThere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.PublicURL = "https://muban.example.com" })
	for _, path := range []string{"/sign-in", "/nowhere", "/healthz"} {
		if got := c.Visitor().Get(path).Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: %q", path, got)
		}
	}
	// Posts arrive under the proxy's plain http with the browser's https origin.
	r, err := http.NewRequest(http.MethodPost, c.URL+"/sign-in", strings.NewReader(webtest.Credentials("qa", webtest.Password).Encode()))
	webtest.Must(t, err)
	r.Host = "muban.example.com"
	r.Header.Set("Origin", "https://muban.example.com")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p := c.Visitor().Stopping().Do(r); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Set-Cookie"), "__Host-muban=") {
		t.Fatalf("%d, %q", p.Status, p.Header.Get("Set-Cookie"))
	}
}

func TestAPublicURLThatIsNoneIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	c := webtest.OpenStore(t, nil)
	for _, public := range []string{"muban.example.com", "ftp://muban.example.com", "https://", "https:", "://"} {
		if _, err := web.New(t.Context(), web.Config{Store: c.Store, Sandbox: c.Sandbox, PublicURL: public}); err == nil {
			t.Errorf("%q is taken", public)
		}
	}
}

// A page without inline script or style: the policy would not run it, and a
// browser that does not know the policy finds none.
func TestNoPageHoldsInlineScriptOrStyle(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Fill(c.As(store.Administrator))
	c.As(store.Administrator).Crawl(func(p *webtest.Page) {
		for _, el := range p.Doc.Find("body *, head *").EachIter() {
			for _, a := range el.Nodes[0].Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", p.Path, el.Nodes[0].Data, a.Key, a.Val)
				}
			}
		}
		if p.Has("style") || p.Doc.Find("script").Length() != p.Doc.Find("script[src^='/static/']").Length() {
			t.Errorf("%s holds inline script or style", p.Path)
		}
	}, "/")
}

func TestABodyOverOneMegabyteGetsAPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	template := c.AddTemplate(b, "AT0002")
	b.Client.Transport = webtest.FromAddr(c.Muban.Handler(), "192.0.2.1") // over a network the server may hang up on what is still being written
	for _, path := range []string{"/preferences", "/library/AT0002", "/drafts/new", "/templates/" + template + "/send", "/settings/apps", "/sandbox/right", "/sandbox/fault", "/app", "/sign-in"} {
		p := b.Post(path, url.Values{"title": {strings.Repeat("长", 150_000)}})
		p.Expect(http.StatusRequestEntityTooLarge, "failure.too_large.why")
	}
	c.VisitorFrom("192.0.2.2").Post("/sign-in", url.Values{"name": {strings.Repeat("x", 2<<20)}}).Answers(http.StatusRequestEntityTooLarge)
}

func TestOddFormsAreAnsweredAndNeverPanic(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	template := c.AddTemplate(b, "AT0002")
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
			webtest.Must(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", c.URL)
			if p := b.Do(r); p.Status >= 500 {
				t.Errorf("%s to %s: %d", name, path, p.Status)
			}
			if p := b.Get(path + "?" + strings.ReplaceAll(body[:min(len(body), 8000)], "\"", "%22")); p.Status >= 500 {
				t.Errorf("%s in the address of %s: %d", name, path, p.Status)
			}
		}
	}
	if log := c.Log.String(); strings.Contains(log, "panic") {
		t.Errorf("the log tells of a panic")
	}
}

func TestAPanicBecomesAPageAndALogLine(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Muban.AddRoute("GET /panic", func(http.ResponseWriter, *http.Request) { panic("a\nlevel=INFO msg=forged") })
	p := c.VisitorFrom("192.0.2.1").Get("/panic").Expect(http.StatusInternalServerError, "failure.internal.title")
	id := p.Text("main code")
	log := c.Log.String()
	if len(id) != 12 || !strings.Contains(log, "msg=panic request="+id) || strings.Contains(log, "\nlevel=INFO msg=forged") {
		t.Fatalf("request %q, log:\n%s", id, log)
	}
	if strings.Contains(p.Body, "forged") || strings.Contains(p.Body, "goroutine") {
		t.Fatal("the page shows the panic")
	}
}

// What a visitor types does not begin a line of the log.
func TestAnAddressCannotForgeALogLine(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Visitor().Get("/nowhere%0atime=2026%20level=ERROR%20msg=forged%0d%0a?secret=canary")
	log := c.Log.String()
	if strings.Contains(log, "\ntime=2026 level") || !strings.Contains(log, "status=404") || strings.Contains(log, "canary") {
		t.Fatal(log)
	}
}

// On its own machine a page is not worth compressing; to another site's link its length could give away what it says.
func TestAPageIsCompressedForOtherMachines(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	plain := c.Visitor().Get("/sign-in").Body
	for name, asked := range map[string]struct{ from, site, encoding string }{
		"another machine":         {"203.0.113.9:5000", "same-origin", "br"},
		"an address typed there":  {"[2001:db8::1]:5000", "none", "br"},
		"another site's link":     {"203.0.113.9:5000", "cross-site", ""},
		"this machine":            {"127.0.0.1:5000", "same-origin", ""},
		"this machine, in IPv6":   {"[::1]:5000", "", ""},
		"this machine, both ways": {"[::ffff:127.0.0.1]:5000", "", ""},
	} {
		r, answer := httptest.NewRequest(http.MethodGet, "/sign-in", nil), httptest.NewRecorder()
		r.RemoteAddr = asked.from
		r.Header.Set("Accept-Encoding", "gzip, deflate, br")
		r.Header.Set("Sec-Fetch-Site", asked.site)
		c.Muban.Handler().ServeHTTP(answer, r)
		h, length := answer.Header(), strconv.Itoa(answer.Body.Len())
		if h.Get("Content-Encoding") != asked.encoding || h.Get("Content-Length") != length || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %s bytes, %v", name, length, h)
		}
		if asked.encoding != "" {
			body, err := io.ReadAll(brotli.NewReader(answer.Body))
			if err != nil || len(body) < len(plain)/2 || !strings.Contains(string(body), "</html>") {
				t.Errorf("%s: %v, %d bytes", name, err, len(body))
			}
		}
	}
}
