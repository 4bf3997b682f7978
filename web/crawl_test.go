package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"muban/store"
)

// crawler follows every link, but no more than a few of a kind: 599 titles are
// one kind of page.
type crawler struct {
	b       *browser
	seen    map[string]bool
	ofAKind map[string]int
	visit   func(p *page)
}

const perKind = 8

var (
	idInPath = regexp.MustCompile(`/(AT\d+|\d+|[\w-]{43})(/|$)`)
	values   = regexp.MustCompile(`=[^&]*`)
)

func (b *browser) crawl(visit func(p *page), starts ...string) int {
	b.t.Helper()
	c := &crawler{b, map[string]bool{}, map[string]int{}, visit}
	for _, start := range starts {
		c.follow(start)
	}
	return len(c.seen)
}

func (c *crawler) follow(path string) {
	kind := values.ReplaceAllString(idInPath.ReplaceAllString(path, "/{id}$2"), "=")
	if c.seen[path] || c.ofAKind[kind] >= perKind {
		return
	}
	c.seen[path], c.ofAKind[kind] = true, c.ofAKind[kind]+1
	p := c.b.get(path)
	if p.status >= 500 {
		c.b.t.Errorf("%s: %d\n%s", path, p.status, p.text("main"))
	}
	if c.visit != nil {
		c.visit(p)
	}
	for _, next := range p.links() {
		c.follow(next)
	}
}

// links are the addresses on this site that a page leads to: links, the forms
// that GET, and what a redirect or the page's own files name.
func (p *page) links() []string {
	var all []string
	for _, el := range p.doc.Find("a[href], link[href], script[src], form").EachIter() {
		href := el.AttrOr("href", el.AttrOr("src", ""))
		if el.Is("form") {
			if el.AttrOr("method", "get") != "get" {
				continue
			}
			href = el.AttrOr("action", "") + "?" + controls(el).Encode()
		}
		u, err := url.Parse(href)
		if err == nil && u.Host == "" && strings.HasPrefix(u.Path, "/") {
			u.Fragment = ""
			all = append(all, u.String())
		}
	}
	return all
}

// faults.md 31
func TestNoGETChangesAnything(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ids := c.fill(c.as(store.Administrator))
	var starts []string
	for _, route := range c.routes() {
		if route.Method == http.MethodGet {
			starts = append(starts, ids.path(route), ids.path(route)+"?offset=-1&count=x&state=none&send=1&again=x&v=1&c=red&k=x&token=x&next=//x&openid=x")
		}
	}
	browsers := map[string]*browser{"anonymous": c.visitor()}
	for _, role := range store.Roles() {
		browsers[string(role)] = c.as(role)
	}
	before, delivered := c.still(), len(c.sandbox.Messages("", ""))
	for name, b := range browsers {
		if n := b.crawl(nil, starts...); name == string(store.Administrator) && n < 60 {
			t.Errorf("only %d pages were found", n)
		}
		if after := c.content(); after != before {
			t.Fatalf("GETs by %s have changed the database", name)
		}
	}
	if n := len(c.sandbox.Messages("", "")); n != delivered || c.calls("/add") != 1 || c.calls("/del") != 0 {
		t.Fatalf("GETs have acted on WeChat: %v", c.sandbox.Stats())
	}
}

// faults.md 31
func TestPostsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	before := c.still()
	for name, header := range map[string]http.Header{
		"another origin":                 {"Origin": {"https://evil.example"}},
		"another site by its own word":   {"Sec-Fetch-Site": {"cross-site"}},
		"another port":                   {"Origin": {"http://127.0.0.1:1"}},
		"a sibling":                      {"Sec-Fetch-Site": {"same-site"}, "Origin": {c.URL}},
		"a page without an origin":       {"Origin": {"null"}},
		"a cookie without both headers":  {},
		"a script that names a fragment": {"Origin": {"https://evil.example"}, "X-Fragment": {"1"}},
	} {
		for _, route := range c.routes() {
			if route.Method != http.MethodPost {
				continue
			}
			path := firsts("x").path(route)
			r, err := http.NewRequest(http.MethodPost, c.URL+path, strings.NewReader("title=x&do=save&lang=zh"))
			must(t, err)
			r.Header = header.Clone()
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if p := b.stopping().do(r); !p.crossSite() {
				t.Errorf("%s: POST %s: %d", name, path, p.status)
			}
		}
	}
	if !b.signedIn() || c.content() != before {
		t.Fatal("a refused post has done something")
	}
}

// crossSite tells whether the page, or the answer to a program, refuses a post from
// elsewhere.
func (p *page) crossSite() bool {
	switch {
	case strings.HasPrefix(p.path, "/cgi-bin/"):
		return strings.Contains(p.body, "cross-site request")
	case strings.HasPrefix(p.path, "/api/"):
		return p.status == http.StatusForbidden && strings.Contains(p.body, `"cross_site"`)
	}
	return p.status == http.StatusForbidden && strings.Contains(p.text("main"), "did not come from a page of this site")
}

// A program without cookies has nothing that another site could use.
func TestABrowsersOwnPostPasses(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	for name, header := range map[string]http.Header{
		"an older browser":  {"Origin": {c.URL}},
		"a newer browser":   {"Origin": {c.URL}, "Sec-Fetch-Site": {"same-origin"}},
		"typed in the bar":  {"Sec-Fetch-Site": {"none"}},
		"without an origin": {"Sec-Fetch-Site": {"same-origin"}},
	} {
		r, err := http.NewRequest(http.MethodPost, c.URL+"/preferences", strings.NewReader("lang=en"))
		must(t, err)
		r.Header = header
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if p := b.stopping().do(r); p.status != http.StatusSeeOther {
			t.Errorf("%s: %d", name, p.status)
		}
	}
}
